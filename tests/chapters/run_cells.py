"""Run a worked notebook's code cells in plain Python, without network, and write what was verified as JSON.

    python run_cells.py NOTEBOOK OUTPUT
"""
from __future__ import annotations

import json
import linecache
import socket
import sys

import nnlib.workbook.verification as verification


def refuse(*_: object) -> None:
    raise OSError("a chapter reached for the network")


def main(notebook: str, output: str) -> None:
    socket.socket.connect = refuse  # type: ignore[method-assign, assignment]
    with open(notebook, encoding="utf-8") as file:
        cells = json.load(file)["cells"]
    namespace: dict = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            name = f"<cell {number}>"
            linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
            exec(compile(source, name, "exec"), namespace)
    found = [{"name": c.name, "claimed": c.claimed.tolist(), "measured": c.measured.tolist(), "relation": c.relation,
              "rtol": c.rtol, "atol": c.atol} for c in verification.done]
    with open(output, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
