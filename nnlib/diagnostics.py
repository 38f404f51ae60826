"""Diagnostics: what goes through a network, layer by layer, when nothing is learned. Home: chapter 11.

Everything is measured on a copy: weights, gradients, what the layers keep, and random generators stay as they are.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib import checks
from nnlib.activations import Identity, Softmax
from nnlib.layers import Dropout


@dataclass(frozen=True)
class LayerStats:
    """Figures of one array of a layer: its output, or the gradient of its parameters.

    `index` and `layer` say which layer, `size` how many units or parameters it has; norm is the Euclidean length, zero
    the share of entries that are exactly 0. Only of the output of an elementwise activation (no parameters; not the
    identity, softmax or dropout; else NaN): saturated, the share of entries with |phi'(z)| < 0.01, and dead, the share
    of units that are 0 for every sample.
    """

    index: int
    layer: str
    size: int
    mean: float
    std: float
    norm: float
    zero: float
    saturated: float = math.nan
    dead: float = math.nan


def activation_stats(net: Any, X: np.ndarray, *, training: bool = False) -> list[LayerStats]:
    """Figures of the output of each layer for the batch X (B, d_0), in the order of the forward pass.

    >>> from nnlib import Network, activations, layers
    >>> net = Network([layers.Dense(1, 2), activations.ReLU()])
    >>> net.theta = [1.0, -1.0, 0.0, 0.0]
    >>> [(s.mean, s.zero, s.dead) for s in activation_stats(net, np.array([[1.0], [3.0]]))]
    [(0.0, 0.0, nan), (1.0, 0.5, 0.5)]
    """
    checks.require(len(checks.batch("activation_stats", X)), "activation_stats: the batch is empty.")
    used = copy.deepcopy(net)
    found: list[LayerStats] = []
    for i, layer in enumerate(used.layers):
        vars(layer)["forward"] = _watched(i, layer, found)
    used.forward(X, training=training)
    return found


def gradient_stats(net: Any, X: np.ndarray, y: np.ndarray) -> list[LayerStats]:
    """Figures of the gradient of each layer that has parameters, all of them together, for the loss on X and y.

    >>> from nnlib import Network, layers, losses
    >>> net = Network([layers.Dense(1, 1)], loss=losses.MSE())
    >>> net.theta = [0.0, 0.0]
    >>> [(s.layer, s.mean, s.norm) for s in gradient_stats(net, np.array([[0.75]]), np.array([[2.0]]))]
    [('Dense(1, 1)', -3.5, 5.0)]
    """
    used = copy.deepcopy(net)
    used.loss_and_grad(X, y)
    layers = [(i, layer) for i, layer in enumerate(used.layers) if getattr(layer, "shapes", None)]
    grads = [np.concatenate([getattr(layer, "d" + name).ravel() for name in layer.shapes]) for _, layer in layers]
    return [_stats(i, layer, grad, grad.size) for (i, layer), grad in zip(layers, grads, strict=True)]


def dead_fraction(net: Any, X: np.ndarray) -> float:
    """Share, in [0, 1], of the units behind elementwise activations that are 0 for every sample of X (B, d_0).

    No gradient reaches the weights before such a ReLU, so that on these data it stays as it is; 0 without activations.

    >>> from nnlib import Network, activations, layers
    >>> net = Network([layers.Dense(1, 2), activations.ReLU()])
    >>> net.theta = [1.0, -1.0, 0.0, 0.0]
    >>> dead_fraction(net, np.array([[1.0], [3.0]]))
    0.5
    """
    found = [stats for stats in activation_stats(net, X) if not math.isnan(stats.dead)]
    return sum(stats.dead * stats.size for stats in found) / max(sum(stats.size for stats in found), 1)


def _watched(i: int, layer: Any, found: list[LayerStats]) -> Callable[..., np.ndarray]:
    """The layer's forward, which also puts down what comes out, at once: a later layer may write over it."""
    forward = layer.forward

    def watched(x: np.ndarray, *, training: bool = False) -> np.ndarray:
        a = forward(x, training=training)
        shares = {}
        if not getattr(layer, "shapes", None) and not isinstance(layer, Identity | Softmax | Dropout):
            slope = np.abs(layer.backward(np.ones_like(a)))
            shares = {"saturated": float((slope < 0.01).mean()), "dead": float((a == 0).all(axis=0).mean())}
        found.append(_stats(i, layer, a, a.shape[1], **shares))
        return a

    return watched


def _stats(i: int, layer: Any, x: np.ndarray, size: int, **shares: float) -> LayerStats:
    x = x.astype(float)
    norm, zero = float(np.linalg.norm(x)), float((x == 0).mean())
    return LayerStats(i, str(layer), size, float(x.mean()), float(x.std()), norm, zero, **shares)
