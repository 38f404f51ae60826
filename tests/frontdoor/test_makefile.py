"""The Makefile: thin, described, and what the texts promise of it."""
from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

RULE = re.compile(r"^([a-z-]+):.*\n((?:\t.*\n)+)", re.M)


@pytest.fixture(scope="module")
def rules(root: Path) -> dict[str, list[str]]:
    """Each target with its lines."""
    return {name: body.splitlines() for name, body in RULE.findall((root / "Makefile").read_text())}


def test_help_describes_every_target(root: Path, rules: dict[str, list[str]]):
    if not shutil.which("make"):
        pytest.skip("make is not installed here")
    shown = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    described = dict(re.findall(r"^make (\S+) +(\S.*)$", shown, re.M))
    assert set(described) == set(rules) >= {"lab", "test", "test-quick", "build", "help", "reset", "save", "lint"}


def test_no_target_is_mistaken_for_a_file(root: Path, rules: dict[str, list[str]]):
    phony = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(), re.M)
    assert phony and set(phony.group(1).split()) == set(rules)


def test_targets_are_thin(rules: dict[str, list[str]]):
    assert {name: len(lines) for name, lines in rules.items() if len(lines) > 2} == {}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "pyproject.toml"])
def test_targets_named_in_the_texts_exist(root: Path, rules: dict[str, list[str]], name: str):
    named = set(re.findall(r"`?\bmake ([a-z-]+)(?= ARGS| CHAPTER|`|$)", (root / name).read_text(), re.M))
    assert named and named <= set(rules)


def test_readme_gives_the_two_commands(root: Path):
    readme = (root / "README.md").read_text()
    assert "\nmake lab\n" in readme and "`make test`" in readme


def test_ci_calls_the_test_command_and_nothing_else(root: Path):
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o111, "not executable"
    body = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert body == ["set -e", 'cd "$(dirname "$0")/.."', "make test"]


def test_reset_asks_which_chapter(root: Path):
    if not shutil.which("make"):
        pytest.skip("make is not installed here")
    done = subprocess.run(["make", "reset"], cwd=root, capture_output=True, text=True)
    assert done.returncode and "make reset CHAPTER=05" in done.stderr
