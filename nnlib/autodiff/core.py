"""Reverse mode on a tape: boxes record what is done to them, and the tape is read backwards. Home: chapter 02.

A value that is being differentiated travels in a `Box`. A primitive that meets a box takes the value out, computes with
plain numpy, and writes a step on the box's `Tape`: which boxes went in, and how an adjoint comes back to each of them.
Values are computed in a topological order of their graph, so the tape needs no sorting, and reading it no recursion.

In a derivative of a derivative, a box of the inner tape holds a box of the outer one. The inner rules then compute with
boxes of the outer tape, which records them; and since each tape opens only its own boxes, the two never mix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import count
from math import prod
from typing import Any

import numpy as np

Array = Any  # a number, an array, or a box that holds one
Function = Callable[..., Any]

RULES: dict[Function, Callable[[int], Function | None]] = {}
_NUMBERS = count()
FINISHED = "autodiff: a box was kept from a derivative that is finished; let f return what is needed later."
IN_PLACE = "autodiff: nothing can change in place while it is differentiated; use a = a + x, np.where or np.stack."
REMEDY = "cannot follow what is being differentiated; import nnlib.autodiff.numpy as np and use that (or see defvjp)."


class Tape:
    """The steps from x to f(x) in the order in which they were taken; step 0 is x itself."""

    def __init__(self) -> None:
        self.number = next(_NUMBERS)  # an inner derivative starts later than the one around it
        self.steps: list[list[tuple[int, Function]]] = []
        self.open = True

    def record(self, value: Array, step: list[tuple[int, Function]]) -> Array:
        """Append a step and return its value in a box; whole numbers and truth values have no slope and need none."""
        if not self.open:
            raise RuntimeError(FINISHED)
        if dtype(value).kind == "c":
            raise TypeError("autodiff: values must be real, got a complex one; work with its two parts.")
        self.steps.append(step)
        return Box(value, self, len(self.steps) - 1) if dtype(value).kind == "f" else value

    def backward(self, end: int, g: Array) -> Array | None:
        """Adjoint of step 0, given the adjoint g of step `end`, Eq. (2.8): v_i-bar = sum_j v_j-bar dv_j/dv_i.

        Nothing on the tape changes, so it can be read again. None if `end` does not depend on step 0.
        """
        adjoint = {end: g}
        for j in range(end, 0, -1):
            if j in adjoint:
                g = adjoint.pop(j)
                for i, vjp in self.steps[j]:
                    # a new sum and not +=, which would change an array that another step may hold
                    adjoint[i] = adjoint[i] + vjp(g) if i in adjoint else vjp(g)
        return adjoint.get(0)


class Box:
    """A float or an array of floats on its way through f, together with its place on the tape.

    `numpy.py` gives it numpy's operators and methods; comparisons give plain truth values.
    """

    __hash__ = None  # type: ignore[assignment]  # as arrays

    def __init__(self, value: Array, tape: Tape, index: int) -> None:
        self.value, self.tape, self.index = value, tape, index

    shape = property(lambda self: shape(self.value))
    dtype = property(lambda self: dtype(self.value))
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: prod(self.shape))

    def __repr__(self) -> str:
        return f"Box({self.value!r})"

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Array]:
        return (getitem(self, k) for k in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(IN_PLACE)

    def __float__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"autodiff: float, math and plain arrays {REMEDY}")

    __int__ = __index__ = __complex__ = __array__ = item = tolist = __float__

    def __array_function__(self, f: Function, *args: Any) -> Any:
        raise TypeError(f"{f.__module__}.{f.__name__} {REMEDY}")


def isbox(x: Any) -> bool:
    """Whether x is being differentiated.

    >>> isbox(1.0)
    False
    """
    return type(x) is Box


def unboxed(x: Any) -> Any:
    """The plain value of x, through all boxes."""
    return unboxed(x.value) if isbox(x) else x


def has_box(xs: Iterable[Any]) -> bool:
    """Whether there is a box among xs, or in a list among xs."""
    return any(isbox(x) or (isinstance(x, list | tuple) and has_box(x)) for x in xs)


def shape(x: Array) -> tuple[int, ...]:
    """Shape of a box, an array or a number."""
    return getattr(x, "shape", ())


def dtype(x: Array) -> np.dtype:
    """Dtype of a box, an array or a number."""
    return x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype


def unbroadcast(g: Array, x: Array) -> Array:
    """Adjoint of broadcasting x, a linear map that repeats entries, Eq. (2.10): g summed over the axes of repetition.

    >>> unbroadcast(np.ones((2, 3)), np.zeros((2, 1)))
    array([[3.],
           [3.]])
    """
    g = g.sum(axis=tuple(range(g.ndim - len(shape(x)))))
    return g.sum(axis=tuple(k for k, n in enumerate(shape(x)) if n == 1), keepdims=True)


def primitive(f: Function) -> Function:
    """Make f, which computes with plain arrays, a step that derivatives can pass through; its rules come by `defvjp`.

    Raises NotImplementedError, naming f and the argument, where a box meets an argument without a rule.

    >>> from nnlib.autodiff import grad
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defvjp(cube, lambda g, z, x: g * 3 * x**2)
    >>> grad(cube)(2.0)
    12.0
    """

    @wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not (tapes := [x.tape for x in args if isbox(x)]):
            return f(*args, **kwargs)
        tape = max(tapes, key=lambda tape: tape.number)
        ours = {k: x.index for k, x in enumerate(args) if isbox(x) and x.tape is tape}
        rules = {k: RULES[wrapped](k) if wrapped in RULES else None for k in ours}
        missing = [name for name, x in kwargs.items() if isbox(x)] + [k for k in ours if rules[k] is None]
        if missing:  # f must not run then: it may be one that writes into its arguments
            raise NotImplementedError(f"{f.__name__}: no gradient rule for argument {missing[0]}; defvjp gives it one.")
        args = tuple(x.value if k in ours else x for k, x in enumerate(args))
        z = wrapped(*args, **kwargs)
        return tape.record(z, [(i, _vjp(f.__name__, rules[k], k, z, args, kwargs)) for k, i in ours.items()])

    return wrapped


def defvjp(f: Function, *rules: Function | None, every: Callable[[int], Function | None] | None = None) -> None:
    """Give the primitive z = f(x, y, ...) its vector-Jacobian products, one rule for each argument in turn.

    A rule is called as rule(g, z, x, y, ...) with the adjoint g of z, and returns the adjoint of its argument. Where f
    broadcast the argument, the engine takes that back (`unbroadcast`). None stands for no rule. If f takes any number
    of arguments, `every` makes the rule of argument k. Written with nnlib.autodiff.numpy, a rule can itself be
    differentiated.
    """
    RULES[f] = every or dict(enumerate(rules)).get


def constant(f: Function) -> Function:
    """f for boxes too, where its slope is 0: the result is a plain value."""
    return wraps(f)(lambda *args, **kwargs: f(*map(unboxed, args), **kwargs))


def _vjp(name: str, rule: Any, k: int, z: Array, args: Any, kwargs: Any) -> Function:
    """g -> adjoint of argument k, checked to have its shape, and in its precision."""
    x = args[k]

    def vjp(g: Array) -> Array:
        try:
            g = rule(g, z, *args, **kwargs)
        except TypeError as error:
            raise NotImplementedError(f"{name}: no gradient rule for argument {k} in this call: {error}.") from error
        g = g if isbox(g) else np.asarray(g)
        g = unbroadcast(g, x) if g.shape != shape(x) and g.dtype.kind in "fiub" else g
        if g.shape != shape(x) or g.dtype.kind not in "fiub":
            raise ValueError(f"{name}: rule for argument {k}: expected shape {shape(x)}, got {g.shape} of {g.dtype}.")
        return g if g.dtype == dtype(x) else g.astype(dtype(x))

    return vjp


@primitive
def getitem(x: Array, index: Any) -> Array:
    """x[index], with any index that numpy knows."""
    return x[index]
