"""Make an environment when it is missing or out of date, then run Python in it.

    python3 tools/env.py study -m nnlib.workbook.lab     the study environment, .venv
    python3 tools/env.py test -m pytest                  that and what the tests need, .venv-test
    python3 tools/env.py bench benchmarks/bench.py       the library and its peers, .venv-bench

It runs before anything is installed, so the standard library is all it uses. And it has to tell an old Python that
it is too old, so it is written in the language of Python 3.6.
"""
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "binder" / "requirements.txt"
OLDEST = (3, 11)
NEWER = ("python3.11", "python3.12", "python3.13", "python3.14")  # the first one is what CI and Binder run
ENVIRONMENTS = {"study": (".venv", "lab"), "test": (".venv-test", "lab,test"), "bench": (".venv-bench", "bench")}
STAMP, UNFINISHED = "nnlib-stamp", "unfinished"
OFFLINE = ("connection broken", "connectionerror", "name resolution", "timed out", "proxyerror", "unreachable")


def main(arguments):
    if not arguments or arguments[0] not in ENVIRONMENTS:
        sys.exit(__doc__)
    if os.name != "posix":
        sys.exit("On Windows, use the lines that README.md gives for it.")
    if sys.version_info[:2] < OLDEST:
        use_a_newer_python()
    python = ready(arguments[0])
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads cost more than they bring
    os.chdir(str(ROOT))
    os.execv(str(python), [str(python)] + arguments[1:])


def use_a_newer_python():
    """Start again under the first Python on PATH that is new enough.  Exits if there is none."""
    for name in NEWER:
        if runs(name, ""):
            os.execvp(name, [name] + sys.argv)
    sys.exit("The workbook needs Python {}.{} or newer, and {} is Python {}.{}: install a newer one, or name it "
             "(make PYTHON=python3.12 lab).".format(*OLDEST, sys.executable, *sys.version_info[:2]))


def runs(python, code):
    """Whether this Python exists and carries out the code without an error."""
    try:
        return subprocess.call([str(python), "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def ready(kind):
    """The Python of the environment; installs first, unless the stamp says that all is there."""
    name, extras = ENVIRONMENTS[kind]
    folder = ROOT / name
    python, stamp = folder / "bin" / "python", folder / STAMP
    version = "Python {}.{} ".format(*sys.version_info)
    wanted = version + fingerprint(extras)
    found = stamp.read_text() if stamp.exists() else version  # no stamp: somebody made this environment by hand
    if found != wanted or not python.exists():
        print(f"Installing the {kind} environment into {name}: this takes a minute or more, once.", flush=True)
        if not (found.startswith(version) and runs(python, "import pip")):
            create(folder)
        install(python, extras, folder / "install.log")
        stamp.write_text(wanted)
    return python


def fingerprint(extras):
    """A hash of all that decides what is installed, and of the place, since an environment cannot be moved."""
    parts = [extras.encode(), str(ROOT).encode(), (ROOT / "pyproject.toml").read_bytes(), PINS.read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def create(folder):
    """An environment with pip and nothing else, in place of what is there.  Exits if Python cannot make one."""
    try:
        import ensurepip  # noqa: F401  (Debian packages it apart, and without it venv fails late and at length)
        import venv
    except ImportError as error:
        sys.exit(f"{sys.executable} cannot make an environment, because its module {error.name} is missing: install "
                 "it (Debian and Ubuntu: apt install python3-venv) and start again.")
    if folder.is_dir():
        shutil.rmtree(str(folder))
    folder.mkdir()
    (folder / STAMP).write_text(UNFINISHED)
    try:
        venv.create(str(folder), symlinks=True, with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit(f"{sys.executable} could not put pip into {folder}: repair this Python, or name another one (make "
                 "PYTHON=python3.12 lab).")


def install(python, extras, log):
    """Install the pinned packages and this repository.  Exits with one sentence if pip fails."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
               "-c", str(PINS), "-e", f"{ROOT}[{extras}]"]
    with log.open("w") as report:
        pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in pip.stdout:
            words = line.decode(errors="replace")
            report.write(words)
            show(words)
    show("")
    if pip.wait():
        offline = any(sign in log.read_text().lower() for sign in OFFLINE)
        sys.exit("The packages could not be installed{}: pip says more in {}. Start again once that is mended."
                 .format(", since the package index cannot be reached" if offline else "", log))


def show(words):
    """A sign of life: one line that is written over and over."""
    if sys.stdout.isatty():
        print("\r" + words.strip()[:78].ljust(78), end="" if words else "\r", flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: the next start takes the installation up again.")
    except OSError as error:
        sys.exit(f"{error.filename} cannot be used ({error.strerror}): copy the workbook to a folder in which you may "
                 "write, and start there.")
