"""Takes single pictures with their labels out of rendered clips: some to learn from, some kept to measure on."""

import argparse
import gzip
import json
from pathlib import Path

import cv2

# A picture every 0.8 s at 5 frames a second; every fifth of them is kept for measuring.
EVERY_FRAMES = 4
KEPT_EVERY = 5
GZIP = b"\x1f\x8b"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, required=True, help="folder with NAME.mp4 and NAME.labels.jsonl, compressed or not")
    parser.add_argument("--learnt", type=Path, required=True, help="folder to write pictures to learn from")
    parser.add_argument("--kept", type=Path, required=True, help="folder to write pictures to measure on")
    return parser.parse_args()


class Folder:
    """Pictures as NNNNNN.jpg and one line each in labels.jsonl, as the renderer writes data sets."""

    def __init__(self, path: Path):
        path.mkdir(parents=True, exist_ok=True)
        self.path, self.count = path, 0
        self.lines = open(path / "labels.jsonl", "w", encoding="utf8")

    def add(self, picture, labels: list[dict]) -> None:
        name = f"{self.count:06}.jpg"
        self.count += 1
        height, width = picture.shape[:2]
        cv2.imwrite(str(self.path / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
        self.lines.write(json.dumps({"file": name, "width": width, "height": height, "labels": labels}) + "\n")


def frames_of(clip: Path):
    """Every fourth picture of a clip (BGR) with its labels."""
    (file,) = clip.parent.glob(f"{clip.stem}.labels.jsonl*")
    code = file.read_bytes()
    text = gzip.decompress(code) if code.startswith(GZIP) else code
    labels = {frame["frame"]: frame["labels"] for frame in map(json.loads, text.splitlines())}
    video = cv2.VideoCapture(str(clip))
    index = 0
    while video.grab():
        if index % EVERY_FRAMES == 0 and index in labels:
            _, picture = video.retrieve()
            yield picture, labels[index]
        index += 1


def main() -> None:
    options = arguments()
    learnt, kept = Folder(options.learnt), Folder(options.kept)
    for clip in sorted(options.clips.glob("*.mp4")):
        for index, (picture, labels) in enumerate(frames_of(clip)):
            (kept if index % KEPT_EVERY == 0 else learnt).add(picture, labels)
    print(f"{learnt.count} pictures to learn from, {kept.count} to measure on")


if __name__ == "__main__":
    main()
