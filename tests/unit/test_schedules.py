from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.optimizers import SGD, Adam
from nnlib.schedules import Constant, Cosine, Exponential, InverseTime, Schedule, Step, Warmup

ALL = [
    Constant(0.3),
    InverseTime(0.3, 0.01),
    Exponential(0.3, 0.01),
    Step(0.3, 0.5, 20),
    Cosine(0.3, 50),
    Cosine(0.3, 50, 0.1),
    Warmup(10, Cosine(0.3, 50)),
]
every = pytest.mark.parametrize("schedule", ALL, ids=repr)


def test_halves():
    """Each schedule at a step where half of the rate is left."""
    assert InverseTime(0.4, kappa=0.1)(10) == pytest.approx(0.2)
    assert Exponential(0.4, kappa=math.log(2) / 10)(10) == pytest.approx(0.2)
    assert Step(0.4, factor=0.5, every=10)(10) == pytest.approx(0.2)
    assert Cosine(0.4, steps=20)(10) == pytest.approx(0.2)
    assert Warmup(20, Constant(0.4))(10) == pytest.approx(0.2)


def test_inverse_time_and_exponential_part_ways():
    """The three schedules that are often taken for one: at t = 10^4, kappa = 10^-3 the ratio is e^10 / 11."""
    ratio = InverseTime(0.1, 1e-3)(10_000) / Exponential(0.1, 1e-3)(10_000)
    assert ratio == pytest.approx(2002.4, abs=0.1)


def test_step_by_step():
    assert [Step(1.0, 0.1, 3)(t) for t in range(7)] == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01])


def test_cosine_ends_flat_and_exactly():
    schedule = Cosine(0.5, steps=10, lr_min=0.1)
    assert schedule(0) == 0.5
    assert schedule(5) == pytest.approx(0.3)
    assert [schedule(t) for t in (10, 11, 1000)] == [0.1, 0.1, 0.1]
    assert all(schedule(t) > schedule(t + 1) for t in range(10))


@given(st.integers(1, 50), st.integers(0, 100))
def test_warmup_is_a_line_and_then_the_other_from_its_own_zero(steps, t):
    then = InverseTime(0.3, 0.1)
    warm = Warmup(steps, then)
    assert warm(0) == 0
    assert warm(steps) == then(0)
    assert warm(steps + t) == then(t)
    inside = t % steps
    assert warm(inside) == pytest.approx(0.3 * inside / steps)


def test_warmup_takes_any_function():
    assert Warmup(4, lambda t: 0.2)(2) == 0.1
    assert Warmup(4, Warmup(4, Constant(1.0)))(3) == 0


@every
def test_rates_are_plain_numbers_and_never_negative(schedule):
    rates = [schedule(t) for t in range(200)]
    assert all(type(rate) is float for rate in rates)
    assert all(0 <= rate <= 0.3 + 1e-15 for rate in rates)


@every
def test_schedules_never_change(schedule):
    with pytest.raises(dataclasses.FrozenInstanceError):
        schedule.lr = 1.0
    assert schedule == dataclasses.replace(schedule)
    assert hash(schedule) == hash(dataclasses.replace(schedule))


@every
@pytest.mark.parametrize("rule", [SGD, Adam])
def test_an_optimizer_asks_for_each_step_from_zero(schedule, rule):
    optimizer, theta = rule(schedule), np.ones(2)
    for t in range(30):
        assert optimizer.rate() == schedule(t)
        optimizer.step(theta, np.ones(2))


def test_sgd_moves_by_the_sum_of_the_rates():
    theta, schedule = np.zeros(1), Warmup(3, Step(0.5, 0.1, 2))
    sgd = SGD(schedule)
    for _ in range(8):
        sgd.step(theta, np.ones(1))
    assert theta[0] == pytest.approx(-(0.5 / 3 + 1 / 3 + 2 * 0.5 + 2 * 0.05 + 0.005))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Constant(-0.1), ValueError, r"Constant: lr must be at least 0, got -0\.1"),
        (lambda: InverseTime(math.nan, 1), ValueError, "InverseTime: lr must be at least 0, got nan"),
        (lambda: InverseTime(0.1, -1), ValueError, "InverseTime: kappa must be at least 0, got -1"),
        (lambda: Exponential(0.1, -1), ValueError, "Exponential: kappa must be at least 0, got -1"),
        (lambda: Step(0.1, -0.5, 1), ValueError, r"Step: factor must be at least 0, got -0\.5"),
        (lambda: Step(0.1, 0.5, 0), ValueError, "Step: every must be at least 1, got 0"),
        (lambda: Cosine(0.1, 0), ValueError, "Cosine: steps must be at least 1, got 0"),
        (lambda: Cosine(0.1, 5, lr_min=-1), ValueError, "Cosine: lr_min must be at least 0, got -1"),
        (lambda: Warmup(0, Constant(1)), ValueError, "Warmup: steps must be at least 1, got 0"),
        (lambda: Warmup(5, 0.1), TypeError, r"Warmup: then must be a schedule, such as Constant\(0\.1\), got 0\.1"),
        (lambda: Constant("0.1"), TypeError, "not supported between"),
        (lambda: Schedule()(0), NotImplementedError, "Schedule has no __call__"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
