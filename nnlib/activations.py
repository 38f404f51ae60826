"""Activations: elementwise functions between the layers, and softmax, which couples the entries of a row.

Each keeps what its derivative needs, and backward(dy) returns dy times that derivative.
"""

import numpy as np

from nnlib import checks, numerics


class Activation(checks.Named):
    """What the activations share: they keep their output a = phi(z) for the way back."""

    a: np.ndarray | None = None

    def kept(self, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the kept output and dy, after checking that they belong together."""
        a = checks.kept(self, self.a)
        return a, checks.upstream(self, dy, a.shape)


class Identity(Activation):
    """a = z, with derivative 1. Home: chapter 04.

    >>> Identity().forward(np.array([[-1.0, 2.0]]))
    array([[-1.,  2.]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a = z, any shape."""
        self.a = np.asarray(x)
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = dy."""
        return self.kept(dy)[1]


class ReLU(Activation):
    """a = max(z, 0), with derivative 1 for z > 0 and 0 elsewhere: relu'(0) = 0. Eq. (4.10), (4.11).

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


class LeakyReLU(Activation):
    """a = max(z, alpha z), with derivative 1 for z > 0 and alpha elsewhere; alpha in [0, 1].

    Eq. (4.15). Source: Maas, Hannun and Ng, 2013.

    >>> leaky = LeakyReLU(0.1)
    >>> leaky.forward(np.array([[-1.0, 0.0, 2.0]]))
    array([[-0.1,  0. ,  2. ]])
    >>> leaky.backward(np.array([[5.0, 5.0, 5.0]]))
    array([[0.5, 0.5, 5. ]])
    """

    shown = ("alpha",)

    def __init__(self, alpha: float = 0.01) -> None:
        self.alpha = checks.in_range("LeakyReLU", "alpha", alpha, 0, 1, "in [0, 1]")

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a = max(z, alpha z), any shape."""
        z = numerics.floating(x)
        self.positive = z > 0  # not from a: with alpha = 0, or after underflow, a has no sign
        self.a = np.where(self.positive, z, self.alpha * z)
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = dy where z > 0, alpha dy elsewhere."""
        _, dy = self.kept(dy)
        return np.where(self.positive, dy, self.alpha * dy)


class Swish(Activation):
    """a = z sigma(z), with derivative sigma(z) + a (1 - sigma(z)): two points of one value a may differ in slope.

    Eq. (4.15). Source: Elfwing, Uchibe and Doya, 2018; Ramachandran, Zoph and Le, 2017.

    >>> swish = Swish()
    >>> swish.forward(np.array([[-1.0, 0.0, 2.0]])).round(4)
    array([[-0.2689,  0.    ,  1.7616]])
    >>> swish.backward(np.array([[1.0, 1.0, 1.0]])).round(4)
    array([[0.0723, 0.5   , 1.0908]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a = z sigma(z), any shape."""
        self.s = numerics.sigmoid(x)
        self.a = x * self.s
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = dy (sigma + a (1 - sigma))."""
        a, dy = self.kept(dy)
        return dy * (self.s + a * (1 - self.s))


class Tanh(Activation):
    """a = tanh z, with derivative 1 - a^2. Eq. (1.2), (4.7).

    >>> tanh = Tanh()
    >>> tanh.forward(np.array([[0.5]])).round(4)
    array([[0.4621]])
    >>> tanh.backward(np.array([[1.0]])).round(4)
    array([[0.7864]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a = tanh z, any shape."""
        self.a = np.tanh(numerics.floating(x))
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = dy (1 - a^2)."""
        a, dy = self.kept(dy)
        return dy * (1 - a * a)


class Sigmoid(Activation):
    """a = sigma(z) = 1 / (1 + e^-z), with derivative a (1 - a). Eq. (D4.4), (4.7).

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
    """s = softmax(z) along each row, with Jacobian diag(s) - s s^T. Eq. (6.6).

    >>> softmax = Softmax()
    >>> softmax.forward(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    >>> softmax.backward(np.array([[1.0, 0.0]]))
    array([[ 0.25, -0.25]])
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """s_k = e^(z_k) / sum_j e^(z_j), Eq. (D6.1): (B, K) to (B, K)."""
        self.a = numerics.softmax(checks.batch(self, x))
        return self.a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dz = s (g - <g, s>), Eq. (6.10), with g = dy: (B, K) to (B, K), without a K x K array."""
        s, g = self.kept(dy)
        return s * (g - (g * s).sum(axis=1, keepdims=True))

    def jacobian(self, z: np.ndarray) -> np.ndarray:
        """ds_j / dz_m = s_j (delta_jm - s_m), Eq. (6.5), for each sample: logits (B, K) to (B, K, K).

        >>> Softmax().jacobian(np.array([[0.0, 0.0]]))
        array([[[ 0.25, -0.25],
                [-0.25,  0.25]]])
        """
        s = numerics.softmax(checks.batch(self, z))
        return s[:, :, None] * (np.eye(s.shape[1], dtype=s.dtype) - s[:, None, :])
