"""Take one's work along: answers, progress and `my_nnlib` in one zip file, and back again."""
from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

from . import state
from .display import publish

PATTERNS = ("*.ipynb", "progress*.json", "my_nnlib/**/*.py", "my_nnlib/**/*.bak", "set_aside/*.ipynb")


def save_work(name: str = "my_work.zip") -> None:
    """Zip the chapters as they are saved, the progress and `my_nnlib`; show a link to download the file.

    A worked notebook has nothing to save.
    """
    if state.session.worked:
        publish("A worked notebook holds nobody's work: there is nothing to save here.")
        return
    root = state.folder()
    files = sorted({path for pattern in PATTERNS for path in root.glob(pattern) if path.is_file()})
    with zipfile.ZipFile(root / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(root).as_posix())
    publish(f"{len(files)} files are in {name}.",
            f'{len(files)} files are in <a href="{name}" download>{name}</a>. Save the notebook first (Ctrl+S), '
            "then run this cell, then download the file.")


def restore_work(name: str = "my_work.zip") -> None:
    """Bring back what `save_work` wrote. A file that would be overwritten is kept in `set_aside/`.

    Raises FileNotFoundError if there is no such file, ValueError for a zip that holds anything else.
    """
    root = state.folder()
    if not (root / name).exists():
        raise FileNotFoundError(f"restore_work: no file {name} in {root}; upload it there first.")
    with zipfile.ZipFile(root / name) as archive:
        names = [info.filename for info in archive.infolist()]
        strangers = [entry for entry in names if not belongs(entry)]
        if strangers:
            raise ValueError(f"restore_work: {name} holds {strangers[0]!r}, which save_work does not write.")
        for entry in names:
            restore_one(root, entry, archive.read(entry))
    publish(f"{len(names)} files are back. Reload a chapter that was open while you did this.")


def belongs(entry: str) -> bool:
    """Whether save_work could have written this name: it stays inside the folder and fits a pattern."""
    path = Path(entry)
    if path.is_absolute() or ".." in path.parts or "\\" in entry:
        return False
    return any(path.match(pattern.replace("**/", "")) for pattern in PATTERNS)


def restore_one(root: Path, entry: str, content: bytes) -> None:
    target = root / entry
    if target.exists() and target.read_bytes() != content:
        kept = root / "set_aside" / f"{target.stem}.{datetime.now():%Y-%m-%d.%H%M%S.%f}{target.suffix}"
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(target.read_bytes())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
