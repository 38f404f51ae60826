"""The launcher: settings, ports, options, and one real start looked at in Chromium."""
from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nnlib.workbook import lab

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def options(*arguments: str) -> dict[str, str]:
    """What the launcher tells `jupyter lab`, by name."""
    return dict((*argument.split("=", 1), "")[:2] for argument in lab.jupyter_arguments(ROOT, list(arguments)))


# ---------------------------------------------------------------- settings
def test_settings_are_merged_and_ours_win(tmp_path: Path):
    target = tmp_path / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    target.parent.mkdir(parents=True)
    news = "@jupyterlab/apputils-extension:notification"
    theirs = {"another:plugin": {"x": 1}, news: {"fetchNews": "true", "y": 2}}
    target.write_text(json.dumps(theirs))
    assert lab.install_settings(str(tmp_path)) == target
    found = json.loads(target.read_text())
    assert found["another:plugin"] == {"x": 1}
    assert found[news] == {"fetchNews": "false", "checkForUpdates": False, "y": 2}


def test_settings_are_written_once(tmp_path: Path):
    target = lab.install_settings(str(tmp_path))
    os.utime(target, (0, 0))
    lab.install_settings(str(tmp_path))
    assert target.stat().st_mtime == 0


def test_damaged_settings_are_named_and_kept(tmp_path: Path):
    target = lab.install_settings(str(tmp_path))
    target.write_text("{")
    with pytest.raises(SystemExit, match="overrides.json is not valid JSON: repair or delete it"):
        lab.install_settings(str(tmp_path))
    assert target.read_text() == "{"


def test_jupyterlab_knows_every_setting_of_ours():
    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
    for plugin, settings in json.loads(lab.OVERRIDES.read_text()).items():
        extension, name = plugin.split(":")
        known = json.loads((schemas / extension / f"{name}.json").read_text())["properties"]
        for key, value in settings.items():
            allowed = [choice["const"] for choice in known[key].get("oneOf", [])]
            assert value in (allowed or [True, False])


def test_settings_that_cannot_be_written_stop_nobody(monkeypatch: pytest.MonkeyPatch, capsys):
    def refuse() -> Path:
        raise PermissionError(13, "Permission denied", "there")
    started: list[list[str]] = []
    monkeypatch.setattr(lab, "install_settings", refuse)
    monkeypatch.setattr(lab.LabApp, "launch_instance", started.append)
    monkeypatch.chdir(ROOT)
    lab.main([])
    assert started and "could not be written: [Errno 13] Permission denied: 'there'" in capsys.readouterr().out


# ---------------------------------------------------------------- ports
def test_plain_start_takes_the_next_free_port_and_says_so(taken: int, capsys):
    port = lab.free_port("127.0.0.1", first=taken)
    assert taken < port < taken + 100
    assert capsys.readouterr().out == f"Port {taken} is in use; JupyterLab takes {port}.\n"


def test_plain_start_on_a_free_port_says_nothing(taken: int, capsys):
    free = lab.free_port("127.0.0.1", first=taken + 1)
    capsys.readouterr()
    assert lab.free_port("127.0.0.1", first=free) == free
    assert capsys.readouterr().out == ""


def test_no_free_port_at_all(taken: int):
    with pytest.raises(SystemExit, match=f"No free port from {taken} to {taken}: ask"):
        lab.free_port("127.0.0.1", first=taken, tries=1)


@pytest.mark.parametrize("how", ["--port={}", "--port {}", "--ServerApp.port={}"])
def test_port_that_was_asked_for_is_not_replaced(taken: int, how: str):
    with pytest.raises(SystemExit, match=f"Port {taken} cannot be had .*: stop what uses it, or ask for another one"):
        options(*how.format(taken).split())


