"""The learner's state: which chapter is open, what is done, where it is kept. It stays on the learner's disk."""
from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_lock = threading.Lock()  # widgets answer in a thread of their own


@dataclass
class Session:
    """The open chapter. A worked notebook records nothing."""

    chapter: str | None = None
    worked: bool = False

    @property
    def records(self) -> bool:
        return self.chapter is not None and not self.worked


session = Session()


def folder() -> Path:
    """Where progress and `my_nnlib` are kept: beside the notebook, or where NNLIB_STATE points."""
    return Path(os.environ.get("NNLIB_STATE") or Path.cwd())


def load() -> dict:
    """All progress; a damaged file is set aside and said, never lost."""
    path = folder() / "progress.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not all(isinstance(part, dict) for part in content.values()):
            raise ValueError("not a table of chapters")
        return content
    except OSError:  # not there yet, or not to be had; `record` says so where it matters
        return {}
    except ValueError as error:
        kept = path.with_name(f"progress.damaged.{datetime.now():%Y-%m-%d.%H%M%S.%f}.json")
        os.replace(path, kept)
        print(f"Your progress file could not be read ({error}). It is set aside as {kept.name}; a new one is begun.")
        return {}


def record(kind: str, name: str, value: str) -> None:
    """Note one fact about the open chapter: an exercise, a prediction, a quiz answer.

    Where the folder cannot be written this is said, and the learner goes on.
    """
    if not session.records:
        return
    with _lock:
        try:
            content = load()
            content.setdefault(str(session.chapter), {}).setdefault(kind, {})[name] = value
            write(folder() / "progress.json", json.dumps(content, indent=1, sort_keys=True))
        except OSError as error:
            print(f"This is not recorded: {folder()} cannot be written ({error.strerror}).")


def recorded(chapter: str, kind: str) -> dict[str, str]:
    """What is known of one chapter."""
    found = load().get(chapter, {}).get(kind, {})
    return found if isinstance(found, dict) else {}


def write(path: Path, text: str) -> None:
    """Write the whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
