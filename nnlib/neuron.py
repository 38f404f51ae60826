"""One neuron, and the two learning rules from before backpropagation.

X has one sample per row. Only TanhNeuron has a bias of its own; for the other two a constant column of ones in X is
the bias.
"""

from dataclasses import dataclass, field

import numpy as np

from nnlib import checks
from nnlib.numerics import floating


class TanhNeuron:
    """y_hat = tanh(X w + b) with weights w (n,) and bias b, trained on the mean squared error.

    >>> neuron = TanhNeuron([1.0, -1.0], b=0.5)
    >>> neuron.forward(np.array([[1.0, 1.0]])).round(4)
    array([0.4621])
    """

    def __init__(self, w: np.ndarray, b: float = 0.0) -> None:
        self.w, self.b = _weights("TanhNeuron", w), b

    def forward(self, X: np.ndarray) -> np.ndarray:
        """y_hat = tanh(X w + b), Eq. (1.1): (B, n) to (B,)."""
        X = checks.batch("TanhNeuron", X, len(self.w))
        return np.tanh(X @ self.w + self.b)

    def loss(self, X: np.ndarray, y: np.ndarray) -> float:
        """L = (1/N) sum_i (y_hat_i - y_i)^2, Eq. (D1.2), for targets y (N,)."""
        d = self.forward(X) - _targets("TanhNeuron", X, y)
        return (d * d).mean().item()

    def gradient(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
        """(dw, db) = (X^T delta, sum_i delta_i), Eq. (1.5), with delta = (2/N) (y_hat - y) (1 - y_hat^2), Eq. (D1.3).

        dw has shape (n,), db is a number.
        """
        y_hat = self.forward(X)
        delta = 2 / len(y_hat) * (y_hat - _targets("TanhNeuron", X, y)) * (1 - y_hat * y_hat)
        return np.asarray(X).T @ delta, delta.sum().item()

    def step(self, X: np.ndarray, y: np.ndarray, lr: float) -> None:
        """One step of gradient descent: w <- w - lr dw, b <- b - lr db, with learning rate lr > 0."""
        dw, db = self.gradient(X, y)
        self.w, self.b = self.w - lr * dw, self.b - lr * db


class DeltaRule:
    """Linear unit y_hat = x . w that learns sample by sample: w <- w - lr (y_hat - y) x, Eq. (1.6).

    That is the gradient of half the squared error, (y_hat - y)^2 / 2. Source: Widrow and Hoff, 1960.

    >>> unit = DeltaRule([0.0, 0.0], lr=0.5)
    >>> unit.update(np.array([1.0, 2.0]), 1.0)
    >>> unit.w
    array([0.5, 1. ])
    """

    def __init__(self, w: np.ndarray, lr: float) -> None:
        self.w, self.lr = _weights("DeltaRule", w), lr

    def predict(self, X: np.ndarray) -> np.ndarray:
        """y_hat = X w: (B, n) to (B,)."""
        return checks.batch("DeltaRule", X, len(self.w)) @ self.w

    def update(self, x: np.ndarray, y: float) -> None:
        """Learn from one sample: x (n,), target y."""
        x = _sample("DeltaRule", x, len(self.w))
        self.w = self.w - self.lr * (x @ self.w - y) * x

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int) -> list[float]:
        """Go through the samples in order, `epochs` times; returns the mean of (y_hat - y)^2 / 2 after each epoch."""
        y = _targets("DeltaRule", X, y)
        losses = []
        for _ in range(epochs):
            for x_i, y_i in zip(X, y, strict=True):
                self.update(x_i, y_i)
            losses.append(((self.predict(X) - y) ** 2).mean().item() / 2)
        return losses


@dataclass
class PerceptronHistory:
    """What happened in `Perceptron.fit`: number of updates, whether a pass needed none, and w after each update."""

    updates: int = 0
    converged: bool = False
    weights: list[np.ndarray] = field(default_factory=list)


class Perceptron:
    """Linear classifier sign(x . w), weights w (n_in,) from zero, that moves only when it is wrong.

    The rule, Eq. (D1.5): if t (x . w) <= 0, w <- w + t x.
    Targets t are -1 or +1; a point on the boundary counts as wrong, and is predicted -1. If some w* separates the
    data with margin gamma, at most (R / gamma)^2 updates are made, Eq. (1.11), R the longest x.
    Sources: Rosenblatt, 1958; Novikoff, 1962.

    >>> unit = Perceptron(2)
    >>> history = unit.fit(np.array([[1.0, 1.0], [-1.0, 1.0]]), np.array([1, -1]))
    >>> history.updates, history.converged, unit.w
    (2, True, array([2., 0.]))
    """

    def __init__(self, n_in: int) -> None:
        checks.require(n_in >= 1, f"Perceptron: n_in must be at least 1, got {n_in}.")
        self.w = np.zeros(n_in)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """+1 where X w > 0, else -1: (B, n_in) to (B,)."""
        return np.where(checks.batch("Perceptron", X, len(self.w)) @ self.w > 0, 1, -1)

    def update(self, x: np.ndarray, t: int) -> bool:
        """If t (x . w) <= 0, add t x to w; returns whether it did. x (n_in,), t in {-1, +1}."""
        x = _sample("Perceptron", x, len(self.w))
        if t not in (-1, 1):
            raise ValueError(f"Perceptron: the target must be -1 or +1, got {t}.")
        wrong = bool(t * (x @ self.w) <= 0)
        if wrong:
            self.w = self.w + t * x
        return wrong

    def fit(self, X: np.ndarray, t: np.ndarray, max_passes: int = 100) -> PerceptronHistory:
        """Go through X (N, n_in) and t (N,) in order until a pass changes nothing, at most `max_passes` times."""
        t = _targets("Perceptron", X, t)
        history = PerceptronHistory()
        for _ in range(max_passes):
            changed = [self.w.copy() for x_i, t_i in zip(X, t, strict=True) if self.update(x_i, t_i)]
            history.weights += changed
            history.updates += len(changed)
            if not changed:
                history.converged = True
                break
        return history


def _weights(who: str, w: np.ndarray) -> np.ndarray:
    w = np.array(floating(w))
    checks.require(w.ndim == 1 and w.size, f"{who}: expected w of shape (n,), got {w.shape}.")
    return w


def _targets(who: str, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    y = np.asarray(y)
    checks.require(y.shape == (len(X),), f"{who}: {len(X)} samples need targets of shape ({len(X)},), got {y.shape}.")
    return y


def _sample(who: str, x: np.ndarray, n: int) -> np.ndarray:
    x = np.asarray(x)
    if x.shape != (n,):
        raise ValueError(f"{who}: expected one sample of shape ({n},), got {x.shape}.")
    return x
