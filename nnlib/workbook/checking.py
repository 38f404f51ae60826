"""`check` an exercise: not attempted yet, not yet (with a diagnosis), or right. `hint` it. Never raises."""
from __future__ import annotations

import html
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import library, state
from .display import box, paragraphs, publish
from .exercise import Exercise, chapter_of, find
from .trial import Outcome, is_numeric, learners_line, run_cases, same

NOT_ATTEMPTED, NOT_YET, RIGHT = "not attempted", "not yet", "right"


@dataclass
class Report:
    """What `check` found: `status` is "not attempted", "not yet" or "right"; `message` says why."""

    id: str
    status: str
    message: str

    def __str__(self) -> str:
        word = "not attempted yet" if self.status == NOT_ATTEMPTED else self.status
        return f"Exercise {self.id}: {word}." + (f" {self.message}" if self.message else "")

    def show(self) -> None:
        headline, _, body = str(self).partition(". ")
        publish(str(self), box(self.status, headline + ("" if headline.endswith(".") else "."), paragraphs(body)))

    def _ipython_display_(self) -> None:
        """`check` has shown the report already; as the last value of a cell it is not shown twice."""


def check(exercise_id: str, answer: Any) -> Report:
    """Try an answer on the exercise's cases, show what was found, and return it.

    Compares with the right answer and with the wrong ones that are known, and says which mistake it looks like.
    Never raises for anything the answer does, and ends within about ten seconds.
    """
    exercise = find(exercise_id)
    try:
        report = judge_values(exercise, answer) if exercise.of_values else judge_function(exercise, answer)
    except Exception as error:  # an answer can be any object at all
        report = Report(exercise.id, NOT_YET, f"The answer could not be tried: {type(error).__name__}: {error}")
    if report.status == RIGHT:
        report.message = " ".join(filter(None, [exercise.right, keep_answer(exercise, answer)]))
    record(exercise, report)
    report.show()
    return report


def record(exercise: Exercise, report: Report) -> None:
    """Note the result; what was right once stays so, also when its cell is run blank again."""
    if state.session.records and state.session.chapter == chapter_of(exercise.id):
        before = state.recorded(chapter_of(exercise.id), "exercises").get(exercise.id)
        if before != RIGHT and report.status != NOT_ATTEMPTED:
            state.record("exercises", exercise.id, report.status)


def keep_answer(exercise: Exercise, answer: Any) -> str:
    """Put a right answer into the learner's own library, if the exercise builds a part of nnlib.

    It must be right by itself: a library cannot lean on what else the notebook defines.
    """
    if exercise.keep is None or not state.session.records:
        return ""
    try:
        text = library.module_text(exercise.keep, answer)
        again = judge_function(exercise, library.alone(exercise.keep, text))
        if again.status == RIGHT:
            return library.keep(exercise.keep, text)
    except Exception as error:
        return f"(It was not kept in my_nnlib: {type(error).__name__}: {error})"
    return f"(It was not kept in my_nnlib: by itself, without the rest of the notebook, it fails. {again.message})"


# ---------------------------------------------------------------- functions
def judge_function(exercise: Exercise, answer: Any) -> Report:
    """Judge a function or class by what it does on the cases."""
    def report(status: str, message: str = "") -> Report:
        return Report(exercise.id, status, message)

    if answer is None or answer is Ellipsis:
        return report(NOT_ATTEMPTED)
    if not callable(answer):
        return report(NOT_YET, f"Expected a function, got {kind(answer)}. Hand over its name, without calling it.")
    outcomes = run_cases(exercise.use, answer, exercise.cases)
    if outcomes is None:
        return report(NOT_YET, "It does not end: stopped after ten seconds. Does the loop's condition ever change?")
    if isinstance(outcomes[0].error, NotImplementedError):
        return report(NOT_ATTEMPTED)
    expected = run_cases(exercise.use, exercise.reference, exercise.cases)
    assert expected is not None, f"the reference of exercise {exercise.id} does not end"
    if all(agree(exercise, got, want) and got.changed is None for got, want in zip(outcomes, expected, strict=True)):
        return report(RIGHT)
    return report(NOT_YET, known_mistake(exercise, outcomes) or first_difference(exercise, answer, outcomes, expected))


def agree(exercise: Exercise, got: Outcome, want: Outcome) -> bool:
    """A value must agree; where the right answer raises an error, an error of that kind is right, in any words."""
    if want.error is not None:
        return isinstance(got.error, type(want.error))
    return got.same_as(want, exercise.rtol, exercise.atol)


def known_mistake(exercise: Exercise, outcomes: list[Outcome]) -> str:
    """The words of the misconception that behaves exactly like this answer."""
    for wrong in exercise.misconceptions:
        pattern = run_cases(exercise.use, wrong.answer, exercise.cases) or []
        if pattern and all(got.same_as(bad, exercise.rtol, exercise.atol) and got.changed == bad.changed
                           for got, bad in zip(outcomes, pattern, strict=True)):
            return wrong.why
    return ""


def first_difference(exercise: Exercise, answer: Any, outcomes: list[Outcome], expected: list[Outcome]) -> str:
    """Describe the first case that is not right, from the coarse to the fine."""
    for case, got, want in zip(exercise.cases, outcomes, expected, strict=True):
        if got.error is not None and not agree(exercise, got, want):
            return describe_error(got.error)
        if got.changed is not None:
            return (f"It changes its argument {argument_name(answer, got.changed)} in place. "
                    "Work on a copy: whoever called the function still needs the original.")
        if want.error is not None and got.error is None:
            return (f"{show_case(exercise, case)} must be refused with {type(want.error).__name__} "
                    f"({want.error}); it returned {brief(got.value)}.")
        if not agree(exercise, got, want):
            return f"{show_case(exercise, case)}: {difference(got.value, want.value)}"
    return "It differs from the right answer."


