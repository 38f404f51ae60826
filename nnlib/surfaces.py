"""Landscapes over two parameters theta = (a, b), on which optimizers can be watched. Home: chapters 03, 09, 10.

quadratic     a^2/2 + 10 b^2/2                      a valley of condition number 10
saddle        a^2/2 - b^2/2                         no minimum: down for ever along b
double_well   (a + 1)^2 (a^2 - 2a + 1.32) + b^2/2   two minima of different depth, a saddle at (0.2, 0) between them
plateau       1 - e^(-(a^2 + b^2)/2)                a dip in a plain, where the gradient is next to nothing
rosenbrock    (1 - a)^2 + 100 (b - a^2)^2           a narrow bent valley; Rosenbrock, 1960
beale         sum_(i=1..3) (c_i - a (1 - b^i))^2    flat, with steep walls; c = 1.5, 2.25, 2.625; Beale, 1958
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnlib.numerics import floating


@dataclass(frozen=True)
class Surface:
    """A function f of two parameters with its derivatives: f(a, b) over grids of one shape, or f(theta).

    theta has shape (2,), or (..., 2) for many points at once: rows are points, as in a path (T, 2). `gradient` appends
    an axis of length 2 to the points, `hessian` two. `minima` are its local minima, the lowest first.
    Raises ValueError for a theta of another shape.

    >>> float(rosenbrock(np.array([1.0, 2.0])))
    100.0
    >>> rosenbrock.gradient(1.0, 2.0)
    array([-400.,  200.])
    """

    name: str
    f: Callable[[Any, Any], Any]
    df: Callable[[Any, Any], tuple[Any, Any]]
    minima: tuple[tuple[float, float], ...]

    def __call__(self, a: Any, b: Any = None) -> Any:
        """f at each point."""
        return self.f(*self._point(a, b))

    def gradient(self, a: Any, b: Any = None) -> np.ndarray:
        """(df/da, df/db) at each point: (2,) for one, (..., 2) for many."""
        return np.stack(self.df(*self._point(a, b)), axis=-1)

    def hessian(self, a: Any, b: Any = None) -> np.ndarray:
        """The matrix of second derivatives at each point: (2, 2) for one, (..., 2, 2) for many.

        Eq. (D3.4), by the complex step of the gradient, Eq. (0.7), exact to rounding.

        >>> quadratic.hessian(0.0, 0.0)
        array([[ 1.,  0.],
               [ 0., 10.]])
        """
        a, b = self._point(a, b)
        h = 1e-30
        return np.stack([self.gradient(a + 1j * h, b).imag / h, self.gradient(a, b + 1j * h).imag / h], axis=-2)

    def _point(self, a: Any, b: Any) -> tuple[np.ndarray, ...]:
        """a and b as arrays of one shape, from two grids or from theta."""
        if b is None:
            a = np.asarray(a)
            if a.shape[-1:] != (2,):
                raise ValueError(f"{self.name}: expected theta of shape (2,) or (..., 2), got {a.shape}.")
            a, b = a[..., 0], a[..., 1]
        return np.broadcast_arrays(floating(a), floating(b))


def bowl(lambda_a: float, lambda_b: float) -> Surface:
    """f = (lambda_a a^2 + lambda_b b^2) / 2, with the lambdas as the eigenvalues of its Hessian.

    For positive ones, gradient descent is stable below the learning rate 2 / max(lambda).

    >>> float(bowl(1.0, 100.0)(np.array([1.0, 1.0])))
    50.5
    """
    minima = ((0.0, 0.0),) if min(lambda_a, lambda_b) > 0 else ()
    return Surface(f"bowl({lambda_a:g}, {lambda_b:g})", lambda a, b: (lambda_a * a * a + lambda_b * b * b) / 2,
                   lambda a, b: (lambda_a * a, lambda_b * b), minima)


quadratic = replace(bowl(1.0, 10.0), name="quadratic")
saddle = replace(bowl(1.0, -1.0), name="saddle")
double_well = Surface("double_well", lambda a, b: (a + 1) ** 2 * (a * a - 2 * a + 1.32) + b * b / 2,
                      lambda a, b: (4 * (a + 1) * (a - 0.2) * (a - 0.8), b), minima=((-1.0, 0.0), (0.8, 0.0)))


def _dip(a: Any, b: Any) -> Any:
    return np.exp(-(a * a + b * b) / 2)


plateau = Surface("plateau", lambda a, b: 1 - _dip(a, b),
                  lambda a, b: (a * _dip(a, b), b * _dip(a, b)), minima=((0.0, 0.0),))
rosenbrock = Surface("rosenbrock", lambda a, b: (1 - a) ** 2 + 100 * (b - a * a) ** 2,
                     lambda a, b: (2 * (a - 1) - 400 * a * (b - a * a), 200 * (b - a * a)), minima=((1.0, 1.0),))


def _residuals(a: Any, b: Any) -> list[tuple[Any, int]]:
    """c_i - a (1 - b^i), with i."""
    return [(c - a * (1 - b**i), i) for i, c in enumerate((1.5, 2.25, 2.625), start=1)]


beale = Surface("beale", lambda a, b: sum(r * r for r, _ in _residuals(a, b)),
                lambda a, b: (sum(2 * r * (b**i - 1) for r, i in _residuals(a, b)),
                              sum(2 * r * a * i * b ** (i - 1) for r, i in _residuals(a, b))), minima=((3.0, 0.5),))
