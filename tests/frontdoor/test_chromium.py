"""tools/chromium.py: it helps where it can, says so where it cannot, and never stops the tests."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "chromium.py"


def run(commands: Path, *, user: int = 0) -> str:
    """What the script prints with these commands on PATH, for root or another user."""
    code = f"import os, runpy; os.geteuid = lambda: {user}; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    return subprocess.run([sys.executable, "-c", code], env={"PATH": str(commands)}, capture_output=True, text=True,
                          check=True).stdout


def command(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_chromium_that_is_there_is_left_alone(tmp_path: Path):
    command(tmp_path / "chromium", "exit 1")
    command(tmp_path / "apt-get", "echo called >&2; exit 1")
    assert run(tmp_path) == ""


def test_apt_installs_it(tmp_path: Path):
    command(tmp_path / "apt-get", f"""cd "{tmp_path}"
echo "$DEBIAN_FRONTEND $*" >> calls
if [ "$1" = install ]; then : > chromium; /bin/chmod +x chromium; fi""")
    assert run(tmp_path) == "Installing Chromium for the browser tests.\n"
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == ["noninteractive update", "noninteractive install --yes --no-install-recommends chromium"]


def test_failing_apt_is_one_sentence(tmp_path: Path):
    command(tmp_path / "apt-get", "echo E: broken >&2; exit 100")
    assert run(tmp_path).splitlines()[1:] == ["apt could not install Chromium: the browser tests will not run."]


def test_who_may_not_install_is_told(tmp_path: Path):
    command(tmp_path / "apt-get", "exit 0")
    said = run(tmp_path, user=1000)
    assert said == run(tmp_path / "no such folder") and len(said.splitlines()) == 1
    assert "browser tests will not run" in said and "apt install chromium" in said
