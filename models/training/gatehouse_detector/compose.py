"""Training pictures: parts of labelled pictures, side by side, with cut-outs put on them, as another camera would see it."""

from typing import NamedTuple, Protocol, Sequence

import cv2
import numpy as np
from numpy.random import Generator

from .cutouts import Cutout, turned
from .looks import another_look
from .rendered import Rendered
from .sample import Sample, cut, mirrored, share_within, view

MOSAIC_SHARE = 0.4
PASTE_SHARE = 0.45
# More of an object than this behind what was put before it, and it is no longer taught.
HIDDEN_SHARE = 0.6
# Pictures that keep the look they came with: what the box sees is a camera's picture, not one that was changed once more.
OWN_LOOK_SHARE = 0.3


class Pictures(Protocol):
    """Where labelled pictures come from."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Sample: ...


class Source(NamedTuple):
    pictures: Pictures
    # How often it is drawn from, beside the other sources.
    weight: float
    # Least and greatest scale, of the scale at which the box's input would show the picture.
    spread: tuple[float, float]


class Composer:
    """Draws training pictures of one size. The same seed and sources give the same pictures."""

    def __init__(self, sources: Sequence[Source], cutouts: Sequence[Cutout], width: int, height: int, input_width: int):
        self.sources = [source for source in sources if len(source.pictures)]
        weights = np.array([source.weight for source in self.sources])
        self.weights = weights / weights.sum()
        self.cutouts = cutouts
        self.width, self.height, self.input_width = width, height, input_width
        # At the end of a training: whole scenes only, as the box will see them, no mosaics and no cut-outs (Ge et al. 2021, YOLOX).
        self.finishing = False

    def refresh(self) -> None:
        """Takes up rendered pictures that have been added meanwhile."""
        for source in self.sources:
            if isinstance(source.pictures, Rendered):
                source.pictures.refresh()

    def draw(self, rng: Generator) -> Sample:
        if not self.finishing and rng.random() < MOSAIC_SHARE:
            sample = self.mosaic(rng)
        else:
            sample = self.part(self.width, self.height, rng)
        if self.cutouts and not self.finishing and rng.random() < PASTE_SHARE:
            for _ in range(rng.integers(1, 5)):
                sample = self.pasted(sample, rng)
        if rng.random() >= OWN_LOOK_SHARE:
            sample = sample._replace(picture=another_look(sample.picture, rng))
        return with_holes(sample, rng) if rng.random() < 0.15 else sample

    def part(self, width: int, height: int, rng: Generator) -> Sample:
        """A random part of a random picture at a random scale, around an object three times of four."""
        source = self.sources[rng.choice(len(self.sources), p=self.weights)]
        sample = source.pictures[int(rng.integers(len(source.pictures)))]
        low, high = source.spread
        rows, columns = sample.picture.shape[:2]
        scale = self.input_width / max(rows, columns) * np.exp(rng.uniform(np.log(low), np.log(high)))
        stretch = np.exp(rng.normal(0, 0.08))
        sx, sy = scale * stretch, scale / stretch
        spare = np.array([columns * sx - width, rows * sy - height])
        at = rng.uniform(np.minimum(0, spare), np.maximum(0, spare))
        if len(sample.boxes) and rng.random() < 0.75:
            box = sample.boxes[rng.integers(len(sample.boxes))]
            middle = (box[:2] + box[2:]) / 2 * [sx, sy] - np.array([width, height]) * rng.uniform(0.2, 0.8, 2)
            at = np.clip(middle, np.minimum(0, spare), np.maximum(0, spare))
        found = view(sample, width, height, (sx, sy), (float(at[0]), float(at[1])))
        return mirrored(found) if rng.random() < 0.5 else found

    def mosaic(self, rng: Generator) -> Sample:
        """Four parts around a random point."""
        x, y = int(self.width * rng.uniform(0.3, 0.7)), int(self.height * rng.uniform(0.3, 0.7))
        picture = np.empty((self.height, self.width, 3), np.uint8)
        boxes, classes, ignored = [], [], []
        for x1, x2 in ((0, x), (x, self.width)):
            for y1, y2 in ((0, y), (y, self.height)):
                part = self.part(x2 - x1, y2 - y1, rng)
                picture[y1:y2, x1:x2] = part.picture
                shift = np.float32([x1, y1, x1, y1])
                boxes.append(part.boxes + shift)
                classes.append(part.classes)
                ignored.append(part.ignored + shift)
        return Sample(picture, np.concatenate(boxes), np.concatenate(classes), np.concatenate(ignored))

    def pasted(self, sample: Sample, rng: Generator) -> Sample:
        """A cut-out somewhere on the picture; what it hides for the most part is ignored."""
        cutout = self.cutouts[rng.integers(len(self.cutouts))]
        longest = np.exp(rng.uniform(np.log(14), np.log(min(190, self.height * 0.95))))
        degrees = rng.uniform(0, 360) if cutout.turns else rng.normal(0, 4)
        squeeze = rng.uniform(0.65, 1) if cutout.turns else rng.uniform(0.9, 1.05)
        figure = turned(cutout, degrees, longest, squeeze, rng.random() < 0.5)
        height, width = figure.shape[:2]
        if min(height, width) < 5:
            return sample
        x = int(rng.integers(-width // 4, self.width - width * 3 // 4))
        y = int(rng.integers(-height // 8, self.height - height * 3 // 4))
        box = np.float32([x, y, x + width, y + height])
        hidden = share_within(sample.boxes, box) > HIDDEN_SHARE
        seen = np.float32([max(0, x), max(0, y), min(self.width, x + width), min(self.height, y + height)])
        if len(sample.ignored) and (share_within(sample.ignored, box) > 0.2).any():
            return sample
        picture = laid(sample.picture, toned_figure(figure, rng), x, y, seen.astype(int))
        kept = Sample(
            picture,
            np.concatenate([sample.boxes[~hidden], box[None]]),
            np.append(sample.classes[~hidden], cutout.label),
            np.concatenate([sample.ignored, sample.boxes[hidden]]),
        )
        return cut(kept)


def toned_figure(figure: np.ndarray, rng: Generator) -> np.ndarray:
    """The cut-out in another light, its border softened at random."""
    gain = np.exp(rng.normal(0, 0.3)) * np.exp(rng.normal(0, 0.12, 3))
    table = np.clip(np.arange(256)[:, None] * gain + rng.normal(0, 10), 0, 255).astype(np.uint8)
    colours = cv2.LUT(np.ascontiguousarray(figure[..., :3]), table[None])
    if rng.random() < 0.5:
        figure = cv2.GaussianBlur(figure, (3, 3), 0)
        colours = cv2.GaussianBlur(colours, (3, 3), 0)
    return np.dstack([colours, figure[..., 3]])


def laid(picture: np.ndarray, figure: np.ndarray, x: int, y: int, seen: np.ndarray) -> np.ndarray:
    x1, y1, x2, y2 = seen
    part = figure[y1 - y : y2 - y, x1 - x : x2 - x].astype(np.float32)
    opacity = part[..., 3:] / 255
    picture = picture.copy()
    under = picture[y1:y2, x1:x2]
    picture[y1:y2, x1:x2] = (under * (1 - opacity) + part[..., :3] * opacity).astype(np.uint8)
    return picture


def with_holes(sample: Sample, rng: Generator) -> Sample:
    """A few plain rectangles: an object must be known by more than one of its parts."""
    picture = sample.picture.copy()
    height, width = picture.shape[:2]
    ignored = [sample.ignored]
    gone = np.zeros(len(sample.boxes), bool)
    for _ in range(rng.integers(1, 6)):
        size = rng.integers(6, 50, 2)
        x, y = rng.integers(0, width - size[0]), rng.integers(0, height - size[1])
        picture[y : y + size[1], x : x + size[0]] = rng.integers(0, 256, 3)
        gone |= share_within(sample.boxes, np.float32([x, y, x + size[0], y + size[1]])) > HIDDEN_SHARE
    ignored.append(sample.boxes[gone])
    return Sample(picture, sample.boxes[~gone], sample.classes[~gone], np.concatenate(ignored))
