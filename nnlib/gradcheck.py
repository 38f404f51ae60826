"""Gradients measured without calculus, to judge the ones that were derived.

Central differences work for every function and reach about ten digits; the complex step needs a function that accepts
complex numbers and is exact to rounding.
"""

import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

Function = Callable[[Any], Any]

BOUND = {4: 1e-2, 8: 1e-6}  # largest relative error that passes, by the bytes of the dtype


def numeric_grad(f: Function, x: np.ndarray | float, h: float | None = None) -> Any:
    """Central differences (f(x + h e) - f(x - h e)) / 2h along each unit vector e, Eq. (0.5), for f to one number.

    x has any shape and the result the same; for a plain number it is a plain number. x itself is not changed.
    h > 0 is the step; by default eps^(1/3) max(1, |x_k|), where truncation and rounding are about equal.
    Raises TypeError or ValueError if f does not return one real number.

    >>> round(numeric_grad(lambda x: x**3, 2.0), 6)
    12.0
    >>> numeric_grad(lambda x: (x * x).sum(), np.array([1.0, -2.0])).round(6)
    array([ 2., -4.])
    """
    grad = numeric_jacobian(lambda x: _number(f(x), "numeric_grad"), x, h)
    return grad.item() if isinstance(x, int | float) else grad


def numeric_jacobian(f: Function, x: np.ndarray | float, h: float | None = None) -> np.ndarray:
    """Central differences of each output along each input: shape f(x).shape + x.shape, steps as in `numeric_grad`.

    >>> numeric_jacobian(lambda x: x * x, np.array([1.0, 2.0])).round(6)
    array([[2., 0.],
           [0., 4.]])
    """
    x = _real(x)
    steps = _default_steps(x) if h is None else np.full(x.shape, _positive(h))
    jacobian = np.empty(np.shape(f(_argument(x.copy()))) + x.shape)
    for index, step in np.ndenumerate(steps):
        jacobian[(..., *index)] = (f(_moved(x, index, step)) - f(_moved(x, index, -step))) / (2 * step)
    return jacobian


def complex_grad(f: Function, x: np.ndarray | float, h: float = 1e-30) -> Any:
    """Complex step Im f(x + ih e) / h along each unit vector e: no subtraction, so h may be tiny and nothing is lost.

    Eq. (0.7). x has any shape and the result the same; for a plain number it is a plain number.
    Raises TypeError if f does not carry the imaginary part through to its result, as with abs, float or np.real.
    Source: Squire and Trapp, 1998.

    >>> complex_grad(np.exp, 0.0)
    1.0
    """
    z = _real(x).astype(float)
    grad = np.empty(z.shape)
    for index in np.ndindex(z.shape):
        grad[index] = _imaginary(f, _moved(z.astype(complex), index, 1j * h)) / h
    return grad.item() if isinstance(x, int | float) else grad


def _imaginary(f: Function, z: Any) -> float:
    """Im f(z), or a TypeError that says why there is none."""
    try:
        with warnings.catch_warnings():
            # numpy only warns when it throws an imaginary part away; here that makes the result wrong
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = np.asarray(f(z))
    except (TypeError, np.exceptions.ComplexWarning) as error:
        raise TypeError(f"complex_grad: f does not accept complex numbers ({error}). {_REMEDY}") from error
    if value.size != 1:
        raise ValueError(f"complex_grad: f must return one number, got an array of shape {value.shape}.")
    if value.dtype.kind != "c":
        raise TypeError(f"complex_grad: f returned a real number, so the imaginary part was dropped. {_REMEDY}")
    return value.item().imag


_REMEDY = "Functions such as abs, float and np.real drop it; measure such an f with numeric_grad."


@dataclass(frozen=True)
class GradientReport:
    """What `gradient_check` found; true if the gradients agree, and printed as its `text`."""

    passed: bool
    relative_error: float
    bound: float
    worst_index: tuple[int, ...]
    claimed: np.ndarray = field(repr=False)
    measured: np.ndarray = field(repr=False)
    text: str

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class LayerReport:
    """Reports by name ("x", "W", "b", ...); true if all agree, and printed one per line."""

    parts: dict[str, GradientReport]

    @property
    def passed(self) -> bool:
        """Whether every part passed."""
        return all(self.parts.values())

    @property
    def relative_error(self) -> float:
        """The largest relative error of a part."""
        return max(part.relative_error for part in self.parts.values())

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        return "\n".join(f"{name}: {part}" for name, part in self.parts.items())


