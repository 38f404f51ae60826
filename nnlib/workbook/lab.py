"""Open the workbook in JupyterLab: `python -m nnlib.workbook.lab`, options of `jupyter lab` after it."""
from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from pathlib import Path

from jupyterlab.labapp import LabApp

FIRST_CHAPTER = Path("chapters") / "00_orientation.ipynb"
OVERRIDES = Path(__file__).with_name("overrides.json")
PLUGINS = dict[str, dict[str, object]]


def main(arguments: list[str]) -> None:
    """Prepare the settings and start the server; what it cannot do it says in one sentence."""
    root = workbook_folder()
    try:
        install_settings()
    except OSError as error:
        print(f"JupyterLab keeps its own settings, because ours could not be written: {error}.")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads cost more than they bring
    completed = jupyter_arguments(root, arguments)
    print("The workbook opens in JupyterLab. Ctrl+C here, twice, stops it.", flush=True)
    LabApp.launch_instance(completed)


def workbook_folder() -> Path:
    """The folder with the chapters: where we stand, or where this file lies.  Exits if it is neither."""
    for folder in (Path.cwd(), Path(__file__).resolve().parents[2]):
        if (folder / FIRST_CHAPTER).exists():
            return folder
    sys.exit(f"No {FIRST_CHAPTER} here: change to the folder of the workbook and start again.")


def install_settings(prefix: str = sys.prefix) -> Path:
    """Merge `overrides.json` into JupyterLab's default settings under `prefix`; return the file written.

    Raises OSError if the file cannot be written; exits if the file that is there is not JSON.
    """
    target = Path(prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    present: PLUGINS = {}
    if target.exists():
        try:
            present = json.loads(target.read_text(encoding="utf-8"))
        except ValueError:
            sys.exit(f"{target} is not valid JSON: repair or delete it, then start again.")
    merged = merge(present, json.loads(OVERRIDES.read_text(encoding="utf-8")))
    if merged != present:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(merged, indent=2) + "\n", encoding="utf-8")
    return target


def merge(present: PLUGINS, ours: PLUGINS) -> PLUGINS:
    """Both settings, plugin by plugin; ours win.

    >>> merge({"a": {"x": 1, "y": 1}}, {"a": {"y": 2}, "b": {"z": 3}})
    {'a': {'x': 1, 'y': 2}, 'b': {'z': 3}}
    """
    return present | {plugin: present.get(plugin, {}) | settings for plugin, settings in ours.items()}


def jupyter_arguments(root: Path, arguments: list[str]) -> list[str]:
    """The reader's arguments for `jupyter lab`, completed by ours where the reader says nothing."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--ip", "--ServerApp.ip", dest="ip", default="127.0.0.1")
    parser.add_argument("--port", "--ServerApp.port", dest="port", type=int)
    parser.add_argument("--notebook-dir", "--ServerApp.root_dir", dest="root", default=str(root))
    asked, others = parser.parse_known_args(arguments)
    port = free_port(asked.ip) if asked.port is None else asked_port(asked.ip, asked.port)
    ours = [f"--ServerApp.root_dir={asked.root}", f"--ServerApp.ip={asked.ip}", f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0"]
    if not any(argument == "--debug" or argument.startswith("--log-level") for argument in others):
        ours += ["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"]  # the address, and real trouble
    if not any(argument.endswith(".ipynb") for argument in others):
        ours.append(f"--LabApp.default_url=/lab/tree/{FIRST_CHAPTER.as_posix()}")
    if asked.ip == "127.0.0.1" and hasattr(os, "geteuid") and os.geteuid() == 0:
        ours.append("--allow-root")  # nobody but this machine can reach it
    return ours + others


def asked_port(ip: str, port: int) -> int:
    """The port the reader asked for.  Exits if it cannot be had."""
    reason = refusal(ip, port)
    if reason:
        sys.exit(f"Port {port} cannot be had ({reason}): stop what uses it, or ask for another one with --port=N.")
    return port


def free_port(ip: str, first: int = 8888, tries: int = 100) -> int:
    """The first free port from `first` on; says so if it is another one.  Exits if there is none."""
    for port in range(first, first + tries):
        if not refusal(ip, port):
            if port != first:
                print(f"Port {first} is in use; JupyterLab takes {port}.", flush=True)
            return port
    sys.exit(f"No free port from {first} to {first + tries - 1}: ask for another one with --port=N.")


def refusal(ip: str, port: int) -> str | None:
    """Why a server cannot listen there; None if it can."""
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
        if os.name == "posix":  # a port that was closed a moment ago is free; elsewhere the option means another thing
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("" if ip == "*" else ip, port))
        except (OSError, OverflowError) as error:
            return getattr(error, "strerror", None) or str(error)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
