"""Activations: elementwise functions between the layers, and softmax, which couples the entries of a row.

Each keeps what its derivative needs, and backward(dy) returns dy times that derivative.
"""

from __future__ import annotations

import numpy as np

from nnlib import checks, numerics


class Activation:
    """What the activations share: they keep their output a = phi(z) for the way back."""

    def __init__(self) -> None:
        self.a: np.ndarray | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def kept(self, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the kept output and dy, after checking that they belong together."""
        a = checks.kept(self, self.a)
        return a, checks.upstream(self, dy, a.shape)


class Identity(Activation):
    """a = z, with derivative 1.

    >>> Identity().forward(np.array([[-1.0, 2.0]]))
    array([[-1.,  2.]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a = z, any shape."""
        self.a = np.asarray(x)
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = dy."""
        _, dy = self.kept(dy)
        return dy


class ReLU(Activation):
    """a = max(z, 0), with derivative 1 for z > 0 and 0 elsewhere: relu'(0) = 0.

    >>> relu = ReLU()
    >>> relu.forward(np.array([[-1.0, 0.0, 2.0]]))
    array([[0., 0., 2.]])
    >>> relu.backward(np.array([[5.0, 5.0, 5.0]]))
    array([[0., 0., 5.]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a = max(z, 0), any shape."""
        self.a = np.maximum(x, 0)
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = dy [a > 0]; a product, because selecting entries is more than ten times slower."""
        a, dy = self.kept(dy)
        return dy * (a > 0)


class Tanh(Activation):
    """a = tanh z, with derivative 1 - a^2.

    >>> tanh = Tanh()
    >>> tanh.forward(np.array([[0.5]])).round(4)
    array([[0.4621]])
    >>> tanh.backward(np.array([[1.0]])).round(4)
    array([[0.7864]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a = tanh z, any shape."""
        self.a = np.tanh(x)
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = dy (1 - a^2)."""
        a, dy = self.kept(dy)
        return dy * (1 - a * a)


class Sigmoid(Activation):
    """a = sigma(z) = 1 / (1 + e^-z), with derivative a (1 - a).

    >>> sigmoid = Sigmoid()
    >>> sigmoid.forward(np.array([[0.0]]))
    array([[0.5]])
    >>> sigmoid.backward(np.array([[1.0]]))
    array([[0.25]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a = sigma(z), any shape."""
        self.a = numerics.sigmoid(x)
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = dy a (1 - a)."""
        a, dy = self.kept(dy)
        return dy * a * (1 - a)


class Softmax(Activation):
    """s = softmax(z) along each row, with Jacobian diag(s) - s s^T.

    >>> softmax = Softmax()
    >>> softmax.forward(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    >>> softmax.backward(np.array([[1.0, 0.0]]))
    array([[ 0.25, -0.25]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """s_k = e^(z_k) / sum_j e^(z_j): (B, K) to (B, K)."""
        self.a = numerics.softmax(checks.batch(self, x))
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = s (g - <g, s>) with g = dy: (B, K) to (B, K), without a K x K array."""
        s, g = self.kept(dy)
        return s * (g - (g * s).sum(axis=1, keepdims=True))

    def jacobian(self, z: np.ndarray) -> np.ndarray:
        """ds_j / dz_m = s_j (delta_jm - s_m) for each sample: logits (B, K) to (B, K, K).

        >>> Softmax().jacobian(np.array([[0.0, 0.0]]))
        array([[[ 0.25, -0.25],
                [-0.25,  0.25]]])
        """
        s = numerics.softmax(checks.batch(self, z))
        return s[:, :, None] * (np.eye(s.shape[1], dtype=s.dtype) - s[:, None, :])
