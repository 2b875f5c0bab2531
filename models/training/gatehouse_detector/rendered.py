"""Rendered pictures of the simulated compound with their exact labels, read while more of them are still being made."""

import json
from pathlib import Path
from typing import Sequence

import cv2
import numpy as np

from .net import CLASSES
from .sample import LEAST_PX, Sample

# Less of an actor seen than this is taught neither way.
SEEN_FROM = 0.25


class Rendered:
    """
    The pictures of folders with `labels.jsonl`, one line a picture, decoded in memory: 0.7 MB each, where decoding them when they
    are drawn would take a third of the training's time. `refresh` takes up what has been added since; a folder may still be
    empty.
    """

    def __init__(self, folders: Sequence[Path]):
        self.read_bytes = {folder: 0 for folder in folders}
        self.pictures: list[Sample] = []
        self.refresh()

    def refresh(self) -> None:
        for folder, read in self.read_bytes.items():
            if (folder / "labels.jsonl").exists():
                self.read_bytes[folder] = read + self.take(folder, read)

    def take(self, folder: Path, read: int) -> int:
        """Reads what a folder has got after its first `read` bytes of labels; gives how many bytes that was."""
        with open(folder / "labels.jsonl", "rb") as file:
            file.seek(read)
            new = file.read()
        # The last line may not be whole yet.
        new = new[: new.rfind(b"\n") + 1]
        for line in new.splitlines():
            entry = json.loads(line)
            picture = cv2.cvtColor(cv2.imread(str(folder / entry["file"])), cv2.COLOR_BGR2RGB)
            self.pictures.append(Sample(picture, *labels_of(entry["labels"])))
        return len(new)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Sample:
        return self.pictures[index]


def labels_of(labels: list[dict]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes and classes of what is taught, and regions taught neither way. Clutter is taught as nothing."""
    boxes, classes, ignored = [], [], []
    for label in labels:
        if label["class"] not in CLASSES:
            continue
        box = [label["box"][side] for side in ("x1", "y1", "x2", "y2")]
        longest = max(box[2] - box[0], box[3] - box[1])
        if label["visible"] < SEEN_FROM or longest < LEAST_PX:
            ignored.append(box)
        else:
            boxes.append(box)
            classes.append(CLASSES.index(label["class"]))
    as_boxes = lambda rows: np.asarray(rows, np.float32).reshape(-1, 4)
    return as_boxes(boxes), np.asarray(classes, np.int64), as_boxes(ignored)
