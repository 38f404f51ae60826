"""Optimizers: what to do with a gradient. They know vectors only, nothing of layers.

`step(theta, grad)` changes theta in place and leaves grad as it is. All buffers are kept, because a new array for each
line of a rule costs more time than its arithmetic.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from nnlib.checks import in_range, require

Rate = float | Callable[[int], float]
Field = Callable[[np.ndarray], np.ndarray]


class Optimizer:
    """What every rule shares: learning rate, clipping, weight decay, state. Home: chapter 08.

    lr is a number >= 0 or a schedule, a function of the step t = 0, 1, 2, ... Each rule takes the options weight_decay
    >= 0 and clip_norm > 0 (None: no clipping). The gradient g is first clipped, g <- g min(1, clip_norm / |g|), then
    decayed, g <- g + weight_decay theta, and then the rule uses it.
    A rule of your own lists its state in `buffers` and writes `update(theta, g, lr)`.
    """

    buffers: tuple[str, ...] = ()
    flush_every = 100

    def __init__(self, lr: Rate, *, weight_decay: float = 0.0, clip_norm: float | None = None) -> None:
        who = type(self).__name__
        self.lr = lr if callable(lr) else in_range(who, "lr", lr, 0, math.inf, "at least 0")
        self.weight_decay = in_range(who, "weight_decay", weight_decay, 0, math.inf, "at least 0")
        require(clip_norm is None or clip_norm > 0, f"{who}: clip_norm must be above 0, got {clip_norm}.")
        self.clip_norm = None if clip_norm is None else float(clip_norm)
        self.t = 0

    def rate(self) -> float:
        """The learning rate of the coming step."""
        return float(self.lr(self.t)) if callable(self.lr) else self.lr

    def step(self, theta: np.ndarray, grad: np.ndarray) -> None:
        """Move theta in place, against the gradient grad, of the same shape.

        Raises TypeError if theta is not a floating array, ValueError if the shapes differ.
        """
        g, lr = np.asarray(grad), self.rate()
        self._check(theta, g.shape)
        g = g.astype(theta.dtype, copy=False)
        if self.clip_norm is not None:
            g = clip_grad_norm(g, self.clip_norm)
        if self.weight_decay:
            g = self.decayed(theta, g, lr)
        self.update(theta, g, lr)
        self.t += 1
        if self.t % self.flush_every == 0:
            self._flush()

    def decayed(self, theta: np.ndarray, g: np.ndarray, lr: float) -> np.ndarray:
        """g + weight_decay theta, the gradient with that of weight_decay |theta|^2 / 2 added."""
        return g + self.weight_decay * theta

    def update(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        """The rule itself: change theta and the buffers in place."""
        raise NotImplementedError(f"{type(self).__name__} has no update(theta, g, lr).")

    def state_dict(self) -> dict[str, Any]:
        """A copy of the state: the step t, and each buffer once there has been a step."""
        return {"t": self.t} | {name: getattr(self, name).copy() for name in self.buffers if hasattr(self, name)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state_dict` returned; raises ValueError if it belongs to another rule."""
        expected = {"t"} | (set(self.buffers) if state.get("t") else set())
        who = type(self).__name__
        require(set(state) == expected, f"{who}: expected the state {sorted(expected)}, got {sorted(state)}.")
        for name in self.buffers:
            vars(self).pop(name, None)
        vars(self).update({name: np.array(u) for name, u in state.items()}, t=int(state["t"]))

    def _check(self, theta: np.ndarray, shape: tuple[int, ...]) -> None:
        who = type(self).__name__
        if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f":
            raise TypeError(f"{who}: step changes theta in place, so it must be a numpy array of floats.")
        if not theta.flags.writeable:
            raise ValueError(f"{who}: step changes theta in place, but this array is read-only; give a copy of it.")
        if shape != theta.shape:
            raise ValueError(f"{who}: theta has shape {theta.shape} and grad {shape}; they must be equal.")
        for name in self.buffers:
            u = getattr(self, name, None)
            if u is None:
                setattr(self, name, np.zeros_like(theta))
            elif u.shape != theta.shape:
                raise ValueError(f"{who}: its state has shape {u.shape} and theta {theta.shape}; "
                                 "each network needs an optimizer of its own.")

    def _flush(self) -> None:
        """Set what has decayed to almost nothing to zero: denormal numbers make every step several times slower."""
        for name in self.buffers:
            u = getattr(self, name)
            u[np.abs(u) < 1e8 * np.finfo(u.dtype).tiny] = 0


