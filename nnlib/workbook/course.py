"""Open a chapter, and see how far one has come."""
from __future__ import annotations

import html
import os
from importlib import resources

from . import state
from .checking import RIGHT
from .display import publish
from .exercise import chapter_data


def start(chapter: str, *, worked: bool = False) -> None:
    """Open a chapter: from here on its answers count. In a worked notebook nothing is recorded."""
    state.session.chapter, state.session.worked = chapter, worked
    if worked:
        publish(f"Chapter {chapter}, worked notebook: nothing you do here is recorded.")
        return
    done, total = tally(chapter)
    text = f"Chapter {chapter}: {done} of {total} coded exercises done. Your answers are kept in {state.folder()}."
    if os.environ.get("BINDER_SERVICE_HOST"):
        text += " This machine forgets everything when it is idle: save your work with save_work() before you leave."
    publish(text)


def tally(chapter: str) -> tuple[int, int]:
    """How many coded exercises of a chapter are right, of how many."""
    known = state.recorded(chapter, "exercises")
    ids = [exercise.id for exercise in chapter_data(chapter).EXERCISES]
    return sum(known.get(name) == RIGHT for name in ids), len(ids)


def progress() -> None:
    """Show what is done, chapter by chapter."""
    rows, lines = [], []
    for chapter in chapters():
        done, total = tally(chapter)
        known = state.recorded(chapter, "exercises")
        marks = ", ".join(f"{e.id} {known.get(e.id, 'open')}" for e in chapter_data(chapter).EXERCISES)
        lines.append(f"Chapter {chapter}: {done} of {total} ({marks})")
        rows.append(f"<tr><td>{chapter}</td><td><meter min='0' max='{total}' value='{done}'>{done}</meter></td>"
                    f"<td>{done} of {total}</td><td style='text-align:left'>{html.escape(marks)}</td></tr>")
    publish("\n".join(lines), "<table><tr><th>Chapter</th><th></th><th>Right</th>"
            "<th style='text-align:left'>Exercises</th></tr>" + "".join(rows) + "</table>")


def chapters() -> list[str]:
    """The chapters that have exercises, in order."""
    files = resources.files("nnlib.workbook.exercises").iterdir()
    return sorted(file.name[2:4] for file in files if file.name.startswith("ch") and file.name.endswith(".py"))
