"""The engine of autodiff, what one calls, and what it says to a mistake."""

from __future__ import annotations

import doctest
import gc
import importlib
import inspect
import math
import sys
import weakref

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib.autodiff.numpy as np
from nnlib import autodiff
from nnlib.autodiff import (
    defvjp,
    elementwise_grad,
    grad,
    hessian,
    hessian_vector_product,
    isbox,
    jacobian,
    make_vjp,
    primitive,
    unbroadcast,
    value_and_grad,
)
from nnlib.autodiff.numpy import CONSTANT, METHODS, OPERATORS
from nnlib.gradcheck import numeric_grad, numeric_jacobian

X = numpy.random.default_rng(0).normal(size=(3, 4))
MODULES = ["nnlib.autodiff", *(f"nnlib.autodiff.{name}" for name in ("core", "numpy", "rules"))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert result.attempted > 0 or name == "nnlib.autodiff.rules"


@pytest.mark.parametrize("name", MODULES)
def test_what_is_public_is_described(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for label, thing in vars(module).items():
        if inspect.isfunction(thing) and thing.__module__ == name and not label.startswith("_"):
            assert thing.__doc__, label


# derivatives


def test_a_graph_by_hand():
    f = lambda x, y, z: (x + y) * z  # noqa: E731
    assert [grad(f, k)(-2.0, 5.0, -4.0) for k in range(3)] == [-4.0, -4.0, 3.0]
    assert value_and_grad(f, 2)(-2.0, 5.0, -4.0) == (-12.0, 3.0)


def test_paths_add():
    assert grad(lambda x: x * x * x + x)(2.0) == 13.0
    assert grad(lambda x: x - x)(2.0) == 0.0


def test_every_order():
    f, expected = np.sin, [math.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x)]
    for order in range(6):
        assert f(0.7) == pytest.approx(expected[order % 4](0.7), rel=1e-13)
        f = grad(f)


def test_jacobian_and_hessian_have_the_shapes_they_say():
    f = lambda x: np.sin(x) @ X.T  # noqa: E731
    x = numpy.ones((2, 4))
    assert jacobian(f)(x).shape == (2, 3, 2, 4)
    assert hessian(f)(x).shape == (2, 3, 2, 4, 2, 4)
    numpy.testing.assert_allclose(jacobian(f)(x), numeric_jacobian(f, x), atol=1e-9)
    numpy.testing.assert_allclose(hessian(f)(x), numeric_jacobian(jacobian(f), x), atol=1e-8)
    assert jacobian(np.sin)(0.0) == 1.0
    assert jacobian(lambda x: x[:0])(numpy.ones(3)).shape == (0, 3)
    assert hessian(lambda x: x**3)(2.0) == 12.0


def test_hessian_vector_product_is_hessian_times_vector():
    f = lambda c, x: np.sum(np.exp(c * x) * x[::-1])  # noqa: E731
    x, v = numpy.array([0.1, -0.4, 1.0]), numpy.array([1.0, 2.0, -1.0])
    H = hessian(f, 1)(0.5, x)
    numpy.testing.assert_allclose(hessian_vector_product(f, 1)(0.5, x, v), H @ v, rtol=1e-12)
    measured = numeric_jacobian(lambda t: grad(f, 1)(0.5, x + t * v), 0.0)
    numpy.testing.assert_allclose(H @ v, measured, rtol=1e-8)
    numpy.testing.assert_allclose(H, H.T, rtol=1e-15)


def test_keyword_arguments_pass_through():
    f = lambda x, *, power: np.sum(x**power)  # noqa: E731
    x = numpy.array([1.0, 2.0])
    assert grad(f)(x, power=3).tolist() == [3.0, 12.0]
    assert jacobian(f)(x, power=3).tolist() == [3.0, 12.0]
    assert hessian_vector_product(f)(x, numpy.ones(2), power=3).tolist() == [6.0, 12.0]


def test_elementwise_grad():
    numpy.testing.assert_allclose(elementwise_grad(np.tanh)(X), 1 - numpy.tanh(X) ** 2, rtol=1e-12)
    numpy.testing.assert_allclose(elementwise_grad(elementwise_grad(np.exp))(X), numpy.exp(X), rtol=1e-14)
    with pytest.raises(ValueError, match=r"elementwise_grad: f\(x\) must have shape \(3, 4\), got \(\)"):
        elementwise_grad(np.sum)(X)


def test_f_that_does_not_depend_on_x_has_slope_zero():
    for f in (lambda x: 3.0, lambda x: 3, lambda x: numpy.float64(3), lambda x: np.sum(np.floor(x)), lambda x: x.size):
        assert grad(f)(X).tolist() == numpy.zeros_like(X).tolist()
    assert grad(lambda x: 1.0)(2.0) == 0.0
    assert grad(lambda x: grad(lambda y: x * 1.0)(3.0))(2.0) == 0.0
    assert jacobian(lambda x: numpy.ones(2))(X).shape == (2, 3, 4)


def test_perturbations_of_different_levels_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0) == 2 * 3 * 9.0
    assert grad(lambda x: grad(lambda y: y**2)(x) * x)(3.0) == 12.0
    inner = lambda x, y: grad(lambda z: z * x * y + z * z * x)(y)  # noqa: E731  x y + 2 x y = 3 x y
    assert grad(lambda x: grad(lambda y: inner(x, y) * y)(2.0))(5.0) == 12.0  # d/dx d/dy 3 x y^2 = 6 y