def gradient_check(f: Function, grad: Function | np.ndarray, x: np.ndarray | float, *,
                   bound: float | None = None) -> GradientReport:
    """Compare a claimed gradient of f, an array or a function of x, with central differences at x.

    The relative error, Eq. (D0.4), is |claimed - measured| / max(|claimed| + |measured|, tiny), with |.| the
    Euclidean norm; it passes up to `bound`, by default 1e-6 (float32: 1e-2).
    `tiny` = 3 sqrt(n) eps^(2/3) max(1, |f(x)|) / bound: what central differences cannot see, about 1e-10, does
    not count. Raises ValueError if the gradient has not the shape of x.

    >>> gradient_check(lambda x: (x**2).sum(), lambda x: 2 * x, np.array([1.0, 2.0])).passed
    True
    >>> print(gradient_check(lambda x: (x**2).sum(), np.array([1.0, 2.0]), np.array([1.0, 2.0])))
    gradients differ: relative error 0.33 (bound 1e-06); worst entry (1,): claimed 2, measured 4; \
claimed is 0.5 times measured in every entry: is a constant factor missing?
    """
    x = _real(x)
    claimed = np.asarray(grad(_argument(x.copy())) if callable(grad) else grad)
    if claimed.shape != x.shape:
        raise ValueError(f"gradient_check: the gradient has shape {claimed.shape} and x has {x.shape}; they are equal.")
    size = abs(_number(f(_argument(x.copy())), "gradient_check"))
    return _compare(claimed, numeric_grad(f, x), size, x.dtype, bound)


def check_layer(layer: Any, x: np.ndarray, *, training: bool = True, bound: float | None = None) -> LayerReport:
    """Check a layer's dx, and the gradient of each of its parameters, for a random gradient dy at its output.

    Works on copies: the layer is not changed, and one that draws random numbers draws the same ones every time.

    >>> from nnlib.layers import Dense
    >>> check_layer(Dense(3, 2, rng=0), np.ones((4, 3))).passed
    True
    """
    x, names = _real(x), getattr(layer, "shapes", {})
    used = copy.deepcopy(layer)
    y = used.forward(x.copy(), training=training)
    # each output gets its own weight, so that a mistake in one cannot hide behind another
    dy = np.random.default_rng(0).normal(size=y.shape).astype(y.dtype)
    claimed = {"x": used.backward(dy.copy())} | {name: getattr(used, "d" + name) for name in names}

    def output(name: str, value: np.ndarray) -> float:
        trial = copy.deepcopy(layer)
        if name != "x":
            setattr(trial, name, value)
        return float((dy * trial.forward(value if name == "x" else x.copy(), training=training)).sum())

    at = {"x": x} | {name: getattr(layer, name) for name in names}
    return LayerReport({k: gradient_check(partial(output, k), claimed[k], p, bound=bound) for k, p in at.items()})


def check_network(net: Any, X: np.ndarray, y: np.ndarray, *, bound: float | None = None) -> LayerReport:
    """Check `net.loss_and_grad(X, y)` parameter by parameter; the network is not changed.

    >>> from nnlib import Network, layers, losses
    >>> net = Network([layers.Dense(2, 1)], loss=losses.MSE(), rng=0)
    >>> check_network(net, np.ones((3, 2)), np.zeros((3, 1))).passed
    True
    """
    used = copy.deepcopy(net)
    value, grad = used.loss_and_grad(X, y)

    def loss(theta: np.ndarray) -> float:
        trial = copy.deepcopy(net)
        trial.theta[:] = theta
        return trial.loss_and_grad(X, y)[0]

    measured = numeric_grad(loss, net.theta)
    parts, start = {}, 0
    for name, p in net.named_parameters():
        here = slice(start, start + p.size)
        claimed, found = grad[here].reshape(p.shape), measured[here].reshape(p.shape)
        parts[name] = _compare(claimed, found, abs(value), net.theta.dtype, bound, len(X))
        start += p.size
    return LayerReport(parts)


