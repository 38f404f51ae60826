from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnlib import Network
from nnlib.activations import ReLU, Tanh
from nnlib.gradcheck import (
    check_layer,
    check_network,
    complex_grad,
    gradient_check,
    numeric_grad,
    numeric_jacobian,
)
from nnlib.layers import Dense
from nnlib.losses import MSE

points = arrays(float, array_shapes(min_dims=0, max_dims=3, max_side=3), elements=st.floats(-2, 2))


def wavy(x):
    return (np.sin(x) * np.exp(x / 2)).sum()


def wavy_slope(x):
    return np.exp(x / 2) * (np.cos(x) + np.sin(x) / 2)


@given(points)
def test_both_ways_measure_the_derivative_at_any_shape(x):
    kept = x.copy()
    numeric, exact = numeric_grad(wavy, x), complex_grad(wavy, x)
    assert numeric.shape == exact.shape == x.shape
    np.testing.assert_allclose(numeric, wavy_slope(x), atol=1e-8)
    np.testing.assert_allclose(exact, wavy_slope(x), rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize("measure", [numeric_grad, complex_grad])
@pytest.mark.parametrize("x", [2, 2.0])
def test_a_plain_number_gives_a_plain_number(measure, x):
    slope = measure(lambda x: x**3, x)
    assert type(slope) is float
    assert slope == pytest.approx(12, rel=1e-9)


@pytest.mark.parametrize("measure", [numeric_grad, complex_grad, numeric_jacobian])
def test_a_function_that_spoils_its_argument_does_not_reach_ours(measure):
    def greedy(x):
        x *= 2
        return x.sum()

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(measure(greedy, x), [2, 2])
    assert x.tolist() == [1, 2]


def test_the_step_is_taken_as_it_is_given():
    """For x^3 the central difference is exactly 3 x^2 + h^2."""
    assert numeric_grad(lambda x: x**3, 2.0, h=0.5) == 12.25
    seen = []
    numeric_grad(lambda x: seen.append(x) or 0.0, 1.0, h=0.25)
    assert {1.25, 0.75} <= set(seen)


def test_the_default_step_grows_with_x():
    seen = []
    numeric_grad(lambda x: seen.append(x) or 0.0, 1000.0)
    assert max(seen) - 1000 == pytest.approx(1000 * np.finfo(float).eps ** (1 / 3), rel=1e-6)
    assert numeric_grad(lambda x: x * x, 1e8) == pytest.approx(2e8, rel=1e-9)


def test_float32_is_measured_in_float32():
    x = np.array([1.0, 2.0], np.float32)
    kinds = set()
    grad = numeric_grad(lambda x: kinds.add(x.dtype) or (x * x).sum(), x)
    assert kinds == {np.dtype(np.float32)}
    np.testing.assert_allclose(grad, [2, 4], rtol=1e-3)


def test_jacobian_has_the_outputs_first():
    A = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(numeric_jacobian(lambda x: A @ x, np.ones(3)), A, atol=1e-9)
    assert numeric_jacobian(lambda x: x[None] * np.ones((4, 1, 1)), np.ones((2, 3))).shape == (4, 2, 3, 2, 3)
    assert numeric_jacobian(np.sin, 0.0).shape == ()


@pytest.mark.parametrize(
    ("f", "error", "words"),
    [
        (lambda x: x, ValueError, r"f must return one number, got an array of shape \(2,\)"),
        (lambda x: x.sum() * 1j, TypeError, "f must return a real number, got complex128"),
        (lambda x: "one", TypeError, "f must return a real number"),
    ],
)
def test_numeric_grad_refuses(f, error, words):
    with pytest.raises(error, match=words):
        numeric_grad(f, np.ones(2))


@pytest.mark.parametrize("h", [0, -1e-3, math.nan])
def test_the_step_must_be_positive(h):
    with pytest.raises(ValueError, match="the step h must be positive"):
        numeric_grad(np.sin, 1.0, h=h)


@pytest.mark.parametrize("measure", [numeric_grad, complex_grad])
def test_x_must_be_real(measure):
    with pytest.raises(TypeError, match="expected real numbers, got dtype complex128"):
        measure(np.sum, np.ones(2, complex))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.abs(x).sum(),
        lambda x: float(x.sum()),
        lambda x: math.exp(x[0]),
        lambda x: x.real.sum(),
        lambda x: np.asarray(x, dtype=float).sum() + 1j,
        lambda x: 3.0,
    ],
    ids=["abs", "float", "math", "real", "cast", "constant"],
)
def test_a_lost_imaginary_part_is_told(f):
    with pytest.raises(TypeError, match="complex_grad: f .*numeric_grad"):
        complex_grad(f, np.array([1.0, 2.0]))


