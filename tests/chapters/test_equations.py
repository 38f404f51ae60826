"""Every numbered result is verified when its chapter runs, and no verification is one that cannot fail."""
from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from nnlib.workbook.verification import Comparison

from chapters.conftest import SOURCES
from chapters.mutations import MUTATIONS, NUMBERS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def test_results_are_the_ids_verified(chapter, source, verified):
    tags = set(chapter.equations)
    results = {tag for tag in tags if not tag.startswith("D")}
    ids = {entry["name"] for entry in verified(source.stem)}
    assert results, "a chapter without a numbered result"
    assert results <= ids, f"numbered but not verified: {sorted(results - ids)}"
    assert ids <= tags, f"verified but not numbered: {sorted(ids - tags)}"


def test_every_verification_fails_when_its_claim_is_shifted(source, verified):
    for entry in verified(source.stem):
        claimed, measured = np.array(entry.pop("claimed")), np.array(entry.pop("measured"))
        step = 0.01 * np.max(np.abs(measured))
        shifts = {"equal": (step, -step), "at most": (-step,), "at least": (step,)}[entry["relation"]]
        for shift in shifts:
            assert not Comparison(claimed=claimed + shift, measured=measured, **entry).holds, (
                f"({entry['name']}) still holds when its claim is shifted by {shift:.3g}")


def test_every_chapter_names_lines_it_must_notice():
    assert NUMBERS == [path.stem[:2] for path in SOURCES]


@pytest.mark.parametrize(("number", "file", "right", "wrong"), MUTATIONS,
                         ids=[f"{number}-{file}-{n}" for n, (number, file, _, _) in enumerate(MUTATIONS)])
def test_a_broken_line_of_nnlib_fails_its_chapter(number, file, right, wrong, run_cells, tmp_path):
    name = next(path.stem for path in SOURCES if path.stem.startswith(number))
    shutil.copytree(ROOT / "nnlib", tmp_path / "nnlib", ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path / "nnlib" / file
    text = target.read_text(encoding="utf-8")
    assert text.count(right) == 1, f"{file} has {text.count(right)} places with {right!r}; name one"
    target.write_text(text.replace(right, wrong), encoding="utf-8")
    done, _ = run_cells(name, tmp_path)
    assert done.returncode != 0, f"{name} does not notice that {right!r} became {wrong!r}"
    assert "does not hold" in done.stderr, done.stderr[-1000:]
