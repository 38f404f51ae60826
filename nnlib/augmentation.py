"""Augmentation: the same images, a little different, as more training data. Home: chapter 15.

X holds one square image per row, its pixels row by row: (B, side^2), as (B, 64) for 8 x 8. Each image is changed by an
amount of its own. What comes in from outside the frame is 0, the background; nothing wraps around. The result is a new
array of the same shape; floating dtypes are kept, integers become float64.
"""

import math

import numpy as np

from nnlib import checks
from nnlib.initializers import Rng
from nnlib.numerics import floating


def shift(X: np.ndarray, pixels: int = 1, *, rng: Rng = None) -> np.ndarray:
    """Move each image by whole pixels, from -pixels to pixels, drawn for rows and for columns.

    >>> shift(np.array([[1.0, 2.0, 3.0, 4.0]]), rng=0)
    array([[0., 0., 1., 2.]])
    """
    checks.require(pixels >= 0 and pixels % 1 == 0, f"shift: pixels must be a whole number, at least 0, got {pixels}.")
    images = _images("shift", X)
    down, right = np.random.default_rng(rng).integers(-pixels, pixels + 1, (2, len(images), 1, 1))
    rows, columns = np.indices(images.shape[1:])
    return _sampled(images, rows - down, columns - right)


def rotate(X: np.ndarray, degrees: float = 10.0, *, rng: Rng = None) -> np.ndarray:
    """Turn each image about its centre, counter-clockwise by an angle drawn from [-degrees, degrees].

    A pixel that comes from between others is their bilinear mean.

    >>> rotate(np.array([[0.0, 1.0, 0.0, 0.0]]), 45.0, rng=5).round(2)
    array([[0.24, 0.59, 0.  , 0.  ]])
    """
    degrees = checks.in_range("rotate", "degrees", degrees, 0, 360, "in [0, 360]")
    images = _images("rotate", X)
    angle = np.radians(np.random.default_rng(rng).uniform(-degrees, degrees, (len(images), 1, 1)))
    centre = (images.shape[1] - 1) / 2
    y, x = np.indices(images.shape[1:]) - centre
    c, s = np.cos(angle), np.sin(angle)
    return _sampled(images, c * y + s * x + centre, c * x - s * y + centre)


def noise(X: np.ndarray, std: float = 0.1, *, rng: Rng = None) -> np.ndarray:
    """Add normal noise of standard deviation `std` >= 0 to pixels in [0, 1], and cut off what leaves [0, 1].

    Raises ValueError for pixels outside [0, 1].

    >>> noise(np.array([[0.0, 0.5, 1.0]]), rng=0).round(2)
    array([[0.01, 0.49, 1.  ]])
    """
    std = checks.in_range("noise", "std", std, 0, math.inf, "at least 0")
    X = floating(checks.batch("noise", X))
    if not ((X >= 0) & (X <= 1)).all():
        raise ValueError("noise: pixels must lie in [0, 1]; divide by the largest possible value first.")
    return np.clip(X + np.random.default_rng(rng).normal(0, std, X.shape), 0, 1).astype(X.dtype)


def _images(who: str, X: np.ndarray) -> np.ndarray:
    """Rows of pixels as images: (B, side^2) to (B, side, side)."""
    X = floating(checks.batch(who, X))
    side = math.isqrt(X.shape[1])
    if side < 1 or side * side != X.shape[1]:
        raise ValueError(f"{who}: images must be square, and {X.shape[1]} pixels are not.")
    return X.reshape(-1, side, side)


def _sampled(images: np.ndarray, r: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Bilinear values at rows r and columns c, both (B, side, side), as rows of pixels."""
    side = images.shape[1]
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))  # a frame of zeros, where all that is outside is looked up
    r, c = np.clip(r + 1, 0, side + 1), np.clip(c + 1, 0, side + 1)
    top, left = np.minimum(r.astype(int), side), np.minimum(c.astype(int), side)
    down, right = (r - top).astype(images.dtype), (c - left).astype(images.dtype)
    i = np.arange(len(images))[:, None, None]
    upper = framed[i, top, left] * (1 - right) + framed[i, top, left + 1] * right
    lower = framed[i, top + 1, left] * (1 - right) + framed[i, top + 1, left + 1] * right
    return (upper * (1 - down) + lower * down).reshape(-1, side * side)