def test_vjp_of_an_outer_value_inside_another_derivative():
    vjp, _ = make_vjp(lambda x: np.sin(x) * x)(2.0)
    slope = math.cos(2.0) * 2 + math.sin(2.0)
    assert grad(lambda g: vjp(g) ** 2)(3.0) == pytest.approx(2 * 3 * slope**2, rel=1e-14)


def test_a_second_backward_gives_the_same():
    x = X.copy()
    vjp, value = make_vjp(lambda x: np.exp(x) * np.sum(x))(x)
    first, g = vjp(numpy.ones_like(X)), numpy.ones_like(X)
    value += 1
    first_copy = first.copy()
    first *= 0
    x[:] = 7
    numpy.testing.assert_array_equal(vjp(g), first_copy)
    numpy.testing.assert_array_equal(g, 1)


def test_results_are_arrays_of_their_own():
    g, x = numpy.ones(3), numpy.ones(3)
    for f in (lambda x: x, lambda x: x + 1, lambda x: x.reshape(3), lambda x: np.broadcast_to(x, 3)):
        vjp, value = make_vjp(f)(x)
        slope = vjp(g)
        assert slope.flags.writeable and value.flags.writeable
        assert not numpy.shares_memory(slope, g) and not numpy.shares_memory(value, x)


def test_fan_out_does_not_change_what_others_hold():
    held = numpy.ones(3)
    same = primitive(lambda x: x.copy())
    defvjp(same, lambda g, z, x: held)  # a rule that hands out an array of its own
    slope = grad(lambda x: np.sum(same(x) + same(x) + same(x)))(numpy.zeros(3))
    assert slope.tolist() == [3.0, 3.0, 3.0]
    assert held.tolist() == [1.0, 1.0, 1.0]


def test_inputs_are_never_changed():
    x = X.copy()
    x.flags.writeable = False
    hessian(lambda x: np.sum(np.exp(x) * x[::-1]) + np.max(x))(x)
    numpy.testing.assert_array_equal(x, X)


def test_non_contiguous_and_list_arguments():
    numpy.testing.assert_array_equal(grad(lambda x: np.sum(x**2))(X[::2, ::-1]), 2 * X[::2, ::-1])
    assert grad(lambda x: np.sum(x**2))([1.0, 2.0]).tolist() == [2.0, 4.0]


# the tape


def chain(steps, seen=None):
    """x -> 1.00001^steps x."""

    def f(x):
        for _ in range(steps):
            x = x * 1.00001
        if seen is not None:
            seen.append(len(x.tape.steps))
        return x

    return f


def test_a_long_chain_does_not_recurse():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 60)
    try:
        slope = grad(chain(100_000))(1.0)
    finally:
        sys.setrecursionlimit(limit)
    assert slope == pytest.approx(1.00001**100_000, rel=1e-9)


