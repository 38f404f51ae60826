"""numpy for values that are being differentiated: `import nnlib.autodiff.numpy as np`.

Every name of numpy is here, and plain arguments go to numpy as they are. Where a value arrives that is being
differentiated, a function follows its rule (`rules.py`), or is built here from functions that have one, or has slope 0,
or raises NotImplementedError; a number that is silently wrong it never gives.

>>> import nnlib.autodiff.numpy as np
>>> from nnlib.autodiff import grad
>>> grad(lambda x: np.sum(np.sin(x) * x))(np.array([0.0, np.pi]))
array([ 0.        , -3.14159265])
"""

from __future__ import annotations

import sys
from functools import cache, wraps
from typing import Any

import numpy as _np
from numpy.lib.array_utils import normalize_axis_tuple

from nnlib.autodiff.core import IN_PLACE, REMEDY, Array, Box, Function, constant, getitem, has_box, isbox, primitive

__dir__ = _np.__dir__
np: Any = sys.modules[__name__]  # this module, under the name that its users give it

CONSTANT = """less less_equal greater greater_equal equal not_equal logical_and logical_or logical_xor logical_not
isnan isinf isfinite isclose allclose array_equal any all signbit sign floor ceil trunc rint round around
argmax argmin argsort nonzero flatnonzero count_nonzero shape ndim size zeros_like ones_like""".split()


def __getattr__(name: str) -> Any:
    if name.startswith("__"):  # what numpy says about itself, such as its path, does not hold here
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    thing = getattr(_np, name)
    return _wrapped(name in CONSTANT, thing) if callable(thing) and not isinstance(thing, type) else thing


@cache  # numpy has several names for some functions, and a rule holds for all of them
def _wrapped(flat: bool, f: Function) -> Function:
    w = constant(f) if flat else primitive(f)
    vars(w).update({name: getattr(f, name) for name in ("reduce", "accumulate", "outer", "at") if hasattr(f, name)})
    return w


def axes_of(x: Array, axis: Any) -> tuple[int, ...]:
    """The axes that `axis` means, counted from 0; None means all of them."""
    return tuple(range(np.ndim(x))) if axis is None else normalize_axis_tuple(axis, np.ndim(x))


@primitive
def astype(x: Array, dtype: Any) -> Array:
    """x in another precision."""
    return _np.asarray(x).astype(dtype)


@primitive
def scatter(g: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Adjoint of getitem: zeros with g added at index; an entry that is named twice is added to twice."""
    x = _np.zeros(shape, g.dtype)
    _np.add.at(x, index, g)
    return x


@primitive
def join(axis: int, *xs: Array, **options: Any) -> Array:
    """The arrays one after the other along an axis they have."""
    return _np.concatenate(xs, axis, **options)


def concatenate(xs: Any, axis: Any = 0, **options: Any) -> Array:
    """The arrays one after the other along an axis they have."""
    return join(axis, *xs, **options)


def stack(xs: Any, axis: int = 0, **options: Any) -> Array:
    """Arrays of one shape side by side along a new axis."""
    return join(axis, *[np.expand_dims(x, axis) for x in xs], **options)


def composed(f: Function, name: str = "") -> Function:
    """f, built from functions that have rules, where a box is among the arguments; else the one that numpy has."""
    plain = getattr(_np, name or f.__name__)
    return wraps(f)(lambda *args, **kwargs: (f if has_box(args) else plain)(*args, **kwargs))


@composed
def array(x: Any) -> Array:
    """Nested lists of numbers and boxes as one array."""
    return x if isbox(x) or not has_box(x) else stack([array(row) for row in x])


@composed
def prod(x: Array, axis: Any = None, *, keepdims: bool = False) -> Array:
    """Neighbours multiplied until one entry is left: unlike a rule with z / x, this is right where x is 0."""
    for k in axes_of(x, axis):
        x = np.moveaxis(x, k, 0)
        x = join(0, x, _np.ones((1, *x.shape[1:]), x.dtype))  # the product of nothing is 1
        while len(x) > 1:
            x = join(0, x[:-1:2] * x[1::2], x[len(x) - len(x) % 2 :])
        x = np.moveaxis(x, 0, k)
    return x if keepdims else np.squeeze(x, axes_of(x, axis))


def from_the_left(x: Box, ufunc: _np.ufunc, method: str, *args: Any, **kwargs: Any) -> Array:
    """`array + box`: the array asks the box, and all it says is which ufunc the operator stands for."""
    if kwargs or method != "__call__" or ufunc.__name__ not in OPERATORS.values():
        raise TypeError(IN_PLACE if "out" in kwargs else f"numpy.{ufunc.__name__} {REMEDY}")
    return getattr(np, ufunc.__name__)(*args)


asarray = composed(array.__wrapped__, "asarray")  # type: ignore[attr-defined]
OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power", "matmul": "matmul",
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}  # fmt: skip
METHODS = """all any argmax argmin argsort clip copy cumsum diagonal dot max mean min nonzero prod ravel repeat round
squeeze std sum swapaxes trace var""".split()
OTHERS = {
    "__getitem__": getitem, "__array_ufunc__": from_the_left, "T": property(lambda x: np.transpose(x)),
    "__pos__": lambda x: x, "__neg__": lambda x: np.negative(x), "__abs__": lambda x: np.absolute(x), "astype": astype,
    "flatten": lambda x: np.ravel(x), "reshape": lambda x, *to: np.reshape(x, to[0] if len(to) == 1 else to),
    "transpose": lambda x, *axes: np.transpose(x, axes[0] if len(axes) == 1 else axes or None),
}  # fmt: skip
OTHERS |= {name: lambda *args, name=name, **kwargs: getattr(np, name)(*args, **kwargs) for name in METHODS}
for _name, _function in OPERATORS.items():
    OTHERS[f"__{_name}__"] = lambda x, y, name=_function: getattr(np, name)(x, y)
    OTHERS[f"__r{_name}__"] = lambda x, y, name=_function: getattr(np, name)(y, x)
for _name, _method in OTHERS.items():
    setattr(Box, _name, _method)
