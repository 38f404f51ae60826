"""Read one chapter source (jupytext's py:percent format) and refuse what would build a wrong notebook."""
from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import jupytext

SOURCE = Path(__file__).resolve().parent
TAGS = {
    "exercise": "the learner writes here; solution blocks become a stub",
    "solution-only": "only in the worked notebook",
    "instructor": "notes for whoever teaches: only in the worked notebook and in the slides",
    "short-path": "belongs to the short path through the chapter",
    "optional": "a longer look that the main road does not need",
    "raises-exception": "the cell is meant to fail",
    "nbval-ignore-output": "not compared; needs excuse=\"why\"",
}
METADATA = {"tags", "slideshow", "excuse"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
EQUATION = re.compile(r"\\tag\{([^}]*)\}")
LEDGER = re.compile(r"[ \t]*<!-- ledger: (\S+) -->|^[ \t]*# ledger: (\S+)\n?", re.M)


class BuildError(Exception):
    """What is wrong with a source; `at` adds the file and the line."""

    @classmethod
    def at(cls, path: Path, line: int, reason: str) -> BuildError:
        return cls(f"{path}:{line}: {reason}")


@dataclass
class Cell:
    """One cell of a source: its text without ledger marks, and the line where it starts."""

    kind: str
    text: str
    line: int
    metadata: dict

    @property
    def tags(self) -> set[str]:
        return set(self.metadata.get("tags", []))


@dataclass
class Chapter:
    path: Path
    cells: list[Cell]
    equations: dict[str, int]
    ledger: dict[str, list[int]]

    @property
    def number(self) -> str:
        return self.path.stem[:2]

    @property
    def title(self) -> str:
        first = self.cells[0].text.splitlines()[0]
        return first.removeprefix("# ").removeprefix(f"{self.number} · ")


def contents() -> list[dict[str, str]]:
    """The chapters of the course in order, written or not: number, name, title."""
    with open(SOURCE / "contents.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ledger_homes() -> dict[str, str]:
    """Home chapter of every ledger id."""
    with open(SOURCE / "ledger.csv", newline="", encoding="utf-8") as file:
        return {row["id"]: row["home"] for row in csv.DictReader(file)}


def read_chapter(path: Path) -> Chapter:
    """Read and check one source.  Raises BuildError with file, line and reason."""
    text = path.read_text(encoding="utf-8")
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    cells = jupytext.reads(text, fmt="py:percent").cells
    if len(cells) != len(starts):
        raise BuildError.at(path, 1, f"{len(starts)} cell marks but {len(cells)} cells: text before the first '# %%'?")
    chapter = Chapter(path, [], {}, {})
    for cell, line in zip(cells, starts, strict=True):
        cell.metadata.pop("lines_to_next_cell", None)  # jupytext's note on blank lines
        _check_metadata(path, line, cell.metadata)
        _check_solution_marks(path, line, cell.source)
        _collect_equations(chapter, line, cell)
        _collect_ledger(chapter, line, cell.source)
        chapter.cells.append(Cell(cell.cell_type, LEDGER.sub("", cell.source).rstrip(), line, dict(cell.metadata)))
    if not chapter.cells or not chapter.cells[0].text.startswith(f"# {chapter.number} · "):
        raise BuildError.at(path, 1, f"the first cell must start with the title '# {chapter.number} · ...'")
    return chapter


def _check_metadata(path: Path, line: int, metadata: dict) -> None:
    for key in metadata:
        if key not in METADATA:
            raise BuildError.at(path, line, f"unknown cell metadata {key!r}; known: {', '.join(sorted(METADATA))}")
    for tag in metadata.get("tags", []):
        if tag not in TAGS:
            raise BuildError.at(path, line, f"unknown tag {tag!r}; known: {', '.join(sorted(TAGS))}")
    if "nbval-ignore-output" in metadata.get("tags", []) and not metadata.get("excuse"):
        raise BuildError.at(path, line, "a cell excused from comparison must say why: excuse=\"...\"")


def _check_solution_marks(path: Path, line: int, source: str) -> None:
    opened = None
    for number, text in enumerate(source.splitlines(), line + 1):
        mark = text.strip()
        if mark == BEGIN and opened is not None:
            raise BuildError.at(path, number, f"solution opened again (first at line {opened})")
        if mark == END and opened is None:
            raise BuildError.at(path, number, "solution closed but never opened")
        opened = {BEGIN: number, END: None}.get(mark, opened)
    if opened is not None:
        raise BuildError.at(path, opened, f"solution is never closed: write '{END}' after it")


def _collect_equations(chapter: Chapter, line: int, cell) -> None:
    if cell.cell_type != "markdown":
        return
    for number, text in enumerate(cell.source.splitlines(), line + 1):
        for tag in EQUATION.findall(text):
            if not re.fullmatch(rf"D?{int(chapter.number)}\.\d+", tag):
                raise BuildError.at(chapter.path, number, f"equation number {tag!r} is not of chapter {chapter.number}")
            if tag in chapter.equations:
                raise BuildError.at(chapter.path, number,
                                 f"equation number {tag} is taken (first at line {chapter.equations[tag]})")
            chapter.equations[tag] = number


def _collect_ledger(chapter: Chapter, line: int, source: str) -> None:
    homes = ledger_homes()
    for mark in LEDGER.finditer(source):
        item = mark.group(1) or mark.group(2)
        number = line + 1 + source[:mark.start()].count("\n")
        if homes.get(item) not in (chapter.number, None) or item not in homes:
            home = homes.get(item, "nowhere: no such id")
            raise BuildError.at(chapter.path, number, f"ledger id {item} does not belong here (home: {home})")
        chapter.ledger.setdefault(item, []).append(number)
