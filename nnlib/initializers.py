"""How weights begin: an initializer takes a shape and a random generator and returns an array.

For a weight matrix the shape is (n_in, n_out). Each initializer has the form f(shape, *, rng) -> float64 array.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # naming numpy.random loads it, which is a tenth of the time that importing numpy takes
    Rng = np.random.Generator | int | None

Initializer = Callable[..., np.ndarray]


def zeros(shape: tuple[int, ...], *, rng: Rng = None) -> np.ndarray:
    """All zeros: right for biases, useless for weights, because equal units stay equal for ever.

    >>> zeros((2,))
    array([0., 0.])
    """
    return np.zeros(shape)


def constant(shape: tuple[int, ...], *, value: float = 1.0, rng: Rng = None) -> np.ndarray:
    """Every entry equal to `value`.

    >>> constant((2,), value=0.1)
    array([0.1, 0.1])
    """
    return np.full(shape, float(value))


def normal(shape: tuple[int, ...], *, std: float = 0.01, rng: Rng = None) -> np.ndarray:
    """Normal with mean 0 and standard deviation `std` >= 0.

    >>> normal((2, 2), std=1.0, rng=0).round(2)
    array([[ 0.13, -0.13],
           [ 0.64,  0.1 ]])
    """
    return np.random.default_rng(rng).normal(0.0, std, shape)


def xavier(shape: tuple[int, ...], *, rng: Rng = None) -> np.ndarray:
    """Uniform on +-sqrt(6 / (n_in + n_out)), variance 2 / (n_in + n_out): for tanh and sigmoid.

    Source: Glorot and Bengio, 2010.

    >>> round(float(xavier((1000, 500), rng=0).var() * 1500), 2)
    2.0
    """
    n_in, n_out = _fans("xavier", shape)
    limit = math.sqrt(6 / (n_in + n_out))
    return np.random.default_rng(rng).uniform(-limit, limit, shape)


def he(shape: tuple[int, ...], *, rng: Rng = None) -> np.ndarray:
    """Normal with variance 2 / n_in: for ReLU, which silences half of what arrives.

    Source: He, Zhang, Ren and Sun, 2015.

    >>> round(float(he((1000, 500), rng=0).var() * 1000), 2)
    2.0
    """
    n_in, _ = _fans("he", shape)
    return normal(shape, std=math.sqrt(2 / n_in), rng=rng)


def _fans(who: str, shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) != 2:
        raise ValueError(f"{who}: expected the shape (n_in, n_out) of a weight matrix, got {shape}.")
    return shape[0], shape[1]


BY_NAME: dict[str, Initializer] = {"zeros": zeros, "constant": constant, "normal": normal, "xavier": xavier, "he": he}


def named(init: str | Initializer) -> Initializer:
    """Return the initializer called `init`; a function is returned as it is.

    >>> named("he") is he
    True
    """
    if callable(init):
        return init
    if init not in BY_NAME:
        raise ValueError(f"unknown initializer {init!r}; choose one of {', '.join(BY_NAME)}, or give a function.")
    return BY_NAME[init]