def test_a_maximum_is_decided_by_the_real_parts():
    """numpy orders complex numbers by their real parts, so away from ties the complex step goes through max."""
    x = np.array([-1.0, 2.0, 0.5])
    assert complex_grad(np.max, x).tolist() == [0, 1, 0]
    assert complex_grad(lambda x: np.maximum(x, 0).sum(), x).tolist() == [0, 1, 1]


def test_complex_grad_wants_one_number():
    with pytest.raises(ValueError, match=r"f must return one number, got an array of shape \(2,\)"):
        complex_grad(lambda z: z, np.ones(2))


def test_complex_step_is_exact_where_differences_are_not():
    """d/dx of e^x / sqrt(sin^3 x + cos^3 x) at 1.5, the example of Squire and Trapp."""
    f = lambda x: np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)  # noqa: E731
    assert complex_grad(f, 1.5) == pytest.approx(4.053427893898621, rel=1e-14)


# -- gradient_check ---------------------------------------------------------------------------------------------------


@given(points)
def test_a_right_gradient_passes(x):
    for grad in (wavy_slope, wavy_slope(x)):
        report = gradient_check(wavy, grad, x)
        assert report
        assert report.passed
        assert report.text == str(report)
        assert report.text.startswith("gradients agree: relative error")


X = np.array([[1.0, -2.0], [0.5, 3.0]])


@pytest.mark.parametrize(
    ("claimed", "words"),
    [
        (-2 * X, "claimed is -1 times measured in every entry: the sign is wrong"),
        (X, "claimed is 0.5 times measured in every entry: is a constant factor missing"),
        (6 * X, "claimed is 3 times measured in every entry: is there a constant factor too much"),
        (2 * X.T, "claimed is the transpose of measured"),
        (0 * X, "claimed is zero in every entry"),
        (2 * X + [[0, 0], [0, 1]], r"worst entry \(1, 1\): claimed 7, measured 6; 1 of 4 entries differ"),
        (np.where(X > 2, np.inf, 2 * X), r"worst entry \(1, 1\): claimed inf, measured 6; claimed is not finite"),
        (np.where(X < 0, np.nan, 2 * X), r"worst entry \(0, 1\): claimed nan, measured -4; claimed is not finite"),
    ],
)
def test_a_wrong_gradient_is_refused_and_named(claimed, words):
    with np.errstate(invalid="ignore"):
        report = gradient_check(lambda x: (x * x).sum(), claimed, X)
    assert not report
    assert not report.passed
    with pytest.raises(AssertionError, match="gradients differ: .*" + words):
        assert report, str(report)


def test_the_relative_error_is_that_of_the_norms():
    report = gradient_check(lambda x: (x * x).sum(), lambda x: x, np.array([3.0, 4.0]))
    assert report.relative_error == pytest.approx(5 / 15, rel=1e-8)
    assert report.worst_index == (1,)
    np.testing.assert_allclose(report.measured, [6, 8])
    np.testing.assert_array_equal(report.claimed, [3, 4])


