"""python3 -m unittest gatehouse_detector.test_detector, in the folder above; npm test runs it."""

import unittest

import numpy as np
import torch

from .compose import Composer, Source
from .cutouts import Cutout, turned
from .loss import Truth, assign, detection_loss, generalised_iou, iou
from .net import Detector, decode, grid
from .sample import Sample, mirrored, view


def red_boxes(*boxes) -> Sample:
    """Grey, with a red rectangle wherever a label says."""
    picture = np.full((200, 300, 3), 90, np.uint8)
    for x1, y1, x2, y2 in boxes:
        picture[y1:y2, x1:x2] = (255, 0, 0)
    return Sample.of(picture, boxes, [1] * len(boxes), [])


def red_part(picture: np.ndarray) -> list[int]:
    """Where a picture is red, as x1, y1, x2, y2."""
    red = (picture[..., 0] > 180) & (picture[..., 1] < 60)
    rows, columns = np.where(red.any(1))[0], np.where(red.any(0))[0]
    return [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


class Geometry(unittest.TestCase):
    def test_boxes_stay_on_their_objects_whatever_part_is_seen(self):
        rng = np.random.default_rng(3)
        for _ in range(60):
            sample = red_boxes((100, 60, 180, 130))
            scale = rng.uniform(0.4, 2.5, 2)
            at = rng.uniform(-60, 60, 2)
            found = view(sample, 320, 224, tuple(scale), tuple(at))
            if len(found.boxes):
                np.testing.assert_allclose(found.boxes[0], red_part(found.picture), atol=2.5)
                np.testing.assert_allclose(mirrored(found).boxes[0], red_part(mirrored(found).picture), atol=2.5)

    def test_what_is_hardly_within_or_tiny_is_ignored_not_taught(self):
        at_edge = view(red_boxes((10, 60, 60, 100)), 300, 200, (1, 1), (55, 0))
        self.assertEqual((len(at_edge.boxes), len(at_edge.ignored)), (0, 1))
        tiny = view(red_boxes((10, 60, 60, 100)), 300, 200, (0.1, 0.1), (0, 0))
        self.assertEqual((len(tiny.boxes), len(tiny.ignored)), (0, 1))

    def test_a_cutout_fills_its_box(self):
        figure = np.zeros((40, 20, 4), np.uint8)
        figure[5:35, 4:16] = 255
        for degrees in (0, 30, 90, 200):
            found = turned(Cutout(figure, 0, True), degrees, 80, 1.0, False)
            opaque = found[..., 3] > 127
            self.assertTrue(opaque[0].any() and opaque[-1].any() and opaque[:, 0].any() and opaque[:, -1].any())

    def test_the_same_seed_draws_the_same_pictures(self):
        source = Source([red_boxes((100, 60, 180, 130), (10, 10, 50, 40))], 1.0, (0.5, 2.0))
        draw = lambda: Composer([source], [], 128, 96, 300).draw(np.random.default_rng(5))
        np.testing.assert_array_equal(draw().picture, draw().picture)
        np.testing.assert_array_equal(draw().boxes, draw().boxes)

    def test_at_the_end_pictures_are_whole_scenes(self):
        source = Source([red_boxes((100, 60, 180, 130))], 1.0, (1.0, 1.0))
        cutout = Cutout(np.full((30, 20, 4), 255, np.uint8), 0, False)
        composer = Composer([source], [cutout], 300, 200, 300)
        drawn = lambda: [len(composer.draw(np.random.default_rng(seed)).boxes) for seed in range(40)]
        self.assertTrue(any(count > 1 for count in drawn()), "mosaics and cut-outs add objects")
        composer.finishing = True
        self.assertTrue(all(count <= 1 for count in drawn()))


class Boxes(unittest.TestCase):
    def test_a_cell_decodes_to_its_box_by_hand(self):
        where = torch.zeros(1, 4, 2, 3)
        # Cell (2, 1) of stride 8: middle (20, 12), moved a half and minus a quarter cell; 16 by 32 px.
        where[0, :, 1, 2] = torch.tensor([0.5, -0.25, np.log(2), np.log(4)])
        np.testing.assert_allclose(decode(where, 8)[0, :, 1, 2], [16, -6, 32, 26], atol=1e-4)

    def test_the_grid_is_in_the_order_of_the_outputs(self):
        net = Detector().eval()
        for head in net.heads:
            head.answer.weight.data.zero_()
            head.answer.bias.data.zero_()
        with torch.no_grad():
            _, boxes = net(torch.zeros(1, 3, 64, 96))
        centres, strides = grid(96, 64)
        np.testing.assert_allclose((boxes[0, :2] + boxes[0, 2:]).T / 2, centres, atol=1e-4)
        np.testing.assert_allclose(boxes[0, 2] - boxes[0, 0], strides, atol=1e-4)

    def test_overlaps_by_hand(self):
        a, b, far = (torch.tensor(box, dtype=torch.float32) for box in ([0, 0, 2, 2], [1, 0, 3, 2], [4, 0, 6, 2]))
        self.assertAlmostEqual(iou(a, b).item(), 1 / 3, places=5)
        self.assertAlmostEqual(generalised_iou(a, b).item(), 1 / 3, places=5)
        # The hull of a and far is 6 by 2, a third of it empty.
        self.assertAlmostEqual(generalised_iou(a, far).item(), -1 / 3, places=5)


class Assignment(unittest.TestCase):
    def setUp(self):
        self.centres, _ = grid(96, 64)
        cells = len(self.centres)
        self.logits = torch.full((1, 4, cells), -5.0)
        self.boxes = torch.cat([self.centres - 12, self.centres + 12], 1).T[None].contiguous()
        self.truth = Truth(torch.tensor([[[20.0, 20, 44, 44], [0, 0, 0, 0]]]), torch.tensor([[2, -1]]), torch.zeros(1, 1, 4))

    def test_cells_outside_every_object_answer_for_none(self):
        owner, target = assign(self.logits, self.boxes, self.centres, self.truth)
        inside = ((self.centres > 20) & (self.centres < 44)).all(1)
        self.assertTrue((owner[0][~inside] == -1).all() and (target[0][~inside] == 0).all())
        self.assertTrue(1 <= (owner[0] == 0).sum() <= 10)
        # The best cell's goal: every box is 24 px wide, as the object is, and the nearest middle is 4 px aside in x and y.
        best = 20 * 20 / (2 * 24 * 24 - 20 * 20)
        self.assertAlmostEqual(target.max().item(), best**0.3, places=5)

    def test_ignored_regions_cost_nothing_and_objects_do(self):
        nothing = Truth(torch.zeros(1, 1, 4), torch.tensor([[-1]]), torch.tensor([[[0.0, 0, 96, 64]]]))
        loud = torch.full_like(self.logits, 3.0)
        self.assertEqual(detection_loss(loud, self.boxes, self.centres, nothing)[0].item(), 0.0)
        self.assertGreater(detection_loss(loud, self.boxes, self.centres, self.truth)[0].item(), 1.0)

    def test_a_right_answer_costs_less_than_a_wrong_one(self):
        owner, _ = assign(self.logits, self.boxes, self.centres, self.truth)
        right, wrong = self.logits.clone(), self.logits.clone()
        right[0, 2, owner[0] == 0] = 1.0
        wrong[0, 1, owner[0] == 0] = 1.0
        cost = lambda logits: detection_loss(logits, self.boxes, self.centres, self.truth)[0].item()
        self.assertLess(cost(right), cost(wrong))


if __name__ == "__main__":
    unittest.main()
