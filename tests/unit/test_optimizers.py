from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.optimizers import SGD, AdaGrad, Adam, AdamW, Optimizer, RMSProp, clip_grad_norm

RULES = {
    "sgd": lambda **options: SGD(0.1, **options),
    "momentum": lambda **options: SGD(0.1, momentum=0.9, **options),
    "nesterov": lambda **options: SGD(0.1, momentum=0.9, nesterov=True, **options),
    "adam": lambda **options: Adam(0.1, **options),
    "adamw": lambda **options: AdamW(0.1, **options),
    "adagrad": lambda **options: AdaGrad(0.1, **options),
    "rmsprop": lambda **options: RMSProp(0.1, **options),
}
COUPLED = {name: make for name, make in RULES.items() if name != "adamw"}
every_rule = pytest.mark.parametrize("make", RULES.values(), ids=RULES)
every_coupled_rule = pytest.mark.parametrize("make", COUPLED.values(), ids=COUPLED)


def run(optimizer, gradients, theta=(1.0, -2.0), dtype=float):
    theta = np.array(theta, dtype)
    for g in gradients:
        optimizer.step(theta, np.asarray(g, dtype))
    return theta


GRADIENTS = np.random.default_rng(0).normal(size=(12, 2))


# -- the rules --------------------------------------------------------------------------------------------------------


def test_sgd_by_hand():
    np.testing.assert_allclose(run(SGD(0.1), [[1, 2], [3, 0]]), [1 - 0.4, -2 - 0.2])


def test_momentum_by_hand():
    """u = 1, 1.5, 1.75 for a gradient of 1 and mu = 1/2."""
    assert run(SGD(1.0, momentum=0.5), [[1]] * 3, [0.0])[0] == -(1 + 1.5 + 1.75)


def test_nesterov_by_hand():
    """g + mu u = 1.5, 1.75, 1.875."""
    assert run(SGD(1.0, momentum=0.5, nesterov=True), [[1]] * 3, [0.0])[0] == -(1.5 + 1.75 + 1.875)


def test_nesterov_is_the_look_ahead_in_other_variables():
    """theta = x + mu v for the look-ahead form v = mu v - lr grad(x + mu v), x = x + v, on a quadratic."""
    H, lr, mu = np.diag([1.0, 10.0]), 0.05, 0.9
    theta, x, v = np.ones(2), np.ones(2), np.zeros(2)
    sgd = SGD(lr, momentum=mu, nesterov=True)
    for _ in range(40):
        sgd.step(theta, H @ theta)
        v = mu * v - lr * H @ (x + mu * v)
        x = x + v
    np.testing.assert_allclose(theta, x + mu * v, rtol=1e-12, atol=1e-14)


@given(st.floats(1e-5, 1e5), st.sampled_from([-1, 1]))
def test_the_first_step_of_adam_is_lr_whatever_the_gradient(size, sign):
    theta = run(Adam(0.01, eps=1e-12), [[sign * size]], [0.0])
    assert theta[0] == pytest.approx(-0.01 * sign, rel=1e-6)


def test_adam_by_its_definition():
    m = v = 0.0
    theta = np.zeros(2)
    for t, g in enumerate(GRADIENTS, 1):
        m, v = 0.8 * m + 0.2 * g, 0.95 * v + 0.05 * g**2
        theta = theta - 0.1 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.95**t)) + 1e-3)
    adam = Adam(0.1, beta1=0.8, beta2=0.95, eps=1e-3)
    np.testing.assert_allclose(run(adam, GRADIENTS, [0.0, 0.0]), theta, rtol=1e-12)


def test_adagrad_by_hand():
    """Constant gradients give steps lr / sqrt(t), whatever their size; after 3 and 4 the divisor is 5."""
    for size in (1e-3, 1.0, 1e6):
        theta = run(AdaGrad(0.1, eps=0.0), [[size]] * 4, [0.0])
        assert theta[0] == pytest.approx(-0.1 * sum(1 / math.sqrt(t) for t in (1, 2, 3, 4)), rel=1e-12)
    assert run(AdaGrad(1.0), [[3], [-4]], [0.0])[0] == pytest.approx(-1 + 4 / 5, rel=1e-9)


def test_the_memory_of_adagrad_has_no_sign():
    adagrad = AdaGrad(0.1)
    run(adagrad, [[1], [-1], [1], [-1]], [0.0])
    assert adagrad.v.tolist() == [4]


