"""What `check` does with answers that are wrong in general ways."""
from __future__ import annotations

import time

import numpy as np
import pytest

from nnlib.workbook import check, hint, trial


def numeric_grad(f, x, h=1e-5):
    """A right answer to exercise 0.3."""
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))])


def test_a_function_without_readable_source_is_judged_all_the_same():
    namespace = {"np": np}
    exec("def g(f, x, h=1e-5):\n    return np.array([(f(x+e)-f(x-e))/(2*h) for e in h*np.eye(len(x))])", namespace)
    assert check("0.3", namespace["g"]).status == "right"


def test_changed_input_is_named():
    def in_place(f, x, h=1e-5):
        g = numeric_grad(f, x, h)
        x += h
        return g
    report = check("0.3", in_place)
    assert report.status == "not yet" and "changes its argument `x` in place" in report.message


def test_wrong_shape_is_named():
    report = check("0.3", lambda f, x, h=1e-5: numeric_grad(f, x, h)[:, None])
    assert "expected shape (3,), got (3, 1)" in report.message


def test_nan_is_named():
    report = check("0.3", lambda f, x, h=1e-5: numeric_grad(f, x, h) * np.nan)
    assert "NaN or infinity" in report.message


def test_wrong_value_is_shown_with_its_case():
    report = check("0.2", lambda widths: 1234)
    assert report.message == "For widths = [2, 1]: expected 3, got 1234."


@pytest.mark.parametrize("loop", [
    lambda: [None for _ in iter(int, 1)],
    lambda: time.sleep(0.01),
], ids=["busy", "asleep"])
def test_an_endless_loop_is_stopped(monkeypatch, loop):
    monkeypatch.setattr(trial, "SECONDS", 0.5)

    def endless(f, x, h=1e-5):
        while True:
            try:
                loop()
            except Exception:
                pass
    begun = time.monotonic()
    report = check("0.3", endless)
    assert report.status == "not yet" and "does not end" in report.message
    assert time.monotonic() - begun < 5
    assert check("0.3", numeric_grad).status == "right"  # the next check is not disturbed


def test_the_limit_is_ten_seconds():
    assert trial.SECONDS == 10.0


@pytest.mark.parametrize("stop", [SystemExit, KeyboardInterrupt, RecursionError, MemoryError])
def test_no_exception_of_the_answer_gets_out(stop):
    def hostile(f, x, h=1e-5):
        raise stop("leave me alone")
    report = check("0.3", hostile)
    assert report.status == "not yet" and stop.__name__ in report.message


def test_an_answer_whose_result_cannot_even_be_compared():
    class Hostile:
        def __array__(self, *arguments, **options):
            raise RuntimeError("no")

        def __eq__(self, other):
            raise RuntimeError("no")

    assert check("0.3", lambda f, x, h=1e-5: Hostile()).status == "not yet"


def test_an_unknown_exercise_is_said_so():
    with pytest.raises(KeyError, match="this chapter has 0.1"):
        check("0.99", None)
    with pytest.raises(KeyError, match="no such chapter"):
        hint("99.1")


def test_float32_and_lists_are_accepted_where_they_say_the_same():
    assert check("0.2", lambda widths: np.int64(sum((a + 1) * b for a, b in zip(widths, widths[1:], strict=False)))
                 ).status == "right"


def test_a_report_is_not_shown_twice(capsys):
    report = check("0.2", ...)
    assert "not attempted yet" in capsys.readouterr().out
    report._ipython_display_()
    assert capsys.readouterr().out == ""
    assert str(report) == "Exercise 0.2: not attempted yet."
