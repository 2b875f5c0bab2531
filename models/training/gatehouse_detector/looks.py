"""How the same scene may look to another camera: light, colour, lens, sensor, night, compression. Bytes in, bytes out."""

import cv2
import numpy as np
from numpy.random import Generator


def another_look(picture: np.ndarray, rng: Generator) -> np.ndarray:
    """One random camera's view of an RGB picture; the geometry stays."""
    picture = toned(picture, rng)
    if rng.random() < 0.3:
        picture = blurred(picture, rng)
    if rng.random() < 0.5:
        picture = noisy(picture, rng)
    if rng.random() < 0.35:
        picture = compressed(picture, rng)
    return picture


def toned(picture: np.ndarray, rng: Generator) -> np.ndarray:
    """Exposure, contrast, gamma and white balance through one table a channel; colour stronger, weaker or none."""
    levels = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(rng.normal(0, 0.22))
    contrast, bright = np.exp(rng.normal(0, 0.2)), rng.normal(0, 0.05)
    balance = np.exp(rng.normal(0, 0.07, 3))
    tables = (levels**gamma * contrast + (1 - contrast) * 0.45 + bright)[:, None] * balance
    table = np.clip(tables * 255, 0, 255).astype(np.uint8)
    picture = cv2.LUT(picture, table[None])
    colour = rng.random()
    if colour < 0.14:
        # Infrared night pictures are grey, and red things and foliage are bright in them.
        weights = rng.dirichlet([2, 2, 2]).astype(np.float32)
        grey = cv2.transform(picture, weights[None])
        return cv2.merge([grey, grey, grey])
    if colour < 0.6:
        hue = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        shift = int(rng.normal(0, 5)) if rng.random() < 0.8 else int(rng.integers(0, 180))
        turn = ((np.arange(256) + shift) % 180).astype(np.uint8)
        stronger = np.clip(np.arange(256) * np.exp(rng.normal(0, 0.4)), 0, 255).astype(np.uint8)
        same = np.arange(256, dtype=np.uint8)
        picture = cv2.cvtColor(cv2.LUT(hue, np.stack([turn, stronger, same], 1)[None]), cv2.COLOR_HSV2RGB)
    return picture


def blurred(picture: np.ndarray, rng: Generator) -> np.ndarray:
    """Out of focus, moving, or scaled up from fewer pixels."""
    kind = rng.random()
    if kind < 0.4:
        return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.4))
    if kind < 0.6:
        length = int(rng.integers(3, 7))
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1 / length
        turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), rng.uniform(0, 180), 1)
        kernel = cv2.warpAffine(kernel, turn, (length, length))
        return cv2.filter2D(picture, -1, kernel / max(kernel.sum(), 1e-3))
    height, width = picture.shape[:2]
    share = rng.uniform(0.4, 0.85)
    small = cv2.resize(picture, (int(width * share), int(height * share)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


# Drawing normal numbers for each pixel anew costs 5 ms; shifting one field of them costs a tenth of that.
_NOISE = np.random.default_rng(7).normal(0, 32, (640, 1024, 3)).astype(np.int8)


def noisy(picture: np.ndarray, rng: Generator) -> np.ndarray:
    """Sensor noise of up to 14 grey levels, in colour or the same for all three."""
    height, width = picture.shape[:2]
    y, x = rng.integers(0, 640 - height), rng.integers(0, 1024 - width)
    field = _NOISE[y : y + height, x : x + width]
    if rng.random() < 0.5:
        field = cv2.merge([field[..., 0]] * 3)
    strength = min(14.0, rng.exponential(3.5))
    return cv2.add(picture, (field * np.float32(strength / 32)).astype(np.int8), dtype=cv2.CV_8U)


def compressed(picture: np.ndarray, rng: Generator) -> np.ndarray:
    quality = int(rng.integers(18, 75))
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(code, cv2.IMREAD_COLOR)
