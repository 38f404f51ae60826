"""Implicit steps: the closed form, both solvers, and what they say where they do not converge."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Network
from nnlib.layers import Dense
from nnlib.losses import MSE
from nnlib.optimizers import SGD, ImplicitSGD, least_squares_step
from nnlib.schedules import InverseTime


def problem(seed, B=6, n=3):
    """Inputs, targets, a starting point, and gradient and Hessian of the half mean square."""
    rng = np.random.default_rng(seed)
    X, y, theta = rng.normal(size=(B, n)), rng.normal(size=B), rng.normal(size=n)
    return X, y, theta, lambda q: X.T @ (X @ q - y) / B, lambda q: X.T @ X / B


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def logistic():
    """One sample x = (1, 2) of class 1: the example in which both simple iterations bounce for ever at lr = 10."""
    x = np.array([1.0, 2.0])

    def grad(q):
        return (sigmoid(x @ q) - 1) * x

    def hessian(q):
        p = sigmoid(x @ q)
        return p * (1 - p) * np.outer(x, x)

    return x, grad, hessian, np.array([-1.0, -1.0])


# -- the closed form --------------------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 4), st.sampled_from([1e-3, 0.5, 30.0, 1e6]))
def test_the_closed_form_has_the_gradient_of_the_new_point(seed, B, n, lr):
    X, y, theta, grad, _ = problem(seed, B, n)
    new = theta.copy()
    least_squares_step(new, X, y, lr)
    np.testing.assert_allclose(new - theta, -lr * grad(new), rtol=1e-7, atol=1e-9 * max(1, lr))


def test_one_sample_is_the_formula_of_sherman_and_morrison():
    x, y, theta, lr = np.array([1.0, -2.0, 0.5]), 0.7, np.array([0.3, 0.1, -0.2]), 5.0
    expected = theta - lr * (x @ theta - y) / (1 + lr * x @ x) * x
    least_squares_step(theta, x[None], np.array([y]), lr)
    np.testing.assert_allclose(theta, expected, rtol=1e-13)


def test_the_closed_form_in_other_kinds_of_numbers():
    X, y, theta, _, _ = problem(0)
    expected = theta.copy()
    least_squares_step(expected, X, y, 2.0)
    single = theta.astype(np.float32)
    least_squares_step(single, X, y, 2.0)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-4)
    strided = np.repeat(theta, 2)[::2]
    least_squares_step(strided, X.tolist(), y.tolist(), 2)
    np.testing.assert_allclose(strided, expected, rtol=1e-14)


# -- the solvers ------------------------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.sampled_from([1e-3, 0.5, 30.0, 1e4]), st.booleans())
def test_newton_agrees_with_the_closed_form(seed, lr, with_hessian):
    X, y, theta, grad, hessian = problem(seed)
    expected = theta.copy()
    least_squares_step(expected, X, y, lr)
    ImplicitSGD(lr).step(theta, grad, hessian if with_hessian else None)
    np.testing.assert_allclose(theta, expected, rtol=1e-9, atol=1e-9)


@given(st.integers(0, 1000))
def test_the_fixed_point_agrees_with_the_closed_form_below_its_limit(seed):
    X, y, theta, grad, hessian = problem(seed)
    lr = 0.7 / np.linalg.eigvalsh(hessian(theta)).max()
    expected = theta.copy()
    least_squares_step(expected, X, y, lr)
    ImplicitSGD(lr, solve="fixed_point").step(theta, grad)
    np.testing.assert_allclose(theta, expected, rtol=1e-10, atol=1e-10)


def test_no_rate_is_too_large_on_a_quadratic():
    """Curvature 10: the explicit step grows beyond 0.2, the implicit one shrinks by 1 / (1 + 10 lr) at any rate."""
    for lr in (0.1, 0.25, 10.0):
        theta, explicit = np.ones(1), np.ones(1)
        implicit, sgd = ImplicitSGD(lr), SGD(lr)
        for _ in range(50):
            implicit.step(theta, lambda q: 10 * q)
            sgd.step(explicit, 10 * explicit)
        assert theta[0] == pytest.approx((1 + 10 * lr) ** -50, rel=1e-6, abs=1e-12)
        assert abs(explicit[0]) == pytest.approx(abs(1 - 10 * lr) ** 50, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("with_hessian", [True, False])
@pytest.mark.parametrize("lr", [0.1, 10.0, 1000.0])
def test_damped_newton_lands_where_the_plain_iterations_bounce(lr, with_hessian):
    x, grad, hessian, theta = logistic()
    start = theta.copy()
    ImplicitSGD(lr).step(theta, grad, hessian if with_hessian else None)
    np.testing.assert_allclose(theta - start, -lr * grad(theta), rtol=1e-8)
    # along x the equation has one unknown, and halving an interval finds it
    low, high = 0.0, lr
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if middle < lr * (1 - sigmoid(x @ (start + middle * x))) else (low, middle)
    np.testing.assert_allclose(theta, start + low * x, rtol=1e-9)


def test_undamped_newton_would_not_have_landed():
    """So the damping above is not for show."""
    x, grad, hessian, q = logistic()
    start, lr = q.copy(), 10.0
    for _ in range(100):
        q = q - np.linalg.solve(np.eye(2) + lr * hessian(q), q - start + lr * grad(q))
    assert np.linalg.norm(q - start + lr * grad(q)) > 1


def test_the_step_minimises_the_proximal_objective():
    x, grad, hessian, theta = logistic()
    start = theta.copy()
    ImplicitSGD(3.0).step(theta, grad, hessian)

    def objective(q):
        return 3.0 * math.log1p(math.exp(-x @ q)) + 0.5 * ((q - start) ** 2).sum()

    for direction in np.random.default_rng(0).normal(size=(20, 2)):
        assert objective(theta + 1e-3 * direction) > objective(theta)


# -- what it shares with the other rules ------------------------------------------------------------------------------


def test_weight_decay_is_part_of_the_gradient_at_the_new_point():
    X, y, theta, grad, hessian = problem(1)
    expected = theta.copy()
    ImplicitSGD(2.0).step(expected, lambda q: grad(q) + 0.3 * q)
    for H in (hessian, None):
        q = theta.copy()
        ImplicitSGD(2.0, weight_decay=0.3).step(q, grad, H)
        np.testing.assert_allclose(q, expected, rtol=1e-9, atol=1e-11)


def test_newton_needs_one_step_on_a_quadratic():
    """And a second look, to see that it has arrived: its Hessian is right, with decay as well."""
    X, y, theta, grad, hessian = problem(1)
    looks = []

    def counted(q):
        looks.append(q)
        return hessian(q)

    ImplicitSGD(2.0, weight_decay=0.3).step(theta, grad, counted)
    assert len(looks) == 2


def test_schedules_and_state():
    theta, optimizer = np.ones(1), ImplicitSGD(InverseTime(1.0, 1.0))
    for _ in range(3):
        optimizer.step(theta, lambda q: q)
    assert theta[0] == pytest.approx(1 / (2 * 1.5 * (4 / 3)), rel=1e-12)
    other = ImplicitSGD(InverseTime(1.0, 1.0))
    other.load_state_dict(optimizer.state_dict())
    assert other.rate() == optimizer.rate() == 0.25


def test_single_precision():
    X, y, theta, grad, hessian = problem(2)
    expected = theta.copy()
    least_squares_step(expected, X, y, 5.0)
    for H in (hessian, None):
        single = theta.astype(np.float32)
        ImplicitSGD(5.0).step(single, grad, H)
        assert single.dtype == np.float32
        np.testing.assert_allclose(single, expected, rtol=1e-4, atol=1e-5)


def test_functions_may_change_their_argument_and_reuse_their_result():
    X, y, theta, grad, _ = problem(3)
    expected, buffer = theta.copy(), np.empty(3)
    ImplicitSGD(2.0).step(expected, grad)

    def careless(q):
        buffer[:] = grad(q)
        q[:] = 99
        return buffer

    ImplicitSGD(2.0).step(theta, careless)
    np.testing.assert_allclose(theta, expected, rtol=1e-9)


def made(X, y):
    """A linear network and the function that moves it to q and returns its gradient, in its one gradient array."""
    net = Network([Dense(3, 1, bias=False)], loss=MSE(), rng=0)

    def grad(q):
        net.theta = q
        return net.loss_and_grad(X, y[:, None])[1]

    return net, grad


def test_the_function_may_move_the_network_whose_theta_it_is():
    X, y, _, _, _ = problem(4)
    net, grad = made(X, y)
    expected = net.theta.copy()
    least_squares_step(expected, X, y, 2 * 5.0)  # the mean square is twice the half mean square
    ImplicitSGD(5.0).step(net.theta, grad)
    np.testing.assert_allclose(net.theta, expected, rtol=1e-9)


# -- where it does not converge ---------------------------------------------------------------------------------------


def test_the_fixed_point_beyond_its_limit_says_so_and_leaves_theta():
    _, grad, _, theta = logistic()
    start = theta.copy()
    words = r"solve='fixed_point' did not converge within 100 iterations; .* is \d.*, with lr = 10; take solve='newton'"
    with pytest.raises(RuntimeError, match=words):
        ImplicitSGD(10.0, solve="fixed_point").step(theta, grad)
    np.testing.assert_array_equal(theta, start)


@pytest.mark.parametrize("solve", ["newton", "fixed_point"])
@pytest.mark.parametrize(
    "grad",
    [lambda q: np.full_like(q, np.nan), lambda q: np.exp(q) * 1e200, lambda q: np.where(q > 0, 1.0, -1.0) + 0.5 - q],
    ids=["nan", "overflow", "jumps"],
)
def test_what_has_no_solution_is_an_error_and_not_a_number(solve, grad):
    theta = np.array([0.3, -0.2])
    with pytest.raises(RuntimeError, match="did not converge"):
        ImplicitSGD(1.0, solve=solve).step(theta, grad)
    assert theta.tolist() == [0.3, -0.2]


def test_a_singular_equation_is_the_same_error():
    with pytest.raises(RuntimeError, match="solve='newton' did not converge .* check hessian against grad, or"):
        ImplicitSGD(1.0).step(np.ones(2), lambda q: 1 - q, lambda q: -np.eye(2))


def test_after_an_error_the_network_is_where_it_was_and_no_step_is_counted():
    X, y, _, _, _ = problem(4)
    net, grad = made(X, y)
    start, optimizer = net.theta.copy(), ImplicitSGD(1e3, solve="fixed_point")
    with pytest.raises(RuntimeError, match="did not converge"):
        optimizer.step(net.theta, grad)
    np.testing.assert_array_equal(net.theta, start)
    assert optimizer.t == 0


def solved(grad, hessian=None, theta=None):
    ImplicitSGD(0.1).step(np.ones(2) if theta is None else theta, grad, hessian)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ImplicitSGD(0.1, solve="bisection"), ValueError, "solve must be 'newton' or 'fixed_point', got 'bis"),
        (lambda: ImplicitSGD(-1.0), ValueError, "ImplicitSGD: lr must be at least 0"),
        (lambda: ImplicitSGD(0.1, clip_norm=1.0), TypeError, "clip_norm"),
        (lambda: solved(np.ones(2)), TypeError, "step needs the gradient as a function"),
        (lambda: solved(lambda q: q[:1]), ValueError, r"grad must return an array of shape \(2,\), got \(1,\)"),
        (lambda: solved(lambda q: q, lambda q: q), ValueError, r"hessian must return .* shape \(2, 2\), got \(2,\)"),
        (lambda: solved(lambda q: q, theta=np.ones((2, 1))), ValueError, r"theta of shape \(M,\), got \(2, 1\)"),
        (lambda: solved(lambda q: q, theta=[1.0]), TypeError, "so it must be a numpy array of floats"),
        (lambda: solved(lambda q: q, theta=np.broadcast_to(1.0, 2)), ValueError, "this array is read-only"),
        (lambda: least_squares_step([1.0], [[1.0]], [1.0], 1), TypeError, "theta is changed in place, so it must be"),
        (lambda: least_squares_step(np.ones(1), [[1.0, 2.0]], [1.0], 1), ValueError,
         r"expected theta \(n,\), X \(B, n\), y \(B,\), got \(1,\), \(1, 2\), \(1,\)"),
        (lambda: least_squares_step(np.ones(2), np.ones((3, 2)), np.ones((3, 1)), 1), ValueError, "expected theta"),
        (lambda: least_squares_step(np.ones(2), np.ones((0, 2)), np.ones(0), 1), ValueError, "expected theta"),
        (lambda: least_squares_step(np.ones(1), [[1.0]], [1.0], -1), ValueError, "lr must be at least 0, got -1"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
