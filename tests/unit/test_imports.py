"""The arrows between the modules, read from the source, and what `import nnlib` costs."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import nnlib

ROOT = Path(nnlib.__file__).parent
PACKAGES = {path.parent.name: path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "workbook"}
MODULES = {path.stem: path for path in ROOT.glob("*.py") if path.stem != "__init__"} | PACKAGES
LEVEL = {
    "checks": 0, "numerics": 1, "initializers": 1, "progressbar": 0, "storage": 0,
    "activations": 2, "layers": 2, "losses": 2, "metrics": 2, "preprocessing": 2, "data": 2,
    "augmentation": 2, "diagnostics": 3, "graph": 3,
    "network": 3, "training": 4, "validation": 5, "estimators": 6,
}  # fmt: skip
ALONE = {
    "optimizers": {"checks"}, "schedules": {"checks"}, "regularizers": {"checks"},
    "neuron": {"checks", "numerics"}, "gradcheck": set(), "surfaces": {"numerics"},
    "autodiff": set(),
}  # fmt: skip


def imported(path: Path) -> set[str]:
    """Full names of what a file or a package imports, anywhere in it."""
    if path.is_dir():
        return set().union(*map(imported, path.glob("*.py")))
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def own(path: Path) -> set[str]:
    """Other modules of nnlib that a module imports."""
    parts = [name.split(".") for name in imported(path) if name.startswith("nnlib.")]
    return {part[1] for part in parts if part[1] in MODULES or part[1] == "workbook"} - {path.stem}


def test_every_module_has_its_place():
    assert set(MODULES) == set(LEVEL) | set(ALONE)


@pytest.mark.parametrize("name", sorted(LEVEL))
def test_imports_run_downwards(name):
    for other in own(MODULES[name]):
        if other == "optimizers":
            assert name == "estimators"
        else:
            assert LEVEL[other] <= LEVEL[name], f"{name} imports {other}"


@pytest.mark.parametrize("name", sorted(ALONE))
def test_modules_that_stand_alone(name):
    assert own(MODULES[name]) <= ALONE[name]


@pytest.mark.parametrize("path", [*MODULES.values(), ROOT / "__init__.py"], ids=lambda path: path.stem)
def test_the_core_needs_numpy_and_nothing_else(path):
    assert "nnlib.workbook" not in {name[:14] for name in imported(path)}
    outside = {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names)
    assert outside <= {"numpy", "nnlib"} | ({"sklearn"} if path.stem == "estimators" else set())


def loaded_after(code):
    """Names of all modules in a fresh interpreter that ran `code`."""
    code += "; import sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_no_picture_and_no_widget_is_loaded():
    everything = "import nnlib; from nnlib import *"
    loaded = loaded_after(everything)
    assert {f"nnlib.{name}" for name in set(nnlib.__all__) - {"Network", "fit"}} <= loaded
    assert not {"matplotlib", "ipywidgets", "anywidget", "IPython", "sklearn", "scipy", "nnlib.workbook"} & loaded


def test_importing_alone_loads_nothing():
    assert "numpy" not in loaded_after("import nnlib")
    assert "numpy.random" not in loaded_after("from nnlib import *")  # slow to load, and not everybody draws numbers


def test_names_are_found_when_they_are_used():
    assert nnlib.Network is nnlib.network.Network
    assert nnlib.fit is nnlib.training.fit
    assert nnlib.estimators.__name__ == "nnlib.estimators"
    assert set(nnlib.__all__) <= set(dir(nnlib))
    with pytest.raises(AttributeError, match="module 'nnlib' has no attribute 'Netwrok'"):
        _ = nnlib.Netwrok


def test_version_is_that_of_the_distribution():
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert nnlib.__version__ == project["version"]
