"""Layers: a layer maps a batch forward, and a gradient backward; what it needs for that it keeps in between.

Rows are samples, z = x @ W + b, and the gradient of parameter p is the attribute dp, of the same shape.
"""

import math
from functools import lru_cache
from typing import Protocol

import numpy as np

from nnlib import checks, initializers, numerics
from nnlib.initializers import Initializer, Rng


class Layer(Protocol):
    """What a network asks of a layer; any class with these two methods fits in.

    A layer with parameters also has `shapes`, a dictionary such as {"W": (3, 4)}, and may have `reset(rng)`, which
    draws them anew. After backward the gradient of W is found in `dW`. To be saved and loaded, a layer keeps each
    argument of its constructor in an attribute of the same name. State beyond the parameters is the dictionary
    `buffers`, names to arrays, and a generator of random numbers the attribute `rng`.
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Output for the batch `x`; rows are samples."""

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Gradient at the input, from the gradient `dy` at the output of the last forward pass."""


class Dense(checks.Named):
    """Fully connected layer z = x @ W + b: (B, n_in) to (B, n_out), with W (n_in, n_out) and b (n_out,).

    `init` names an initializer for W (zeros, constant, normal, xavier, he, orthogonal) or is one; b starts at zero,
    and bias=False leaves it out. Eq. (0.2), (4.1). Each backward pass overwrites dW and db: copy them to keep them. The
    backward pass: chapter 07.

    >>> dense = Dense(2, 1, rng=0)
    >>> dense.W[:], dense.b[:] = [[3.0], [4.0]], 0.5
    >>> dense.forward(np.array([[1.0, 2.0]]))
    array([[11.5]])
    >>> dense.backward(np.array([[1.0]]))
    array([[3., 4.]])
    >>> dense.dW
    array([[1.],
           [2.]])
    """

    shown: tuple[str, ...] = ("n_in", "n_out")

    def __init__(self, n_in: int, n_out: int, init: str | Initializer = "he", bias: bool = True, *,
                 rng: Rng = None) -> None:
        who = type(self).__name__
        checks.require(min(n_in, n_out) >= 1, f"{who}: n_in and n_out must be at least 1, got {n_in} and {n_out}.")
        self.n_in, self.n_out, self.init, self.bias = n_in, n_out, init, bias
        self.shapes: dict[str, tuple[int, ...]] = {"W": (n_in, n_out)}
        self.W, self.dW = np.empty((n_in, n_out)), np.zeros((n_in, n_out))
        if bias:
            self.shapes["b"] = (n_out,)
            self.b, self.db = np.empty(n_out), np.zeros(n_out)
        self.x: np.ndarray | None = None
        self.reset(rng)

    def reset(self, rng: Rng = None) -> None:
        """Draw W from the initializer and set b to zero."""
        self.W[:] = initializers.named(self.init)((self.n_in, self.n_out), rng=np.random.default_rng(rng))
        if self.bias:
            self.b[:] = 0

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """z = x @ W + b: (B, n_in) to (B, n_out)."""
        self.x = checks.batch(self, x, self.n_in)
        z = self.x @ self.W
        if self.bias:
            z += self.b
        return z

    def gradients(self, dz: np.ndarray) -> np.ndarray:
        """Set dW = x^T dz and db = 1^T dz from dz (B, n_out): all that a network's first layer is asked for."""
        x = checks.kept(self, self.x)
        dz = checks.upstream(self, dz, (len(x), self.n_out))
        np.matmul(x.T, dz, out=self.dW)
        if self.bias:
            # a product with ones is the sum over the batch, and several times faster than sum(axis=0)
            np.matmul(_ones(len(dz), dz.dtype), dz, out=self.db)
        return dz

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Set dW and db, and return dx = dz W^T: (B, n_out) to (B, n_in)."""
        return self.gradients(dy) @ self.W.T


@lru_cache(maxsize=8)
def _ones(n: int, dtype: np.dtype) -> np.ndarray:
    """np.ones, kept: in a small network making them takes longer than the sum."""
    ones = np.ones(n, dtype)
    ones.flags.writeable = False
    return ones


class Masked(checks.Named):
    """What Dropout and DropConnect share: drop rate q in [0, 1), generator `rng`, and a mask r of keep and drop.

    `mask` is True or False, 1 or 0, for what the last training pass kept or dropped. A mask that is set, zeros and
    ones, is used in each training pass until None is set. What is kept is divided by 1 - q: the mean stays the same.
    """

    x: np.ndarray | None = None

    def __init__(self, q: float, *, rng: Rng = None) -> None:
        self.q = checks.in_range(type(self).__name__, "rate", q, 0, math.nextafter(1, 0), "in [0, 1)")
        self.rng = np.random.default_rng(rng)
        self.mask = None
        self.r: np.ndarray | None = None

    def reset(self, rng: Rng = None) -> None:
        """Begin a new sequence of masks, on a generator of its own: masks do not depend on what others draw."""
        self.rng = np.random.default_rng(rng).spawn(1)[0]

    @property
    def mask(self) -> np.ndarray | None:
        """The mask of the last training pass, or the one that was set; None before."""
        return self._mask

    @mask.setter
    def mask(self, mask: np.ndarray | None) -> None:
        if mask is not None and not np.isin(mask, (0, 1)).all():
            raise ValueError(f"{self}: a mask holds only 0, for what is dropped, and 1, for what is kept.")
        self._fixed = mask is not None
        self._mask = None if mask is None else np.array(mask, bool)

    def draw(self, shape: tuple[int, ...], training: bool) -> None:
        """Set r to a mask of this shape, drawn or fixed; outside training to None, since nothing is dropped there."""
        if training and (self._mask is None or not self._fixed):
            self._mask = self.rng.random(shape, dtype=np.float32) < 1 - self.q
        self.r = self._mask if training else None
        if self.r is not None and self.r.shape != shape:
            raise ValueError(f"{self}: the mask that was set has shape {self.r.shape}, but {shape} is needed here.")

    def thinned(self, a: np.ndarray) -> np.ndarray:
        """a r / (1 - q), or a itself where nothing is dropped. Its derivative is linear: the same function of dy."""
        if self.r is not None:
            a = a * self.r
            a *= 1 / (1 - self.q)
        return a


class Dropout(Masked):
    """Drops each entry with probability q while training: a r / (1 - q), r = 1 with probability 1 - q, else 0.

    The drop rate q is in [0, 1). Each pass draws a new `mask` of the shape of its input, any; see `Masked` for one
    that is set. The mean is a, the variance a^2 q / (1 - q). In evaluation mode nothing is dropped. Raises ValueError
    for a rate or a mask out of range. Home: chapter 14. Source: Srivastava and others, 2014.

    >>> dropout = Dropout(0.5)
    >>> dropout.mask = [[1, 0, 1]]
    >>> dropout.forward(np.array([[1.0, 2.0, 3.0]]), training=True)
    array([[2., 0., 6.]])
    >>> dropout.backward(np.array([[1.0, 1.0, 1.0]]))
    array([[2., 0., 2.]])
    >>> dropout.forward(np.array([[1.0, 2.0, 3.0]]))
    array([[1., 2., 3.]])
    """

    shown = ("q",)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """x r / (1 - q) in training, x otherwise; any shape."""
        self.x = numerics.floating(x)
        self.draw(self.x.shape, training)
        return self.thinned(self.x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dx = dy r / (1 - q), with the mask of the forward pass."""
        x = checks.kept(self, self.x)
        return self.thinned(numerics.floating(checks.upstream(self, dy, x.shape)))


