"""Which pictures a training run draws, how often, and at which scales."""

from pathlib import Path
from typing import Sequence

from .compose import Source
from .media import training_files, training_samples
from .rendered import Rendered

# What the real files weigh beside rendered pictures of weight 1.6, and the scales of training about the nominal one. People in
# them stand near, so they are shrunk more than stretched; the cars of the car park are tiny, so they are stretched.
REAL = {
    "car-detection.mp4": (0.08, (0.3, 1.1)),
    "pklot_2012-09-12_07_02_42.jpg": (0.10, (0.9, 4.5)),
    "store-aisle-detection_pingpong_60s.mp4": (0.08, (0.25, 1.4)),
    "one-by-one-person-detection.mp4": (0.07, (0.2, 1.1)),
    "face-demographics-walking_pingpong.mp4": (0.05, (0.25, 1.3)),
    "face-demographics-walking-and-pause_pingpong.mp4": (0.05, (0.25, 1.2)),
    "head-pose-face-detection-female_pingpong.mp4": (0.03, (0.25, 1.1)),
    "asl_again.mkv": (0.02, (0.25, 1.1)),
    "asl_eat.mkv": (0.02, (0.25, 1.1)),
    "asl_learn.mkv": (0.02, (0.25, 1.1)),
    "bottle-detection.mp4": (0.02, (0.4, 1.5)),
    "fruit-and-vegetable-detection_pingpong.mp4": (0.02, (0.4, 1.5)),
    "frigate_test_motion_video-1.mp4": (0.02, (0.5, 1.3)),
    "nasa_group.jpg": (0.03, (0.3, 1.3)),
}
RENDERED_WEIGHT = 1.6
RENDERED_SPREAD = (0.6, 2.0)


def real_sources(media: Path) -> list[Source]:
    """The training files of `media`, each a source of its own."""
    return [Source(training_samples(media, [name]), *REAL[name]) for name in training_files(media)]


def rendered_source(folders: Sequence[Path]) -> Source:
    """All folders of rendered pictures in one."""
    return Source(Rendered(folders), RENDERED_WEIGHT, RENDERED_SPREAD)
