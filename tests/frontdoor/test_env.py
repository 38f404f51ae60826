"""tools/env.py, run as `make` runs it, in copies of what it reads.

The copies hold a project without dependencies that builds itself, so pip and venv are the real ones and the network
is not needed.
"""
from __future__ import annotations

import ast
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
[project.optional-dependencies]
lab = []
"""
BACKEND = '''\
import zipfile

META = "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\nProvides-Extra: lab\\n"


def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.dist-info/METADATA", META)
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return name
'''


def make_copy(folder: Path) -> Path:
    """What env.py reads, in a folder of its own with a space in its name."""
    copy = folder / "a workbook"
    for name in ("tools", "binder"):
        (copy / name).mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "env.py", copy / "tools")
    (copy / "binder" / "requirements.txt").write_text("# no pins\n")
    (copy / "pyproject.toml").write_text(PROJECT)
    (copy / "backend.py").write_text(BACKEND)
    return copy


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return make_copy(tmp_path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which the study environment was made. A test may damage it, if it ends with it whole."""
    copy = make_copy(tmp_path_factory.mktemp("installed"))
    done = study(copy)
    assert done.returncode == 0, done.stderr
    assert "Installing the study environment into .venv" in done.stdout
    return copy


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "OPENBLAS"))}
    return kept | {"PIP_CONFIG_FILE": os.devnull} | changes


def study(copy: Path, code: str = "print('ran')", *, python: str = sys.executable, before: tuple[str, ...] = (),
          **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*before, python, "tools/env.py", "study", "-c", code], cwd=copy, env=environment(**changes),
                          capture_output=True, text=True)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence that a failed start says."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def site_packages(copy: Path) -> Path:
    return next((copy / ".venv" / "lib").glob("python3*/site-packages"))


def in_environment(done: subprocess.CompletedProcess[str], copy: Path) -> bool:
    """Whether the code ran, in the copy's own environment."""
    return done.returncode == 0 and done.stdout.strip().endswith(str(copy / ".venv"))


PREFIX = "import sys; print(sys.prefix)"


# ---------------------------------------------------------------- what is there is used
def test_second_call_installs_nothing(installed: Path):
    log = installed / ".venv" / "install.log"
    log.write_text("untouched")
    done = study(installed, PREFIX)
    assert in_environment(done, installed) and "Installing" not in done.stdout
    assert log.read_text() == "untouched"


def test_command_runs_in_the_workbook_with_one_thread(installed: Path):
    code = "import os; print(os.getcwd(), os.environ['OPENBLAS_NUM_THREADS'])"
    assert study(installed, code).stdout.strip() == f"{installed} 1"
    assert study(installed, code, OPENBLAS_NUM_THREADS="2").stdout.strip() == f"{installed} 2"


def test_exit_status_is_that_of_the_command(installed: Path):
    assert study(installed, "raise SystemExit(7)").returncode == 7


@pytest.mark.parametrize("name", ["pyproject.toml", "binder/requirements.txt"])
def test_changed_pins_are_installed_into_the_same_environment(installed: Path, name: str):
    mine = site_packages(installed) / "mine.txt"
    mine.write_text("stays")
    with (installed / name).open("a") as file:
        file.write("# changed\n")
    done = study(installed, PREFIX)
    assert in_environment(done, installed) and "Installing" in done.stdout
    assert mine.exists()
    assert "Installing" not in study(installed).stdout


def test_environment_made_by_hand_is_completed_not_replaced(installed: Path):
    mine = site_packages(installed) / "mine.txt"
    mine.write_text("stays")
    (installed / ".venv" / "nnlib-stamp").unlink()
    done = study(installed, PREFIX)
    assert in_environment(done, installed) and "Installing" in done.stdout
    assert mine.exists()


# ---------------------------------------------------------------- what is broken is repaired
@pytest.mark.slow
def test_environment_without_its_python_is_made_anew(installed: Path):
    for link in (installed / ".venv" / "bin").glob("python*"):
        link.unlink()
    assert in_environment(study(installed, PREFIX), installed)


@pytest.mark.slow
def test_environment_of_another_python_is_made_anew(installed: Path):
    mine = site_packages(installed) / "mine.txt"
    mine.write_text("goes")
    (installed / ".venv" / "nnlib-stamp").write_text("Python 3.9 whatever")
    assert in_environment(study(installed, PREFIX), installed)
    assert not mine.exists()