def test_rmsprop_by_its_definition():
    v, theta = 0.0, np.zeros(2)
    for g in GRADIENTS:
        v = 0.8 * v + 0.2 * g**2
        theta = theta - 0.1 * g / (np.sqrt(v) + 1e-3)
    np.testing.assert_allclose(run(RMSProp(0.1, rho=0.8, eps=1e-3), GRADIENTS, [0.0, 0.0]), theta, rtol=1e-12)


def test_rmsprop_without_memory_is_the_sign_of_the_gradient():
    np.testing.assert_allclose(run(RMSProp(0.1, rho=0.0), [[5, -0.01]], [0.0, 0.0]), [-0.1, 0.1], rtol=1e-5)


def test_decoupled_decay_comes_before_the_step_and_is_not_divided():
    """theta (1 - lr wd) - lr sign(g) in the first step; with no gradient theta shrinks geometrically."""
    theta = run(AdamW(0.1, weight_decay=0.5), [[7, -7]], [1.0, 1.0])
    np.testing.assert_allclose(theta, [0.95 - 0.1, 0.95 + 0.1], rtol=1e-7)
    theta = run(AdamW(0.1, weight_decay=0.5), [[0, 0]] * 10, [1.0, -2.0])
    np.testing.assert_allclose(theta, np.array([1, -2]) * 0.95**10, rtol=1e-13)
    assert AdamW(0.1).weight_decay == 0.01


def test_coupled_decay_in_adam_is_divided_by_the_size_of_the_gradients():
    """With the data's gradient zero, Adam walks to 0 at lr per step, whatever the decay; AdamW at lr wd theta."""
    small, large = (run(Adam(0.01, weight_decay=wd), [[0]] * 5, [1.0])[0] for wd in (1e-3, 1.0))
    assert small == pytest.approx(0.95, rel=1e-3)
    assert large == pytest.approx(0.95, rel=1e-3)


@pytest.mark.parametrize("rule", [SGD, AdaGrad, RMSProp, Adam, AdamW])
def test_every_rule_finds_the_bottom_of_a_bowl(rule):
    theta, H = np.array([1.0, -1.0]), np.diag([1.0, 10.0])
    options = {"weight_decay": 0.0} if rule is AdamW else {}
    optimizer = rule(lambda t: 0.1 / (1 + 0.01 * t), **options)
    for _ in range(500):
        optimizer.step(theta, H @ theta)
    assert np.abs(theta).max() < 1e-2


# -- what they share --------------------------------------------------------------------------------------------------


@every_rule
def test_theta_changes_in_place_and_grad_stays(make):
    for options in ({}, {"weight_decay": 0.1}, {"clip_norm": 0.1}):
        theta, grad = np.ones(3), np.full(3, 2.0)
        view = theta[1:]
        make(**options).step(theta, grad)
        assert (view < 1).all()
        assert grad.tolist() == [2, 2, 2]


@every_rule
def test_schedules_are_called_with_the_step_from_zero(make):
    seen = []

    def schedule(t):
        seen.append(t)
        return np.float64(0.1 / (1 + t))

    optimizer = make()
    optimizer.lr = schedule
    assert optimizer.rate() == 0.1
    assert type(optimizer.rate()) is float
    seen.clear()
    theta = run(optimizer, GRADIENTS[:3], dtype=np.float32)
    assert seen == [0, 1, 2]
    assert theta.dtype == np.float32


def test_a_schedule_sets_the_rate_of_each_step():
    assert run(SGD(lambda t: 1 / (1 + t)), [[1]] * 3, [0.0])[0] == pytest.approx(-(1 + 1 / 2 + 1 / 3))


@every_coupled_rule
def test_coupled_weight_decay_is_a_longer_gradient(make):
    decayed, plain, theta, other = make(weight_decay=0.3), make(), np.ones(2), np.ones(2)
    for g in GRADIENTS:
        decayed.step(theta, g)
        plain.step(other, g + 0.3 * other)
    np.testing.assert_allclose(theta, other, rtol=1e-13)


@every_coupled_rule
def test_clipping_comes_before_decay(make):
    both, plain, theta, other = make(weight_decay=0.3, clip_norm=0.5), make(), np.ones(2), np.ones(2)
    for g in GRADIENTS:
        both.step(theta, g)
        plain.step(other, g * min(1, 0.5 / np.linalg.norm(g)) + 0.3 * other)
    np.testing.assert_allclose(theta, other, rtol=1e-13)