def test_port_in_use_is_one_sentence_and_status_one(taken: int):
    done = subprocess.run([sys.executable, "-m", "nnlib.workbook.lab", f"--port={taken}"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert re.fullmatch(rf"Port {taken} cannot be had \(.*in use.*\): .*\n", done.stderr)


# ---------------------------------------------------------------- options
def test_plain_start_opens_the_first_chapter_for_this_machine_alone():
    given = options()
    assert given["--LabApp.default_url"] == "/lab/tree/chapters/00_orientation.ipynb"
    assert given["--ServerApp.root_dir"] == str(ROOT)
    assert given["--ServerApp.ip"] == "127.0.0.1"
    assert int(given["--ServerApp.port"]) >= 8888


def test_what_the_reader_says_is_passed_on_and_wins(tmp_path: Path):
    given = options("--no-browser", "--ip=127.0.0.2", "--notebook-dir", str(tmp_path), "--log-level=INFO",
                    "chapters/01_one_neuron.ipynb")
    assert given.keys() >= {"--no-browser", "chapters/01_one_neuron.ipynb"}
    assert given["--ServerApp.ip"] == "127.0.0.2" and given["--ServerApp.root_dir"] == str(tmp_path)
    assert not given.keys() & {"--LabApp.default_url", "--LabApp.log_level", "--ip", "--notebook-dir"}


@pytest.mark.parametrize("user, ip, allowed", [
    (0, "127.0.0.1", True), (0, "0.0.0.0", False), (1000, "127.0.0.1", False)])
def test_root_is_allowed_only_where_nobody_else_can_reach(monkeypatch, user: int, ip: str, allowed: bool):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert ("--allow-root" in options(f"--ip={ip}")) is allowed


def test_it_starts_from_another_folder_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    assert lab.workbook_folder() == ROOT
    (tmp_path / "chapters").mkdir()
    (tmp_path / lab.FIRST_CHAPTER).write_text("{}")
    assert lab.workbook_folder() == tmp_path


def test_no_workbook_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "__file__", str(tmp_path / "nnlib" / "workbook" / "lab.py"))
    with pytest.raises(SystemExit, match="change to the folder of the workbook"):
        lab.workbook_folder()


# ---------------------------------------------------------------- a real start
@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A workbook of one long chapter, and a home in which nobody has used JupyterLab."""
    notebook = nbformat.v4.new_notebook(metadata={
        "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}})
    notebook.cells = [nbformat.v4.new_markdown_cell("[to the last part](#Part-39)"), nbformat.v4.new_code_cell(
        "import os\nprint('threads:', os.environ.get('OPENBLAS_NUM_THREADS'))")]
    for part in range(40):
        notebook.cells.append(nbformat.v4.new_markdown_cell(f"## Part {part}\n\n" + "words " * 40 * (part % 7)))
    (tmp_path / "chapters").mkdir()
    nbformat.write(notebook, tmp_path / lab.FIRST_CHAPTER)
    return tmp_path


def wait_for(url: str) -> None:
    """JupyterLab prints its address a moment before it listens."""
    for _ in range(100):
        try:
            return urllib.request.urlopen(url).close()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise TimeoutError(f"nobody answers at {url}")


@pytest.fixture
def address(workbook: Path) -> Iterator[str]:
    """A plain start, and the address that it prints."""
    home = workbook / "home"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "OPENBLAS"))}
    server = subprocess.Popen([sys.executable, "-m", "nnlib.workbook.lab", "--no-browser"], cwd=workbook,
                              env=kept | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True)
    assert server.stdout is not None
    try:
        printed = []
        for line in server.stdout:
            printed.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/\S+\?token=\S+", line):
                break
        assert found, "".join(printed)
        wait_for(found.group())
        yield found.group()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=30)


@pytest.mark.slow
def test_reader_gets_the_chapter_and_no_questions(address: str, browser: Any):
    assert "/lab/tree/chapters/00_orientation.ipynb?token=" in address
    page = browser.new_page()
    page.goto(address)
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    assert page.locator(".jp-Dialog").count() == 0, page.locator(".jp-Dialog").first.inner_text()
    assert page.locator(".Toastify__toast").count() == 0
    page.locator(".jp-CodeCell .cm-content").click()
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-OutputArea-output", has_text="threads:").wait_for(timeout=30_000)
    assert page.locator(".jp-OutputArea-output").inner_text().strip() == "threads: 1"
    page.get_by_role("link", name="to the last part").click()
    page.wait_for_timeout(1000)
    place = page.get_by_role("heading", name="Part 39").bounding_box()
    assert place and 0 < place["y"] < 600, "a link inside the chapter misses its heading"
    assert page.locator(".jp-Notebook .jp-MarkdownCell h2").count() == 40, "a search in the page misses parts"
    page.close()


@pytest.mark.slow
def test_server_asks_for_its_token(address: str):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.split("/lab")[0] + "/api/contents")
