"""The learner's own library: right answers, kept with their source in `my_nnlib/`."""
from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from pathlib import Path
from typing import Any

from . import state

HEADER = '"""Written by me."""\nimport numpy as np\n\n\n'


def folder() -> Path:
    return state.folder() / "my_nnlib"


def source_of(answer: Any) -> str:
    """The source of a function or class, also of a class from a notebook cell.  Raises OSError if there is none."""
    if not inspect.isclass(answer):
        return textwrap.dedent(inspect.getsource(answer))
    methods = [method for method in vars(answer).values() if inspect.isfunction(method)]
    text = "".join(linecache.getlines(methods[0].__code__.co_filename)) if methods else ""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.name == answer.__name__:
            return ast.get_source_segment(text, node) or ""
    raise OSError(f"no source for class {answer.__name__}")


def module_text(name: str, answer: Any) -> str:
    """A module that defines `name` from the answer's source."""
    text = HEADER + source_of(answer).rstrip() + "\n"
    return text if answer.__name__ == name else f"{text}\n\n{name} = {answer.__name__}\n"


def alone(name: str, text: str) -> Any:
    """What the module defines, made by itself: nothing else of the notebook is there."""
    namespace: dict[str, Any] = {"__name__": f"my_nnlib.{name}"}
    exec(compile(text, f"my_nnlib/{name}.py", "exec"), namespace)
    return namespace[name]


def keep(name: str, text: str) -> str:
    """Keep a part under this name. An older version stays beside it as a backup. Returns a sentence."""
    path = folder() / f"{name}.py"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return f"It is in your library: my_nnlib/{name}.py."
    backup = back_up(path)
    state.write(path, text)
    state.write(folder() / "__init__.py", index())
    return f"Kept in your library: my_nnlib/{name}.py" + (f" (the former one is {backup.name})." if backup else ".")


def back_up(path: Path) -> Path | None:
    """Move a file to the first free numbered name."""
    if not path.exists():
        return None
    number = 1
    while (backup := path.with_suffix(f".{number}.bak")).exists():
        number += 1
    path.rename(backup)
    return backup


def index() -> str:
    """Import every kept part by its name."""
    names = sorted(path.stem for path in folder().glob("*.py") if path.stem != "__init__")
    return '"""My own library, made of my answers."""\n' + "".join(f"from .{name} import {name}\n" for name in names)
