"""Real clips and photographs with their labels, as the split and the hand-made fixes of this folder say."""

import json
import subprocess
from pathlib import Path

import cv2
import numpy as np

from .net import CLASSES
from .sample import Sample

HERE = Path(__file__).resolve().parent.parent
# Labels of the teacher: from this score on taken as true, below it neither way.
SURE_FROM = 0.5
CLASS_OF = {"bicycle": "motorcycle", "bus": "truck"}
LONGEST_PX = 640


def decode(file: Path, width: int, height: int, chosen: str = "") -> np.ndarray:
    """Frames of a clip, N x height x width x 3 bytes in RGB, scaled as the box scales; `chosen` is a filter put before."""
    filters = [*([chosen] if chosen else []), f"scale={width}:{height}:flags=bilinear", "format=gbrp", "format=rgb24"]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(file), "-an", "-vf", ",".join(filters)]
    command += ["-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"]
    raw = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def training_files(media: Path) -> list[str]:
    """Names of the files that `split.json` gives to training and that `media` holds."""
    split = json.loads((HERE / "split.json").read_text("utf8"))
    return [name for name in split["train"] if (media / name).exists()]


def training_samples(media: Path, names: list[str]) -> list[Sample]:
    """All labelled frames of these files."""
    fixes = json.loads((HERE / "fixes.json").read_text("utf8"))
    return [sample for name in names for sample in samples_of(media, name, fixes.get(name, {}))]


def samples_of(media: Path, name: str, fix: dict) -> list[Sample]:
    """The labelled frames of one file, at most 640 pixels long except a photograph, which keeps its size."""
    labels = json.loads((media / "labels" / "objects" / f"{name}.json").read_text("utf8"))
    frames, fps = labels["frames"], labels.get("sampled_fps")
    longest = max(labels["width"], labels["height"])
    scale = min(1.0, LONGEST_PX / longest) if fps else 1.0
    width, height = round(labels["width"] * scale), round(labels["height"] * scale)
    if fix.get("moving"):
        return moving(decode(media / name, width, height), fix["moving"])
    # The frame shown at the label's time: half a frame early, because timestamps are rounded.
    chosen = rf"setpts=PTS-STARTPTS,select='gte(t\,selected_n/{fps}-0.017)'" if fps else ""
    pictures = decode(media / name, width, height, chosen)
    if "boxes" in fix:
        classes = [CLASSES.index(fix["class"])] * len(fix["boxes"])
        return [Sample.of(pictures[0], fix["boxes"], classes, fix["unsure"])]
    return [labelled(picture, frame["boxes"], scale, fix) for picture, frame in zip(pictures, frames)]


def labelled(picture: np.ndarray, boxes: list[dict], scale: float, fix: dict) -> Sample:
    sure = [box for box in boxes if box["score"] >= SURE_FROM and fix.get("unsure") != "all"]
    unsure = [box for box in boxes if box not in sure]
    place = lambda box: [side * scale for side in box["box"]]
    classes = [CLASSES.index(CLASS_OF.get(box["class"], box["class"])) for box in sure]
    return Sample.of(picture, [place(box) for box in sure], classes, [place(box) for box in unsure])


def moving(frames: np.ndarray, name: str, every: int = 3) -> list[Sample]:
    """Every third frame of a still camera's clip; what differs from the middle value of all frames is an object."""
    background = still_background(frames)
    samples = []
    for frame in frames[::every]:
        mask = foreground(frame, background)
        boxes = [box for box, _ in regions(mask)]
        samples.append(Sample.of(frame, boxes, [CLASSES.index(name)] * len(boxes), []))
    return samples


def still_background(frames: np.ndarray) -> np.ndarray:
    """The picture without what passes: the middle value of each pixel over at most 60 frames."""
    return np.median(frames[:: max(1, len(frames) // 60)], 0).astype(np.uint8)


def foreground(frame: np.ndarray, background: np.ndarray, least: int = 28, close: int = 21) -> np.ndarray:
    """255 where a frame differs from the background by more than `least` grey levels in any colour, holes filled."""
    # Exposure drops when something bright enters: by the middle ratio, because most of the picture stays.
    gain = np.median((frame[::4, ::4] + 1.0) / (background[::4, ::4] + 1.0), (0, 1))
    expected = cv2.GaussianBlur(background, (5, 5), 0) * gain
    mask = (np.abs(cv2.GaussianBlur(frame, (5, 5), 0) - expected).max(2) > least).astype(np.uint8) * 255
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((close, close), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(mask, outlines, -1, 255, cv2.FILLED)
    return mask


def regions(mask: np.ndarray, least_px: int = 1200) -> list[tuple[list[int], np.ndarray]]:
    """Connected parts of at least so many pixels: box and mask of each."""
    count, marks, stats, _ = cv2.connectedComponentsWithStats(mask)
    found = []
    for index in range(1, count):
        x, y, width, height, area = stats[index]
        if area >= least_px:
            found.append(([x, y, x + width, y + height], (marks == index).astype(np.uint8) * 255))
    return found
