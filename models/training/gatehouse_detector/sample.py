"""A labelled picture, and how part of it becomes part of a training picture."""

from typing import NamedTuple, Sequence

import cv2
import numpy as np

GREY = 114
# Less of an object than this within the picture is not taught, less than the second not even ignored.
TAUGHT_SHARE, SEEN_SHARE = 0.35, 0.05
LEAST_PX = 8.0


class Sample(NamedTuple):
    """Bytes in RGB, H x W x 3; boxes as x1, y1, x2, y2 in its pixels; `ignored` regions are taught neither way."""

    picture: np.ndarray
    boxes: np.ndarray
    classes: np.ndarray
    ignored: np.ndarray

    @staticmethod
    def of(picture: np.ndarray, boxes: Sequence, classes: Sequence, ignored: Sequence) -> "Sample":
        as_boxes = lambda rows: np.asarray(rows, np.float32).reshape(-1, 4)
        return Sample(picture, as_boxes(boxes), np.asarray(classes, np.int64), as_boxes(ignored))


def share_within(boxes: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Which part of each box's area lies in the box `within`, 0 to 1."""
    size = np.clip(np.minimum(boxes[:, 2:], within[2:]) - np.maximum(boxes[:, :2], within[:2]), 0, None)
    area = np.clip((boxes[:, 2:] - boxes[:, :2]).prod(1), 1e-6, None)
    return size.prod(1) / area


def view(sample: Sample, width: int, height: int, scale: tuple[float, float], at: tuple[float, float]) -> Sample:
    """
    The sample scaled by `scale` (x, y), of which `width` x `height` pixels from `at` (x, y, in scaled pixels, may be negative)
    are seen; grey where it ends. Shrinks by area, as ffmpeg's scaler filters, and stretches bilinearly.
    """
    rows, columns = sample.picture.shape[:2]
    (sx, sy), (ox, oy) = scale, at
    x1, y1 = max(0, int(ox / sx)), max(0, int(oy / sy))
    x2, y2 = min(columns, int((ox + width) / sx) + 1), min(rows, int((oy + height) / sy) + 1)
    picture = np.full((height, width, 3), GREY, np.uint8)
    if x2 > x1 and y2 > y1:
        size = max(1, round((x2 - x1) * sx)), max(1, round((y2 - y1) * sy))
        smooth = cv2.INTER_AREA if min(sx, sy) < 1 else cv2.INTER_LINEAR
        part = cv2.resize(sample.picture[y1:y2, x1:x2], size, interpolation=smooth)
        px, py = round(x1 * sx - ox), round(y1 * sy - oy)
        part = part[max(0, -py) :, max(0, -px) :]
        px, py = max(0, px), max(0, py)
        part = part[: height - py, : width - px]
        picture[py : py + part.shape[0], px : px + part.shape[1]] = part
    moved = lambda boxes: boxes * np.float32([sx, sy, sx, sy]) - np.float32([ox, oy, ox, oy])
    return cut(Sample(picture, moved(sample.boxes), sample.classes, moved(sample.ignored)))


def cut(sample: Sample) -> Sample:
    """Clips boxes to the picture; what is hardly within it or tiny is no longer taught."""
    height, width = sample.picture.shape[:2]
    frame = np.float32([0, 0, width, height])
    clip = lambda boxes: np.clip(boxes, 0, frame[[2, 3, 2, 3]])
    share = share_within(sample.boxes, frame)
    boxes = clip(sample.boxes)
    longest = (boxes[:, 2:] - boxes[:, :2]).max(1)
    taught = (share >= TAUGHT_SHARE) & (longest >= LEAST_PX)
    hinted = ~taught & (share > SEEN_SHARE)
    ignored = clip(np.concatenate([sample.ignored, boxes[hinted]]))
    ignored = ignored[(ignored[:, 2:] - ignored[:, :2]).min(1) > 1]
    return Sample(sample.picture, boxes[taught], sample.classes[taught], ignored)


def mirrored(sample: Sample) -> Sample:
    width = sample.picture.shape[1]
    flip = lambda boxes: np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
    return Sample(np.ascontiguousarray(sample.picture[:, ::-1]), flip(sample.boxes), sample.classes, flip(sample.ignored))
