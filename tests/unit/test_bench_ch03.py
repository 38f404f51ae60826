"""The benches of chapter 03: what a reader finds on them, and that they show what they claim."""

from __future__ import annotations

import numpy as np
import pytest

from nnlib.gradcheck import complex_grad
from nnlib.workbook.bench import Pointer
from nnlib.workbook.benches.ch03 import CURVES, FIXED, STEPS, Descent, OneStep, descend, kept, landscape, surface
from nnlib.workbook.scene import Line, Markers, Text


def layers(bench, kind, axes, **changes):
    """The layers of one kind in one panel."""
    scene = bench.compute(**bench.settings(**changes))
    return [layer for layer in scene.layers if isinstance(layer, kind) and layer.axes == axes]


# ---------------------------------------------------------------- one step
@pytest.mark.parametrize("loss", CURVES)
def test_slopes_are_those_of_the_curves(loss):
    curve = CURVES[loss]
    for w in (-1.3, 0.2, 0.9):
        assert curve.dL(w) == pytest.approx(complex_grad(curve.L, w), rel=1e-12)


@pytest.mark.parametrize("loss", [name for name, curve in CURVES.items() if curve.beta is not None])
def test_beta_is_the_largest_change_of_the_slope_and_no_more(loss):
    curve, w = CURVES[loss], np.linspace(-2, 2, 4001)
    steepest = np.max(np.abs(np.diff(curve.dL(w)))) / (w[1] - w[0])
    assert 0.999 * curve.beta < steepest <= curve.beta * (1 + 1e-9)


def test_the_parabola_keeps_exactly_what_is_guaranteed_and_rises_beyond_two_over_beta():
    etas = np.array([0.05, 0.1, 0.19, 0.21, 0.3])
    assert kept(CURVES["5 w²"], 0.8, etas) == pytest.approx(1 - 5 * etas)
    bench = OneStep()
    assert "The loss falls" in bench.describe(loss="5 w²", w=0.7, eta=0.19)
    assert "nothing is guaranteed. The loss rises" in bench.describe(loss="5 w²", w=0.7, eta=0.21)


def test_ln_cosh_never_keeps_less_than_guaranteed_and_far_out_falls_beyond_the_limit():
    curve = CURVES["ln cosh 3w"]
    for w in np.linspace(0.05, 1.5, 30):
        etas = np.linspace(0.01, 0.4, 40)
        assert np.all(kept(curve, w, etas) >= 1 - etas * curve.beta / 2 - 1e-12)
    assert kept(curve, 1.0, 0.35) > 0.5
    assert kept(curve, 0.05, 0.25) < 0


def test_the_border_of_the_fourth_power_moves_with_the_start():
    curve = CURVES["w⁴"]
    assert kept(curve, 0.5, 0.4) > 0 and kept(curve, 1.5, 0.4) < 0
    for w in (1.2, 1.5):
        border = 1 / (2 * w * w)
        assert kept(curve, w, 0.99 * border) > 0 > kept(curve, w, 1.01 * border)
    assert "no β" in OneStep().describe(loss="w⁴", w=1.0, eta=0.1)


def test_the_square_lands_where_the_step_leads():
    bench = OneStep()
    start, landed = layers(bench, Markers, 0, loss="ln cosh 3w", w=0.4, eta=0.12)
    assert landed.x == pytest.approx(0.4 - 0.12 * 3 * np.tanh(1.2))
    assert landed.y == pytest.approx(np.log(np.cosh(3 * landed.x))) and landed.y < start.y


def test_promise_and_guarantee_touch_the_loss_at_the_start():
    happens, promised, guaranteed = layers(OneStep(), Line, 0, loss="ln cosh 3w", w=1.0)
    at = int(np.argmin(np.abs(np.asarray(happens.x) - 1.0)))
    assert happens.y[at] == pytest.approx(promised.y[at]) == pytest.approx(guaranteed.y[at])
    assert np.all(guaranteed.y >= happens.y - 1e-9) and np.all(promised.y <= happens.y + 1e-9)


