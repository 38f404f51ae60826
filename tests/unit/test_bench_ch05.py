"""What the reader of chapter 05 discovers on the bench: what confidence costs, and where naive code ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnlib.losses import BCEWithLogits
from nnlib.workbook.benches.ch05 import LEAST, MOST, SoftmaxBench, exact_loss, in_words, losses_of_a_logit
from nnlib.workbook.scene import Line, Markers, Text


def layers(kind, axes, **changes):
    bench = SoftmaxBench()
    return [layer for layer in bench.compute(**bench.settings(**changes)).layers
            if isinstance(layer, kind) and layer.axes == axes]  # fmt: skip


def bars(**changes):
    """Heights of the three bars."""
    (line,) = layers(Line, 0, **changes)
    return np.array(line.y)[1::3]


def charged(**changes):
    """Where the marker stands: probability of the true class, and loss."""
    (marker,) = layers(Markers, 1, **changes)
    return marker.x, marker.y


def words(**changes):
    bench = SoftmaxBench()
    return bench.describe(**bench.settings(**changes))


@pytest.mark.parametrize("logits", [(2.0, 0.0, -1.0), (-3.0, 4.5, 4.0)])
def test_bars_are_the_exponentials_over_their_sum(logits):
    powers = [math.exp(z) for z in logits]
    shown = bars(**dict(zip(("z1", "z2", "z3"), logits, strict=True)))
    assert shown == pytest.approx([power / sum(powers) for power in powers])


@pytest.mark.parametrize("k", [0, 1, 2])
def test_the_marker_stands_on_the_line(k):
    p, loss = charged(k=k)
    assert p == pytest.approx(bars()[k])
    assert loss == pytest.approx(-math.log(p))


@pytest.mark.parametrize("z1", [5.0, 7.0, 9.0])
def test_surer_and_wrong_costs_the_same_at_each_step(z1):
    before, after = (charged(z1=z, z3=0.0, k=1) for z in (z1, z1 + 1))
    assert after[1] - before[1] == pytest.approx(1.0, abs=0.01)
    assert math.log10(before[0] / after[0]) * math.log(10) == pytest.approx(after[1] - before[1])


def test_surer_and_right_saves_less_and_less():
    loss = [charged(z1=z, k=0)[1] for z in (0.0, 2.0, 4.0, 6.0)]
    saved = -np.diff(loss)
    assert saved[0] > 2 * saved[1] > 4 * saved[2] > 0


def test_temperature_keeps_the_order_and_ends_in_no_idea_or_all_on_one():
    orders = {tuple(np.argsort(bars(tau=tau))) for tau in (0.1, 1.0, 10.0, 100.0)}
    assert orders == {(2, 1, 0)}
    assert bars(tau=0.01)[0] == 1.0
    assert charged(tau=100.0)[1] == pytest.approx(math.log(3), abs=0.02)


@pytest.mark.parametrize(("settings", "fails_with"), [
    ({"z1": 8.0, "tau": 0.01, "k": 1}, "inf"),  # the sum of the exponentials overflows
    ({"z1": 8.0, "tau": 0.01, "k": 0}, "nan"),  # and so does the numerator
    ({"z1": 7.0, "z2": -1.0, "tau": 0.01, "k": 1}, "inf"),  # the numerator is rounded to 0
])  # fmt: skip
def test_naive_code_fails_where_the_loss_is_still_known(settings, fails_with):
    assert f"The naive code fails: {fails_with}." in words(**settings)
    assert any(text.text == f"naive code: {fails_with}" for text in layers(Text, 1, **settings))


def test_naive_code_agrees_where_nothing_overflows():
    assert "naive code agrees" in words()
    assert "naive code agrees" in words(z1=10.0, z3=-10.0, k=2)


def test_a_loss_beyond_the_picture_is_said_and_marked_at_its_edge():
    settings = {"z1": 8.0, "tau": 0.01, "k": 1}
    assert charged(**settings) == (LEAST, MOST)
    assert "loss 800" in words(**settings)
    assert any("above the picture" in text.text for text in layers(Text, 1, **settings))


def test_losses_in_words():
    said = [in_words(loss) for loss in (1e-9, 0.5, 9.994, 12.34, 1994.0)]
    assert said == ["below 0.001", "0.50", "9.99", "12", "1990"]


def test_exact_loss_is_the_gap_of_the_logits_when_it_is_large():
    assert exact_loss(np.array([1000.0, 0.0, -1000.0]), 2) == pytest.approx(2000.0)


def test_the_picture_of_three_losses_draws_them():
    (axes,) = losses_of_a_logit().figure.axes
    for_yes, for_no, square = (line.get_ydata() for line in axes.lines)
    z = axes.lines[0].get_xdata()
    a = 1 / (1 + np.exp(-z))
    assert for_yes == pytest.approx(-np.log(a)) and for_no == pytest.approx(-np.log(1 - a))
    assert square == pytest.approx((1 - a) ** 2)
    assert for_yes[0] == pytest.approx(BCEWithLogits().value(z[:1], np.ones(1)))
