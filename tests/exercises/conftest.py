"""Every exercise of every chapter, and a learner's state in a temporary folder."""
from __future__ import annotations

import pytest

from nnlib.workbook import state
from nnlib.workbook.course import chapters
from nnlib.workbook.exercise import chapter_data

EXERCISES = [exercise for chapter in chapters() for exercise in chapter_data(chapter).EXERCISES]
FUNCTIONS = [exercise for exercise in EXERCISES if not exercise.of_values]
VALUES = [exercise for exercise in EXERCISES if exercise.of_values]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, found in (("exercise", EXERCISES), ("of_function", FUNCTIONS), ("of_values", VALUES)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found, ids=[exercise.id for exercise in found])
    if "misconception" in metafunc.fixturenames:
        pairs = [(exercise, wrong) for exercise in EXERCISES for wrong in exercise.misconceptions]
        metafunc.parametrize("misconception", pairs,
                             ids=[f"{exercise.id}-{exercise.misconceptions.index(wrong)}" for exercise, wrong in pairs])


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    """A learner's folder of their own, no chapter open."""
    monkeypatch.setenv("NNLIB_STATE", str(tmp_path))
    monkeypatch.setattr(state, "session", state.Session())
    return tmp_path
