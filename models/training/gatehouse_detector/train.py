"""Trains the detector for a given time, writes checkpoints, and exports the averaged weights."""

import argparse
import copy
import json
import math
import queue
import sys
import threading
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .compose import Composer
from .cutouts import cutouts
from .export import export
from .loss import Truth, detection_loss
from .net import INPUT_SCALE, Detector, grid
from .sample import Sample
from .sources import real_sources, rendered_source

# The size that the exported network is used at; training pictures are parts of it, which costs less and shows as much.
INPUT_WIDTH, INPUT_HEIGHT = 512, 288
WIDTH, HEIGHT = 384, 224
MOST_OBJECTS = 40
EMA_STEPS = 1500
CHECKPOINT_EVERY_S = 240
# Rendered pictures may still be in the making: how often they are looked for.
REFRESH_STEPS = 100
CALIBRATION_PICTURES = 64
# From this share of the time on, pictures are as the box will see them.
FINISHING_FROM = 0.85


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rendered", type=Path, action="append", default=[], help="folder of rendered pictures; may be repeated")
    parser.add_argument("--media", type=Path, help="folder of real clips with labels/objects")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint.pt, log.jsonl, float.onnx and calibration.rgb")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    parser.add_argument("--warm-start", type=Path, help="checkpoint whose weights to begin with")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def batched(samples: list[Sample]) -> tuple[Tensor, Truth]:
    """Pictures as N x 3 x H x W in channels-last order, ready for the network, and what they show."""
    pictures = torch.from_numpy(np.stack([sample.picture for sample in samples])).permute(0, 3, 1, 2)
    objects = max(1, max(len(sample.boxes) for sample in samples))
    regions = max(1, max(len(sample.ignored) for sample in samples))
    boxes = torch.zeros(len(samples), objects, 4)
    classes = torch.full((len(samples), objects), -1)
    ignored = torch.zeros(len(samples), regions, 4)
    for row, sample in enumerate(samples):
        boxes[row, : len(sample.boxes)] = torch.from_numpy(sample.boxes)
        classes[row, : len(sample.classes)] = torch.from_numpy(sample.classes)
        ignored[row, : len(sample.ignored)] = torch.from_numpy(sample.ignored)
    return pictures.float().div_(INPUT_SCALE), Truth(boxes, classes, ignored)


def bounded(sample: Sample) -> Sample:
    """At most 40 objects; the smallest beyond are ignored."""
    if len(sample.boxes) <= MOST_OBJECTS:
        return sample
    order = np.argsort(-(sample.boxes[:, 2:] - sample.boxes[:, :2]).max(1))
    keep, rest = order[:MOST_OBJECTS], order[MOST_OBJECTS:]
    ignored = np.concatenate([sample.ignored, sample.boxes[rest]])
    return Sample(sample.picture, sample.boxes[keep], sample.classes[keep], ignored)


class Loader:
    """Composes batches ahead on a thread of its own: OpenCV and the network let go of the interpreter while they compute."""

    def __init__(self, composer: Composer, batch: int, seed: int):
        self.composer, self.batch, self.seed = composer, batch, seed
        self.ready: queue.Queue[tuple[Tensor, Truth] | Exception] = queue.Queue(maxsize=4)
        threading.Thread(target=self.work, daemon=True).start()

    def work(self) -> None:
        step = 0
        try:
            while True:
                if step % REFRESH_STEPS == 0:
                    self.composer.refresh()
                rng = np.random.default_rng([self.seed, step])
                self.ready.put(batched([bounded(self.composer.draw(rng)) for _ in range(self.batch)]))
                step += 1
        except Exception as error:
            self.ready.put(error)

    def next(self) -> tuple[Tensor, Truth]:
        found = self.ready.get()
        if isinstance(found, Exception):
            raise found
        return found


def rate_at(done: float, step: int) -> float:
    """
    Share of the highest learning rate: 200 steps of warming up, or a tenth of the time where that is less (a quick run has a hundred
    steps in all), then half a cosine down to 2 %.
    """
    return min(1.0, max((step + 1) / 200, done / 0.1)) * (0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2)


@torch.no_grad()
def average_into(average: Detector, net: Detector, step: int) -> None:
    """Exponential moving average over about 1500 steps, fewer at the beginning."""
    share = 1 - min(1 - 1 / EMA_STEPS, (1 + step) / (10 + step))
    for mean, value in zip(average.state_dict().values(), net.state_dict().values()):
        if mean.dtype.is_floating_point:
            mean.lerp_(value, share)
        else:
            mean.copy_(value)