def test_clipping_in_adamw_leaves_the_decay_alone():
    both, plain = AdamW(0.1, weight_decay=0.5, clip_norm=0.5), AdamW(0.1, weight_decay=0.0)
    theta, other = np.ones(2), np.ones(2)
    for g in GRADIENTS:
        both.step(theta, g)
        other *= 1 - 0.1 * 0.5
        plain.step(other, g * min(1, 0.5 / np.linalg.norm(g)))
    np.testing.assert_allclose(theta, other, rtol=1e-13)


def test_clip_grad_norm():
    g = np.array([3.0, -4.0])
    assert clip_grad_norm(g, 5.0) is g
    np.testing.assert_allclose(clip_grad_norm(g, 1.0), [0.6, -0.8], rtol=1e-15)
    assert g.tolist() == [3, -4]
    np.testing.assert_allclose(clip_grad_norm([[3, 0], [0, -4]], 2.5), [[1.5, 0], [0, -2]], rtol=1e-15)
    assert clip_grad_norm(np.zeros(2), 1.0).tolist() == [0, 0]
    assert clip_grad_norm(np.zeros(0), 1.0).size == 0


@given(st.integers(0, 1000), st.floats(1e-3, 1e3))
def test_clipping_is_exactly_the_minimum_of_one_and_c_over_the_norm(seed, c):
    g = np.random.default_rng(seed).normal(size=5)
    np.testing.assert_allclose(clip_grad_norm(g, c), g * min(1, c / np.linalg.norm(g)), rtol=1e-14)


