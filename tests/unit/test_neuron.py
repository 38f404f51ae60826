from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.gradcheck import complex_grad, gradient_check
from nnlib.neuron import DeltaRule, Perceptron, TanhNeuron

SEEDS = st.integers(0, 1000)


def problem(seed, N=7, n=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, n)), rng.normal(size=N), rng.normal(size=n), rng.normal()


# -- TanhNeuron -------------------------------------------------------------------------------------------------------


def test_forward_and_loss_by_hand():
    neuron = TanhNeuron([1.0, 2.0], b=-1.0)
    X = np.array([[1.0, 0.0], [0.0, 0.0], [0.5, 1.0]])
    np.testing.assert_allclose(neuron.forward(X), np.tanh([0.0, -1.0, 1.5]), rtol=1e-15)
    assert neuron.loss(X, neuron.forward(X) + [0, 1, 3]) == pytest.approx(10 / 3)


@given(SEEDS, st.integers(1, 9), st.integers(1, 5))
def test_gradient(seed, N, n):
    X, y, w, b = problem(seed, N, n)
    dw, db = TanhNeuron(w, b).gradient(X, y)
    np.testing.assert_allclose(dw, complex_grad(lambda w: TanhNeuron(w, b).loss(X, y), w), rtol=1e-11, atol=1e-13)
    assert db == pytest.approx(complex_grad(lambda b: TanhNeuron(w, b).loss(X, y), b), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("b", [30.0, 1000.0])
def test_gradient_dies_where_tanh_saturates(b):
    X, y, w, _ = problem(0)
    dw, db = TanhNeuron(w, b).gradient(X, y)
    assert np.abs(dw).max() < 1e-15
    assert abs(db) < 1e-15


def test_gradient_check_takes_the_neuron():
    X, y, w, b = problem(1)
    assert gradient_check(lambda w: TanhNeuron(w, b).loss(X, y), lambda w: TanhNeuron(w, b).gradient(X, y)[0], w)


def test_step_goes_down_and_leaves_the_arguments():
    X, y, w, b = problem(2)
    kept = w.copy()
    neuron = TanhNeuron(w, b)
    dw, db = neuron.gradient(X, y)
    before = neuron.loss(X, y)
    neuron.step(X, y, lr=0.1)
    np.testing.assert_allclose(neuron.w, kept - 0.1 * dw, rtol=1e-15)
    assert neuron.b == pytest.approx(b - 0.1 * db)
    assert neuron.loss(X, y) < before
    np.testing.assert_array_equal(w, kept)


# -- DeltaRule --------------------------------------------------------------------------------------------------------


@given(SEEDS)
def test_update_is_a_step_against_half_the_squared_error(seed):
    X, y, w, _ = problem(seed)
    unit = DeltaRule(w, lr=0.3)
    unit.update(X[0], y[0])
    slope = complex_grad(lambda w: (X[0] @ w - y[0]) ** 2 / 2, w)
    np.testing.assert_allclose(unit.w, w - 0.3 * slope, rtol=1e-12, atol=1e-13)


def test_fit_goes_through_the_samples_in_order():
    X, y, w, _ = problem(3)
    one, other = DeltaRule(w, lr=0.05), DeltaRule(w, lr=0.05)
    losses = one.fit(X, y, epochs=2)
    for x_i, y_i in itertools.chain(zip(X, y, strict=True), zip(X, y, strict=True)):
        other.update(x_i, y_i)
    np.testing.assert_array_equal(one.w, other.w)
    assert len(losses) == 2
    assert losses[1] == pytest.approx(0.5 * np.mean((X @ one.w - y) ** 2))
    np.testing.assert_array_equal(one.predict(X), X @ one.w)


def test_delta_rule_finds_the_weights_of_a_linear_target():
    X, _, w, _ = problem(4, N=40)
    unit = DeltaRule(np.zeros(3), lr=0.1)
    unit.fit(X, X @ w, epochs=60)
    np.testing.assert_allclose(unit.w, w, atol=1e-9)


# -- Perceptron -------------------------------------------------------------------------------------------------------


def separable(seed):
    """Points with a bias column, labelled by a known plane, none nearer to it than 0.2."""
    rng = np.random.default_rng(seed)
    plane = np.array([1.0, -2.0, 0.3])
    X = np.column_stack([rng.uniform(-1, 1, (100, 2)), np.ones(100)])
    X = X[np.abs(X @ plane) > 0.2]
    return X, np.sign(X @ plane), plane


@given(SEEDS)
def test_perceptron_converges_within_the_bound(seed):
    X, t, plane = separable(seed)
    unit = Perceptron(3)
    history = unit.fit(X, t, max_passes=1000)
    R, gamma = np.linalg.norm(X, axis=1).max(), (t * (X @ plane)).min() / np.linalg.norm(plane)
    assert history.converged
    assert 0 < history.updates <= (R / gamma) ** 2
    assert (unit.predict(X) == t).all()
    assert len(history.weights) == history.updates
    np.testing.assert_array_equal(history.weights[-1], unit.w)


def test_each_update_adds_a_sample_of_the_data():
    X, t, _ = separable(0)
    w = np.zeros(3)
    for after in Perceptron(3).fit(X, t).weights:
        assert np.isclose(after - w, t[:, None] * X).all(axis=1).any()
        w = after


def test_perceptron_never_settles_on_xor():
    X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1.0]])
    history = Perceptron(3).fit(X, np.array([-1, 1, 1, -1]), max_passes=50)
    assert not history.converged
    assert history.updates > 50


