"""Files: a header of plain data and named arrays in one npz file. Nothing in a file is ever run."""

from __future__ import annotations

import io
import json
import os
import uuid
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy


def write(path: str | Path, kind: str, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write atomically: whoever reads `path` finds the old file or the new one, never half of one.

    Being killed at the wrong moment leaves a second file behind, `path` with .tmp at its end; it can be deleted.
    """
    path = Path(path)
    text = np.array(json.dumps({"kind": kind} | header, default=_plain))
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as file:
            _pack(file, {"header": text} | arrays)
            file.flush()
            os.fsync(file.fileno())  # else a power cut could keep the new name and lose the content
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(path: str | Path, kind: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of a file that `write` made; takes no more memory than the file is long.

    Raises FileNotFoundError if there is no such file, ValueError if it is damaged or of another kind.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}.")
    try:
        arrays = _arrays(path)
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


def _plain(value: Any) -> Any:
    """An array or a numpy number as what JSON knows: lists and numbers."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{value!r} is of type {type(value).__name__}, which cannot be written as plain data.")


def _pack(file: BinaryIO, arrays: dict[str, np.ndarray]) -> None:
    """The npz format, uncompressed (weights look like noise), without objects, and without a date."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                npy.write_array(member, np.asarray(array), version=(1, 0), allow_pickle=False)


def _arrays(path: str | Path) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as file:
        members = file.infolist()
        # compressed or overlapping members could unpack to many times the length of the file
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("it is compressed")
        if sum(member.file_size for member in members) > Path(path).stat().st_size:
            raise ValueError("it claims to hold more than it has room for")
        return {member.filename.removesuffix(".npy"): _array(file.read(member)) for member in members}


def _array(data: bytes) -> np.ndarray:
    """The array in the bytes of an npy file: a view of them first, so that a false shape asks for no memory."""
    file = io.BytesIO(data)
    if npy.read_magic(file) != (1, 0):
        raise ValueError("its arrays are of an unknown version")
    shape, fortran, dtype = npy.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, and those are never loaded")
    if min(shape, default=0) < 0:
        raise ValueError(f"an array of shape {shape} is impossible")
    view = np.frombuffer(data, dtype, offset=file.tell())
    return view.reshape(shape, order="F" if fortran else "C").copy()
