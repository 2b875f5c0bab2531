"""Writes a trained network as ONNX: bytes in, boxes and scores out."""

import copy
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from .net import INPUT_SCALE, Detector


class Exported(nn.Module):
    """`picture` 1 x 3 x H x W, RGB 0..255; `boxes` 1 x 4 x A in input pixels and `scores` 1 x 4 x A from 0 to 1."""

    def __init__(self, net: Detector):
        super().__init__()
        self.net = copy.deepcopy(net).eval()
        first = self.net.stem[0][0]
        first.weight.data.div_(INPUT_SCALE)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        logits, boxes = self.net(picture)
        return boxes, logits.sigmoid()


def export(net: Detector, file: Path, width: int, height: int) -> None:
    """Writes `file`; any height and width that are multiples of 32 can be given to it."""
    free = {"picture": {2: "height", 3: "width"}, "boxes": {2: "cells"}, "scores": {2: "cells"}}
    with warnings.catch_warnings():
        # The exporter warns of constants whose shape it does not infer; the runtime infers them.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Exported(net),
            torch.zeros(1, 3, height, width),
            str(file),
            opset_version=16,
            input_names=["picture"],
            output_names=["boxes", "scores"],
            dynamic_axes=free,
        )
