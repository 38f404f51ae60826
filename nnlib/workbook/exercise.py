"""An exercise as data: the right answer, cases to try it on, hints, and the wrong answers people really give."""
from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Wrong:
    """A misconception: an executable wrong answer, and the words that help whoever gives it."""

    answer: Any
    why: str


@dataclass(frozen=True)
class Exercise:
    """One coded exercise.

    `reference` is a function (or class), or a dict of named values. `cases` are tuples of arguments; `use(answer,
    *case)` turns an answer and a case into the value compared, by default a plain call. For values, each wrong answer
    is a dict with the entries that are wrong. `also_right` are right answers written differently; the tests use them.
    `keep` is the name under which a right answer enters the learner's own library.
    """

    id: str
    title: str
    minutes: int
    difficulty: int
    reference: Any
    hints: tuple[str, str, str]
    misconceptions: tuple[Wrong, ...]
    cases: tuple[tuple, ...] = ()
    use: Callable[..., Any] = field(default=lambda answer, *case: answer(*case))
    also_right: tuple[Any, ...] = ()
    rtol: float = 1e-7
    atol: float = 1e-9
    right: str = ""
    keep: str | None = None

    @property
    def of_values(self) -> bool:
        return isinstance(self.reference, dict)


@dataclass(frozen=True)
class Option:
    text: str
    why: str


@dataclass(frozen=True)
class Question:
    """A question with one right option; every option says why."""

    text: str
    options: tuple[Option, ...]
    right: int


def chapter_of(exercise_id: str) -> str:
    """Home chapter of an exercise: "6.3" -> "06"."""
    return exercise_id.split(".")[0].zfill(2)


def chapter_data(chapter: str):
    """The module that holds a chapter's exercises and quizzes."""
    return importlib.import_module(f"nnlib.workbook.exercises.ch{chapter}")


def find(exercise_id: str) -> Exercise:
    """The exercise with this number.  Raises KeyError with the numbers that exist."""
    try:
        exercises = chapter_data(chapter_of(exercise_id)).EXERCISES
    except ModuleNotFoundError:
        raise KeyError(f"exercise {exercise_id!r}: there is no such chapter.") from None
    for exercise in exercises:
        if exercise.id == exercise_id:
            return exercise
    raise KeyError(f"exercise {exercise_id!r} does not exist; this chapter has {', '.join(e.id for e in exercises)}.")
