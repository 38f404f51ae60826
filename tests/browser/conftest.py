"""A real JupyterLab on a copy of the notebooks, and a real Chromium to look at them with."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "tests" / "artefacts"
OVERRIDES = ROOT / "nnlib" / "workbook" / "overrides.json"  # the settings that the course gives to its readers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def write_settings(config: Path) -> None:
    for name, values in json.loads(OVERRIDES.read_text(encoding="utf-8")).items():
        path = config / "lab" / "user-settings" / f"{name.replace(':', '/')}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended with status {server.returncode} before it answered.")
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("JupyterLab did not answer within a minute.")


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that JupyterLab serves: a copy of the chapters, and the notebooks the tests write."""
    folder = tmp_path_factory.mktemp("lab")
    for notebook in sorted((ROOT / "chapters").glob("*.ipynb")):
        shutil.copy(notebook, folder)
    return folder


@pytest.fixture(scope="session")
def scratch(desk: Path) -> str:
    """A notebook of our own that shows every bench, so that they are tested whatever the chapters show."""
    source = (Path(__file__).parent / "scratch.py").read_text(encoding="utf-8")
    parts = [part.strip() for part in source.split("# %%")[1:]]
    cells = [nbformat.v4.new_markdown_cell("## Maths\n\n$$ \\hat y = \\tanh(xw + b) \\tag{1.1} $$")]
    cells += [nbformat.v4.new_code_cell(part, id=f"cell-{number}") for number, part in enumerate(parts)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), desk / "scratch.ipynb")
    return "scratch.ipynb"