class DropConnect(Masked, Dense):
    """A Dense layer that drops weights while training: z = x @ (W r / (1 - q)) + b, with a mask r (n_in, n_out).

    One mask, drawn anew in each pass, serves the whole batch; b is never dropped, and dW is masked as W is: a dropped
    weight has gradient 0. q, `mask` and evaluation mode are as in `Dropout`. Home: chapter 14. Source: Wan, Zeiler,
    Zhang, LeCun and Fergus, 2013.

    >>> layer = DropConnect(2, 1, 0.5, init="constant")
    >>> layer.mask = [[1], [0]]
    >>> layer.forward(np.array([[3.0, 4.0]]), training=True)
    array([[6.]])
    >>> layer.backward(np.array([[1.0]])), layer.dW
    (array([[2., 0.]]), array([[6.],
           [0.]]))
    """

    shown = ("n_in", "n_out", "q")

    def __init__(self, n_in: int, n_out: int, q: float, init: str | Initializer = "he", bias: bool = True, *,
                 rng: Rng = None) -> None:
        self.n_in, self.n_out = n_in, n_out
        Masked.__init__(self, q, rng=rng)
        Dense.__init__(self, n_in, n_out, init, bias, rng=self.rng)

    def reset(self, rng: Rng = None) -> None:
        """Draw W from the initializer, set b to zero, and begin a new sequence of masks."""
        rng = np.random.default_rng(rng)
        Dense.reset(self, rng)
        Masked.reset(self, rng)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """z = x @ (W r / (1 - q)) + b in training, x @ W + b otherwise: (B, n_in) to (B, n_out)."""
        self.x = checks.batch(self, x, self.n_in)
        self.draw(self.W.shape, training)
        z = self.x @ self.thinned(self.W)
        return z + self.b if self.bias else z

    def gradients(self, dz: np.ndarray) -> np.ndarray:
        """Set dW = (x^T dz) r / (1 - q) and db = 1^T dz from dz (B, n_out)."""
        dz = Dense.gradients(self, dz)
        self.dW[...] = self.thinned(self.dW)
        return dz

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Set dW and db, and return dx = dz (W r / (1 - q))^T: (B, n_out) to (B, n_in)."""
        return self.gradients(dy) @ self.thinned(self.W).T


class BatchNorm(checks.Named):
    """Batch normalisation y = gamma xhat + beta, xhat = (x - mu) / sqrt(nu + eps), each feature by itself.

    While training, mu and nu are mean and variance (1/B) of the batch (B, n), and the running statistics move towards
    them, running <- (1 - momentum) running + momentum new, with momentum in [0, 1] and the unbiased variance (1/(B-1)).
    In evaluation mode mu and nu are the running statistics, from 0 and 1. eps >= 0. gradient="full" is the derivative;
    "frozen_stats" leaves out what flows through mu and nu, dx = gamma g / sqrt(nu + eps), as some texts do: that is
    not the gradient of the loss. After a pass in evaluation mode, where both are constants, it is. Raises ValueError
    for a training batch of one sample. Home: chapter 12. Source: Ioffe and Szegedy, 2015.

    >>> bn = BatchNorm(1, eps=0.0)
    >>> bn.forward(np.array([[1.0], [3.0]]), training=True)
    array([[-1.],
           [ 1.]])
    >>> bn.running_mean, bn.running_var
    (array([0.2]), array([1.1]))
    """

    shown = ("n",)

    def __init__(self, n: int, momentum: float = 0.1, eps: float = 1e-5, gradient: str = "full") -> None:
        checks.require(n >= 1, f"BatchNorm: n must be at least 1, got {n}.")
        if gradient not in ("full", "frozen_stats"):
            raise ValueError(f"BatchNorm: gradient must be 'full' or 'frozen_stats', got {gradient!r}.")
        self.n, self.gradient = n, gradient
        self.momentum = checks.in_range("BatchNorm", "momentum", momentum, 0, 1, "in [0, 1]")
        self.eps = checks.in_range("BatchNorm", "eps", eps, 0, math.inf, "at least 0")
        self.shapes: dict[str, tuple[int, ...]] = {"gamma": (n,), "beta": (n,)}
        self.gamma, self.beta, self.dgamma, self.dbeta = np.zeros((4, n))
        self.running_mean, self.running_var = np.zeros((2, n))
        self.xhat: np.ndarray | None = None
        self.reset()

    @property
    def buffers(self) -> dict[str, np.ndarray]:
        """The running statistics by name, the arrays themselves: what is written into them stays."""
        return {"running_mean": self.running_mean, "running_var": self.running_var}

    def reset(self, rng: Rng = None) -> None:
        """gamma = 1, beta = 0, running mean 0 and variance 1."""
        self.gamma[:], self.beta[:], self.running_mean[:], self.running_var[:] = 1, 0, 0, 1

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """y = gamma xhat + beta: (B, n) to (B, n)."""
        x = numerics.floating(checks.batch(self, x, self.n))
        x = x.astype(np.result_type(x, self.gamma), copy=False)
        self.constant = not training  # whether mu and nu do not depend on x
        mu, nu = self.measured(x) if training else (self.running_mean, self.running_var)
        self.root = np.sqrt(nu + self.eps).astype(x.dtype)
        self.xhat = (x - mu.astype(x.dtype)) / self.root
        return self.gamma * self.xhat + self.beta

    def measured(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the batch, (n,) each; the running statistics take note of them."""
        B = len(x)
        if B < 2:
            raise ValueError(f"{self}: training needs at least 2 samples in a batch, got {B}, since one alone has "
                             "variance 0. Choose a batch size that leaves no smaller batch over.")
        mu = x.mean(axis=0)
        nu = ((x - mu) ** 2).mean(axis=0)
        # real parts, for the complex step
        self.running_mean += self.momentum * (mu.real - self.running_mean)
        self.running_var += self.momentum * (nu.real * B / (B - 1) - self.running_var)
        return mu, nu

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Set dgamma = sum g xhat and dbeta = sum g from g = dy (B, n), and return dx (B, n).

        dx = gamma / sqrt(nu + eps) (g - mean(g) - xhat mean(g xhat)); without the two means where mu and nu count as
        constants.
        """
        xhat = checks.kept(self, self.xhat)
        g = checks.upstream(self, dy, xhat.shape)
        self.dgamma[...], self.dbeta[...] = (g * xhat).sum(axis=0), g.sum(axis=0)
        if not self.constant and self.gradient == "full":
            g = g - self.dbeta / len(g) - xhat * (self.dgamma / len(g))
        return self.gamma / self.root * g
