"""What Binder will build: the generated Dockerfile, the pins, and the two scripts. The image itself needs an engine."""
from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / "binder"
STUDY = "lab"  # the extra that makes the study environment


def pins() -> dict[str, str]:
    """Package -> version, as binder/requirements.txt has them."""
    lines = [line for line in (BINDER / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    found = dict(re.fullmatch(r"([\w.-]+)==([\w.]+)", line).groups() for line in lines)
    assert len(found) == len(lines), "a package is pinned twice"
    return {canonicalize_name(name): version for name, version in found.items()}


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def needed(requirements: list[str], extras: set[str], seen: dict[str, set[str]]) -> dict[str, set[str]]:
    """Every package these requirements lead to on this machine, with the extras that were asked for."""
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        wanted = requirement.extras - seen.get(name, set())
        applies = any(requirement.marker is None or requirement.marker.evaluate({"extra": extra})
                      for extra in extras | {""})
        if applies and (name not in seen or wanted):
            seen.setdefault(name, set()).update(wanted)
            needed(distribution(name).requires or [], seen[name], seen)
    return seen


def study_environment() -> set[str]:
    return set(needed(project()["dependencies"] + project()["optional-dependencies"][STUDY], set(), {}))


# ---------------------------------------------------------------- pins
def test_pins_are_in_the_ranges_of_the_package():
    found = pins()
    for text in project()["dependencies"] + project()["optional-dependencies"][STUDY]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(found[canonicalize_name(requirement.name)]), text


def test_every_package_of_the_study_environment_is_pinned():
    assert study_environment() - pins().keys() == set()


def test_nothing_else_is_pinned():
    if sys.platform != "linux" or sys.version_info[:2] != (3, 11):
        pytest.skip("the pins are those of Linux and Python 3.11; elsewhere some packages are not needed")
    assert pins().keys() - study_environment() == set()


def test_oldest_python_takes_every_pin():
    oldest = re.search(r"[\d.]+", project()["requires-python"]).group() + ".0"
    for name, version in pins().items():
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # not needed on this system
        if found.version == version:
            assert SpecifierSet(found.metadata.get("Requires-Python") or "").contains(oldest), name


def test_these_tests_run_with_the_pinned_versions():
    if Path(sys.prefix).name != ".venv-test":
        pytest.skip("only `make test` promises the pinned versions; this environment was made otherwise")
    found = {name: distribution(name).version for name in study_environment()}
    assert {name: version for name, version in found.items() if pins()[name] != version} == {}


# ---------------------------------------------------------------- what Binder reads
def test_binder_builds_a_plain_python_image():
    done = subprocess.run([sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."], cwd=ROOT,
                          capture_output=True, text=True, check=True)
    assert "Building conda environment for python=3.11\n" in done.stderr
    assert "environment-2epy-2d3-2e11-2d" in done.stdout, "not the lock file of Python 3.11"
    steps = ['bin/pip install --no-cache-dir -r "binder/requirements.txt"\n',
             " src/ ${REPO_DIR}/\n",  # after the packages: an edited chapter does not install them again
             "RUN ./binder/postBuild\n",
             'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"\n']
    places = [done.stdout.find(step) for step in steps]
    assert -1 not in places and places == sorted(places), dict(zip(steps, places, strict=True))


def test_no_other_file_tells_binder_what_to_build():
    assert not (ROOT / ".binder").exists()
    others = {"environment.yml", "Pipfile", "Pipfile.lock", "apt.txt", "install.R", "Project.toml", "default.nix",
              "Dockerfile", "setup.py", "requirements.txt", "runtime.txt", "postBuild", "start"}
    assert {name for name in others if (ROOT / name).exists()} == set()
    assert {path.name for path in BINDER.iterdir()} == {"requirements.txt", "runtime.txt", "postBuild", "start"}


def test_binder_runs_the_python_of_the_tests():
    if not os.environ.get("CI"):
        pytest.skip("a contributor may have another Python; CI may not")
    assert (BINDER / "runtime.txt").read_text().strip() == "python-{}.{}".format(*sys.version_info)


# ---------------------------------------------------------------- the two scripts
@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_scripts_can_run(name: str):
    assert (BINDER / name).stat().st_mode & 0o111, "not executable"
    subprocess.run(["bash", "-n", BINDER / name], check=True)


def test_start_hands_over_with_one_thread():
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    shown = subprocess.run([BINDER / "start", "sh", "-c", 'echo "$OPENBLAS_NUM_THREADS $1"', "sh", "two words"],
                           env=kept, capture_output=True, text=True, check=True).stdout
    assert shown == "1 two words\n"
