"""Real people and cars cut out of the training clips, to be put on other backgrounds: real footage is scarce, places differ."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from .media import training_samples
from .sample import Sample, share_within

# Files whose objects stand apart from each other, and how many frames one cut-out is taken from.
SOURCES = {
    "car-detection.mp4": 1,
    "pklot_2012-09-12_07_02_42.jpg": 1,
    "one-by-one-person-detection.mp4": 4,
    "store-aisle-detection_pingpong_60s.mp4": 4,
    "face-demographics-walking_pingpong.mp4": 3,
    "face-demographics-walking-and-pause_pingpong.mp4": 6,
    "head-pose-face-detection-female_pingpong.mp4": 6,
    "asl_again.mkv": 2,
    "asl_eat.mkv": 2,
    "asl_learn.mkv": 2,
}


class Cutout(NamedTuple):
    """Bytes H x W x 4, RGB and opacity, cropped to what is seen."""

    picture: np.ndarray
    label: int
    # Seen from above: any heading looks right.
    turns: bool


def cutouts(media: Path) -> list[Cutout]:
    """All cut-outs that the training files of `media` give; those of missing files are left out."""
    found: list[Cutout] = []
    for name, every in SOURCES.items():
        if (media / name).exists():
            samples = [sample for sample in training_samples(media, [name]) if len(sample.boxes)]
            found += boxed_cutouts(samples[::every], turns=name == "car-detection.mp4")
    return found


def boxed_cutouts(samples: list[Sample], turns: bool) -> list[Cutout]:
    """Objects that no other box touches, cut out along the colours' border within their box (GrabCut, Rother et al. 2004)."""
    found = []
    for sample in samples:
        for index, box in enumerate(sample.boxes):
            others = np.delete(sample.boxes, index, 0)
            sides = box[2:] - box[:2]
            whole_picture = (sides > np.array(sample.picture.shape[1::-1]) * 0.8).all()
            touches_edge = (box[:2] < 2).any() or (box[2:] > np.array(sample.picture.shape[1::-1]) - 2).any()
            if sides.min() < 20 or whole_picture or (turns and touches_edge) or (share_within(others, box) > 0.05).any():
                continue
            cutout = along_border(sample.picture, box, int(sample.classes[index]), turns)
            if cutout:
                found.append(cutout)
    return found


def along_border(picture: np.ndarray, box: np.ndarray, label: int, turns: bool) -> Cutout | None:
    height, width = picture.shape[:2]
    # Boxes tend to cut off feet and bumpers.
    box = np.clip(box + (box[[2, 3, 2, 3]] - box[[0, 1, 0, 1]]) * [-0.04, -0.03, 0.04, 0.04], 0, [width, height] * 2)
    margin = (box[2:] - box[:2]).max() * 0.3
    x1, y1 = np.maximum(0, box[:2] - margin).astype(int)
    x2, y2 = np.minimum([width, height], box[2:] + margin).astype(int)
    part = np.ascontiguousarray(picture[y1:y2, x1:x2])
    inner = (box - [x1, y1, x1, y1]).astype(int)
    mask = np.zeros(part.shape[:2], np.uint8)
    rectangle = (inner[0], inner[1], inner[2] - inner[0], inner[3] - inner[1])
    cv2.setRNGSeed(1)
    cv2.grabCut(part, mask, rectangle, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_RECT)
    solid = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8) * 255
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    filled = solid[inner[1] : inner[3], inner[0] : inner[2]].mean() / 255
    # A good cut-out fills its box as bodies and cars do; else the border went astray.
    if not 0.4 < filled < 0.95:
        return None
    soft = cv2.GaussianBlur(solid, (3, 3), 0)
    cut = np.dstack([part, soft])[inner[1] : inner[3], inner[0] : inner[2]].copy()
    return Cutout(cut, label, turns)


def turned(cutout: Cutout, degrees: float, longest: float, squeeze: float, flip: bool) -> np.ndarray:
    """The cut-out turned, mirrored, squeezed in height and scaled so that its longer side has `longest` pixels; RGB and opacity."""
    picture = cutout.picture[:, ::-1] if flip else cutout.picture
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width, scale = *picture.shape[:2], 1.0
    side = int(np.hypot(height, width) * scale) + 4
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    matrix[:, 2] += side / 2 - np.array([width, height]) / 2
    matrix[1] = (matrix[1] - [0, 0, side / 2]) * squeeze + [0, 0, side / 2]
    whole = cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR)
    rows, columns = np.where(whole[..., 3].max(1) > 127)[0], np.where(whole[..., 3].max(0) > 127)[0]
    if len(rows) < 2 or len(columns) < 2:
        return whole[:0, :0]
    return whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
