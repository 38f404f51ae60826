"""The rules of style that a number can hold."""
from __future__ import annotations

import ast
import re
import statistics

import pytest

import reading

DETAILS = re.compile(r"<details>.*?</details>", re.S)


def markdown(chapter: reading.Chapter) -> list[reading.Cell]:
    """What the learner reads: no notes for teaching, no solutions."""
    return [cell for cell in chapter.cells
            if cell.kind == "markdown" and not cell.tags & {"solution-only", "instructor", "optional"}]


def code(chapter: reading.Chapter) -> list[reading.Cell]:
    return [cell for cell in chapter.cells if cell.kind == "code"]


def length(cell: reading.Cell) -> int:
    return sum(bool(line.strip()) for line in cell.text.splitlines())


def test_words_on_the_main_road(chapter):
    prose = [DETAILS.sub("", cell.text) for cell in markdown(chapter) if not cell.text.startswith("### Exercise")]
    plain = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " x ", "\n".join(prose), flags=re.S)
    words = len(re.findall(r"[A-Za-z][\w'’-]*", plain))
    assert 1500 <= words <= 3000, f"{words} words"


def test_display_equations(chapter):
    count = sum(cell.text.count("$$") // 2 for cell in markdown(chapter))
    assert 12 <= count <= 30, f"{count} display equations"


def test_code_cells_are_short(chapter):
    lengths = sorted(length(cell) for cell in code(chapter))
    assert statistics.median(lengths) <= 6
    assert lengths[int(0.9 * (len(lengths) - 1))] <= 15
    assert lengths[-1] <= 25


def test_at_most_three_code_cells_in_a_row(chapter):
    visible = [cell.kind for cell in chapter.cells if "instructor" not in cell.tags]
    runs = re.findall(r"c+", "".join(kind[0] for kind in visible))
    assert max(map(len, runs)) <= 3


def test_headings(chapter):
    levels = [len(match) for cell in chapter.cells if cell.kind == "markdown"
              for match in re.findall(r"^(#+) ", cell.text, re.M)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_exercises(chapter):
    headings = [cell.text.splitlines()[0] for cell in chapter.cells if cell.text.startswith("### Exercise")]
    form = re.compile(rf"### Exercise {int(chapter.number)}\.\d+ · .+ · \d+ minutes · [●○]{{3}}$")
    assert len(headings) >= 6
    assert all(form.match(heading) for heading in headings), headings
    numbers = [re.search(r"\d+\.(\d+)", heading).group(1) for heading in headings]
    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))
    assert any("Proof" in heading for heading in headings) and any("Break it" in heading for heading in headings)
    checked = [cell.text for cell in chapter.cells if cell.text.startswith("check(")]
    assert len(checked) == len([heading for heading in headings if "Proof" not in heading]) >= 3
    assert all(re.search(r"^hint\(", text, re.M) for text in checked)
    assert any("**Rubric**" in cell.text for cell in chapter.cells if "solution-only" in cell.tags)


def test_minutes_and_difficulty_are_those_of_the_exercise_data(chapter):
    from nnlib.workbook.exercise import chapter_data
    for exercise in chapter_data(chapter.number).EXERCISES:
        stars = "●" * exercise.difficulty + "○" * (3 - exercise.difficulty)
        line = f"### Exercise {exercise.id} · {exercise.title} · {exercise.minutes} minutes · {stars}"
        assert any(cell.text.startswith(line) for cell in chapter.cells), line


def test_parts_every_chapter_has(chapter):
    text = "\n".join(cell.text for cell in chapter.cells)
    for part in ("minutes", "short path", "predict(", "quiz(", "verify(", "show(", "What to take along",
                 "Further reading", f'start("{chapter.number}")'):
        assert part in text, f"missing: {part}"
    assert sum("instructor" in cell.tags for cell in chapter.cells) >= 3
    assert sum("short-path" in cell.tags for cell in chapter.cells) >= 5


@pytest.mark.parametrize("word", ["obviously", "simply", "just", "trivial", "trivially", "clearly", "of course",
                                  "easy to see"])
def test_words_that_belittle_the_reader(chapter, word):
    for cell in chapter.cells:
        if cell.kind == "markdown":
            assert not re.search(rf"\b{word}\b", cell.text, re.I), f"line {cell.line}: {word}"


def test_no_cell_reaches_for_the_network_or_global_randomness(chapter):
    for cell in code(chapter):
        assert not re.search(r"\b(urllib|requests|socket|http|urlopen|pip install)\b", cell.text), cell.line
        assert not re.search(r"np\.random\.(seed|rand|randn|normal|randint|choice|shuffle|permutation)\(", cell.text)
        assert "default_rng()" not in cell.text, f"line {cell.line}: a generator without a seed"


def test_code_parses_and_uses_no_notebook_magic(chapter):
    for cell in code(chapter):
        ast.parse(cell.text)


def test_excused_cells_are_few_and_say_why(chapter):
    excused = [cell for cell in chapter.cells if "nbval-ignore-output" in cell.tags]
    assert len(excused) <= 2
    assert all(len(cell.metadata["excuse"].split()) >= 5 for cell in excused)


def test_pictures_have_an_interpretation_after_them(chapter):
    drawn = [index for index, cell in enumerate(chapter.cells)
             if cell.kind == "code" and "plots." in cell.text and "solution-only" not in cell.tags]
    for index in drawn:
        after = chapter.cells[index + 1:index + 4]
        assert any(cell.kind == "markdown" and not cell.text.startswith("#") for cell in after)


def test_ledger_items_of_this_chapter_are_delivered(chapter):
    homes = reading.ledger_homes()
    due = {item for item, home in homes.items() if home == chapter.number}
    assert due - chapter.ledger.keys() == set(), "not delivered"
    for item, lines in chapter.ledger.items():
        assert len(lines) == len(set(lines)), f"{item} is marked twice on one line"
    per_line: dict[int, int] = {}
    for lines in chapter.ledger.values():
        for line in lines:
            per_line[line] = per_line.get(line, 0) + 1
    assert max(per_line.values()) <= 1, "a list of ids in one spot"


def test_refuted_ids_are_ledger_items_of_this_chapter(chapter):
    for cell in code(chapter):
        for item in re.findall(r'refute\("([^"]+)"', cell.text):
            assert item in chapter.ledger, f"line {cell.line}: {item}"
