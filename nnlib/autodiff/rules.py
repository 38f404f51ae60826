"""The vector-Jacobian products: for each z = f(x, y, ...), from the adjoint g of z to that of each argument.

Home: chapter 02. Rules are written in functions that have rules, so they can be differentiated again. Where a function
broadcasts, the engine sums the adjoint back to the shape of the argument.
"""

from __future__ import annotations

from math import log, prod
from string import ascii_letters
from typing import Any

import numpy

import nnlib.autodiff.numpy as np
from nnlib.autodiff.core import Array, Function, defvjp, getitem
from nnlib.autodiff.numpy import astype, axes_of, join, scatter


def nonzero(x: Array, where: Any = True) -> Array:
    """x with 1 in place of 0, for a factor that is finite there and multiplied by 0."""
    return np.where((x == 0) & where, 1, x)


def larger(x: Array, y: Array) -> Array:
    """The share of x in max(x, y): 1 where it is larger, 1/2 where they tie."""
    return np.where(x == y, 0.5, x > y)


def spread(g: Array, x: Array, axis: Any) -> Array:
    """Adjoint of summing x over `axis`, Eq. (2.12): each entry gets what came back to its sum."""
    kept = [1 if k in axes_of(x, axis) else n for k, n in enumerate(np.shape(x))]
    return np.broadcast_to(np.reshape(g, kept), np.shape(x))


def count(x: Array, axis: Any) -> int:
    """How many entries of x go into one sum over `axis`."""
    return prod(np.shape(x)[k] for k in axes_of(x, axis))


def centred(x: Array, axis: Any, ddof: int) -> Array:
    """x minus its mean over `axis`, divided by the number that the variance is divided by."""
    return (x - np.mean(x, axis, keepdims=True)) / (count(x, axis) - ddof)


def extreme(z: Array, x: Array, axis: Any) -> Array:
    """The share of each entry of x in its extreme value z along `axis`: those that tie have equal shares."""
    tie = x == spread(z, x, axis)
    return tie / np.sum(tie, axis, keepdims=True)


def rearranged(f: Function) -> Function:
    """Rule of an f that moves, repeats and drops entries: numbered entries tell where each one went, 0 is none."""

    def rule(g: Array, z: Array, x: Array, *args: Any, **kwargs: Any) -> Array:
        numbers = numpy.arange(1, np.size(x) + 1).reshape(np.shape(x))
        return scatter(g, f(numbers, *args, **kwargs), (np.size(x) + 1,))[1:].reshape(np.shape(x))

    return rule


def stretch(z: Array, axis: int, xs: Any, k: int) -> tuple[slice, ...]:
    """The index of array k in the joined z."""
    start = sum(np.shape(x)[axis] for x in xs[:k])
    return (slice(None),) * (axis % np.ndim(z)) + (slice(start, start + np.shape(xs[k])[axis]),)


def transposed(x: Array) -> Array:
    """Each matrix of a stack of them transposed."""
    return np.swapaxes(x, -1, -2)


def pairs(x: Array, y: Array, axes: Any) -> tuple[str, ...]:
    """Letters for x, y and their product, in which pairs of axes are summed."""
    left, right = (range(-axes, 0), range(axes)) if numpy.ndim(axes) == 0 else axes
    a, b = [*ascii_letters[: np.ndim(x)]], [*ascii_letters[np.ndim(x) : np.ndim(x) + np.ndim(y)]]
    for j, k in zip(axes_of(x, left), axes_of(y, right), strict=True):
        b[k] = a[j]
    return "".join(a), "".join(b), "".join(c for c in a + b if (a + b).count(c) == 1)


def left(g: Array, z: Array, x: Array, y: Array, axes: Any = 2) -> Array:
    """Adjoint of x in a tensordot: sum over the axes that only y has."""
    return np.einsum("{2},{1}->{0}".format(*pairs(x, y, axes)), g, y)


def right(g: Array, z: Array, x: Array, y: Array, axes: Any = 2) -> Array:
    """Adjoint of y in a tensordot: sum over the axes that only x has."""
    return np.einsum("{2},{0}->{1}".format(*pairs(x, y, axes)), g, x)


def dot_axes(x: Array, y: Array) -> Any:
    """What dot sums over: the last axis of x and the last but one of y; nothing if one is a number."""
    return 0 if 0 in (np.ndim(x), np.ndim(y)) else (-1, max(np.ndim(y) - 2, 0))


