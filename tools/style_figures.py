"""Print the figures that STYLE sets for the core of nnlib, and fail where one is beyond its limit.

    python tools/style_figures.py            the core: nnlib without workbook and estimators
    python tools/style_figures.py FOLDER     the same figures for the Python files of another folder

A code line is one that is neither blank nor only a comment nor part of a docstring. The length of a function is its
code lines without the signature, those of functions inside it included. Standard library only.
"""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "nnlib"
NOT_CORE = ("workbook/", "estimators.py")
LIMITS = {"code lines": 2200, "median function": 6, "p90 function": 16, "longest function": 35}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def main(arguments):
    folder = Path(arguments[0]) if arguments else CORE
    files = [path for path in sorted(folder.rglob("*.py")) if not str(path.relative_to(folder)).startswith(NOT_CORE)]
    measured = [measure(path) for path in files]
    figures, longest = summary(measured)
    for (code, docstring, _), path in zip(measured, files, strict=True):
        print(f"{path.relative_to(folder)!s:28} {code:5} code {docstring:5} docstring")
    for name, value in figures.items():
        limit = f" (at most {LIMITS[name]})" if name in LIMITS else ""
        print(f"{name}: {value:g}{limit}")
    print(f"the longest: {longest}")
    beyond = [name for name, limit in LIMITS.items() if figures[name] > limit]
    if beyond:
        sys.exit("Beyond the limit: " + ", ".join(beyond))


def summary(measured):
    """The figures of all files together, and the name of the longest function."""
    lengths = sorted(item for _, _, functions in measured for item in functions) or [(0, "-")]
    sizes = [size for size, _ in lengths]
    code, docstring = (sum(file[i] for file in measured) for i in (0, 1))
    figures = {
        "code lines": code,
        "functions": len(sizes),
        "median function": statistics.median(sizes),
        "p90 function": sizes[int(0.9 * (len(sizes) - 1))],
        "longest function": sizes[-1],
        "docstring lines per 100 code": round(100 * docstring / max(1, code)),
    }
    return figures, lengths[-1][1]


def measure(path):
    """Number of code lines, number of docstring lines, and (length, name) of each function."""
    text = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(text)))
    docstring = {i for node in nodes if isinstance(node, DOCUMENTED) for i in docstring_lines(node)}
    lines = {i: line.strip() for i, line in enumerate(text.splitlines(), 1)}
    code = {i for i, line in lines.items() if line and line[0] != "#" and i not in docstring}
    functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    lengths = [(len(code & set(range(node.body[0].lineno, node.end_lineno + 1))), node.name) for node in functions]
    return len(code), sum(bool(lines[i]) for i in docstring), lengths


def docstring_lines(node):
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return range(first.lineno, first.end_lineno + 1)
    return ()


if __name__ == "__main__":
    main(sys.argv[1:])