def test_work_grows_linearly_with_the_chain():
    seen, backward = [], []
    double = primitive(lambda x: 2.0 * x)
    defvjp(double, lambda g, z, x: backward.append(1) or 2.0 * g)
    for steps in (100, 200, 400):
        chain(steps, seen)
        make_vjp(chain(steps, seen))(1.0)
        backward.clear()
        grad(lambda x, steps=steps: sum([double(x) for _ in range(steps)]))(1.0)
        assert len(backward) == steps
    assert seen == [101, 201, 401]


def test_steps_that_do_not_lead_to_the_result_cost_no_backward():
    backward = []
    aside = primitive(lambda x: 2.0 * x)
    defvjp(aside, lambda g, z, x: backward.append(1) or 2.0 * g)

    def f(x):
        aside(aside(x))
        return 3.0 * x

    assert grad(f)(1.0) == 3.0
    assert backward == []


@pytest.mark.parametrize("derivative", [grad, lambda f: grad(lambda x: np.sum(grad(f)(x)))])
def test_everything_is_freed_without_the_garbage_collector(derivative):
    seen = []

    def f(x):
        y = np.exp(x) * x
        inside = y
        while isbox(inside):
            inside = inside.value
        seen.append(weakref.ref(inside))
        for _ in range(1000):
            y = y + x
        return np.sum(y)

    gc.collect()
    gc.disable()
    try:
        derivative(f)(numpy.ones(5))
        assert seen and all(ref() is None for ref in seen)
    finally:
        gc.enable()


def test_the_tape_lives_as_long_as_its_vjp():
    seen = []

    def f(x):
        seen.append(weakref.ref(x.tape))
        return np.sin(x)

    vjp, _ = make_vjp(f)(1.0)
    assert seen[0]() is not None
    del vjp
    assert seen[0]() is None


def test_a_box_that_is_kept_is_refused_and_not_taken_for_a_constant():
    kept = []
    grad(lambda x: kept.append(x) or x * x)(2.0)
    for f in (lambda x: x * kept[0], lambda x: kept[0]):
        with pytest.raises(RuntimeError, match="a box was kept from a derivative that is finished"):
            grad(f)(3.0)

    def leaking(x):
        inside = []
        slope = grad(lambda y: inside.append(y * x) or y * x)(2.0)
        return slope + inside[0]

    with pytest.raises(RuntimeError, match="a box was kept"):
        grad(leaking)(3.0)


# boxes


ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**", "matmul": "@"}
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


def operate(symbol, x, y):
    return eval(f"x {symbol} y")  # the operator itself, as a user writes it


def test_all_operators_are_listed():
    assert set(OPERATORS) == set(ARITHMETIC) | set(COMPARISONS)


@pytest.mark.parametrize("symbol", ARITHMETIC.values())
@pytest.mark.parametrize("kind", ["array", "scalar", "float", "int", "list"])
def test_operators_with_plain_values_on_either_side(symbol, kind):
    x = numpy.array([[1.5, 0.5], [2.0, 1.0]])
    kinds = {"array": X[:2, :2] ** 2, "scalar": numpy.float64(1.5), "float": 1.5, "int": 2, "list": [[1, 2], [3, 4]]}
    other = kinds[kind] if symbol != "@" or kind == "list" else X[:2, :2]
    other = numpy.array(other) if (symbol, kind) == ("**", "list") else other  # see the next test
    for f in (lambda x: operate(symbol, x, other), lambda x: operate(symbol, other, x)):
        value = make_vjp(f)(x)[1]
        numpy.testing.assert_allclose(value, f(x), rtol=1e-14)
        numpy.testing.assert_allclose(jacobian(f)(x), numeric_jacobian(f, x), rtol=1e-7, atol=1e-8)


def test_an_exponent_must_be_a_number_or_an_array():
    with pytest.raises(NotImplementedError, match="power: no gradient rule for argument 0 in this call.*'list'"):
        grad(lambda x: np.sum(x ** [1, 2]))(numpy.ones(2))


