"""The builder refuses what would build a wrong notebook, says where and why, and then writes nothing."""
from __future__ import annotations

import json
import re

import pytest

import build
import reading

GOOD = '''# %% [markdown]
# # 00 · A chapter
# Text $$ a = b \\tag{0.1} $$ <!-- ledger: S0-05 -->

# %%
def start(chapter, worked=False): ...
start("00")

# %% tags=["exercise"]
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% [markdown] tags=["instructor"]
# For whoever teaches.

# %%
print(double(2))
'''


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty house with one good source; returns a function that replaces text in it and builds."""
    for folder in ("source", "chapters", "solutions"):
        (tmp_path / folder).mkdir()
    for name in ("contents.csv", "ledger.csv"):
        (tmp_path / "source" / name).write_text((reading.SOURCE / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://example.org/a/b"\n')
    (tmp_path / "README.md").write_text("<!-- generated: badges -->\n<!-- end -->\n"
                                        "<!-- generated: chapters -->\n<!-- end -->\n")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "SOURCE", tmp_path / "source")
    monkeypatch.setattr(reading, "SOURCE", tmp_path / "source")

    def make(old: str = "", new: str = "") -> int:
        assert old in GOOD
        path = tmp_path / "source" / "00_orientation.py"
        path.write_text(GOOD.replace(old, new) if old else GOOD, encoding="utf-8")
        return build.main([])
    make.root = tmp_path
    return make


def test_a_good_source_gives_two_notebooks(house):
    assert house() == 0
    blank = json.loads((house.root / "chapters" / "00_orientation.ipynb").read_text(encoding="utf-8"))
    worked = json.loads((house.root / "solutions" / "00_orientation.ipynb").read_text(encoding="utf-8"))
    assert 'raise NotImplementedError("your turn")' in blank["cells"][2]["source"]
    assert "return 2 * x" not in str(blank) and "return 2 * x" in str(worked)
    assert "For whoever teaches" not in str(blank) and "For whoever teaches" in str(worked)
    assert "ledger" not in str(worked)
    assert 'start("00", worked=True)' in worked["cells"][1]["source"]
    assert worked["cells"][-1]["outputs"][0]["text"] == "4\n"
    assert len({cell["id"] for cell in worked["cells"]}) == len(worked["cells"])
    assert "mybinder.org/v2/gh/a/b/HEAD" in (house.root / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("old", "new", "line", "reason"), [
    ('tags=["exercise"]', 'tags=["exercice"]', 9, "unknown tag 'exercice'"),
    ('# %% tags=["exercise"]', '# %% level=3 tags=["exercise"]', 9, "unknown cell metadata 'level'"),
    ("    ### END SOLUTION\n", "", 12, "never closed"),
    ("    ### BEGIN SOLUTION\n", "", 13, "never opened"),
    ("# For whoever", "# $$ c = d \\tag{0.1} $$ For whoever", 17, "equation number 0.1 is taken (first at line 3)"),
    ("\\tag{0.1}", "\\tag{1.1}", 3, "is not of chapter 00"),
    ("S0-05", "S0-01", 3, "ledger id S0-01 does not belong here (home: 01)"),
    ("S0-05", "S9-99", 3, "no such id"),
    ("# # 00 · A chapter", "# # A chapter", 1, "must start with the title"),
    ("double(2)", "double(2) / 0", 19, "ZeroDivisionError"),
    ("print(double(2))", "import sys; print('careful', file=sys.stderr)", 19, "writes to stderr: careful"),
    ('# %% tags=["exercise"]', '# %% tags=["exercise", "nbval-ignore-output"]', 9, "must say why"),
])
def test_a_bad_source_stops_the_build_and_leaves_the_notebooks(house, capsys, old, new, line, reason):
    assert house() == 0
    before = {path: path.read_bytes() for path in house.root.rglob("*.ipynb")}
    assert len(before) == 2
    assert house(old, new) == 1
    said = capsys.readouterr().err
    assert re.search(rf"00_orientation\.py:{line}: .*{re.escape(reason)}", said), said
    assert {path: path.read_bytes() for path in house.root.rglob("*.ipynb")} == before


def test_check_finds_a_stale_notebook(house, capsys):
    house()
    assert build.main(["--check"]) == 0
    source = house.root / "source" / "00_orientation.py"
    source.write_text(GOOD.replace("Text", "Other text"), encoding="utf-8")
    assert build.main(["--check"]) == 1
    assert "chapters/00_orientation.ipynb is not what its source gives" in capsys.readouterr().err


def test_a_learners_chapter_is_set_aside(house):
    house()
    target = house.root / "chapters" / "00_orientation.ipynb"
    assert house() == 0 and not (house.root / "chapters" / "set_aside").exists()
    notebook = json.loads(target.read_text(encoding="utf-8"))
    notebook["cells"][2]["source"] = "def double(x):\n    return x + x"
    target.write_text(json.dumps(notebook), encoding="utf-8")
    assert house() == 0
    kept = list((house.root / "chapters" / "set_aside").iterdir())
    assert len(kept) == 1 and "return x + x" in kept[0].read_text(encoding="utf-8")
    assert "return x + x" not in target.read_text(encoding="utf-8")


def test_reset_gives_a_blank_chapter_and_keeps_a_damaged_one(house, capsys):
    house()
    target = house.root / "chapters" / "00_orientation.ipynb"
    target.write_text("{ half a file", encoding="utf-8")
    assert build.main(["--reset", "00"]) == 0
    assert "blank again" in capsys.readouterr().out
    assert 'NotImplementedError' in target.read_text(encoding="utf-8")
    kept = list((house.root / "chapters" / "set_aside").iterdir())
    assert [path.read_text(encoding="utf-8") for path in kept] == ["{ half a file"]


def test_a_chapter_that_does_not_exist(capsys):
    assert build.main(["--only", "77"]) == 1
    assert "no source for chapter 77" in capsys.readouterr().err
