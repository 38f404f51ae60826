"""The bench of chapter 02 shows what a reader is to discover there; its computer algebra counts what it says."""

from __future__ import annotations

import numpy as np
import pytest

from nnlib.gradcheck import numeric_grad
from nnlib.workbook.benches import ch02
from nnlib.workbook.benches.ch02 import GraphBench
from nnlib.workbook.palette import ORANGE
from nnlib.workbook.scene import Arrow, Line, Markers, Text

PRODUCT, FORK = ch02.GRAPHS
F = {PRODUCT: lambda p: (p[0] + p[1]) * p[2], FORK: lambda p: (p[0] + p[1]) * (p[0] * p[2])}


def layers(kind, **changes):
    bench = GraphBench()
    return [layer for layer in bench.compute(**bench.settings(**changes)).layers if isinstance(layer, kind)]


def written(mark, **changes):
    """What the texts of the picture say: {"x": -2.0, ...}, the adjoints with mark=True."""
    pairs = [text.text.replace("−", "-").split(" = ") for text in layers(Text, **changes) if " = " in text.text]
    return {name[0]: float(number) for name, number in pairs if (len(name) > 1) == mark}


def test_the_example_at_minus_2_5_minus_4():
    assert written(False, ahead=2) == {"x": -2, "y": 5, "z": -4, "q": 3, "f": -12}
    assert written(True) == {}
    assert written(True, back=3) == {"x": -4, "y": -4, "z": 3, "q": -4, "f": 1}


@pytest.mark.parametrize("formula", ch02.GRAPHS)
def test_all_adjoints_are_slopes(formula):
    point = {"x": 1.5, "y": -3.0, "z": 2.5}
    adjoint = written(True, formula=formula, back=4, **point)
    assert [adjoint[name] for name in "xyz"] == pytest.approx(numeric_grad(F[formula], list(point.values())), abs=0.006)


def test_forward_each_step_computes_one_node():
    known = ["".join(sorted(written(False, ahead=ahead, formula=FORK))) for ahead in range(4)]
    assert known == ["xyz", "qxyz", "pqxyz", "fpqxyz"]
    assert len(written(False, ahead=0, back=1)) == 5, "nothing goes back before all values are known"


def test_each_step_lets_one_node_hand_back():
    known = [sorted(written(True, back=back)) for back in range(5)]
    assert known == [[], ["f"], ["f", "q", "z"], ["f", "q", "x", "y", "z"], ["f", "q", "x", "y", "z"]]
    orange = [[arrow for arrow in layers(Arrow, back=back) if arrow.color == ORANGE] for back in range(4)]
    assert [len(arrows) for arrows in orange] == [0, 0, 2, 2]
    assert all(arrow.x1 < arrow.x0 for arrows in orange for arrow in arrows)


def test_a_node_used_twice_adds_both_parts():
    first = written(True, formula=FORK, back=3)["x"]
    both = written(True, formula=FORK, back=4)
    assert first == both["p"] * -4
    assert both["x"] == first + both["q"] != first


@pytest.mark.parametrize("formula", ch02.GRAPHS)
def test_the_panel_draws_f_and_what_the_adjoints_promise(formula):
    point = np.array([1.0, -1.5, 2.0])
    settings = {"formula": formula, "back": 4, **dict(zip("xyz", point.tolist(), strict=True))}
    curves = [line for line in layers(Line, **settings) if line.axes == 1]
    marks = [mark for mark in layers(Markers, **settings) if mark.axes == 1]
    for k, (curve, mark) in enumerate(zip(curves, marks, strict=True)):
        changes = [F[formula](point + h * np.eye(3)[k]) - F[formula](point) for h in curve.x.tolist()]
        assert np.array(curve.y) == pytest.approx(np.array(changes))
        assert mark.y / mark.x == pytest.approx(numeric_grad(F[formula], point)[k])


def test_promises_outside_the_panel_are_left_out():
    high = {"formula": FORK, "x": 6.0, "y": 6.0, "z": 6.0, "back": 4}
    marks = [mark for mark in layers(Markers, **high) if mark.axes == 1]
    assert all(np.abs(mark.y).max(initial=0) <= ch02.TALLEST for mark in marks)
    assert not len(marks[0].x)


def test_a_product_with_zero_lets_nothing_through():
    adjoint = written(True, z=0.0, back=3)
    assert (adjoint["q"], adjoint["x"], adjoint["y"], adjoint["z"]) == (0, 0, 0, 3)


def test_the_button_walks_forward_then_back_and_begins_again():
    bench, settings, seen = GraphBench(), GraphBench().settings(), []
    for _ in range(7):
        settings |= bench.press("step", **settings)
        seen.append((settings["ahead"], settings["back"]))
    assert seen == [(1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (0, 0), (1, 0)]


def test_the_words_say_who_has_handed_back():
    bench = GraphBench()
    assert "none yet" in bench.describe(**bench.settings())
    assert "q has handed back to x and y" in bench.describe(**bench.settings(back=3))


def test_no_value_of_the_paper_graph_is_given_away():
    assert ch02.paper_graph().words.count("=") == 0
    inputs = {"x": 3.0, "y": -2.0}
    v = ch02.forward(ch02.PAPER, inputs)
    adjoint = ch02.backward(ch02.PAPER, v, 4)
    assert (v["f"], adjoint["x"], adjoint["y"]) == (9, 6, -18)
    texts = [layer.text for layer in ch02.drawn(ch02.PAPER, inputs, {}).layers if isinstance(layer, Text)]
    assert not {"a = −6", "b = −3", "f = 9"} & set(texts)


# ---- computer algebra


def test_a_formula_is_counted_by_its_signs():
    assert [ch02.operations(ch02.logistic(k)) for k in (0, 1, 2, 3)] == [0, 3, 9, 21]


@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_formula_of_the_derivative_is_right(k):
    f = ch02.logistic(k)
    measured = numeric_grad(lambda x: ch02.evaluate(f, x), 0.37)
    assert ch02.evaluate(ch02.derivative(f), 0.37) == pytest.approx(measured, rel=1e-6)


def test_the_formula_of_the_derivative_more_than_doubles():
    sizes = [ch02.operations(ch02.derivative(ch02.logistic(k))) for k in range(1, 9)]
    assert all(after > 2 * before for before, after in zip(sizes, sizes[1:], strict=False))
    assert sizes[-1] > 5000
