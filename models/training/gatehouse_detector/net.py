"""The network: a plain residual backbone, a top-down pyramid and a light head at strides 8, 16 and 32."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDES = (8, 16, 32)
CLASSES = ("person", "car", "truck", "motorcycle")
# Bytes are divided by this before the first convolution; the export folds it into that convolution's weights.
INPUT_SCALE = 128.0


class Conv(nn.Sequential):
    """Convolution, batch normalisation, ReLU: ONNX Runtime computes the three as one; SiLU would be two passes more."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, act: bool = True):
        layers = [
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
        ]
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if act else []))


class Residual(nn.Module):
    """Two 3x3 convolutions around which the input passes unchanged."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = Conv(channels, channels)
        self.second = Conv(channels, channels, act=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


class Context(nn.Module):
    """Two 5x5 maxima in a row beside the input itself: lets the coarsest grid see a whole near car or person."""

    def __init__(self, channels: int):
        super().__init__()
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.mix = Conv(3 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        near = self.pool(x)
        return self.mix(torch.cat([x, near, self.pool(near)], 1))


class Head(nn.Module):
    """One 3x3 convolution and one 1x1: N x 8 x H x W, four classes' logits and then four numbers of the box (see `decode`)."""

    def __init__(self, channels: int):
        super().__init__()
        self.tower = Conv(channels, 2 * channels)
        self.answer = nn.Conv2d(2 * channels, len(CLASSES) + 4, 1)
        nn.init.normal_(self.answer.weight, std=0.01)
        # At first each cell says 1 % for each class, and a box three cells long.
        rare = [math.log(0.01 / 0.99)] * len(CLASSES)
        self.answer.bias.data.copy_(torch.tensor([*rare, 0.0, 0.0, math.log(3), math.log(3)]))

    def forward(self, x: Tensor) -> Tensor:
        return self.answer(self.tower(x))


class Detector(nn.Module):
    """
    Takes bytes divided by INPUT_SCALE, float32 N x 3 x H x W in RGB, H and W multiples of 32. Gives class logits N x 4 x A and
    boxes N x 4 x A as x1, y1, x2, y2 in input pixels, for the A cells of the three grids, finest first, row by row.
    """

    def __init__(self, stem=(16, 32), widths=(48, 80, 112), blocks=(1, 2, 1), neck: int = 32):
        super().__init__()
        self.stem = nn.Sequential(Conv(3, stem[0], stride=2), Conv(stem[0], stem[1], stride=2))
        self.stages = nn.ModuleList(
            nn.Sequential(Conv(before, width, stride=2), *(Residual(width) for _ in range(count)))
            for before, width, count in zip((stem[1], *widths[:-1]), widths, blocks)
        )
        self.context = Context(widths[-1])
        self.lateral = nn.ModuleList(Conv(width, neck, 1) for width in widths)
        self.merge = nn.ModuleList(Conv(neck, neck) for _ in widths)
        self.heads = nn.ModuleList(Head(neck) for _ in widths)

    def pyramid(self, x: Tensor) -> list[Tensor]:
        """Features of the three strides, finest first."""
        x = self.stem(x)
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        levels[-1] = self.context(levels[-1])
        merged: list[Tensor] = []
        for lateral, merge, level in zip(self.lateral[::-1], self.merge[::-1], levels[::-1]):
            x = lateral(level)
            if merged:
                x = x + F.interpolate(merged[-1], scale_factor=2.0, mode="nearest")
            merged.append(merge(x))
        return merged[::-1]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, boxes = [], []
        for stride, head, features in zip(STRIDES, self.heads, self.pyramid(x)):
            # Half-precision floats, in which training may run, count whole pixels to 256 only.
            answer = head(features).float()
            logits.append(answer[:, : len(CLASSES)].flatten(2))
            boxes.append(decode(answer[:, len(CLASSES) :], stride).flatten(2))
        return torch.cat(logits, 2), torch.cat(boxes, 2)


def decode(where: Tensor, stride: int) -> Tensor:
    """
    Centre offsets (in cells, from the cell's middle) and the logarithms of the sides (in cells) to corners in input pixels.
    The cells' places come from running sums, so that the exported graph takes any input size.
    """
    one = torch.ones_like(where[:, :1])
    centre = (torch.cat([one.cumsum(3), one.cumsum(2)], 1) - 0.5 + where[:, :2]) * stride
    half = where[:, 2:].clamp(max=4.5).exp() * (stride / 2)
    return torch.cat([centre - half, centre + half], 1)


def grid(width: int, height: int) -> tuple[Tensor, Tensor]:
    """Middles (A x 2) and strides (A) of all cells of an input of this size, in the order of the network's outputs."""
    centres, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        centres.append((torch.stack([x, y], 2).view(-1, 2) + 0.5) * stride)
        strides.append(torch.full((x.numel(),), float(stride)))
    return torch.cat(centres), torch.cat(strides)
