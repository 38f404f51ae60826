"""The benchmarks run, all peers learn the same in them, and the table says what was measured."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def report():
    spec = importlib.util.spec_from_file_location("report", FOLDER / "report.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_all_that_are_installed_learn_the_same():
    """bench.py stops with an error if a peer ends elsewhere than nnlib; JAX is measured only where it is installed."""
    latest = FOLDER / "latest.md"
    before = latest.read_bytes() if latest.exists() else None
    command = [sys.executable, FOLDER / "bench.py", "--share", "0.01", "--rounds", "1"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    rows = {line.split("|")[1].strip(): line for line in run.stdout.splitlines() if line.startswith("| ")}
    for label in ("torch eager / nnlib", "scikit-learn MLP / nnlib", "nnlib / its matrix products"):
        assert rows[label].count("[") == 4, rows[label]
    assert (latest.read_bytes() if latest.exists() else None) == before


def test_a_peer_that_learns_something_else_is_noticed():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import bench, peers\n"
        "class Lazy(peers.Nnlib):\n"
        "    label = 'lazy'\n"
        "    def run(self): super().run(); self.net.layers[0].b[:] *= 1.1\n"
        "for work in bench.workloads(0.01): bench.check_agreement(work, [Lazy])"
    )
    run = subprocess.run([sys.executable, "-c", code, FOLDER], capture_output=True, text=True)
    assert run.returncode == 1
    assert "A: lazy ends elsewhere" in run.stderr


def test_the_table(report):
    ratios = {
        "A": {"torch eager": np.array([7.0, 6.0, 9.0]), "JAX jit(step)": np.full(3, 0.5), report.GEMM: np.full(3, 6.0)},
        "D": {"torch eager": np.full(3, 7.0), report.GEMM: np.full(3, 4.0)},
    }
    text = report.report(ratios, ["sklearn"])
    assert "| torch eager / nnlib | 7.00 [6.50, 8.00] ★ ≥ 4.5 (6) | 7.00 [7.00, 7.00] ✓ ≥ 7 (10) |" in text
    assert "| JAX jit(step) / nnlib | 0.50 [0.50, 0.50] ✗ ≥ 1.05 (1.4) | — |" in text
    assert "| nnlib / its matrix products | 6.00 [6.00, 6.00] ✗ ≤ 5.5 (4) | 4.00 [4.00, 4.00] ★ ≤ 5.2 (4) |" in text
    assert "Faster than nnlib: JAX jit(step) on A (2.00 times as fast)." in text
    assert "Not installed, so not measured: sklearn." in text
    assert "scikit-learn MLP / nnlib" not in text
    assert f"numpy {np.__version__}" in text