@pytest.mark.parametrize("symbol", COMPARISONS.values())
def test_comparisons_are_plain(symbol):
    x = numpy.array([1.0, 2.0, 3.0])

    def f(box):
        for other in (2, 2.0, numpy.array([3.0, 2.0, 1.0]), numpy.float64(2)):
            for a, b, c, d in ((box, other, x, other), (other, box, other, x)):
                result = operate(symbol, a, b)
                assert type(result) is numpy.ndarray and result.dtype == bool
                assert result.tolist() == operate(symbol, c, d).tolist()
        assert operate(symbol, box, box + 1).tolist() == operate(symbol, x, x + 1).tolist()
        return np.sum(box)

    assert grad(f)(x).tolist() == [1, 1, 1]


def test_unary_operators_and_attributes():
    x = numpy.array([[1.0, -2.0, 3.0]])

    def f(box):
        assert (box.shape, box.ndim, box.size, box.dtype, len(box)) == ((1, 3), 2, 3, float, 1)
        assert box.T.shape == (3, 1)
        assert repr(box) == f"Box({x!r})"
        assert bool(box[0, 0]) and not bool(box[0, 0] * 0)
        assert f"{box}"
        a, b, c = box[0]
        return abs(-b) + +a * c

    assert grad(f)(x).tolist() == [[3.0, -1.0, 1.0]]


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_those_of_arrays(name):
    arguments = {"repeat": (2,), "clip": (0.0, 1.0), "swapaxes": (0, 1), "dot": (X.T,)}.get(name, ())
    f = lambda x: getattr(x, name)(*arguments)  # noqa: E731
    expected, seen = f(X), []
    value = make_vjp(lambda x: seen.append(f(x)) or np.sum(x))(X) and seen[0]
    while isbox(value):
        value = value.value
    numpy.testing.assert_allclose(numpy.asarray(value), numpy.asarray(expected), rtol=1e-14)


def test_control_flow_depends_on_the_value():
    def f(x):
        while x < 100:
            x = x * 2 if x > 3 else x * x
        return x

    assert grad(f)(3.0) == 2 * 3.0 * 2 * 2 * 2 * 2  # 9, 18, 36, 72, 144


def test_a_number_has_no_length_and_cannot_be_looped_over():
    for f in (lambda x: sum(x), lambda x: len(x), lambda x: [y for y in x][0]):
        with pytest.raises(TypeError, match="has no len"):
            grad(f)(2.0)


@pytest.mark.parametrize("name", CONSTANT)
def test_constant_functions_give_plain_values(name):
    two = "less", "greater", "equal", "not_equal", "logical_and", "logical_or", "logical_xor", "isclose", "all", "array"
    arguments = [X, numpy.zeros((3, 4))] if name.startswith(two) and name != "all" else [X]
    expected, seen = getattr(numpy, name)(*arguments), []
    grad(lambda x: seen.append(getattr(np, name)(x, *arguments[1:])) or np.sum(x))(X)
    assert not isbox(seen[0])
    numpy.testing.assert_array_equal(seen[0], expected)


def test_whole_numbers_and_truth_values_have_no_slope():
    assert grad(lambda x: np.sum(x.astype(int) * x))(numpy.array([1.5, 2.5])).tolist() == [1.0, 2.0]
    assert grad(lambda x: x * (x > 1))(2.0) == 1.0


# precision


@pytest.mark.parametrize("dtype", [numpy.float16, numpy.float32, numpy.float64])
def test_precision_stays(dtype):
    x = numpy.array([0.5, 1.5], dtype)

    def f(x):
        return np.mean(2 * np.tanh(x) ** 2 / 3.0 + np.max(x) * np.where(x > 1, x, 0.5) + x[0] - np.std(x))

    value, slope = value_and_grad(f)(x)
    assert value.dtype == slope.dtype == dtype
    assert elementwise_grad(np.exp)(x).dtype == jacobian(np.cumsum)(x).dtype == hessian(f)(x).dtype == dtype
    assert type(grad(lambda x: x * x)(dtype(3))) is dtype


def test_each_gradient_has_the_precision_of_its_argument():
    x, y = numpy.ones(2, numpy.float32), numpy.ones((3, 2))
    f = lambda x, y: np.sum(x * y)  # noqa: E731
    assert grad(f)(x, y).dtype == numpy.float32
    assert grad(f, 1)(x, y).dtype == numpy.float64
    assert make_vjp(lambda x: x)(x)[0]([1, 2]).dtype == numpy.float32


