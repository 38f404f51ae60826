from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Network, fit
from nnlib.activations import Tanh
from nnlib.gradcheck import gradient_check
from nnlib.layers import BatchNorm, Dense, DropConnect
from nnlib.losses import MSE
from nnlib.optimizers import SGD
from nnlib.regularizers import L1, L2, ElasticNet

PENALTIES = {
    "L1": lambda **options: L1(0.3, **options),
    "L2": lambda **options: L2(0.3, **options),
    "ElasticNet": lambda **options: ElasticNet(0.2, 0.4, **options),
}
every = pytest.mark.parametrize("make", PENALTIES.values(), ids=PENALTIES)


def network(seed=0, dtype=np.float64):
    net = Network(
        [Dense(3, 4), BatchNorm(4), Tanh(), DropConnect(4, 2, 0.5), Dense(2, 1, bias=False)], loss=MSE(), dtype=dtype
    )
    net.theta = np.random.default_rng(seed).normal(size=net.theta.size)
    return net


def weights(net):
    return [net.layers[i].W for i in (0, 3, 4)]


def test_by_hand():
    net = Network([Dense(2, 1)])
    net.theta = [3.0, -4.0, 100.0]
    assert L1(0.5).value(net) == 3.5
    assert L1(0.5).grad(net).tolist() == [0.5, -0.5, 0]
    assert L2(0.5).value(net) == 12.5
    assert L2(0.5).grad(net).tolist() == [3, -4, 0]
    assert ElasticNet(0.5, 0.25).value(net) == 3.5 + 6.25
    assert ElasticNet(0.5, 0.25).grad(net).tolist() == [0.5 + 1.5, -0.5 - 2, 0]
    assert L1(0.5, biases=True).value(net) == 53.5
    assert L2(0.5, biases=True).grad(net).tolist() == [3, -4, 100]


@every
def test_only_weights_count_unless_biases_are_wanted(make):
    net = network()
    value = make().value(net)
    for layer in (net.layers[0], net.layers[3]):
        layer.b += 5
    net.layers[1].gamma += 5
    net.layers[1].beta += 5
    assert make().value(net) == value
    grad, both = make().grad(net), make(biases=True).grad(net)
    for name, p in net.named_parameters():
        start = (p.__array_interface__["data"][0] - net.theta.__array_interface__["data"][0]) // 8
        here = slice(start, start + p.size)
        assert both[here].all()
        assert name.endswith("W") == grad[here].any(), name
    assert make(biases=True).value(net) > value


def test_values_are_sums_over_the_weights():
    net = network()
    assert L1(0.3).value(net) == pytest.approx(0.3 * sum(abs(w) for W in weights(net) for w in W.flat))
    assert L2(0.3).value(net) == pytest.approx(0.3 * sum(w * w for W in weights(net) for w in W.flat))
    assert ElasticNet(0.2, 0.4).value(net) == pytest.approx(L1(0.2).value(net) + L2(0.4).value(net))


@every
@given(seed=st.integers(0, 1000), biases=st.booleans())
def test_gradients(make, seed, biases):
    net, penalty = network(seed), make(biases=biases)
    theta = np.where(np.abs(net.theta) < 1e-3, 0.5, net.theta)  # away from the kink of |w|

    def value(theta):
        net.theta = theta
        return penalty.value(net)

    net.theta = theta
    report = gradient_check(value, penalty.grad(net), theta)
    assert report, str(report)


@every
def test_weights_of_zero_are_left_where_they_are(make):
    net = network()
    net.theta = np.zeros(net.theta.size)
    assert make(biases=True).value(net) == 0
    assert not make(biases=True).grad(net).any()


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_types_and_that_theta_is_left_alone(make, dtype):
    net = network(dtype=dtype)
    theta = net.theta.copy()
    assert type(make().value(net)) is float
    grad = make().grad(net)
    assert grad.dtype == dtype
    assert grad.shape == theta.shape
    grad[:] = 7
    np.testing.assert_array_equal(net.theta, theta)


def test_l2_in_fit_is_weight_decay_of_twice_its_strength():
    X, y = np.random.default_rng(0).normal(size=(2, 20, 1))
    nets = [Network([Dense(1, 4, bias=False), Tanh(), Dense(4, 1, bias=False)], loss=MSE(), rng=0) for _ in range(2)]
    options = {"epochs": 5, "batch_size": 5, "rng": 0, "progress": False}
    fit(nets[0], X, y, optimizer=SGD(0.1), regularizer=L2(0.05), **options)
    fit(nets[1], X, y, optimizer=SGD(0.1, weight_decay=0.1), **options)
    np.testing.assert_allclose(nets[0].theta, nets[1].theta, rtol=1e-12)


def test_both_shrink_weights_whose_sum_is_zero_already():
    """Penalties drive each weight to 0, not their sum."""
    net = Network([Dense(2, 1, bias=False)])
    for penalty in (L1(0.1), L2(0.1)):
        net.theta = [-0.5, 0.5]
        net.theta -= penalty.grad(net)
        assert net.theta.tolist() == [-0.4, 0.4]


@pytest.mark.parametrize("lam", [-0.1, float("nan")])
@pytest.mark.parametrize("make", [L1, L2, lambda lam: ElasticNet(lam, 0.1), lambda lam: ElasticNet(0.1, lam)])
def test_errors(make, lam):
    with pytest.raises(ValueError, match=rf"L[12]: lam must be at least 0, got {lam}"):
        make(lam)