@pytest.mark.slow
@pytest.mark.parametrize("until", ["bin/python", "lib/python3*/site-packages/pip/__main__.py"])
def test_interrupted_installation_is_made_anew(copy: Path, until: str):
    first = subprocess.Popen([sys.executable, "tools/env.py", "study", "-c", ""], cwd=copy, env=environment(),
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while first.poll() is None and not list((copy / ".venv").glob(until)):
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL, "it ended before it was interrupted"
    half = site_packages(copy) / "half.txt"
    half.write_text("goes")
    assert in_environment(study(copy, PREFIX), copy)
    assert not half.exists()


def test_interrupt_is_one_sentence(copy: Path):
    (copy / "stop").mkdir()
    (copy / "stop" / "venv.py").write_text("raise KeyboardInterrupt")
    assert "Interrupted" in sentence(study(copy, PYTHONPATH=str(copy / "stop")))


# ---------------------------------------------------------------- what cannot be done is said
def old_python(folder: Path) -> str:
    """An interpreter that says it is Python 3.8."""
    script = folder / "old" / "python3"
    script.parent.mkdir()
    script.write_text(f"""#!/bin/sh
exec "{sys.executable}" -c '
import runpy, sys
sys.version_info = (3, 8, 10, "final", 0)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")' "$@"
""")
    script.chmod(0o755)
    return str(script)


def test_old_python_is_told(copy: Path):
    said = sentence(study(copy, python=old_python(copy), PATH=str(copy)))
    assert "needs Python 3.11 or newer" in said and "is Python 3.8" in said and "make PYTHON=" in said
    assert not (copy / ".venv").exists()


def test_old_python_finds_a_newer_one(installed: Path):
    (installed / "newer").mkdir()
    broken, good = installed / "newer" / "python3.11", installed / "newer" / "python3.12"
    broken.write_text("#!/bin/sh\nexit 127\n")  # a version manager's stand-in for a Python that is not installed
    good.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    for script in (broken, good):
        script.chmod(0o755)
    path = f"{installed / 'newer'}:{os.defpath}"
    assert in_environment(study(installed, PREFIX, python=old_python(installed), PATH=path), installed)


def test_an_old_python_can_read_it():
    source = (ROOT / "tools" / "env.py").read_text()
    tree = ast.parse(source, feature_version=(3, 6))
    assert not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in ast.walk(tree))


@pytest.mark.parametrize("module", ["ensurepip", "venv"])
def test_missing_module_is_named(copy: Path, module: str):
    (copy / "hidden").mkdir()
    (copy / "hidden" / f"{module}.py").write_text(f"raise ModuleNotFoundError(name={module!r})")
    said = sentence(study(copy, PYTHONPATH=str(copy / "hidden")))
    assert f"module {module} is missing" in said and "apt install python3-venv" in said
    assert not (copy / ".venv").exists()


def test_folder_that_cannot_be_written(copy: Path):
    as_anybody: tuple[str, ...] = ()
    if os.geteuid() == 0:  # root may write everywhere, unless it gives up that right
        if not shutil.which("setpriv"):
            pytest.skip("run as root, and setpriv, which takes root's right to write everywhere, is not installed")
        as_anybody = ("setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override")
    copy.chmod(0o555)
    try:
        said = sentence(study(copy, before=as_anybody))
    finally:
        copy.chmod(0o755)
    assert f"{copy / '.venv'} cannot be used (Permission denied)" in said


def test_file_in_place_of_the_environment(copy: Path):
    (copy / ".venv").write_text("a file")
    assert f"{copy / '.venv'} cannot be used (File exists)" in sentence(study(copy))


def need_jupyterlab(copy: Path) -> None:
    (copy / "backend.py").write_text(BACKEND.replace("Version: 1\\n", "Version: 1\\nRequires-Dist: jupyterlab\\n"))


@pytest.mark.slow
def test_no_network(copy: Path):
    need_jupyterlab(copy)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        said = sentence(study(copy, PIP_INDEX_URL=index, PIP_RETRIES="1"))
    assert "the package index cannot be reached" in said and "install.log" in said


@pytest.mark.slow
def test_package_that_does_not_exist(copy: Path):
    need_jupyterlab(copy)
    said = sentence(study(copy, PIP_NO_INDEX="1"))
    assert "could not be installed: pip says more in" in said and "reached" not in said


def test_unknown_environment_is_answered_with_the_usage(copy: Path):
    done = subprocess.run([sys.executable, "tools/env.py", "nothing"], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 1 and "tools/env.py study" in done.stderr and "Traceback" not in done.stderr