def _compare(claimed: np.ndarray, measured: np.ndarray, size: float, dtype: np.dtype, bound: float | None,
             N: int | None = None) -> GradientReport:
    """The report on two gradients of one shape; `size` is |f(x)|, N the number of samples where that is known."""
    bound = BOUND[dtype.itemsize] if bound is None else bound
    tiny = 3 * np.sqrt(claimed.size) * np.finfo(dtype).eps ** (2 / 3) * max(1.0, size) / bound
    difference = np.abs(claimed - measured)
    error = float(_norm(difference) / max(_norm(claimed) + _norm(measured), tiny))
    place = np.unravel_index(difference.argmax(), difference.shape) if difference.size else ()
    worst = tuple(int(k) for k in place)
    passed = error <= bound
    text = f"gradients {'agree' if passed else 'differ'}: relative error {error:.2g} (bound {bound:.0e})"
    if not passed:
        text += f"; worst entry {worst}: claimed {claimed[worst]:.6g}, measured {measured[worst]:.6g}"
        text += _hint(claimed, measured, bound, N)
    return GradientReport(passed, error, bound, worst, claimed, measured, text)


def _hint(claimed: np.ndarray, measured: np.ndarray, bound: float, N: int | None) -> str:
    """What a wrong gradient looks like, if it looks like something known."""
    if not np.isfinite(claimed).all():
        return "; claimed is not finite: is there a division by zero or an overflow?"
    if not claimed.any():
        return "; claimed is zero in every entry: was the gradient computed at all?"
    ratio = float((claimed * measured).sum() / max((measured * measured).sum(), np.finfo(float).tiny))
    if _norm(claimed - ratio * measured) <= 100 * bound * _norm(claimed):
        return f"; claimed is {ratio:.4g} times measured in every entry: {_factor(ratio, N)}"
    if claimed.shape == claimed.T.shape and _norm(claimed.T - measured) <= 100 * bound * _norm(measured):
        return "; claimed is the transpose of measured."
    wrong = np.abs(claimed - measured) > 100 * bound * np.abs(measured).max()
    return f"; {wrong.sum()} of {claimed.size} entries differ."


def _factor(ratio: float, N: int | None) -> str:
    """The usual reason for a constant factor."""
    if N is not None and N > 1 and np.isclose(ratio, [N, 1 / N], rtol=1e-3).any():
        return f"with N = {N}, is a mean taken for a sum, or divided by N twice?"
    if ratio < 0:
        return "the sign is wrong."
    return "is a constant factor missing?" if ratio < 1 else "is there a constant factor too much?"


def _norm(x: np.ndarray) -> float:
    return float(np.linalg.norm(x))


def _default_steps(x: np.ndarray) -> np.ndarray:
    return np.finfo(x.dtype).eps ** (1 / 3) * np.maximum(1, np.abs(x))


def _positive(h: float) -> float:
    if not h > 0:
        raise ValueError(f"the step h must be positive, got {h}.")
    return h


def _moved(x: np.ndarray, index: tuple[int, ...], step: complex) -> Any:
    """A copy of x with `step` added to one entry; a number if x is one."""
    moved = x.copy()
    moved[index] += step
    return _argument(moved)


def _argument(x: np.ndarray) -> Any:
    """x as f is to get it: an array, or a number if it has no axes."""
    return x[()] if x.ndim == 0 else x


def _real(x: np.ndarray | float) -> np.ndarray:
    """x as an array of float32 or float64."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"expected real numbers, got dtype {x.dtype}.")
    return x if x.dtype in (np.float32, np.float64) else x.astype(float)


def _number(value: Any, who: str) -> float:
    value = np.asarray(value)
    if value.size != 1:
        raise ValueError(f"{who}: f must return one number, got an array of shape {value.shape}.")
    if value.dtype.kind not in "fiub":
        raise TypeError(f"{who}: f must return a real number, got {value.dtype}.")
    return float(value.item())