def test_a_python_float_has_a_python_float_as_derivative():
    assert type(grad(lambda x: x * x)(3.0)) is float
    assert type(grad(lambda x: np.sum(x * numpy.ones(3, numpy.float32)))(3.0)) is float
    value, slope = value_and_grad(lambda x: x * numpy.ones(2, numpy.float32)[0])(3.0)
    assert value == slope * 3 == 3


# the namespace


def test_namespace_is_numpy_where_no_gradient_is_needed():
    assert np.pi is numpy.pi and np.float64 is numpy.float64 and np.newaxis is None and np.linalg is numpy.linalg
    assert np.maximum.accumulate([1, 3, 2]).tolist() == [1, 3, 3]
    assert np.add.outer([1, 2], [3, 4]).tolist() == [[4, 5], [5, 6]]
    x = np.array([3, 1, 2], dtype=np.float32)
    assert type(x) is numpy.ndarray and x.dtype == np.float32 and np.asarray(x) is x
    assert np.sort(x).tolist() == [1, 2, 3]
    assert np.concatenate([[1], [2]], dtype=float).dtype == float
    assert np.stack([[1, 2], [3, 4]], axis=-1).tolist() == [[1, 3], [2, 4]]
    assert np.prod([2, 3], dtype=np.int8).dtype == np.int8
    assert np.sum([1, 2, 3], where=[True, False, True]) == 4
    assert isinstance(np.random.default_rng(0), numpy.random.Generator)
    assert "sin" in dir(np)
    with pytest.raises(AttributeError, match="has no attribute 'sine'"):
        _ = np.sine
    assert not hasattr(np, "__path__")


def test_shapes_and_zeros_of_boxes_are_plain():
    def f(x):
        assert np.shape(x) == x.shape == (3, 4)
        assert not isbox(np.zeros_like(x)) and not isbox(np.ones_like(x))
        return np.sum(np.asarray(x) * np.ones_like(x))

    assert grad(f)(X).tolist() == numpy.ones((3, 4)).tolist()


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: np.sort(x), "sort: no gradient rule for argument 0"),
        (lambda x: np.interp(0.5, numpy.arange(4.0), x[0]), "interp: no gradient rule for argument 2"),
        (lambda x: np.where(x, 1.0, 2.0), "where: no gradient rule for argument 0"),
        (lambda x: np.clip(1.0, x, 2.0), "clip: no gradient rule for argument 1"),
        (lambda x: np.clip(x, a_min=x, a_max=None), "clip: no gradient rule for argument a_min"),
        (lambda x: np.sum(x, where=x > 0), "sum: no gradient rule for argument 0.*'where'"),
        (lambda x: np.sum(x, 0, float), "sum: no gradient rule for argument 0.*positional"),
        (lambda x: np.add(x, x, out=numpy.zeros((3, 4))), "add: no gradient rule for argument 0.*'out'"),
        (lambda x: np.exp(x, where=X > 0, out=X.copy()), "exp: no gradient rule for argument 0.*'(where|out)'"),
        (lambda x: np.einsum(x, [0, 1], [0]), "einsum: no gradient rule for argument 0"),
        (lambda x: np.einsum("i...->...", x), "einsum: no gradient rule for '...' behind a letter"),
        (lambda x: np.trace(np.stack([x, x])), "trace: no gradient rule for argument 0"),
        (lambda x: np.fill_diagonal(x, 0.0), "fill_diagonal: no gradient rule for argument 0"),
        (lambda x: x[x], "getitem: no gradient rule for argument 1"),
        (lambda x: np.concatenate([x, x], dtype=float), "join: no gradient rule for argument 1.*'dtype'"),
    ],
)
def test_a_missing_rule_names_function_and_argument(f, message):
    with pytest.raises(NotImplementedError, match=message):
        grad(lambda x: np.sum(f(x)))(X)