@pytest.mark.parametrize(
    ("size", "dtype"), [(1e30, np.float32), (1e-30, np.float32), (6e4, np.float16), (1e300, float), (1e-200, float)]
)
def test_clipping_of_gradients_whose_squares_leave_the_range(size, dtype):
    g = clip_grad_norm(np.full(2, size, dtype), size / 10)
    assert g.dtype == dtype
    np.testing.assert_allclose(g / size, 0.1 * math.sqrt(0.5), rtol=1e-3 if dtype is np.float16 else 1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_gradient_without_direction_stays_as_it_is_and_is_not_made_to_look_right(bad):
    g = np.array([bad, 1.0])
    np.testing.assert_array_equal(clip_grad_norm(g, 0.5), g)
    assert not np.isfinite(run(SGD(0.1, clip_norm=0.5), [g])).all()


@every_rule
def test_lists_integers_and_strided_gradients(make):
    expected = run(make(), [[3.0, -1.0], [2.0, 5.0]])
    for gradients in ([[3, -1], [2, 5]], np.array([[3, 2], [-1, 5]]).T, np.array([[3, -1], [2, 5]], np.int8)):
        theta, optimizer = np.array([9, 1.0, 9, -2.0])[1::2], make()
        for g in gradients:
            optimizer.step(theta, g)
        np.testing.assert_allclose(theta, expected, rtol=1e-14)


@every_rule
def test_a_gradient_of_another_precision_leaves_theta_in_its_own(make):
    theta, optimizer = np.ones(2, np.float32), make()
    optimizer.step(theta, np.array([3.0, -1.0]))
    assert theta.dtype == np.float32
    assert all(getattr(optimizer, name).dtype == np.float32 for name in optimizer.buffers)


@every_rule
@pytest.mark.parametrize("k", [0, 5])
def test_a_state_goes_on_where_it_was(make, k):
    whole, first, second = make(), make(), make()
    theta = run(first, GRADIENTS[:k])
    state = first.state_dict()
    second.load_state_dict(state)
    run(first, GRADIENTS)  # the state is a copy: more steps of the first do not reach the second
    np.testing.assert_array_equal(run(second, GRADIENTS[k:], theta), run(whole, GRADIENTS))


@every_rule
def test_a_state_belongs_to_nobody(make):
    """Neither more steps of the optimizer it came from change it, nor those of one that loaded it."""
    first, second = make(), make()
    run(first, GRADIENTS[:3])
    state = first.state_dict()
    kept = {name: np.copy(value) for name, value in state.items()}
    run(first, GRADIENTS)
    second.load_state_dict(state)
    run(second, GRADIENTS)
    assert state.keys() == kept.keys()
    for name, value in state.items():
        np.testing.assert_array_equal(value, kept[name])


@every_rule
def test_loading_the_state_of_the_beginning_forgets(make):
    optimizer = make()
    beginning = optimizer.state_dict()
    first = run(optimizer, GRADIENTS)
    optimizer.load_state_dict(beginning)
    np.testing.assert_array_equal(run(optimizer, GRADIENTS), first)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", [RULES["momentum"], RULES["adam"], RULES["rmsprop"]])
def test_what_decays_becomes_zero_and_never_denormal(make, dtype):
    optimizer = make()
    theta = np.ones(4, dtype)
    optimizer.step(theta, np.full(4, 1e-3, dtype))
    for _ in range(8000):
        optimizer.step(theta, np.zeros(4, dtype))
    state = getattr(optimizer, optimizer.buffers[0])
    assert state.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_flush_comes_before_denormals(dtype):
    optimizer, theta, least = SGD(0.1, momentum=0.9), np.ones(1, dtype), np.inf
    optimizer.step(theta, np.ones(1, dtype))
    while optimizer.u.any():
        optimizer.step(theta, np.zeros(1, dtype))
        least = min(least, abs(float(optimizer.u[0])) or np.inf)
    assert least >= np.finfo(dtype).tiny


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: SGD(-0.1), ValueError, r"SGD: lr must be at least 0, got -0\.1"),
        (lambda: Adam(math.nan), ValueError, "Adam: lr must be at least 0, got nan"),
        (lambda: SGD(0.1, momentum=1.5), ValueError, r"SGD: momentum must be in \[0, 1\], got 1\.5"),
        (lambda: SGD(0.1, nesterov=True), ValueError, "nesterov=True needs a momentum above 0"),
        (lambda: Adam(0.1, beta1=1.0), ValueError, r"Adam: beta1 must be in \[0, 1\), got 1\.0"),
        (lambda: Adam(0.1, beta2=-0.1), ValueError, r"Adam: beta2 must be in \[0, 1\), got -0\.1"),
        (lambda: Adam(0.1, eps=-1), ValueError, "Adam: eps must be at least 0, got -1"),
        (lambda: SGD(0.1, weight_decay=-1), ValueError, "SGD: weight_decay must be at least 0, got -1"),
        (lambda: SGD(0.1, clip_norm=0), ValueError, "SGD: clip_norm must be above 0, got 0"),
        (lambda: AdaGrad(0.1, eps=-1), ValueError, "AdaGrad: eps must be at least 0, got -1"),
        (lambda: RMSProp(0.1, rho=1.0), ValueError, r"RMSProp: rho must be in \[0, 1\), got 1\.0"),
        (lambda: AdamW(0.1, beta1=1.0), ValueError, r"AdamW: beta1 must be in \[0, 1\), got 1\.0"),
        (lambda: SGD("0.1"), TypeError, "not supported between"),
        (lambda: Adam(0.1, weigth_decay=0.1), TypeError, "unexpected keyword argument 'weigth_decay'"),
        (lambda: clip_grad_norm(np.ones(2), 0.0), ValueError, r"clip_grad_norm: c must be above 0, got 0\.0"),
        (lambda: clip_grad_norm(np.ones(2), math.nan), ValueError, "clip_grad_norm: c must be above 0, got nan"),
        (lambda: SGD(0.1).step(np.broadcast_to(1.0, 2), np.ones(2)), ValueError, "array is read-only; give a copy"),
        (lambda: SGD(0.1).step([1.0], np.ones(1)), TypeError, "SGD: step changes theta in place, so it must"),
        (lambda: SGD(0.1).step(np.ones(1, int), np.ones(1)), TypeError, "a numpy array of floats"),
        (lambda: SGD(0.1).step(np.ones(2), np.ones(3)), ValueError, r"theta has shape \(2,\) and grad \(3,\)"),
        (lambda: [run(adam, [np.ones(n)], np.ones(n)) for adam in [Adam(0.1)] for n in (2, 3)], ValueError,
         r"Adam: its state has shape \(2,\) and theta \(3,\); each network needs an optimizer of its own"),
        (lambda: Adam(0.1).load_state_dict({"t": 2, "u": 0.0}), ValueError, r"expected the state \['m', 't', 'v'\]"),
        (lambda: Optimizer(0.1).step(np.ones(1), np.ones(1)), NotImplementedError, "Optimizer has no update"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
