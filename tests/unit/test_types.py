"""The type hints of the library hold together, and the code keeps to the style that a tool can check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types():
    run("mypy", "--cache-dir=/dev/null")


def test_lint():
    run("ruff", "check", "--no-cache", ".")