def test_a_point_on_the_boundary_counts_as_wrong_and_is_predicted_minus_one():
    unit = Perceptron(2)
    assert unit.predict(np.zeros((1, 2))).tolist() == [-1]
    before = unit.w
    assert unit.update(np.array([1.0, 2.0]), -1) is True
    assert before.tolist() == [0, 0]
    assert unit.w.tolist() == [-1, -2]
    assert unit.update(np.array([1.0, 2.0]), -1) is False


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: TanhNeuron([[1.0]]), r"TanhNeuron: expected w of shape \(n,\), got \(1, 1\)"),
        (lambda: TanhNeuron([1.0, 2.0]).forward(np.ones((4, 3))), r"TanhNeuron: expected input of shape \(batch, 2\)"),
        (lambda: TanhNeuron([1.0, 2.0]).forward(np.ones(2)), r"got \(2,\). One sample is a batch of one: x\[None, :\]"),
        (lambda: TanhNeuron([1.0]).loss(np.ones((4, 1)), np.ones((4, 1))), r"targets of shape \(4,\), got \(4, 1\)"),
        (lambda: TanhNeuron([1.0]).gradient(np.ones((4, 1)), 1.0), r"targets of shape \(4,\), got \(\)"),
        (lambda: DeltaRule(3.0, 0.1), r"DeltaRule: expected w of shape \(n,\), got \(\)"),
        (lambda: DeltaRule([1.0], 0.1).update(np.ones((1, 1)), 1.0), r"one sample of shape \(1,\), got \(1, 1\)"),
        (lambda: DeltaRule([1.0], 0.1).fit(np.ones((3, 1)), np.ones(2), 1), r"targets of shape \(3,\), got \(2,\)"),
        (lambda: Perceptron(0), "Perceptron: n_in must be at least 1, got 0"),
        (lambda: Perceptron(2).update(np.ones(2), 0), r"the target must be -1 or \+1, got 0"),
        (lambda: Perceptron(2).update(np.ones(3), 1), r"Perceptron: expected one sample of shape \(2,\), got \(3,\)"),
        (lambda: Perceptron(2).fit(np.ones((3, 2)), np.ones(4)), r"targets of shape \(3,\), got \(4,\)"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()