@pytest.fixture(scope="session")
def address(chromium: str, desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab of this environment with its own settings, ended by its own process id."""
    home = tmp_path_factory.mktemp("home")
    write_settings(home / "config")
    folders = {f"JUPYTER_{part.upper()}_DIR": str(home / part) for part in ("config", "data", "runtime")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = os.environ | folders | {"PATH": path, "NNLIB_STATE": str(home), "OPENBLAS_NUM_THREADS": "1"}
    port = free_port()
    options = [f"--port={port}", "--ip=127.0.0.1", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    options += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={desk}"]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=environment, cwd=desk, stdout=log, stderr=log
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def expect(seen: Callable[[], bool], what: str) -> None:
    """Wait up to ten seconds for something to be seen."""
    end = time.monotonic() + 10
    while not seen():
        assert time.monotonic() < end, f"not seen within 10 s: {what}"
        time.sleep(0.05)


class BenchOnPage:
    """One live bench, as its reader meets it."""

    def __init__(self, page: Any, stage: Any) -> None:
        self.page, self.stage = page, stage
        self.canvas = stage.locator("canvas")
        self.name = stage.get_attribute("data-bench")
        self.root = stage.locator("xpath=ancestor::*[contains(@class, 'nnlib-bench')]")

    def picture(self) -> str:
        """All pixels of the canvas."""
        return self.canvas.evaluate("canvas => canvas.toDataURL()")

    def words(self) -> str:
        """The live text alternative."""
        return self.stage.locator("p[aria-live]").inner_text()

    def colours(self, places: list[tuple[float, float]]) -> list[list[int]]:
        """Red, green, blue and alpha at these places, in pixels from the upper left corner."""
        return self.canvas.evaluate(
            """(canvas, places) => places.map(([x, y]) =>
                 [...canvas.getContext('2d').getImageData(Math.floor(2 * x), Math.floor(2 * y), 1, 1).data])""",
            places,
        )

    def slider(self, label: str) -> Any:
        """The handle of the slider with that label."""
        return self.root.locator(".widget-inline-hbox", has_text=label).locator(".noUi-handle")

    def readouts(self) -> list[str]:
        """The values beside the sliders."""
        return self.root.locator(".widget-readout").all_inner_texts()

    def button(self, label: str) -> Any:
        return self.root.locator("button", has_text=label)

    def select(self, label: str, option: str) -> None:
        """Choose an option in the menu with that label."""
        self.root.locator(".widget-dropdown", has_text=label).locator("select").select_option(label=option)

    def controls(self) -> list[Any]:
        """Everything one can reach with the Tab key, but for the readouts."""
        return self.root.locator(".noUi-handle, select, button, canvas[tabindex]").all()

    @staticmethod
    def name_of(control: Any) -> str:
        """What a screen reader calls the control."""
        return control.evaluate("node => node.ariaLabel || node.labels?.[0]?.textContent || node.textContent").strip()

    def screenshot(self, name: str) -> None:
        """The bench alone as a picture in tests/artefacts."""
        ARTEFACTS.mkdir(exist_ok=True)
        self.root.screenshot(path=ARTEFACTS / f"{name}.png")

    def press_a_key(self) -> None:
        """One arrow key on the first slider, away from the end of its range."""
        handle = self.root.locator(".noUi-handle").first
        at_end = handle.evaluate("node => node.ariaValueNow === node.ariaValueMax")
        handle.press("ArrowLeft" if at_end else "ArrowRight")

    def wait_for_another_picture(self, before: str) -> None:
        expect(lambda: self.picture() != before, f"{self.name}: another picture")

    def wait_for_words(self, part: str) -> None:
        expect(lambda: part in self.words(), f"{self.name}: the words {part!r}")

    def wait_for_other_words(self, before: str) -> None:
        expect(lambda: self.words() != before, f"{self.name}: other words than {before!r}")


class Lab:
    """One page of JupyterLab, with a notebook in it."""

    expect = staticmethod(expect)

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.console_errors: list[str] = []
        page.on("console", lambda message: self._listen(message))
        page.on("pageerror", lambda error: self.console_errors.append(f"page error: {error.stack}"))

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.console_errors.append(f"{message.text} ({message.location.get('url', '')})")

    def open(self, notebook: str) -> None:
        """Open a notebook in an otherwise empty workspace and wait for its kernel."""
        self.page.goto(f"{self.address}/lab/workspaces/tests/tree/{notebook}?reset")
        self.wait_idle()

    def wait_idle(self) -> None:
        """Only the status bar tells when the kernel is really there: Run All before that opens a dialog."""
        self.page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=60_000)

    def command(self, name: str) -> None:
        """Run one of JupyterLab's commands to its end."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name).then(() => null)", name)

    def run_all(self) -> None:
        """Run all cells; wait for the last result and the first picture of every bench."""
        self.command("notebook:run-all-cells")
        self.wait_until_run()

    def wait_until_run(self) -> None:
        """Wait until no cell is left to run and every bench has its first picture."""
        self.page.wait_for_function(
            "() => ![...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent.includes('*'))",
            timeout=120_000,
        )
        self.wait_idle()
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.nnlib-stage')].every(stage => stage.dataset.frame !== undefined)"
        )

    def end_kernels(self) -> None:
        self.page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")

    def benches(self) -> list[BenchOnPage]:
        return [BenchOnPage(self.page, stage) for stage in self.page.locator(".nnlib-stage").all()]

    def bench(self, name: str) -> BenchOnPage:
        return next(bench for bench in self.benches() if bench.name == name)

    def dialogs(self) -> list[str]:
        """The texts of open dialogs and pop-ups."""
        return self.page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts()

    def output_errors(self) -> list[str]:
        """The texts of error outputs and of widgets that could not be shown."""
        errors = self.page.locator('[data-mime-type="application/vnd.jupyter.error"], [data-mime-type*="stderr"]')
        broken = self.page.locator(".jp-OutputArea-output", has_text="Error displaying widget")
        return errors.all_inner_texts() + broken.all_inner_texts()

    def unrendered_maths(self) -> list[str]:
        """What of the mathematics a reader would see as source or as an error message."""
        return self.page.evaluate(
            """() => {
              const rendered = [...document.querySelectorAll('.jp-RenderedMarkdown, .jp-RenderedHTMLCommon')];
              const prose = node => { const copy = node.cloneNode(true);
                copy.querySelectorAll('pre, code, mjx-container, script').forEach(part => part.remove());
                return copy.textContent; };
              const raw = rendered.map(prose).filter(text => /\\$\\$|\\\\begin\\{|\\\\frac|\\\\tag\\{/.test(text));
              const errors = [...document.querySelectorAll('mjx-merror, [data-mjx-error]')];
              return [...raw.map(text => text.slice(0, 200)), ...errors.map(node => node.outerHTML.slice(0, 200))];
            }"""
        )

    def scroll_bars(self) -> list[str]:
        """Outputs, and boxes in outputs, that need a scroll bar."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('.jp-OutputArea-output, .jp-OutputArea-output *')].filter(node => {
                 const style = getComputedStyle(node);
                 const rolls = overflow => overflow === 'auto' || overflow === 'scroll';
                 return (rolls(style.overflowX) && node.scrollWidth > node.clientWidth + 1)
                     || (rolls(style.overflowY) && node.scrollHeight > node.clientHeight + 1);
               }).map(node => `${node.className} ${node.scrollWidth}x${node.scrollHeight} in ${node.clientWidth}x${node.clientHeight}`)"""  # noqa: E501
        )

    def set_theme(self, theme: str) -> None:
        """Change to "JupyterLab Light" or "JupyterLab Dark"."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => null)", theme
        )
        light = str(theme.endswith("Light")).lower()
        self.page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")
        # a second change before the splash screen of the first has gone is an error in JupyterLab
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def screenshot(self, name: str) -> Path:
        """The whole notebook as one picture in tests/artefacts."""
        ARTEFACTS.mkdir(exist_ok=True)
        panel = self.page.locator(".jp-WindowedPanel-outer").first
        width, usual = self.page.viewport_size["width"], self.page.viewport_size["height"]
        hidden = panel.evaluate("node => node.scrollHeight - node.clientHeight")
        self.page.set_viewport_size({"width": width, "height": min(usual + hidden + 40, 16_000)})
        panel.evaluate("node => { node.scrollTop = 0; }")
        self.page.wait_for_timeout(300)
        path = ARTEFACTS / f"{name}.png"
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": width, "height": usual})
        return path


@pytest.fixture(scope="session")
def new_lab(browser: Any, address: str) -> Callable[[], AbstractContextManager[Lab]]:
    """Opens fresh pages, as a new reader has them; when a page is closed its kernels end."""

    @contextmanager
    def opened() -> Iterator[Lab]:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        lab = Lab(context.new_page(), address)
        yield lab
        lab.end_kernels()
        context.close()

    return opened