def test_a_function_that_writes_is_stopped_before_it_writes():
    seen = []

    def f(x):
        seen.append(x.value)
        np.fill_diagonal(x, 0.0)

    with pytest.raises(NotImplementedError):
        grad(f)(X)
    numpy.testing.assert_array_equal(seen[0], X)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: numpy.sin(x),
        lambda x: numpy.sum(x),
        lambda x: numpy.concatenate([x, x]),
        lambda x: numpy.array([x[0], x[1]]),
        lambda x: numpy.mean([x[0], x[1]]),
        lambda x: numpy.linalg.norm(x),
        lambda x: numpy.add.reduce(x),
        lambda x: numpy.where(x > 0, x, 0.0),
        lambda x: numpy.float64(x[0, 0]),
        lambda x: numpy.ones((3, 4)).dot(x),
        lambda x: np.add.reduce(x),
        lambda x: np.sum([x[0], x[1]]),
        lambda x: math.sin(x[0, 0]),
        lambda x: float(x[0, 0]),
        lambda x: int(x[0, 0]),
        lambda x: x[0, 0].item(),
        lambda x: [1, 2][x[0, 0]],
        lambda x: x.tolist(),
        lambda x: numpy.zeros((3, 4)).__setitem__(slice(None), x),
    ],
)
def test_plain_numpy_and_math_name_the_remedy(f):
    with pytest.raises(TypeError, match="import nnlib.autodiff.numpy as np and use that"):
        grad(lambda x: f(x) or np.sum(x))(X)


def test_nothing_can_be_changed_in_place():
    def assign(x):
        x[0] = 1.0
        return np.sum(x)

    def add_to_an_array(x):
        total = numpy.zeros((3, 4))
        total += x
        return np.sum(total)

    for f in (assign, add_to_an_array):
        with pytest.raises(TypeError, match="nothing can change in place.*a = a [+] x.*np.where"):
            grad(f)(X)


def test_adding_to_a_box_rebinds_the_name():
    def f(x):
        total, first = 0.0, x
        for row in x:
            total += row
            x += 1.0
        return np.sum(total * first[0])

    plain = lambda x: np.sum(np.sum(x, 0) * x[0])  # noqa: E731
    numpy.testing.assert_allclose(grad(f)(X), numeric_grad(plain, X), rtol=1e-8)


# mistakes


@pytest.mark.parametrize("x", [3, True, numpy.arange(3), numpy.array([True]), [1, 2]])
def test_integers_are_refused(x):
    with pytest.raises(TypeError, match=r"argument 0 is (int64|bool); make it float: 3.0 for 3, x.astype"):
        grad(lambda x: x * 1.0)(x)


@pytest.mark.parametrize(("x", "kind"), [(1j, "complex128"), ("a", "<U1"), (None, "object"), ({"W": 1.0}, "object")])
def test_other_kinds_are_refused(x, kind):
    with pytest.raises(TypeError, match=f"argument 0 is {kind}; make it float"):
        grad(lambda x: x)(x)


def test_complex_values_are_refused():
    for f in (lambda x: x * 1j, lambda x: np.exp(1j * x)):
        with pytest.raises(TypeError, match="values must be real, got a complex one"):
            grad(f)(1.0)
    with pytest.raises(TypeError, match="f must return real numbers, got complex"):
        grad(lambda x: 1j)(1.0)


def test_what_f_must_return():
    with pytest.raises(TypeError, match=r"f must return one number, got \(3, 4\); try jacobian or elementwise_grad"):
        grad(lambda x: x)(X)
    with pytest.raises(TypeError, match="f must return real numbers, got NoneType .*no return"):
        grad(lambda x: None)(X)
    with pytest.raises(TypeError, match="import nnlib.autodiff.numpy as np and use that"):
        jacobian(lambda x: [x[0], x[1]])(X)
    assert grad(lambda x: np.sum(x).reshape(1, 1))(X).tolist() == numpy.ones((3, 4)).tolist()


@pytest.mark.parametrize("argnum", [-1, 2])
def test_argnum_must_exist(argnum):
    with pytest.raises(ValueError, match=f"argnum {argnum} needs {argnum + 1} positional arguments, got 2"):
        grad(lambda x, y: x * y, argnum)(1.0, 2.0)


def test_shapes_of_the_vectors():
    vjp, _ = make_vjp(np.sum)(X)
    with pytest.raises(ValueError, match=r"vjp: g must have shape \(\), got \(3, 4\)"):
        vjp(X)
    with pytest.raises(ValueError, match=r"hessian_vector_product: v must have shape \(3, 4\), got \(4,\)"):
        hessian_vector_product(np.sum)(X, X[0])


