"""Optimizers: what to do with a gradient. They know vectors only, nothing of layers.

`step(theta, grad)` changes theta in place and leaves grad as it is. All buffers are kept, because a new array for each
line of a rule costs more time than its arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib.checks import in_range

Rate = float | Callable[[int], float]


class Optimizer:
    """What every rule shares: learning rate, clipping, weight decay, state.

    lr is a number >= 0 or a schedule, a function of the step t = 0, 1, 2, ...; the gradient g is first clipped,
    g <- g min(1, clip_norm / |g|), then decayed, g <- g + weight_decay theta, and then the rule uses it.
    A rule of your own lists its state in `buffers` and writes `update(theta, g, lr)`.
    """

    buffers: tuple[str, ...] = ()
    flush_every = 100

    def __init__(self, lr: Rate, *, weight_decay: float = 0.0, clip_norm: float | None = None) -> None:
        who = type(self).__name__
        self.lr = lr if callable(lr) else in_range(who, "lr", lr, 0, math.inf, "at least 0")
        self.weight_decay = in_range(who, "weight_decay", weight_decay, 0, math.inf, "at least 0")
        if clip_norm is not None and not clip_norm > 0:
            raise ValueError(f"{who}: clip_norm must be above 0, got {clip_norm}.")
        self.clip_norm = None if clip_norm is None else float(clip_norm)
        self.t = 0

    def rate(self) -> float:
        """The learning rate of the coming step."""
        return float(self.lr(self.t)) if callable(self.lr) else self.lr

    def step(self, theta: np.ndarray, grad: np.ndarray) -> None:
        """Move theta in place, against the gradient grad, of the same shape.

        Raises TypeError if theta is not a floating array, ValueError if the shapes differ.
        """
        self._check(theta, grad)
        g = grad
        if self.clip_norm is not None:
            g = clipped(g, self.clip_norm)
        if self.weight_decay:
            g = g + self.weight_decay * theta
        self.update(theta, g, self.rate())
        self.t += 1
        if self.t % self.flush_every == 0:
            self._flush()

    def update(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        """The rule itself: change theta and the buffers in place."""
        raise NotImplementedError(f"{type(self).__name__} has no update(theta, g, lr).")

    def state_dict(self) -> dict[str, Any]:
        """A copy of the state: the step t, and each buffer once there has been a step."""
        return {"t": self.t} | {name: getattr(self, name).copy() for name in self.buffers if hasattr(self, name)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state_dict` returned; raises ValueError if it belongs to another rule."""
        expected = {"t"} | (set(self.buffers) if state.get("t") else set())
        if set(state) != expected:
            raise ValueError(f"{type(self).__name__}: expected the state {sorted(expected)}, got {sorted(state)}.")
        self.t = int(state["t"])
        for name in self.buffers:
            if name in state:
                setattr(self, name, np.array(state[name]))
            elif hasattr(self, name):
                delattr(self, name)

    def _check(self, theta: np.ndarray, grad: np.ndarray) -> None:
        who = type(self).__name__
        if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f":
            raise TypeError(f"{who}: step changes theta in place, so it must be a numpy array of floats.")
        if np.shape(grad) != theta.shape:
            raise ValueError(f"{who}: theta has shape {theta.shape} and grad {np.shape(grad)}; they must be equal.")
        for name in self.buffers:
            u = getattr(self, name, None)
            if u is None:
                setattr(self, name, np.zeros_like(theta))
            elif u.shape != theta.shape:
                raise ValueError(
                    f"{who}: its state has shape {u.shape} and theta {theta.shape}; "
                    "each network needs an optimizer of its own."
                )

    def _flush(self) -> None:
        """Set what has decayed to almost nothing to zero: denormal numbers make every step several times slower."""
        for name in self.buffers:
            u = getattr(self, name)
            u[np.abs(u) < 1e8 * np.finfo(u.dtype).tiny] = 0


def clipped(g: np.ndarray, c: float) -> np.ndarray:
    """g min(1, c / |g|): no longer than c, in the same direction; c > 0.

    >>> clipped(np.array([3.0, 4.0]), 1.0)
    array([0.6, 0.8])
    """
    norm = float(np.linalg.norm(g.astype(float, copy=False)))  # squares of float32 overflow early
    return g * (c / norm) if norm > c else g


class SGD(Optimizer):
    """Stochastic gradient descent with momentum mu in [0, 1].

    u <- mu u + g, then theta <- theta - lr u; with nesterov=True theta <- theta - lr (g + mu u). u starts at zero.
    Sources: Robbins and Monro, 1951; Polyak, 1964; Nesterov, 1983.

    >>> theta, sgd = np.array([1.0]), SGD(0.1, momentum=0.5)
    >>> for _ in range(2):
    ...     sgd.step(theta, np.array([1.0]))
    >>> theta
    array([0.75])
    """

    u: np.ndarray

    def __init__(
        self,
        lr: Rate,
        momentum: float = 0.0,
        nesterov: bool = False,
        *,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay, clip_norm=clip_norm)
        self.momentum = in_range("SGD", "momentum", momentum, 0, 1, "in [0, 1]")
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov=True needs a momentum above 0.")
        self.nesterov = nesterov
        self.buffers = ("u",) if momentum else ()

    def update(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        """u = mu u + g;  theta -= lr u."""
        if self.momentum:
            self.u *= self.momentum
            self.u += g
            g = g + self.momentum * self.u if self.nesterov else self.u
        theta -= lr * g


class Adam(Optimizer):
    """Steps of about lr in every coordinate, whatever the scale of its gradient.

    m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2, both from zero, then with m_hat = m / (1 -
    beta1^t) and v_hat = v / (1 - beta2^t), t = 1, 2, ..., theta <- theta - lr m_hat / (sqrt(v_hat) + eps). beta1,
    beta2 in [0, 1), eps >= 0. Source: Kingma and Ba, 2015.

    >>> theta, adam = np.array([1.0]), Adam(0.1)
    >>> adam.step(theta, np.array([250.0]))
    >>> theta.round(6)
    array([0.9])
    """

    buffers = ("m", "v")
    m: np.ndarray
    v: np.ndarray

    def __init__(
        self,
        lr: Rate,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay, clip_norm=clip_norm)
        below_1 = math.nextafter(1, 0)
        self.beta1 = in_range("Adam", "beta1", beta1, 0, below_1, "in [0, 1)")
        self.beta2 = in_range("Adam", "beta2", beta2, 0, below_1, "in [0, 1)")
        self.eps = in_range("Adam", "eps", eps, 0, math.inf, "at least 0")

    def update(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        """m, v, then theta -= lr m_hat / (sqrt(v_hat) + eps), through one work array.

        The fraction is written as (m / c1) c2 / (sqrt(v) + c2 eps) with c1 = 1 - beta1^t, c2 = sqrt(1 - beta2^t): these
        corrections are numbers, and multiplying them first saves a pass over the vector.
        """
        m, v, beta1, beta2, t = self.m, self.v, self.beta1, self.beta2, self.t + 1
        c1, c2 = 1 - beta1**t, math.sqrt(1 - beta2**t)
        work = g * (1 - beta1)
        m *= beta1
        m += work  # m = beta1 m + (1 - beta1) g
        np.multiply(g, g, out=work)
        work *= 1 - beta2
        v *= beta2
        v += work  # v = beta2 v + (1 - beta2) g^2
        np.sqrt(v, out=work)
        work += c2 * self.eps
        np.divide(m, work, out=work)
        work *= lr * c2 / c1
        theta -= work