# ---------------------------------------------------------------- the path
@pytest.mark.parametrize("curvature", [2, 10, 20])
def test_the_border_in_a_bowl_is_two_over_its_largest_curvature(curvature):
    bowl, border = surface("bowl", curvature), 2 / curvature
    below, above = (descend(bowl, (2.5, 1.0), factor * border, 400) for factor in (0.98, 1.02))
    assert np.abs(below[-1]).max() < 1e-2 and np.abs(above[-1]).max() > 100


def test_below_half_the_border_it_creeps_and_above_it_zigzags():
    creeping, zigzag = (descend(surface("bowl", 10), (2.5, 1.0), eta)[:, 1] for eta in (0.05, 0.18))
    assert np.all(creeping > 0)
    assert np.all(zigzag[:20:2] > 0) and np.all(zigzag[1:20:2] < 0)


def test_small_steps_stay_in_their_basin_and_a_long_one_leaves_it():
    short, long = (descend(FIXED["double well"], (1.5, 0.0), eta, 300)[-1, 0] for eta in (0.05, 0.2))
    assert short == pytest.approx(0.8, abs=1e-6) and long == pytest.approx(-1.0, abs=1e-6)


def test_on_the_ridge_of_the_saddle_nothing_escapes_and_the_log_scale_says_so():
    bench = Descent()
    on_ridge, beside = bench.settings(name="saddle", a=1.0, b=0.0), bench.settings(name="saddle", a=1.0, b=0.5)
    assert np.abs(descend(FIXED["saddle"], (1.0, 0.0), 0.1)[-1]).max() < 0.01
    assert not [layer for layer in bench.compute(**on_ridge).layers if isinstance(layer, Text)]
    (note,) = [layer for layer in bench.compute(**beside).layers if isinstance(layer, Text)]
    assert note.text == "0 or below from step 4 on"


def test_far_out_on_the_plateau_nearly_nothing_moves():
    near, far = (descend(FIXED["plateau"], (a, 0.0), 0.5)[-1, 0] for a in (1.5, 3.0 * 1.4))
    assert near < 1e-3 and far > 4


def test_a_path_that_has_left_ends_early_without_a_warning():
    path = descend(surface("bowl", 20), (3.0, 3.0), 1.0)
    assert len(path) < 10 and np.all(np.isfinite(path))
    assert "left the picture" in Descent().describe(name="bowl", curvature=20, a=3.0, b=3.0, eta=1.0)


def test_the_curve_is_the_loss_along_the_path():
    (curve,) = layers(Descent(), Line, 1, eta=0.1)
    a, b = 2.0 * 0.9 ** np.arange(STEPS + 1), np.r_[1.0, np.zeros(STEPS)]
    assert np.asarray(curve.y) == pytest.approx((a**2 + 10 * b**2) / 2)


def test_the_words_compare_promise_and_fact():
    words = Descent().describe(**Descent().settings(eta=0.1))
    assert "Promised for the first step: a decrease of 10; it was 5.4." in words
    assert "multiplies a by 0.9 and b by 0." in words


def test_dark_is_high():
    image = landscape("double well", 10).rgba[..., 0].astype(int)
    low, ridge, edge = (image[60, column] for column in (40, 64, 119))  # a = -1, 0.2 and 3
    assert low > ridge > edge


def test_pointer_and_keys_choose_the_start():
    bench = Descent()
    assert bench.on_pointer(Pointer("press", 0, 1.23, -0.87, 1.23, -0.87), **bench.settings()) == {"a": 1.2, "b": -0.9}
    assert bench.on_pointer(Pointer("press", 1, 30, 1, 30, 1), **bench.settings()) == {}
    assert bench.on_key("ArrowLeft", **bench.settings()) == {"a": 1.8, "b": 1.0}
    assert bench.on_key("ArrowRight", **bench.settings(a=3.0)) == {"a": 3.0, "b": 1.0}