def test_nan_and_infinity_pass_through():
    with numpy.errstate(all="ignore"):
        assert math.isnan(grad(np.exp)(math.nan))
        assert grad(np.tanh)(math.inf) == 0
        assert grad(np.exp)(math.inf) == math.inf


# primitives of one's own


def test_a_primitive_of_ones_own():
    @primitive
    def softplus(x):
        """log(1 + e^x)."""
        return numpy.logaddexp(0, x)

    assert softplus.__doc__ == "log(1 + e^x)."
    with pytest.raises(NotImplementedError, match="softplus: no gradient rule for argument 0; defvjp gives it one"):
        grad(softplus)(1.0)
    defvjp(softplus, lambda g, z, x: g * (1 - np.exp(-z)))
    assert softplus(0.0) == pytest.approx(math.log(2))
    assert grad(softplus)(0.0) == pytest.approx(0.5)
    assert grad(grad(softplus))(0.0) == pytest.approx(0.25)
    numpy.testing.assert_allclose(elementwise_grad(softplus)(X), 1 / (1 + numpy.exp(-X)), rtol=1e-12)


def test_rules_for_some_arguments_and_with_options():
    @primitive
    def scaled(x, n, *, by=1.0):
        return x * by * n

    defvjp(scaled, lambda g, z, x, n, *, by=1.0: g * by * n)
    assert grad(scaled)(2.0, 3, by=4.0) == 12.0
    with pytest.raises(NotImplementedError, match="scaled: no gradient rule for argument 1"):
        grad(scaled, 1)(2.0, 3.0)
    with pytest.raises(NotImplementedError, match="scaled: no gradient rule for argument by"):
        grad(lambda x: scaled(x, 3, by=x))(2.0)


def test_broadcasting_in_a_primitive_of_ones_own_is_taken_back():
    product = primitive(lambda x, y: x * y)
    defvjp(product, lambda g, z, x, y: g * y, lambda g, z, x, y: unbroadcast(g * x, y))
    f = lambda x, y: np.sum(product(x, y))  # noqa: E731
    assert grad(f)(2.0, X) == pytest.approx(X.sum())
    numpy.testing.assert_allclose(grad(f, 1)(X, X[0]), X.sum(axis=0))


def test_a_rule_with_the_wrong_shape_is_named():
    cube = primitive(lambda x: x**3)
    for rule in (lambda g, z, x: 1.0, lambda g, z, x: g.T, lambda g, z, x: g.reshape(-1), lambda g, z, x: None):
        defvjp(cube, rule)
        with pytest.raises(ValueError, match=r"rule for argument 0: expected shape \(3, 4\), got"):
            grad(lambda x: np.sum(cube(x)))(X)
    defvjp(cube, lambda g, z, x: None)
    with pytest.raises(ValueError, match=r"rule for argument 0: expected shape \(\), got \(\) of object"):
        grad(cube)(2.0)


def test_a_rule_in_plain_numpy_can_be_used_once_but_not_differentiated():
    sine = primitive(numpy.sin)
    defvjp(sine, lambda g, z, x: g * numpy.cos(x))
    assert grad(sine)(0.0) == 1.0
    with pytest.raises(NotImplementedError, match="sin: no gradient rule for argument 0 in this call: numpy.cos"):
        grad(grad(sine))(0.0)


def test_isbox():
    seen = []
    grad(lambda x: seen.append(isbox(x)) or x)(1.0)
    assert seen == [True] and not isbox(1.0) and not isbox(X)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_sum_and_product_rule(a, b):
    x, f, g = a, lambda x: np.sin(b * x), lambda x: np.exp(x) + x * b
    assert grad(lambda x: f(x) + g(x))(x) == pytest.approx(grad(f)(x) + grad(g)(x), rel=1e-12, abs=1e-12)
    product = grad(f)(x) * g(x) + f(x) * grad(g)(x)
    assert grad(lambda x: f(x) * g(x))(x) == pytest.approx(product, rel=1e-12, abs=1e-12)


def test_names_of_the_package():
    assert set(autodiff.__all__) <= set(vars(autodiff))