def parameter_groups(net: Detector) -> list[dict]:
    """Convolutions decay, biases and normalisation do not."""
    decaying = [value for value in net.parameters() if value.ndim > 1]
    others = [value for value in net.parameters() if value.ndim <= 1]
    return [{"params": decaying, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}]


def save(average: Detector, out: Path) -> None:
    part = out / "checkpoint.pt.part"
    torch.save(average.state_dict(), part)
    part.replace(out / "checkpoint.pt")


def has_short_floats() -> bool:
    """Whether the processor multiplies bfloat16, in which training takes 0.4 of the time; without, it would take longer."""
    flags = Path("/proc/cpuinfo").read_text("utf8")
    return "avx512_bf16" in flags or "amx_bf16" in flags


def progress(done: float, left_s: float, losses: Tensor, per_s: float) -> str:
    bar = "#" * round(done * 30)
    return f"[{bar:<30}] {left_s / 60:5.1f} min left, {per_s:4.1f} pictures/s, classes {losses[0]:.3f}, boxes {losses[1]:.3f}"


def train(options: argparse.Namespace, composer: Composer) -> Detector:
    """Gives the averaged network."""
    torch.manual_seed(options.seed)
    net = Detector()
    if options.warm_start:
        net.load_state_dict(torch.load(options.warm_start))
    average = copy.deepcopy(net)
    net = net.to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(parameter_groups(net), lr=options.rate)
    loader = Loader(composer, options.batch, options.seed)
    centres, _ = grid(WIDTH, HEIGHT)
    short_floats = has_short_floats()
    running = torch.zeros(2)
    started = saved = time.monotonic()
    limit_s = options.minutes * 60
    step = 0
    with open(options.out / "log.jsonl", "w", encoding="utf8") as log:
        while (passed := time.monotonic() - started) < limit_s:
            for group in optimizer.param_groups:
                group["lr"] = options.rate * rate_at(passed / limit_s, step)
            composer.finishing = passed > FINISHING_FROM * limit_s
            pictures, truth = loader.next()
            with torch.autocast("cpu", torch.bfloat16, enabled=short_floats):
                logits, boxes = net(pictures)
            losses = torch.stack(detection_loss(logits, boxes, centres, truth))
            optimizer.zero_grad()
            losses.sum().backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
            optimizer.step()
            average_into(average, net, step)
            running = losses.detach() if step == 0 else running.lerp(losses.detach(), max(0.04, 1 / (step + 1)))
            step += 1
            if step % 20 == 0:
                per_s = step * options.batch / (time.monotonic() - started)
                log.write(json.dumps({"step": step, "s": round(passed, 1), "classes": round(running[0].item(), 4),
                                      "boxes": round(running[1].item(), 4)}) + "\n")
                log.flush()
                print("\r" + progress(passed / limit_s, limit_s - passed, running, per_s), end="", file=sys.stderr)
            if time.monotonic() - saved > CHECKPOINT_EVERY_S:
                save(average, options.out)
                saved = time.monotonic()
    print(file=sys.stderr)
    return average


def write_calibration(composer: Composer, options: argparse.Namespace) -> None:
    """Pictures of the input's size, as bytes R, G, B one after another, over which the quantiser measures ranges."""
    rng = np.random.default_rng([options.seed, 0])
    pictures = [composer.draw(rng).picture.tobytes() for _ in range(CALIBRATION_PICTURES)]
    (options.out / "calibration.rgb").write_bytes(b"".join(pictures))


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    # OpenCV's own threads would take the cores from the network.
    import cv2

    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    sources = [rendered_source(options.rendered)]
    figures = []
    if options.media:
        sources += real_sources(options.media)
        figures = cutouts(options.media)
    pictures = sum(len(source.pictures) for source in sources)
    if pictures == 0:
        sys.exit("No pictures to train on: name a folder with --rendered or --media.")
    print(f"{pictures} labelled pictures, {len(figures)} cut-outs", file=sys.stderr)
    average = train(options, Composer(sources, figures, WIDTH, HEIGHT, INPUT_WIDTH))
    save(average, options.out)
    export(average, options.out / "float.onnx", INPUT_WIDTH, INPUT_HEIGHT)
    write_calibration(Composer(sources, figures, INPUT_WIDTH, INPUT_HEIGHT, INPUT_WIDTH), options)


if __name__ == "__main__":
    main()
