"""How weights begin: an initializer takes a shape and a random generator and returns an array.

For a weight matrix the shape is (n_in, n_out). Each initializer has the form f(shape, *, rng) -> float64 array.
"""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from nnlib import checks

# a text, because naming numpy.random loads it, which is a tenth of the time that importing numpy takes
Rng: TypeAlias = "np.random.Generator | int | None"
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
    """Normal with mean 0 and standard deviation `std` >= 0. Home: chapter 11.

    >>> normal((2, 2), std=1.0, rng=0).round(2)
    array([[ 0.13, -0.13],
           [ 0.64,  0.1 ]])
    """
    std = checks.in_range("normal", "std", std, 0, math.inf, "at least 0")
    return np.random.default_rng(rng).normal(0.0, std, shape)


def xavier(shape: tuple[int, ...], *, rng: Rng = None) -> np.ndarray:
    """Uniform on +-sqrt(6 / (n_in + n_out)), variance 2 / (n_in + n_out): for tanh and sigmoid.

    Home: chapter 11. Source: Glorot and Bengio, 2010.

    >>> round(float(xavier((1000, 500), rng=0).var() * 1500), 2)
    2.0
    """
    n_in, n_out = _fans("xavier", shape)
    limit = math.sqrt(6 / (n_in + n_out))
    return np.random.default_rng(rng).uniform(-limit, limit, shape)


def he(shape: tuple[int, ...], *, rng: Rng = None) -> np.ndarray:
    """Normal with variance 2 / n_in: for ReLU, which silences half of what arrives.

    Home: chapter 11. Source: He, Zhang, Ren and Sun, 2015.

    >>> round(float(he((1000, 500), rng=0).var() * 1000), 2)
    2.0
    """
    return normal(shape, std=math.sqrt(2 / _fans("he", shape)[0]), rng=rng)


def orthogonal(shape: tuple[int, ...], *, rng: Rng = None) -> np.ndarray:
    """Orthonormal columns, W^T W = I, or rows, W W^T = I, whichever fit; all such W are equally likely.

    A square W keeps the length of every vector, so that signals survive any depth of linear layers. W is the factor Q
    of a normal matrix, with the signs that make the diagonal of R positive. Home: chapter 11. Source: Saxe,
    McClelland and Ganguli, 2014.

    >>> W = orthogonal((3, 2), rng=0)
    >>> np.allclose(W.T @ W, np.eye(2))
    True
    """
    n_in, n_out = _fans("orthogonal", shape)
    Q, R = np.linalg.qr(normal((max(n_in, n_out), min(n_in, n_out)), std=1.0, rng=rng))
    Q = Q * np.copysign(1, np.diag(R))
    return Q if n_in >= n_out else np.ascontiguousarray(Q.T)


def _fans(who: str, shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(f"{who}: expected the shape (n_in, n_out) of a weight matrix, got {shape}.")
    return shape[0], shape[1]


BY_NAME: dict[str, Initializer] = {f.__name__: f for f in (zeros, constant, normal, xavier, he, orthogonal)}


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
