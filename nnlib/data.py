"""Small data sets, and the batches that training takes from any data set.

Each toy set returns (X, y): one row of X per sample, and integer classes or real targets in y.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nnlib import checks
from nnlib.initializers import Rng

Pair = tuple[np.ndarray, np.ndarray]
DIGITS = Path(__file__).with_name("digits.npz")


def load_digits() -> Pair:
    """1,797 handwritten digits: X (1797, 64) in [0, 1], 8 x 8 pixels row by row, and y (1797,) in 0..9.

    They come ordered by writer. Source: Alpaydin and Kaynak, 1998; see digits.LICENSE.txt beside this file.

    >>> X, y = load_digits()
    >>> X.shape, y[:5]
    ((1797, 64), array([0, 1, 2, 3, 4]))
    """
    with np.load(DIGITS, allow_pickle=False) as file:
        return file["X"] / 16, file["y"].astype(np.int64)


def spirals(n: int = 300, classes: int = 3, noise: float = 0.2, *, rng: Rng = None) -> Pair:
    """Interleaved spiral arms, one per class: X (n, 2) within about 1 of the origin, y (n,) in 0..classes-1.

    `noise` is the standard deviation of the angle, in radians.

    >>> X, y = spirals(6, rng=0)
    >>> X.shape, y
    ((6, 2), array([0, 0, 1, 1, 2, 2]))
    """
    rng = np.random.default_rng(rng)
    y, r = _arms("spirals", n, classes)
    angle = 4 * r + 2 * math.pi * y / classes + rng.normal(0, noise, n)
    return np.column_stack([r * np.sin(angle), r * np.cos(angle)]), y


def moons(n: int = 200, noise: float = 0.1, *, rng: Rng = None) -> Pair:
    """Two interlocking half circles of radius 1: X (n, 2), y (n,) in {0, 1}; `noise` is added to both coordinates.

    >>> X, y = moons(4, noise=0.0)
    >>> X.round(2).tolist()
    [[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]]
    """
    y, share = _arms("moons", n, 2)
    angle = math.pi * share
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    return np.where(y[:, None] == 0, upper, lower) + np.random.default_rng(rng).normal(0, noise, (n, 2)), y


def blobs(n: int = 300, classes: int = 3, spread: float = 0.4, *, rng: Rng = None) -> Pair:
    """Round clouds of standard deviation `spread`, centred evenly on the unit circle: X (n, 2), y (n,).

    >>> X, y = blobs(4, classes=2, spread=0.0)
    >>> X.round(2).tolist(), y.tolist()
    ([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]], [0, 0, 1, 1])
    """
    y, _ = _arms("blobs", n, classes)
    angle = 2 * math.pi * y / classes
    centre = np.column_stack([np.cos(angle), np.sin(angle)])
    return centre + np.random.default_rng(rng).normal(0, spread, (n, 2)), y


def xor(n: int = 4, noise: float = 0.0, *, rng: Rng = None) -> Pair:
    """The exclusive or: X (n, 2) at the corners of the unit square in turn, y = 1 where exactly one coordinate is 1.

    >>> X, y = xor()
    >>> X.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    _at_least("xor", n, 1)
    corner = np.arange(n) % 4
    X = np.column_stack([corner // 2, corner % 2])
    return X + np.random.default_rng(rng).normal(0, noise, (n, 2)), X[:, 0] ^ X[:, 1]


def sines(n: int = 200, noise: float = 0.1, *, rng: Rng = None) -> Pair:
    """One period of a sine, for regression: X (n, 1) evenly on [-1, 1], y = sin(pi x) + noise, also (n, 1).

    >>> X, y = sines(3, noise=0.0)
    >>> X.tolist(), y.round(2).tolist()
    ([[-1.0], [0.0], [1.0]], [[-0.0], [0.0], [0.0]])
    """
    _at_least("sines", n, 1)
    X = np.linspace(-1, 1, n)[:, None]
    return X, np.sin(math.pi * X) + np.random.default_rng(rng).normal(0, noise, (n, 1))


def batches(X: np.ndarray, y: np.ndarray, size: int, *, rng: Rng = None) -> Iterator[Pair]:
    """One epoch: every sample once, in random order, in batches of `size` >= 1; the last may be smaller.

    The samples are permuted anew by each call. A single batch that holds them all is given in its own order.

    >>> [len(y_batch) for _, y_batch in batches(np.zeros((5, 2)), np.zeros(5), 2, rng=0)]
    [2, 2, 1]
    """
    X, y = np.asarray(X), np.asarray(y)
    checks.same_length("batches", X, y)
    _at_least("batches", size, 1, "size")
    return _batches(X, y, size, np.random.default_rng(rng))


def _batches(X: np.ndarray, y: np.ndarray, size: int, rng: "np.random.Generator") -> Iterator[Pair]:
    if size >= len(X):
        yield X, y
        return
    order = rng.permutation(len(X))
    for start in range(0, len(X), size):
        chosen = order[start : start + size]
        yield X.take(chosen, axis=0), y[chosen]  # take is faster than X[chosen] on short rows


def _arms(who: str, n: int, classes: int) -> Pair:
    """Classes 0..classes-1 in blocks as equal as can be, and how far along its own block each sample is, in [0, 1]."""
    _at_least(who, classes, 1, "classes")
    _at_least(who, n, classes)
    sizes = [n // classes + (k < n % classes) for k in range(classes)]
    return np.repeat(np.arange(classes), sizes), np.concatenate([np.linspace(0, 1, size) for size in sizes])


def _at_least(who: str, value: int, least: int, name: str = "n") -> None:
    checks.require(value >= least, f"{who}: {name} must be at least {least}, got {value}.")
