"""Penalties on large weights: Omega(theta) is added once to the mean loss, and its gradient to the gradient."""

import math
from typing import Any

import numpy as np

from nnlib.checks import in_range


class Regularizer:
    """What the penalties share: strength lam >= 0, and which parameters they see.

    Parameters with one axis, such as a bias b or gamma and beta of a BatchNorm, are left out unless biases=True.
    `value(net)` is Omega, and `grad(net)` its gradient (M,), in the order of `net.theta`.
    """

    def __init__(self, lam: float, *, biases: bool = False) -> None:
        self.lam = in_range(type(self).__name__, "lam", lam, 0, math.inf, "at least 0")
        self.biases = biases

    def weights(self, net: Any) -> np.ndarray:
        """A copy of theta (M,) with 0 for what is left out: there a penalty and its gradient are 0."""
        w, start = net.theta.copy(), 0
        for _, p in net.named_parameters():
            if p.ndim == 1 and not self.biases:
                w[start : start + p.size] = 0
            start += p.size
        return w


class L1(Regularizer):
    """Omega = lam sum |w|, with gradient lam sign(w), sign(0) = 0; lam >= 0. Home: chapter 13.

    It pulls every weight towards 0 with the same strength, and small ones all the way. Source: Tibshirani, 1996.

    >>> from nnlib import Network, layers
    >>> net = Network([layers.Dense(2, 1)])
    >>> net.theta = [3.0, -4.0, 5.0]
    >>> L1(0.1).value(net).__round__(6), L1(0.1).grad(net)
    (0.7, array([ 0.1, -0.1,  0. ]))
    """

    def value(self, net: Any) -> float:
        """lam sum |w|."""
        return self.lam * np.abs(self.weights(net)).sum().item()

    def grad(self, net: Any) -> np.ndarray:
        """lam sign(w)."""
        return self.lam * np.sign(self.weights(net))


class L2(Regularizer):
    """Omega = lam sum w^2, with gradient 2 lam w; lam >= 0. Home: chapter 13.

    It pulls a weight the more, the larger it is. Source: Hoerl and Kennard, 1970.

    >>> from nnlib import Network, layers
    >>> net = Network([layers.Dense(2, 1)])
    >>> net.theta = [3.0, -4.0, 5.0]
    >>> L2(0.1).value(net), L2(0.1).grad(net)
    (2.5, array([ 0.6, -0.8,  0. ]))
    """

    def value(self, net: Any) -> float:
        """lam sum w^2."""
        w = self.weights(net)
        return self.lam * (w @ w).item()

    def grad(self, net: Any) -> np.ndarray:
        """2 lam w."""
        return 2 * self.lam * self.weights(net)


class ElasticNet:
    """Omega = lam1 sum |w| + lam2 sum w^2: `L1` and `L2` together. Home: chapter 13. Source: Zou and Hastie, 2005.

    >>> from nnlib import Network, layers
    >>> net = Network([layers.Dense(2, 1)])
    >>> net.theta = [3.0, -4.0, 5.0]
    >>> ElasticNet(0.1, 0.1).grad(net)
    array([ 0.7, -0.9,  0. ])
    """

    def __init__(self, lam1: float, lam2: float, *, biases: bool = False) -> None:
        self.l1, self.l2 = L1(lam1, biases=biases), L2(lam2, biases=biases)

    def value(self, net: Any) -> float:
        """lam1 sum |w| + lam2 sum w^2."""
        return self.l1.value(net) + self.l2.value(net)

    def grad(self, net: Any) -> np.ndarray:
        """lam1 sign(w) + 2 lam2 w."""
        return self.l1.grad(net) + self.l2.grad(net)
