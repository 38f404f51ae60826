"""Derivatives of functions that are written with `nnlib.autodiff.numpy`. Home: chapter 02.

`core.py` is the engine, `rules.py` the table of vector-Jacobian products, `numpy.py` the namespace; here is what one
calls. Values are real, and every derivative can be differentiated again.

>>> import nnlib.autodiff.numpy as np
>>> grad(lambda x, y, z: (x + y) * z, argnum=2)(-2.0, 5.0, -4.0)
3.0
"""

from __future__ import annotations

from typing import Any

import numpy

import nnlib.autodiff.numpy as np
from nnlib.autodiff import rules  # noqa: F401  it fills the table
from nnlib.autodiff.core import FINISHED, Array, Function, Tape, defvjp, dtype, isbox, primitive, unbroadcast

__all__ = ["defvjp", "elementwise_grad", "grad", "hessian", "hessian_vector_product", "isbox", "jacobian", "make_vjp",
           "primitive", "unbroadcast", "value_and_grad"]  # fmt: skip


def make_vjp(f: Function, argnum: int = 0) -> Function:
    """Return a function of f's arguments to (vjp, f(...)): vjp(g) = g^T J, Eq. (2.9), J = df / d(argument `argnum`).

    That argument is a float or an array of floats. g has the shape of f's value; vjp(g) has the shape and the precision
    of the argument, and is an array of its own. vjp can be called any number of times, but what f used must not have
    been changed in place meanwhile.
    Raises TypeError for an argument of integers, of complex numbers or of another kind, and for a complex value.

    >>> vjp, y = make_vjp(np.square)(numpy.array([1.0, 2.0]))
    >>> y, vjp(numpy.array([1.0, 10.0]))
    (array([1., 4.]), array([ 2., 40.]))
    """

    def evaluate(*args: Any, **kwargs: Any) -> tuple[Function, Array]:
        x, tape = _variable(args, argnum), Tape()
        end = f(*args[:argnum], tape.record(x, []), *args[argnum + 1 :], **kwargs)
        tape.open = False
        value, index = _result(end, tape)

        def vjp(g: Array) -> Array:
            """g^T J."""
            _same_shape("vjp: g", g, value)
            adjoint = tape.backward(index, np.asarray(g).astype(dtype(value)))
            return _own(np.zeros_like(x) if adjoint is None else adjoint, x)

        return vjp, _own(value, x)

    return evaluate


def value_and_grad(f: Function, argnum: int = 0) -> Function:
    """Return a function of f's arguments to (f(...), gradient), for an f to one number. Errors as in `grad`.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """

    def evaluate(*args: Any, **kwargs: Any) -> tuple[Array, Array]:
        vjp, value = make_vjp(f, argnum)(*args, **kwargs)
        if np.size(value) != 1:
            raise TypeError(f"grad: f must return one number, got {np.shape(value)}; try jacobian or elementwise_grad.")
        return value, vjp(np.ones_like(value))

    return evaluate


def grad(f: Function, argnum: int = 0) -> Function:
    """Return the gradient of f, a function to one number: it takes f's arguments, and has the shape of the one meant.

    Raises TypeError if f does not return one number, or one of its values is not a real float.

    >>> grad(lambda x: np.sum(x**2))(numpy.array([1.0, 2.0]))
    array([2., 4.])
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    return lambda *args, **kwargs: value_and_grad(f, argnum)(*args, **kwargs)[1]


def elementwise_grad(f: Function, argnum: int = 0) -> Function:
    """Return the derivative of an f that acts on each entry of x by itself: the diagonal of its Jacobian.

    Where f mixes entries of x, it is the gradient of the sum of f. Raises ValueError if f changes the shape.

    >>> elementwise_grad(np.tanh)(numpy.array([0.0, 1.0])).round(4)
    array([1.  , 0.42])
    """

    def evaluate(*args: Any, **kwargs: Any) -> Array:
        vjp, value = make_vjp(f, argnum)(*args, **kwargs)
        _same_shape("elementwise_grad: f(x)", value, args[argnum])
        return vjp(np.ones_like(value))

    return evaluate


def jacobian(f: Function, argnum: int = 0) -> Function:
    """Return J[j, k] = df_j / dx_k, of the shape f(x).shape + x.shape: one pass backwards for each entry of f.

    >>> jacobian(lambda x: x**2)(numpy.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    def evaluate(*args: Any, **kwargs: Any) -> Array:
        vjp, value = make_vjp(f, argnum)(*args, **kwargs)
        units = numpy.eye(np.size(value)).reshape(np.size(value), *np.shape(value))
        return np.reshape(np.array([vjp(e) for e in units]), np.shape(value) + np.shape(args[argnum]))

    return evaluate


def hessian(f: Function, argnum: int = 0) -> Function:
    """Return H[j, k] = d^2 f / dx_j dx_k, of the shape f(x).shape + x.shape + x.shape: the Jacobian of the Jacobian.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(numpy.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    return jacobian(jacobian(f, argnum), argnum)


def hessian_vector_product(f: Function, argnum: int = 0) -> Function:
    """Return a function of f's arguments and v to H v: the gradient of <grad f, v>, and H is never formed.

    v has the shape of x, as has H v; ValueError if not. Source: Pearlmutter, 1994.

    >>> hessian_vector_product(lambda x: x[0] ** 2 * x[1])(numpy.array([1.0, 3.0]), numpy.array([1.0, 0.0]))
    array([6., 2.])
    """

    def evaluate(*args: Any, **kwargs: Any) -> Array:
        *args, v = args  # type: ignore[assignment]
        _same_shape("hessian_vector_product: v", v, args[argnum])
        return grad(lambda *inner: np.sum(grad(f, argnum)(*inner, **kwargs) * v), argnum)(*args)

    return evaluate


def _variable(args: tuple[Any, ...], argnum: int) -> Array:
    """The argument to differentiate by, checked; a copy, so that the caller may change the array itself."""
    if not 0 <= argnum < len(args):
        raise ValueError(f"autodiff: argnum {argnum} needs {argnum + 1} positional arguments, got {len(args)}.")
    x = args[argnum]
    if dtype(x).kind != "f":
        raise TypeError(f"autodiff: argument {argnum} is {dtype(x)}; make it float: 3.0 for 3, x.astype(float).")
    return x if isbox(x) or type(x) is float else numpy.array(x)


def _result(end: Array, tape: Tape) -> tuple[Array, int]:
    """f's value and its place on the tape: -1, where no step is, if it does not depend on x."""
    if dtype(end).kind not in "fiub":
        raise TypeError(f"autodiff: f must return real numbers, got {type(end).__name__} ({dtype(end)}); no return?")
    if isbox(end) and end.tape is not tape and not end.tape.open:
        raise RuntimeError(FINISHED)
    return (end.value, end.index) if isbox(end) and end.tape is tape else (end, -1)


def _same_shape(who: str, a: Array, x: Array) -> None:
    if np.shape(a) != np.shape(x):
        raise ValueError(f"{who} must have shape {np.shape(x)}, got {np.shape(a)}.")


def _own(g: Array, x: Array) -> Array:
    """g as an array that nobody else holds; a plain float where x is one and g has no axes."""
    own = g if isbox(g) else numpy.array(g)[()]
    return float(own) if type(x) is float and isinstance(own, float) else own
