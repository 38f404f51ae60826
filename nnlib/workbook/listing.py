"""Show the real source of a function beside its equation."""
from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

from IPython.display import display


def show(*objects: Any) -> None:
    """Show the code of functions or classes as it stands in the package, without the docstrings."""
    code = "\n\n".join(bare(textwrap.dedent(inspect.getsource(thing))) for thing in objects)
    display({"text/plain": code, "text/markdown": f"```python\n{code}\n```"}, raw=True)


def bare(source: str) -> str:
    """The source without its docstrings; every other line is kept as it is written."""
    dropped: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            text = node.body[0]
            dropped.update(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    return "\n".join(line for number, line in enumerate(source.rstrip().splitlines(), 1) if number not in dropped)