def describe_error(error: BaseException) -> str:
    """An exception, with the learner's line."""
    if isinstance(error, NotImplementedError):
        return "A part of it is still to be written: it raises NotImplementedError on one of the cases."
    line = learners_line(error)
    where = f"\n    {line}\n" if line else " "
    return f"It stops with an error:{where}{type(error).__name__}: {error}"


def difference(got: Any, want: Any) -> str:
    """Kind, then shape, then NaN, then value."""
    if got is None:
        return "it returns None. Is the `return` missing?"
    if isinstance(want, tuple) and isinstance(got, tuple | list) and len(got) == len(want):
        for index, (one, other) in enumerate(zip(got, want, strict=True)):
            if not same(one, other, 1e-7, 1e-9):
                return f"part {index + 1} of {len(want)}: {difference(one, other)}"
    if is_numeric(want) != is_numeric(got) or type(want) in (tuple, dict) and type(got) is not type(want):
        return f"expected {kind(want)}, got {kind(got)}."
    if is_numeric(want) and np.shape(got) != np.shape(want):
        return f"expected shape {np.shape(want)}, got {np.shape(got)}."
    if is_numeric(got) and not np.all(np.isfinite(got)) and np.all(np.isfinite(want)):
        return f"the result holds NaN or infinity: {brief(got)}. Expected {brief(want)}."
    return f"expected {brief(want)}, got {brief(got)}."


# ---------------------------------------------------------------- values
def judge_values(exercise: Exercise, answer: Any) -> Report:
    """Judge a dict of named values; entries that are still `...` are not attempted."""
    def report(status: str, message: str = "") -> Report:
        return Report(exercise.id, status, message)

    if answer is None or answer is Ellipsis:
        return report(NOT_ATTEMPTED)
    if not isinstance(answer, dict) or answer.keys() != exercise.reference.keys():
        wanted = ", ".join(exercise.reference)
        return report(NOT_YET, f"Expected a dict with the entries {wanted}; got {kind(answer)}.")
    open_entries = [name for name, value in answer.items() if value is Ellipsis]
    if len(open_entries) == len(answer):
        return report(NOT_ATTEMPTED)
    problems = [entry_problem(exercise, name, answer[name]) for name in exercise.reference
                if answer[name] is not Ellipsis
                and not same(answer[name], exercise.reference[name], exercise.rtol, exercise.atol)]
    if problems:
        return report(NOT_YET, "\n".join(problems))
    if open_entries:
        return report(NOT_YET, f"All right so far. Still open: {', '.join(open_entries)}.")
    return report(RIGHT)


def entry_problem(exercise: Exercise, name: str, value: Any) -> str:
    """The words of the misconception with this value, or that it is not right (the answer is not given away)."""
    for wrong in exercise.misconceptions:
        if name in wrong.answer and same(value, wrong.answer[name], exercise.rtol, exercise.atol):
            return f"{name}: {wrong.why}"
    if kind(value) != kind(exercise.reference[name]):
        return f"{name}: expected {kind(exercise.reference[name])}, got {kind(value)}."
    return f"{name}: {brief(value)} is not right."


# ---------------------------------------------------------------- words
def kind(value: Any) -> str:
    """What a value is, for a sentence."""
    if isinstance(value, bool | np.bool_):
        return "True or False"
    if isinstance(value, np.ndarray) and value.ndim:
        return "an array"
    if is_numeric(value):
        return "a number"
    names: dict[type, str] = {type(None): "None", str: "a text", tuple: "a tuple", list: "a list", dict: "a dict"}
    return names.get(type(value), f"an object of type {type(value).__name__}")


def brief(value: Any) -> str:
    """A value in one short line."""
    if isinstance(value, np.ndarray):
        shown = np.array2string(value, precision=4, threshold=8, edgeitems=3, separator=", ")
        return " ".join(shown.split())
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    text = repr(value)
    return text if len(text) <= 90 else text[:87] + "..."


def show_case(exercise: Exercise, case: tuple) -> str:
    """The arguments of a case by name: "For x = 2, h = 0.1"."""
    names = next((names for names in (parameter_names(exercise.reference), parameter_names(exercise.use)[1:])
                  if len(names) == len(case)), None)
    if names is None:
        return "For one of the cases"
    shown = [f"{name} = {brief(value)}" for name, value in zip(names, case, strict=True) if not callable(value)]
    return "For " + ", ".join(shown) if shown else "For one of the cases"


def parameter_names(function: Callable[..., Any]) -> list[str]:
    try:
        return [name for name in inspect.signature(function).parameters if name != "self"]
    except (TypeError, ValueError):
        return []


def argument_name(answer: Any, index: int) -> str:
    names = parameter_names(answer)
    return f"`{names[index]}`" if index < len(names) else f"number {index + 1}"


# ---------------------------------------------------------------- hints
def hint(exercise_id: str) -> None:
    """Show an exercise's three hints, folded one inside the other: a nudge, the structure, nearly there."""
    exercise = find(exercise_id)
    titles = ("Hint 1: a nudge", "Hint 2: the structure", "Hint 3: nearly there")
    inner = ""
    for title, text in zip(reversed(titles), reversed(exercise.hints), strict=True):
        inner = (f"<details style='margin:2px 0 2px 12px'><summary>{title}</summary>"
                 f"<div>{html.escape(text)}{inner}</div></details>")
    publish("\n".join(f"{title}: {text}" for title, text in zip(titles, exercise.hints, strict=True)), inner)
