"""Blank chapters run through untouched; worked notebooks give again what they store; both are what the sources make."""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import build

ROOT = Path(__file__).resolve().parents[2]


def test_what_git_tracks_is_what_the_sources_give(capsys):
    assert build.main(["--check"]) == 0, capsys.readouterr().err


def test_every_code_cell_of_a_worked_notebook_was_run(worked):
    counts = [cell["execution_count"] for cell in worked["cells"] if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_worked_notebooks_store_no_widget_and_no_path_of_this_machine(worked):
    text = str(worked)
    assert "widget-view" not in text
    assert str(Path.home()) not in text and "/tmp/" not in text


def test_blank_chapters_hold_no_output_and_no_solution(blank, chapter):
    for cell in blank["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
        assert "### BEGIN SOLUTION" not in cell["source"]
        assert not {"solution-only", "instructor"} & set(cell["metadata"].get("tags", []))
    assert any("solution-only" in cell.tags for cell in chapter.cells)


def headings(notebook: dict) -> set[str]:
    return {build.anchor(found) for cell in notebook["cells"] if cell["cell_type"] == "markdown"
            for found in re.findall(r"^#+ (.*)$", cell["source"], re.M)}


def test_links_between_notebooks_lead_somewhere(blank, worked, source):
    for folder, notebook in (("chapters", blank), ("solutions", worked)):
        for cell in notebook["cells"]:
            for target, fragment in re.findall(r"\]\(([^)#:]+\.ipynb)(?:#([^)]*))?\)", cell["source"]):
                path = (ROOT / folder / target).resolve()
                assert path.exists(), f"{source.stem}: {target}"
                assert not fragment or fragment in headings(nbformat.read(path, as_version=4)), f"{target}#{fragment}"


def test_each_exercise_links_to_its_worked_solution(blank, worked):
    link = re.compile(r"Worked solution\]\([^#]*#([^)]*)\)")
    links = [found for cell in blank["cells"] for found in link.findall(cell["source"])]
    exercises = [cell for cell in blank["cells"] if cell["source"].startswith("### Exercise")]
    assert len(links) == len(exercises) >= 6
    assert set(links) <= headings(worked)


@pytest.mark.slow
def test_worked_notebooks_give_again_what_they_store(source, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-q",
         "-c", os.devnull, f"--rootdir={ROOT}", str(ROOT / "solutions" / f"{source.stem}.ipynb")],
        env=os.environ | {"NNLIB_STATE": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"\d+ passed", done.stdout) and "skipped" not in done.stdout, done.stdout[-500:]


@pytest.mark.slow
def test_a_blank_chapter_runs_to_its_end(source, tmp_path):
    notebook = nbformat.read(ROOT / "chapters" / f"{source.stem}.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", extra_arguments=["--log-level=ERROR"],
                            resources={"metadata": {"path": str(tmp_path)}})
    with client.setup_kernel(env=os.environ | {"NNLIB_STATE": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"}):
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
    shown = [output["data"]["text/plain"] for cell in notebook.cells for output in cell.get("outputs", [])
             if "data" in output and output["data"]["text/plain"].startswith("Exercise ")]
    checks = sum(cell["source"].startswith("check(") for cell in notebook.cells if cell["cell_type"] == "code")
    assert len(shown) == checks >= 3
    assert all(text.endswith("not attempted yet.") for text in shown), shown
    assert not any(output.get("name") == "stderr" for cell in notebook.cells for output in cell.get("outputs", []))
    assert not (tmp_path / "my_nnlib").exists()


@pytest.mark.slow
def test_two_builds_are_the_same_bytes(source, worked):
    chapter = build.read_chapter(source)
    first, second = (build.text_of(build.execute(build.worked(chapter), chapter)) for _ in range(2))
    assert first == second
    assert first.count("image/png") >= 2
