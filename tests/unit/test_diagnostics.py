"""Diagnostics: figures of activations and gradients, and that nothing is changed by taking them."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from nnlib import Network
from nnlib.activations import Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Swish, Tanh
from nnlib.diagnostics import activation_stats, dead_fraction, gradient_stats
from nnlib.graph import GraphNetwork
from nnlib.layers import BatchNorm, Dense, DropConnect, Dropout
from nnlib.losses import MSE, SoftmaxCrossEntropy

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(50, 3)), RNG.integers(0, 4, 50)


def full():
    """A network with a layer of each kind."""
    first = [Dense(3, 8), BatchNorm(8), ReLU(), Dropout(0.5, rng=1)]
    return Network([*first, DropConnect(8, 5, 0.3, rng=2), Tanh(), Dense(5, 4)], loss=SoftmaxCrossEntropy(), rng=0)


def snapshot(net):
    """All that a network holds, as plain values."""
    state = {}
    for i, layer in enumerate(net.layers):
        state[i] = {name: copy.deepcopy(value) for name, value in vars(layer).items() if name != "rng"}
        if hasattr(layer, "rng"):
            state[i]["rng"] = layer.rng.bit_generator.state
    return {"theta": net.theta.copy(), "grad": net.grad.copy(), "layers": state}


@pytest.mark.parametrize("taken", [False, True], ids=["new", "used"])
def test_nothing_is_changed(taken):
    net = full()
    if taken:
        net.loss_and_grad(X, LABELS)
    before, frozen = snapshot(net), X.copy()
    frozen.flags.writeable = False
    activation_stats(net, frozen)
    activation_stats(net, frozen, training=True)
    gradient_stats(net, frozen, LABELS)
    dead_fraction(net, frozen)
    np.testing.assert_equal(snapshot(net), before)
    np.testing.assert_array_equal(frozen, X)
    assert all("forward" not in vars(layer) for layer in net.layers)


def test_figures_of_each_layer():
    net = Network([Dense(3, 6), Sigmoid(), Dense(6, 2)], rng=0)
    z = X @ net.layers[0].W + net.layers[0].b
    a = 1 / (1 + np.exp(-z))
    y_hat = a @ net.layers[2].W + net.layers[2].b
    found = activation_stats(net, X)
    assert [(s.index, s.layer, s.size) for s in found] == [
        (0, "Dense(3, 6)", 6), (1, "Sigmoid()", 6), (2, "Dense(6, 2)", 2),
    ]  # fmt: skip
    for stats, values in zip(found, (z, a, y_hat), strict=True):
        assert stats.mean == pytest.approx(values.mean(), rel=1e-12)
        assert stats.std == pytest.approx(values.std(), rel=1e-12)
        assert stats.norm == pytest.approx(np.sqrt((values**2).sum()), rel=1e-12)
        assert stats.zero == 0
        assert all(type(getattr(stats, name)) is float for name in ("mean", "std", "norm", "zero", "saturated", "dead"))


@pytest.mark.parametrize(
    ("activation", "slope"),
    [
        (Sigmoid(), lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2),
        (Tanh(), lambda z: 1 / np.cosh(z) ** 2),
        (ReLU(), lambda z: (z > 0) * 1.0),
        (LeakyReLU(), lambda z: np.ones_like(z)),
        (LeakyReLU(0.001), lambda z: (z > 0) * 1.0),
        (Swish(), lambda z: np.imag((z + 1e-30j) / (1 + np.exp(-z - 1e-30j))) / 1e-30),
    ],
    ids=str,
)
def test_saturation(activation, slope):
    z = np.linspace(-12, 12, 400).reshape(40, 10)
    (stats,) = activation_stats(Network([activation]), z)
    assert stats.saturated == pytest.approx((np.abs(slope(z)) < 0.01).mean(), abs=1e-12)


def test_dead_units():
    net = Network([Dense(3, 10), ReLU(), Dropout(0.5), Dense(10, 4), ReLU(), Dense(4, 2)], rng=0)
    net.layers[0].b[:3] = -1000
    net.layers[3].b[0] = -1000
    found = activation_stats(net, X)
    assert found[1].dead == pytest.approx(0.3)
    assert found[1].zero > 0.3
    assert found[4].dead == pytest.approx(0.25)
    assert dead_fraction(net, X) == pytest.approx((3 + 1) / 14)
    assert dead_fraction(Network([Dense(3, 2)]), X) == 0


def test_a_unit_that_is_zero_for_some_samples_is_not_dead():
    net = Network([ReLU()])
    assert dead_fraction(net, np.array([[1.0, -1.0, 0.0], [-1.0, -1.0, 0.0]])) == pytest.approx(2 / 3)


def test_what_is_not_elementwise_has_no_such_share():
    net = Network([Dense(3, 4), BatchNorm(4), Identity(), Dropout(0.5), Softmax()], rng=0)
    for stats in activation_stats(net, X, training=True):
        assert math.isnan(stats.saturated)
        assert math.isnan(stats.dead)


def test_training_mode_is_seen_by_the_layers():
    net = Network([Dropout(0.5, rng=0)])
    assert activation_stats(net, np.ones((100, 10)))[0].zero == 0
    assert activation_stats(net, np.ones((100, 10)), training=True)[0].zero == pytest.approx(0.5, abs=0.05)


def test_gradient_figures():
    net = Network([Dense(3, 6), BatchNorm(6), Tanh(), Dense(6, 4, bias=False)], loss=SoftmaxCrossEntropy(), rng=0)
    found = gradient_stats(net, X, LABELS)
    _, grad = net.loss_and_grad(X, LABELS)
    pieces = np.split(grad, [24, 36])
    assert [(s.index, s.size) for s in found] == [(0, 24), (1, 12), (3, 24)]
    for stats, piece in zip(found, pieces, strict=True):
        assert stats.norm == pytest.approx(np.linalg.norm(piece), rel=1e-12)
        assert stats.mean == pytest.approx(piece.mean(), rel=1e-12, abs=1e-15)
        assert stats.std == pytest.approx(piece.std(), rel=1e-12)
        assert stats.zero == pytest.approx((piece == 0).mean())


def test_gradients_fade_through_sigmoids():
    layers = [layer for _ in range(8) for layer in (Dense(10, 10, init="xavier"), Sigmoid())]
    net = Network([*layers, Dense(10, 4)], loss=SoftmaxCrossEntropy(), rng=0)
    norms = [stats.norm for stats in gradient_stats(net, RNG.normal(size=(50, 10)), LABELS)]
    assert norms[0] < 1e-4 * norms[-1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_and_lists(dtype):
    net = Network([Dense(3, 4), ReLU(), Dense(4, 4)], loss=SoftmaxCrossEntropy(), dtype=dtype, rng=0)
    for given in (X, X.tolist(), X.astype(np.float32), np.asfortranarray(X)):
        np.testing.assert_allclose(activation_stats(net, given)[1].std, activation_stats(net, X)[1].std, rtol=1e-5)
        assert gradient_stats(net, given, LABELS)[0].norm > 0


class Own:
    """A learner's own ReLU."""

    def forward(self, x, *, training=False):
        self.on = x > 0
        return x * self.on

    def backward(self, dy):
        return dy * self.on