def clip_grad_norm(g: np.ndarray, c: float) -> np.ndarray:
    """g min(1, c / |g|): no longer than c > 0, in the same direction; any shape. Home: chapter 10.

    A zero gradient, and one with an infinity or NaN, which has no direction, comes back as it is.
    Source: Pascanu, Mikolov and Bengio, 2013.

    >>> clip_grad_norm(np.array([3.0, 4.0]), 1.0)
    array([0.6, 0.8])
    """
    if not c > 0:
        raise ValueError(f"clip_grad_norm: c must be above 0, got {c}.")
    g = np.asarray(g)
    peak = float(np.abs(g).max(initial=0))
    if not 0 < peak < math.inf:
        return g
    # squares overflow long before the entries do, so the largest entry is taken out first
    factor = float(c) / peak / float(np.linalg.norm(g.astype(float, copy=False) / peak))
    return g * factor if factor < 1 else g


class SGD(Optimizer):
    """Stochastic gradient descent with momentum mu in [0, 1].

    u <- mu u + g, then theta <- theta - lr u; with nesterov=True theta <- theta - lr (g + mu u). u starts at zero.
    Eq. (D3.3) for momentum 0; momentum: chapter 09. Sources: Robbins and Monro, 1951; Polyak, 1964; Nesterov, 1983.

    >>> theta, sgd = np.array([1.0]), SGD(0.1, momentum=0.5)
    >>> for _ in range(2):
    ...     sgd.step(theta, np.array([1.0]))
    >>> theta
    array([0.75])
    """

    u: np.ndarray

    def __init__(self, lr: Rate, momentum: float = 0.0, nesterov: bool = False, **options: Any) -> None:
        super().__init__(lr, **options)
        self.momentum = in_range("SGD", "momentum", momentum, 0, 1, "in [0, 1]")
        require(momentum or not nesterov, "SGD: nesterov=True needs a momentum above 0.")
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
    beta1^t) and v_hat = v / (1 - beta2^t), t = 1, 2, ..., theta <- theta - lr m_hat / (sqrt(v_hat) + eps), for
    beta1, beta2 in [0, 1), eps >= 0. Source: Kingma and Ba, 2015.

    >>> theta, adam = np.array([1.0]), Adam(0.1)
    >>> adam.step(theta, np.array([250.0]))
    >>> theta.round(6)
    array([0.9])
    """

    buffers = ("m", "v")
    m: np.ndarray
    v: np.ndarray

    def __init__(self, lr: Rate, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, **options: Any) -> None:
        super().__init__(lr, **options)
        who, below_1 = type(self).__name__, math.nextafter(1, 0)
        self.beta1 = in_range(who, "beta1", beta1, 0, below_1, "in [0, 1)")
        self.beta2 = in_range(who, "beta2", beta2, 0, below_1, "in [0, 1)")
        self.eps = in_range(who, "eps", eps, 0, math.inf, "at least 0")

    def update(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        """m, v, then theta -= lr m_hat / (sqrt(v_hat) + eps), through one work array.

        To multiply a vector by a number takes time, so numbers are put together: self.m is m / (1 - beta1) and self.v
        is v / (1 - beta2), weighted sums of g and g^2. Divided by the sums of their weights, c1 = 1 + beta1 + ... +
        beta1^(t-1) and c2^2, they are m_hat and v_hat; the fraction is written as (m / c1) c2 / (sqrt(v) + c2 eps).
        """
        m, v, beta1, beta2, t = self.m, self.v, self.beta1, self.beta2, self.t + 1
        c1, c2 = (1 - beta1**t) / (1 - beta1), math.sqrt((1 - beta2**t) / (1 - beta2))
        m *= beta1
        m += g
        v *= beta2
        work = g * g
        v += work
        _descend(theta, m, v, lr * c2 / c1, c2 * self.eps, work)


def _descend(theta: np.ndarray, u: np.ndarray, v: np.ndarray, lr: float, eps: float, work: np.ndarray) -> None:
    """theta -= lr u / (sqrt(v) + eps), through the array `work`: what all adaptive rules end with."""
    np.sqrt(v, out=work)
    work += eps
    np.divide(u, work, out=work)
    work *= lr
    theta -= work


class AdamW(Adam):
    """Adam with decoupled weight decay: theta <- theta (1 - lr weight_decay), then the step of `Adam`.

    In Adam the decay is a part of the gradient and so divided by sqrt(v_hat); here it is not, and every weight shrinks
    at the same rate. beta1, beta2 in [0, 1), eps >= 0. Home: chapter 10. Source: Loshchilov and Hutter, 2019.

    >>> theta = np.array([1.0])
    >>> AdamW(0.1, weight_decay=0.5).step(theta, np.array([250.0]))
    >>> theta.round(6)
    array([0.85])
    """

    def __init__(self, lr: Rate, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, *,
                 weight_decay: float = 0.01, clip_norm: float | None = None) -> None:
        super().__init__(lr, beta1, beta2, eps, weight_decay=weight_decay, clip_norm=clip_norm)

    def decayed(self, theta: np.ndarray, g: np.ndarray, lr: float) -> np.ndarray:
        """theta *= 1 - lr weight_decay; the gradient stays."""
        theta *= 1 - lr * self.weight_decay
        return g


class AdaGrad(Optimizer):
    """Steps that shrink with all the gradients seen so far, in each coordinate by itself.

    v <- v + g^2 from zero, then theta <- theta - lr g / (sqrt(v) + eps), eps >= 0: the first step is lr long in every
    coordinate, and after t equal gradients lr / sqrt(t). Home: chapter 10. Source: Duchi, Hazan and Singer, 2011.

    >>> theta, adagrad = np.array([1.0]), AdaGrad(0.1)
    >>> for g in (3.0, 4.0):
    ...     adagrad.step(theta, np.array([g]))
    >>> theta.round(6)
    array([0.82])
    """

    buffers = ("v",)
    v: np.ndarray

    def __init__(self, lr: Rate, eps: float = 1e-10, **options: Any) -> None:
        super().__init__(lr, **options)
        self.eps = in_range("AdaGrad", "eps", eps, 0, math.inf, "at least 0")

    def update(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        """v += g^2;  theta -= lr g / (sqrt(v) + eps)."""
        work = g * g
        self.v += work
        _descend(theta, g, self.v, lr, self.eps, work)


class RMSProp(Optimizer):
    """Steps divided by the size of recent gradients, in each coordinate by itself.

    v <- rho v + (1 - rho) g^2 from zero, then theta <- theta - lr g / (sqrt(v) + eps), with rho in [0, 1) and
    eps >= 0. rho is a memory of about 1 / (1 - rho) steps, not a learning rate. Home: chapter 10. Source: Tieleman and
    Hinton, 2012.

    >>> theta, rmsprop = np.array([1.0]), RMSProp(0.1, rho=0.75)
    >>> rmsprop.step(theta, np.array([250.0]))
    >>> theta.round(6)
    array([0.8])
    """

    buffers = ("v",)
    v: np.ndarray

    def __init__(self, lr: Rate, rho: float = 0.9, eps: float = 1e-8, **options: Any) -> None:
        super().__init__(lr, **options)
        self.rho = in_range("RMSProp", "rho", rho, 0, math.nextafter(1, 0), "in [0, 1)")
        self.eps = in_range("RMSProp", "eps", eps, 0, math.inf, "at least 0")

    def update(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        """v = rho v + (1 - rho) g^2;  theta -= lr g / (sqrt(v) + eps)."""
        work = g * g
        work *= 1 - self.rho
        self.v *= self.rho
        self.v += work
        _descend(theta, g, self.v, lr, self.eps, work)


class ImplicitSGD(Optimizer):
    """The step whose gradient is that of the point it leads to: theta' = theta - lr grad(theta').

    theta' minimises lr L(q) + |q - theta|^2 / 2 over q. On a quadratic of curvature h >= 0 it shrinks the distance to
    the minimum by 1 / (1 + lr h), so that no lr > 0 is too large. As the new point must be found, `step` takes
    functions. solve="newton": Newton's method on F(q) = q - theta + lr grad(q) = 0, each step halved until |F| falls;
    for convex L. solve="fixed_point": q <- theta - lr grad(q) again and again, which needs lr times the largest
    curvature below 1. weight_decay adds weight_decay q to grad(q). Home: chapter 09. Source: Toulis and Airoldi, 2017.

    >>> theta = np.array([1.0])
    >>> ImplicitSGD(10.0).step(theta, lambda q: 0.9 * q)
    >>> theta.round(6)
    array([0.1])
    """

    max_iterations = 100

    def __init__(self, lr: Rate, solve: str = "newton", *, weight_decay: float = 0.0) -> None:
        super().__init__(lr, weight_decay=weight_decay)
        if solve not in ("newton", "fixed_point"):
            raise ValueError(f"ImplicitSGD: solve must be 'newton' or 'fixed_point', got {solve!r}.")
        self.solve = solve

    def step(self, theta: np.ndarray, grad: Field, hessian: Field | None = None) -> None:  # type: ignore[override]
        """Move theta (M,) in place to theta', given the functions grad(q) -> (M,) and, if known, hessian(q) -> (M, M).

        Without `hessian` Newton's method takes differences of grad. Raises TypeError if grad is not a function, and
        RuntimeError, leaving theta as it was, where the solver does not converge.
        """
        if not callable(grad):
            raise TypeError("ImplicitSGD: step needs the gradient as a function: step(theta, lambda q: ...).")
        self._check(theta, np.shape(theta))
        require(theta.ndim == 1, f"ImplicitSGD: expected theta of shape (M,), got {theta.shape}.")
        start, lr, decay = theta.copy(), self.rate(), self.weight_decay

        def F(q: np.ndarray) -> np.ndarray:
            return q - start + lr * (_evaluated("grad", grad, q, q.shape) + decay * q)

        def J(q: np.ndarray) -> np.ndarray:
            if hessian is None:
                return _differences(F, q)
            H = _evaluated("hessian", hessian, q, q.shape * 2)
            return (1 + lr * decay) * np.eye(q.size, dtype=q.dtype) + lr * H

        q = start
        try:
            q = self._root(F, J, start)
        finally:
            theta[:] = q  # also after an error: a function that moves its network's theta has moved this one
        self.t += 1

    @np.errstate(over="ignore", invalid="ignore")  # divergence is told once, at the end, and better
    def _root(self, F: Field, J: Field, q: np.ndarray) -> np.ndarray:
        """The q with F(q) = 0, to about 12 digits in float64, from a first guess."""
        newton, r = self.solve == "newton", F(q)
        tolerance = float(np.finfo(q.dtype).eps) ** 0.75 * (1 + _norm(q) + _norm(r))
        with suppress(np.linalg.LinAlgError):  # a singular J
            for _ in range(self.max_iterations):
                if not math.isfinite(_norm(r)):
                    break
                d = -np.linalg.solve(J(q), r) if newton else -r
                if _norm(d) <= tolerance:
                    return q + d
                q = _damped(F, q, d, _norm(r)) if newton else q + d
                r = F(q)
        remedy = "check hessian against grad, or take" if newton else "take solve='newton' or"
        raise RuntimeError(
            f"ImplicitSGD: solve={self.solve!r} did not converge within {self.max_iterations} iterations; the residual "
            f"|theta' - theta + lr grad(theta')| is {_norm(r):.2g}, with lr = {self.rate():g}; {remedy} a smaller lr.")


def _evaluated(name: str, f: Field, q: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """f(q), checked; f gets a copy, so that it may do with it as it likes."""
    value = np.asarray(f(q.copy()), q.dtype)
    require(value.shape == shape, f"ImplicitSGD: {name} must return an array of shape {shape}, got {value.shape}.")
    return value


def _differences(F: Field, q: np.ndarray) -> np.ndarray:
    """The Jacobian of F by forward differences; their error slows Newton's method down, but does not mislead it."""
    h = math.sqrt(np.finfo(q.dtype).eps) * np.maximum(1, np.abs(q))
    return np.stack([(F(q + step) - F(q)) / step.sum() for step in np.diag(h)], axis=1)