def dot_left(g: Array, z: Array, x: Array, y: Array) -> Array:
    """Z = X Y: the adjoint of X is g Y^T, Eq. (2.11)."""
    return g @ transposed(y) if np.ndim(x) == np.ndim(y) == 2 else left(g, z, x, y, dot_axes(x, y))


def dot_right(g: Array, z: Array, x: Array, y: Array) -> Array:
    """Z = X Y: the adjoint of Y is X^T g, Eq. (2.11)."""
    return transposed(x) @ g if np.ndim(x) == np.ndim(y) == 2 else right(g, z, x, y, dot_axes(x, y))


def einsum_rule(k: int) -> Function | None:
    """Put g in the place of x, which is array k, and ask for the letters of x."""

    def rule(g: Array, z: Array, subscripts: str, *xs: Array, optimize: Any = False) -> Array:
        left, arrow, result = subscripts.replace(" ", "").partition("->")
        dots, terms, x = "..." * ("..." in left), left.split(","), xs[k - 1]
        result = result if arrow else dots + "".join(sorted(c for c in set(left) - {".", ","} if left.count(c) == 1))
        letters, terms[k - 1] = terms[k - 1].removeprefix("..."), result
        if "." in letters:
            raise NotImplementedError("einsum: no gradient rule for '...' behind a letter; write it in front.")
        factors, wanted, fresh = [*xs[: k - 1], g, *xs[k:]], "", iter(sorted(set(ascii_letters) - set(left)))
        for c, n in zip(letters, np.shape(x)[np.ndim(x) - len(letters) :], strict=True):
            if c in wanted:  # x enters with its diagonal only
                c, terms, factors = (d := next(fresh)), [*terms, c + d], [*factors, numpy.eye(n)]
            elif c not in "".join(terms):  # a sum over an axis that x alone has
                terms, factors = [*terms, c], [*factors, numpy.ones(n)]
            wanted += c
        back = np.einsum(",".join(terms) + "->" + dots + wanted, *factors, optimize=optimize)
        return back + numpy.zeros(np.shape(x))  # where all other arrays have length 1, only x knows the length

    return rule if k else None


# fmt: off
# arithmetic
defvjp(np.add,        lambda g, z, x, y: g,           lambda g, z, x, y: g)
defvjp(np.subtract,   lambda g, z, x, y: g,           lambda g, z, x, y: -g)
defvjp(np.multiply,   lambda g, z, x, y: g * y,       lambda g, z, x, y: g * x)
defvjp(np.divide,     lambda g, z, x, y: g / y,       lambda g, z, x, y: -g * z / y)
defvjp(np.power,      lambda g, z, x, y: g * y * nonzero(x, y == 0) ** (y - 1),    # x^0 has slope 0, at x = 0 too
                      lambda g, z, x, y: g * z * np.log(nonzero(x)))               # so has 0^y; nan for x < 0
defvjp(np.negative,   lambda g, z, x: -g)
defvjp(np.square,     lambda g, z, x: g * 2 * x)
defvjp(np.sqrt,       lambda g, z, x: g / (2 * z))
defvjp(np.absolute,   lambda g, z, x: g * np.sign(x))

# exponentials and logarithms
defvjp(np.exp,        lambda g, z, x: g * z)
defvjp(np.expm1,      lambda g, z, x: g * (z + 1))
defvjp(np.log,        lambda g, z, x: g / x)
defvjp(np.log2,       lambda g, z, x: g / x / log(2))
defvjp(np.log10,      lambda g, z, x: g / x / log(10))
defvjp(np.log1p,      lambda g, z, x: g / (1 + x))
defvjp(np.logaddexp,  lambda g, z, x, y: g * np.exp(x - z),   lambda g, z, x, y: g * np.exp(y - z))