def test_one_wrong_entry_among_a_thousand_is_found():
    x = np.random.default_rng(0).normal(size=1000)
    claimed = 2 * x
    claimed[77] += 0.01
    report = gradient_check(lambda x: (x * x).sum(), claimed, x)
    assert not report
    assert report.worst_index == (77,)


@pytest.mark.parametrize("f", [lambda x: (x**3).sum(), lambda x: (x**2).sum() + 1e6], ids=["cube", "large"])
def test_rounding_does_not_count_where_the_gradient_vanishes(f):
    assert gradient_check(f, np.zeros(50), np.zeros(50))


@pytest.mark.parametrize("z", [-20.0, -15.0])
def test_a_small_gradient_is_still_judged(z):
    """At z = -20 the slope of the sigmoid is 2e-9: small is not the same as zero."""
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    assert gradient_check(sigmoid, sigmoid(z) * (1 - sigmoid(z)), z)
    assert not gradient_check(sigmoid, 2 * sigmoid(z) * (1 - sigmoid(z)), z)


def test_bound_can_be_chosen_and_depends_on_the_dtype():
    f, slope = lambda x: (x * x).sum(), 2 * X * (1 + 1e-4)
    assert not gradient_check(f, slope, X)
    assert gradient_check(f, slope, X, bound=1e-3)
    assert gradient_check(f, slope, X.astype(np.float32))
    assert not gradient_check(f, 2.2 * X, X.astype(np.float32))


def test_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"the gradient has shape \(4,\) and x has \(2, 2\)"):
        gradient_check(lambda x: (x * x).sum(), np.zeros(4), X)


# -- check_layer, check_network ---------------------------------------------------------------------------------------


class WrongDense(Dense):
    """A Dense whose dW is that of a mean instead of a sum."""

    def gradients(self, dz):
        dz = super().gradients(dz)
        self.dW /= len(dz)
        return dz


def test_check_layer_names_the_part_that_is_wrong():
    layer, x = WrongDense(3, 2, rng=0), np.random.default_rng(1).normal(size=(4, 3))
    W = layer.W.copy()
    report = check_layer(layer, x)
    assert not report
    assert {name: part.passed for name, part in report.parts.items()} == {"x": True, "W": False, "b": True}
    assert "W: gradients differ" in str(report)
    assert "claimed is 0.25 times measured" in str(report)
    assert report.relative_error == report.parts["W"].relative_error
    np.testing.assert_array_equal(layer.W, W)
    assert layer.x is None


class Noise:
    """Multiplies by random numbers that are new in every pass."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def forward(self, x, *, training=False):
        self.mask = self.rng.random(x.shape) if training else 1.0
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask


def test_check_layer_repeats_the_random_numbers_of_a_layer():
    assert check_layer(Noise(), X)
    assert check_layer(Noise(), X, training=False)


def test_check_network_works_on_copies():
    net = Network([Dense(2, 5), Tanh(), Dense(5, 2)], loss=MSE(), rng=0)
    theta, grad = net.theta.copy(), net.grad.copy()
    report = check_network(net, X, -X)
    assert report
    assert list(report.parts) == ["0.W", "0.b", "2.W", "2.b"]
    np.testing.assert_array_equal(net.theta, theta)
    np.testing.assert_array_equal(net.grad, grad)


def test_check_network_in_float32():
    net = Network([Dense(2, 5), Tanh(), Dense(5, 2)], loss=MSE(), rng=0, dtype=np.float32)
    assert check_network(net, X, -X)


class SumSquares(MSE):
    """A loss whose gradient forgot to divide by N."""

    def grad(self, y_hat, y):
        return super().grad(y_hat, y) * len(y)


def test_check_network_recognises_a_forgotten_mean():
    net = Network([Dense(2, 3), ReLU(), Dense(3, 2)], loss=SumSquares(), rng=0)
    X = np.random.default_rng(2).normal(size=(7, 2))
    report = check_network(net, X, X)
    assert not report
    assert "with N = 7, is a mean taken for a sum" in str(report)
