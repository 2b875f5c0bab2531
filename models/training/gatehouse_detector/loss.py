"""Which cell answers for which object (task-aligned assignment, Feng et al. 2021, TOOD), and the loss that follows."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from .net import CLASSES

TOP_CELLS = 10
SCORE_POWER, IOU_POWER = 0.5, 6.0
# An object's best cell shall give IoU^0.3 as its score: 0.81 for a box that overlaps by half. With the IoU itself, as TOOD has it,
# small objects, whose boxes are a pixel off at best, score so low that no one threshold suits them and near ones.
GOAL_POWER = 0.3
BOX_GAIN = 3.0


class Truth(NamedTuple):
    """What N pictures show, padded to G objects and I ignored regions. Boxes in input pixels as x1, y1, x2, y2."""

    boxes: Tensor  # N x G x 4
    classes: Tensor  # N x G, integers; -1 is padding
    ignored: Tensor  # N x I x 4; all zero is padding


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of boxes whose last axis is x1, y1, x2, y2; the other axes broadcast."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    inter = (high - low).clamp(min=0).prod(-1)
    area = lambda box: (box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1)
    return inter / (area(a) + area(b) - inter + 1e-7)


def generalised_iou(a: Tensor, b: Tensor) -> Tensor:
    """GIoU (Rezatofighi et al. 2019) of boxes pair by pair: it has a slope where boxes do not meet."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    inter = (high - low).clamp(min=0).prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - inter + 1e-7
    hull = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    hull = hull.prod(-1) + 1e-7
    return inter / union - (hull - union) / hull


def inside(centres: Tensor, boxes: Tensor, least: float = 0.0) -> Tensor:
    """N x G x A: whether a cell's middle lies in a box, whose sides count as at least 2 x `least` pixels."""
    middle = (boxes[..., :2] + boxes[..., 2:])[..., None, :] / 2
    half = ((boxes[..., 2:] - boxes[..., :2]) / 2).clamp(min=least)[..., None, :]
    return ((centres - middle).abs() < half).all(-1)


@torch.no_grad()
def assign(logits: Tensor, boxes: Tensor, centres: Tensor, truth: Truth) -> tuple[Tensor, Tensor]:
    """
    For each cell the object it answers for (N x A, -1 none) and the score it shall give (N x A). An object takes the ten cells
    within it that already say it best: score^0.5 x IoU^6; of two objects that want one cell, the better overlap has it.
    """
    real = truth.classes >= 0
    index = truth.classes.clamp(min=0)[..., None].expand(-1, -1, logits.shape[2])
    score = logits.sigmoid().gather(1, index)  # N x G x A
    overlap = iou(truth.boxes[:, :, None], boxes.transpose(1, 2)[:, None])
    # A box smaller than the finest cell may hold no middle: it counts as 12 px.
    open_to = inside(centres, truth.boxes, 6.0) & real[..., None]
    distance = (centres - (truth.boxes[..., :2] + truth.boxes[..., 2:])[..., None, :] / 2).norm(dim=-1)
    # The second term only decides where nothing overlaps yet.
    fit = (score**SCORE_POWER * overlap**IOU_POWER + 1e-9 / (1 + distance)) * open_to
    best = fit.topk(TOP_CELLS, dim=2)
    taken = torch.zeros_like(fit).scatter_(2, best.indices, 1.0) * (fit > 0)
    contested = (taken * (overlap + 1e-6)).max(1)
    owner = torch.where(contested.values > 0, contested.indices, torch.full_like(contested.indices, -1))
    taken = taken * (owner[:, None] == torch.arange(fit.shape[1])[None, :, None])
    fit = fit * taken
    scaled = fit / fit.amax(2, keepdim=True).clamp(min=1e-12) * (overlap * taken).amax(2, keepdim=True) ** GOAL_POWER
    return owner, scaled.amax(1)


def detection_loss(logits: Tensor, boxes: Tensor, centres: Tensor, truth: Truth) -> tuple[Tensor, Tensor]:
    """Loss of classes (binary cross-entropy towards the assigned scores) and of boxes (1 - GIoU), each a mean over objects."""
    owner, target = assign(logits.detach(), boxes.detach(), centres, truth)
    mine = owner >= 0
    own = owner.clamp(min=0)
    wanted = truth.classes.gather(1, own)
    goal = F.one_hot(wanted.clamp(min=0), len(CLASSES)).transpose(1, 2) * (target * mine)[:, None]
    counted = mine | ~inside(centres, truth.ignored).any(1)
    entropy = F.binary_cross_entropy_with_logits(logits, goal, reduction="none") * counted[:, None]
    total = target.sum().clamp(min=1.0)
    there = truth.boxes.gather(1, own[..., None].expand(-1, -1, 4))[mine]
    miss = 1 - generalised_iou(boxes.transpose(1, 2)[mine], there)
    return entropy.sum() / total, BOX_GAIN * (miss * target[mine]).sum() / total
