"""Layers: a layer maps a batch forward, and a gradient backward; what it needs for that it keeps in between.

Rows are samples, z = x @ W + b, and the gradient of parameter p is the attribute dp, of the same shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from nnlib import checks, initializers
from nnlib.initializers import Initializer

if TYPE_CHECKING:
    from nnlib.initializers import Rng


class Layer(Protocol):
    """What a network asks of a layer; any class with these two methods fits in.

    A layer with parameters also has `shapes`, a dictionary such as {"W": (3, 4)}, and may have `reset(rng)`, which
    draws them anew. After backward the gradient of W is found in `dW`. To be saved and loaded, a layer keeps each
    argument of its constructor in an attribute of the same name.
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Output for the batch `x`; rows are samples."""
        ...

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Gradient at the input, from the gradient `dy` at the output of the last forward pass."""
        ...


class Dense:
    """Fully connected layer z = x @ W + b: (B, n_in) to (B, n_out), with W (n_in, n_out) and b (n_out,).

    `init` names an initializer for W (zeros, constant, normal, xavier, he) or is one; b starts at zero, and
    bias=False leaves it out. Each backward pass overwrites dW and db: copy them to keep them.

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

    def __init__(
        self, n_in: int, n_out: int, init: str | Initializer = "he", bias: bool = True, *, rng: Rng = None
    ) -> None:
        if min(n_in, n_out) < 1:
            raise ValueError(f"Dense: n_in and n_out must be at least 1, got {n_in} and {n_out}.")
        self.n_in, self.n_out, self.init, self.bias = n_in, n_out, init, bias
        self.shapes: dict[str, tuple[int, ...]] = {"W": (n_in, n_out)}
        self.W, self.dW = np.empty((n_in, n_out)), np.zeros((n_in, n_out))
        if bias:
            self.shapes["b"] = (n_out,)
            self.b, self.db = np.empty(n_out), np.zeros(n_out)
        self.x: np.ndarray | None = None
        self.reset(rng)

    def __repr__(self) -> str:
        return f"Dense({self.n_in}, {self.n_out})"

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
            np.matmul(np.ones(len(dz), dz.dtype), dz, out=self.db)
        return dz

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Set dW and db, and return dx = dz W^T: (B, n_out) to (B, n_in)."""
        return self.gradients(dy) @ self.W.T