# trigonometric and hyperbolic functions
defvjp(np.sin,        lambda g, z, x: g * np.cos(x))
defvjp(np.cos,        lambda g, z, x: -g * np.sin(x))
defvjp(np.tan,        lambda g, z, x: g * (1 + z * z))
defvjp(np.arcsin,     lambda g, z, x: g / np.sqrt((1 - x) * (1 + x)))
defvjp(np.arccos,     lambda g, z, x: -g / np.sqrt((1 - x) * (1 + x)))
defvjp(np.arctan,     lambda g, z, x: g / (1 + x * x))
defvjp(np.arctan2,    lambda g, z, x, y: g * y / (x * x + y * y),   lambda g, z, x, y: -g * x / (x * x + y * y))
defvjp(np.sinh,       lambda g, z, x: g * np.cosh(x))
defvjp(np.cosh,       lambda g, z, x: g * np.sinh(x))
defvjp(np.tanh,       lambda g, z, x: g * (1 - z * z))
defvjp(np.arcsinh,    lambda g, z, x: g / np.sqrt(x * x + 1))
defvjp(np.arccosh,    lambda g, z, x: g / np.sqrt((x - 1) * (x + 1)))
defvjp(np.arctanh,    lambda g, z, x: g / ((1 - x) * (1 + x)))

# choices
defvjp(np.maximum,    lambda g, z, x, y: g * larger(x, y),    lambda g, z, x, y: g * larger(y, x))
defvjp(np.minimum,    lambda g, z, x, y: g * larger(y, x),    lambda g, z, x, y: g * larger(x, y))
defvjp(np.where,      None,   lambda g, z, c, x, y: np.where(c, g, 0),   lambda g, z, c, x, y: np.where(c, 0, g))
defvjp(np.clip,       lambda g, z, x, a_min=None, a_max=None, *, min=None, max=None: g * (x == z))

# sums and their relatives
defvjp(np.sum,        lambda g, z, x, axis=None, *, keepdims=False: spread(g, x, axis))
defvjp(np.mean,       lambda g, z, x, axis=None, *, keepdims=False: spread(g, x, axis) / count(x, axis))
defvjp(np.var,        lambda g, z, x, axis=None, *, ddof=0, keepdims=False:
                      spread(2 * g, x, axis) * centred(x, axis, ddof))
defvjp(np.std,        lambda g, z, x, axis=None, *, ddof=0, keepdims=False:
                      spread(g / nonzero(z), x, axis) * centred(x, axis, ddof))
defvjp(np.max,        lambda g, z, x, axis=None, *, keepdims=False: spread(g, x, axis) * extreme(z, x, axis))
defvjp(np.min,        lambda g, z, x, axis=None, *, keepdims=False: spread(g, x, axis) * extreme(z, x, axis))
defvjp(np.cumsum,     lambda g, z, x, axis=None: np.flip(np.cumsum(np.flip(g, axis), axis), axis).reshape(np.shape(x)))
defvjp(np.trace,      lambda g, z, x, offset=0: g * numpy.eye(*np.shape(x), k=offset))  # type: ignore[call-overload]

# the same entries in another arrangement
for f in (np.reshape, np.squeeze, np.expand_dims):
    defvjp(f,         lambda g, z, x, to=None, *, axis=None: np.reshape(g, np.shape(x)))
defvjp(np.ravel,      lambda g, z, x: np.reshape(g, np.shape(x)))
defvjp(np.swapaxes,   lambda g, z, x, j, k: np.swapaxes(g, j, k))
defvjp(np.transpose,  lambda g, z, x, axes=None:
                      np.transpose(g, None if axes is None else numpy.argsort(axes_of(x, axes))))
defvjp(np.broadcast_to, lambda g, z, x, shape: g)
defvjp(astype,        lambda g, z, x, dtype: g)
defvjp(getitem,       lambda g, z, x, index: scatter(g, index, np.shape(x)))
defvjp(scatter,       lambda g, z, x, index, shape: getitem(g, index))
defvjp(join,          every=lambda k: lambda g, z, axis, *xs: g[stretch(z, axis, xs, k - 1)])
for name in ("copy", "diag", "diagonal", "flip", "moveaxis", "repeat", "roll", "take", "tile", "tril", "triu"):
    defvjp(getattr(np, name), rearranged(getattr(numpy, name)))

# products
defvjp(np.dot,        dot_left, dot_right)
defvjp(np.matmul,     lambda g, z, x, y: g @ transposed(y) if np.ndim(x) > 1 < np.ndim(y) else dot_left(g, z, x, y),
                      lambda g, z, x, y: transposed(x) @ g if np.ndim(x) > 1 < np.ndim(y) else dot_right(g, z, x, y))
defvjp(np.outer,      lambda g, z, x, y: np.reshape(g @ np.ravel(y), np.shape(x)),
                      lambda g, z, x, y: np.reshape(np.ravel(x) @ g, np.shape(y)))
defvjp(np.tensordot,  left, right)
defvjp(np.einsum,     every=einsum_rule)
