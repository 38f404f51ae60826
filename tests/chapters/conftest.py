"""The chapters that exist, read once."""
from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import reading

ROOT = Path(__file__).resolve().parents[2]
read = functools.cache(reading.read_chapter)  # reading takes a second
SOURCES = sorted((ROOT / "source").glob("[0-9][0-9]_*.py"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that asks for `source` runs once for each chapter."""
    if "source" in metafunc.fixturenames:
        metafunc.parametrize("source", SOURCES, ids=[path.stem for path in SOURCES])


@pytest.fixture
def chapter(source: Path) -> reading.Chapter:
    return read(source)


@pytest.fixture
def blank(source: Path) -> dict:
    return json.loads((ROOT / "chapters" / f"{source.stem}.ipynb").read_text(encoding="utf-8"))


@pytest.fixture
def worked(source: Path) -> dict:
    return json.loads((ROOT / "solutions" / f"{source.stem}.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def run_cells(tmp_path_factory: pytest.TempPathFactory):
    """Run a worked notebook in plain Python: (finished process, what it verified). `package` replaces nnlib."""
    def run(name: str, package: Path = ROOT) -> tuple[subprocess.CompletedProcess, list[dict]]:
        folder = tmp_path_factory.mktemp("cells")
        environment = os.environ | {"NNLIB_STATE": str(folder), "PYTHONPATH": str(package), "OPENBLAS_NUM_THREADS": "1"}
        output = folder / "verified.json"
        done = subprocess.run([sys.executable, Path(__file__).with_name("run_cells.py"),
                               ROOT / "solutions" / f"{name}.ipynb", output],
                              env=environment, capture_output=True, text=True, timeout=120, cwd=folder)
        return done, json.loads(output.read_text()) if output.exists() else []
    return run


@pytest.fixture(scope="session")
def verified(run_cells):
    """What a chapter verifies when it runs; each chapter is run once."""
    known: dict[str, list[dict]] = {}

    def of(name: str) -> list[dict]:
        if name not in known:
            done, known[name] = run_cells(name)
            assert done.returncode == 0, done.stderr[-2000:]
        return known[name]
    return of