def test_a_learners_own_activation():
    own, ours = (Network([Dense(3, 6, rng=0), relu]) for relu in (Own(), ReLU()))
    a, b = (activation_stats(net, X)[1] for net in (own, ours))
    assert (a.saturated, a.dead, a.zero, a.std) == (b.saturated, b.dead, b.zero, b.std)


def test_a_graph():
    net = GraphNetwork(3, loss=MSE(), rng=0).add("h", [0, 1], "relu", q=0.5).add("dead", [1, 2], "relu")
    net.add("y", ["h", "dead"]).outputs(["y"])
    net.theta[net.where["dead"]] = -1000
    theta, state = net.theta.copy(), net.rng.bit_generator.state
    assert dead_fraction(net, X) == 0.5
    found = gradient_stats(net, X, X[:, :1])
    np.testing.assert_array_equal(net.theta, theta)
    assert net.rng.bit_generator.state == state
    net.loss_and_grad(X, X[:, :1])
    assert sum(stats.norm**2 for stats in found) == pytest.approx((net.grad**2).sum())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: activation_stats(full(), X[:0]), ValueError, "activation_stats: the batch is empty"),
        (lambda: dead_fraction(full(), X[:0]), ValueError, "the batch is empty"),
        (lambda: activation_stats(full(), X[0]), ValueError, "One sample is a batch of one"),
        (lambda: activation_stats(full(), X[:, :2]), ValueError, r"Dense\(3, 8\): expected input .* got \(50, 2\)"),
        (lambda: gradient_stats(Network([Dense(3, 4)]), X, LABELS), RuntimeError, "there is no loss"),
        (lambda: gradient_stats(full(), X, LABELS[:9]), ValueError, "need 50 labels, got 9"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