def _damped(F: Field, q: np.ndarray, d: np.ndarray, size: float) -> np.ndarray:
    """q + a d with the first a of 1, 1/2, 1/4, ... for which |F| is below `size`, what it is at q."""
    a = 1.0
    while a > 1e-9 and not _norm(F(q + a * d)) <= (1 - 1e-4 * a) * size:
        a /= 2
    return q + a * d


def _norm(r: np.ndarray) -> float:
    return float(np.linalg.norm(r))


def least_squares_step(theta: np.ndarray, X: np.ndarray, y: np.ndarray, lr: float) -> None:
    """The step of `ImplicitSGD` on the half mean square |X theta - y|^2 / 2B in closed form, in place.

    (I + (lr / B) X^T X) (theta' - theta) = -(lr / B) X^T (X theta - y), for theta (n,), inputs X (B, n), targets y (B,)
    and any lr >= 0. Raises TypeError if theta is not a floating array, ValueError for shapes that do not fit.
    Home: chapter 09.

    >>> theta = np.zeros(1)
    >>> least_squares_step(theta, np.array([[3.0]]), np.array([10.0]), lr=1.0)
    >>> theta
    array([3.])
    """
    who = "least_squares_step"
    if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f":
        raise TypeError(f"{who}: theta is changed in place, so it must be a numpy array of floats.")
    X, y = np.asarray(X, theta.dtype), np.asarray(y, theta.dtype)
    if X.ndim != 2 or theta.shape != X.shape[1:] or y.shape != X.shape[:1] or len(X) == 0:
        raise ValueError(f"{who}: expected theta (n,), X (B, n), y (B,), got {theta.shape}, {X.shape}, {y.shape}.")
    eta = in_range(who, "lr", lr, 0, math.inf, "at least 0") / len(X)
    theta -= np.linalg.solve(np.eye(theta.size, dtype=theta.dtype) + eta * X.T @ X, eta * X.T @ (X @ theta - y))
