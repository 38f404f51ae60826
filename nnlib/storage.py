"""Files: a header of plain data and named arrays in one npz file. Nothing in a file is ever run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np


def write(path: str | Path, kind: str, header: dict[str, Any], arrays: dict[str, Any]) -> None:
    """Write atomically: whoever reads `path` finds the old file or the new one, never half of one."""
    path = Path(path)
    text = np.array(json.dumps({"kind": kind} | header))
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            np.savez_compressed(file, header=text, **arrays)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(path: str | Path, kind: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of a file that `write` made.

    Raises FileNotFoundError if there is no such file, ValueError if it is damaged or of another kind.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}.")
    try:
        # opened here, so that it is closed also where numpy gives up
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop("header").item())
        found = header["kind"]
    except Exception as error:  # whatever a broken file leads to, it means one thing
        raise unusable(path, kind, error) from error
    if found != kind:
        raise ValueError(f"{path} is a {found}, not a {kind}.")
    return header, arrays


def unusable(path: str | Path, kind: str, error: Exception) -> ValueError:
    """The error to raise for a file whose content makes no sense."""
    return ValueError(f"{path} cannot be used as a {kind}: {error} ({type(error).__name__}).")
