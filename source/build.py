"""Build every notebook from its source: `source/NN_name.py` -> blank `chapters/NN_name.ipynb` and worked
`solutions/NN_name.ipynb` (executed, outputs stored).

    python source/build.py              build all
    python source/build.py --only 01    build one chapter
    python source/build.py --check      fail if a notebook or the README is not what the sources give
    python source/build.py --reset 01   a fresh chapter 01; the learner's copy is set aside

Nothing is written until everything was built, so a source that fails leaves the old notebooks as they were.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from datetime import datetime
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from reading import BEGIN, END, SOURCE, BuildError, Cell, Chapter, contents, read_chapter

ROOT = SOURCE.parent
WIDGET = "application/vnd.jupyter.widget-view+json"
STUB = 'raise NotImplementedError("your turn")'
START = re.compile(r'^start\("(\d\d)"\)', re.M)
EXERCISE = re.compile(r"### (Exercise \S+ .*)")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NN", help="one chapter")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--reset", metavar="NN", help="a fresh chapter; the old one is set aside")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            return check()
        if options.reset:
            return reset(options.reset)
        return build(sources(options.only))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1


def sources(only: str | None = None) -> list[Path]:
    """The chapter sources, in order."""
    found = sorted(SOURCE.glob(f"{only or '[0-9][0-9]'}_*.py"))
    if not found:
        raise BuildError(f"no source for chapter {only}")
    return found


def build(paths: list[Path]) -> int:
    """Make the notebooks of these sources, then write them all."""
    written: dict[Path, str] = {}
    for path in paths:
        chapter = read_chapter(path)
        written[ROOT / "chapters" / f"{path.stem}.ipynb"] = text_of(blank(chapter))
        written[ROOT / "solutions" / f"{path.stem}.ipynb"] = text_of(execute(worked(chapter), chapter))
        print(f"built {path.stem}")
    readme = ROOT / "README.md"
    written[readme] = fill_readme(readme.read_text(encoding="utf-8"))
    for target, text in written.items():
        if target.parent.name == "chapters":
            set_aside(target)
        write(target, text)
    return 0


def check() -> int:
    """Compare what git tracks with what the sources give; outputs are nbval's business."""
    stale = []
    for path in sources():
        chapter = read_chapter(path)
        for folder, expected in (("chapters", blank(chapter)), ("solutions", worked(chapter))):
            target = ROOT / folder / f"{path.stem}.ipynb"
            if without_outputs(tracked(target)) != without_outputs(text_of(expected)):
                stale.append(target)
    if tracked(ROOT / "README.md") != fill_readme(tracked(ROOT / "README.md")):
        stale.append(ROOT / "README.md")
    for target in stale:
        print(f"{target.relative_to(ROOT)} is not what its source gives: run `make build`", file=sys.stderr)
    return 1 if stale else 0


def reset(number: str) -> int:
    """Give the learner a blank chapter again."""
    for path in sources(number):
        target = ROOT / "chapters" / f"{path.stem}.ipynb"
        kept = set_aside(target)
        write(target, text_of(blank(read_chapter(path))))
        print(f"{target.name} is blank again." + (f" Your copy: {kept.relative_to(ROOT)}" if kept else ""))
    return 0


# ---------------------------------------------------------------- from cells to notebooks
def blank(chapter: Chapter):
    """What a learner opens: stubs for solutions, no outputs."""
    cells = [cell for cell in chapter.cells if not cell.tags & {"solution-only", "instructor"}]
    notebook = assemble(chapter, cells, stub_solutions, "solutions")
    notebook.metadata["nnlib"] = {"built": fingerprint(notebook)}
    return notebook


def worked(chapter: Chapter):
    """The same chapter with its solutions and the notes for teaching; it records nothing."""
    def solve(text: str) -> str:
        lines = [line for line in text.splitlines() if line.strip() not in (BEGIN, END)]
        return START.sub(r'start("\1", worked=True)', "\n".join(lines))
    return assemble(chapter, chapter.cells, solve, "chapters")


def stub_solutions(text: str) -> str:
    """Replace each solution block: inside a function by a stub that says it is a stub, else by a comment."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.strip() == BEGIN:
            indent = line[:len(line) - len(line.lstrip())]
            lines.append(indent + (STUB if indent else "# your turn"))
            inside = True
        elif line.strip() == END:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def assemble(chapter: Chapter, cells: list[Cell], transform, other_folder: str):
    """A notebook with hashed ids, links to its neighbours and to its twin in `other_folder`."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    seen: dict[str, int] = {}
    for index, cell in enumerate(cells):
        text = transform(cell.text) if cell.kind == "code" else cell.text
        if "instructor" in cell.tags:
            text = f"*For whoever teaches* · {text}"
        if cell.kind == "markdown":
            text = with_links(chapter, text, other_folder, first=index == 0, last=index == len(cells) - 1)
        new = nbformat.v4.new_code_cell(text) if cell.kind == "code" else nbformat.v4.new_markdown_cell(text)
        new.id = unique_id(chapter, cell, seen)
        new.metadata = cell_metadata(cell)
        notebook.cells.append(new)
    return notebook


def unique_id(chapter: Chapter, cell: Cell, seen: dict[str, int]) -> str:
    """A hash of what the source says; equal cells are counted."""
    digest = hashlib.sha256(f"{chapter.number}\n{cell.kind}\n{cell.text}".encode()).hexdigest()[:12]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def cell_metadata(cell: Cell) -> dict:
    """Tags, and how the cell enters the lecture: by its heading where the source does not say."""
    metadata = {key: value for key, value in cell.metadata.items() if key in ("tags", "excuse")}
    heading = re.match(r"#+", cell.text) if cell.kind == "markdown" else None
    kinds = {1: "slide", 2: "slide", 3: "subslide"}
    kind = "notes" if "instructor" in cell.tags else kinds.get(len(heading.group()), "-") if heading else "-"
    metadata["slideshow"] = cell.metadata.get("slideshow", {"slide_type": kind})
    return metadata


def with_links(chapter: Chapter, text: str, other_folder: str, *, first: bool, last: bool) -> str:
    """Neighbours under the title and at the end; the worked solution below each exercise of the blank chapter."""
    name = f"{chapter.path.stem}.ipynb"
    exercise = EXERCISE.match(text)
    if exercise and other_folder == "solutions":
        text += f"\n\n[Worked solution](../solutions/{name}#{anchor(exercise.group(1))})"
    if first:
        title, _, rest = text.partition("\n")
        twin = "worked notebook" if other_folder == "solutions" else "blank chapter"
        line = f"{neighbours(chapter)} · [{twin}](../{other_folder}/{name}) · [run it on Binder]({binder(name)})"
        text = f"{title}\n\n{line}\n{rest}"
    return text + f"\n\n---\n{neighbours(chapter)}" if last else text


def neighbours(chapter: Chapter) -> str:
    """Previous and next chapter; one that is not written yet is named without a link."""
    course = contents()
    here = [entry["chapter"] for entry in course].index(chapter.number)
    around = []
    for label, index in (("previous", here - 1), ("next", here + 1)):
        if 0 <= index < len(course):
            entry = course[index]
            stem = f"{entry['chapter']}_{entry['name']}"
            name = f"{entry['chapter']} {entry['title']}"
            exists = (SOURCE / f"{stem}.py").exists()
            around.append(f"{label}: [{name}]({stem}.ipynb)" if exists else f"{label}: {name} (in preparation)")
    return " · ".join(around)


def anchor(heading: str) -> str:
    """The fragment JupyterLab gives a heading."""
    return heading.strip().replace(" ", "-")


# ---------------------------------------------------------------- running
def execute(notebook, chapter: Chapter):
    """Run a worked notebook in a fresh kernel and keep outputs that are the same on every machine."""
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"NNLIB_STATE": state, "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
        client = NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False,
                                record_timing=False, coalesce_streams=True, extra_arguments=["--log-level=ERROR"],
                                resources={"metadata": {"path": str(ROOT / "solutions")}})
        with client.setup_kernel(env=environment):
            for index, (cell, source) in enumerate(zip(notebook.cells, chapter.cells, strict=True)):
                run_cell(client, cell, index, chapter.path, source)
    return notebook


def run_cell(client: NotebookClient, cell, index: int, path: Path, source: Cell) -> None:
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        raise BuildError.at(path, source.line, f"the cell fails: {error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise BuildError.at(path, source.line, "the cell does not end within 120 s") from None
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr":
            raise BuildError.at(path, source.line, f"the cell writes to stderr: {output.text.strip()}")
        if "data" in output:
            output.data.pop(WIDGET, None)
    cell.metadata.pop("execution", None)


# ---------------------------------------------------------------- texts and files
def text_of(notebook) -> str:
    """The file's text: one order of keys, so that equal notebooks are equal bytes."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def without_outputs(text: str) -> str:
    if not text:
        return ""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return text_of(notebook)


def fingerprint(notebook) -> str:
    """Hash of what the learner could change."""
    cells = [(cell["cell_type"], cell["source"], cell.get("outputs", [])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()[:16]


def set_aside(target: Path) -> Path | None:
    """Keep a copy of a chapter that its learner has changed since it was built."""
    if not target.exists():
        return None
    try:
        notebook = nbformat.read(target, as_version=4)
        if notebook.metadata.get("nnlib", {}).get("built") == fingerprint(notebook):
            return None
    except Exception:  # a damaged file is somebody's work too: keep it as it is
        pass
    kept = target.parent / "set_aside" / f"{target.stem}.{datetime.now():%Y-%m-%d.%H%M%S.%f}.ipynb"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(target.read_bytes())
    print(f"{target.name} was changed since it was built; that copy is kept in {kept.relative_to(ROOT)}")
    return kept


def write(target: Path, text: str) -> None:
    """Write the whole file or nothing."""
    target.parent.mkdir(exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, target)


def tracked(path: Path) -> str:
    """The text git has of this file; outside a repository, or before it is added, the file itself."""
    shown = subprocess.run(["git", "show", f":{path.relative_to(ROOT).as_posix()}"], cwd=ROOT, capture_output=True)
    if shown.returncode == 0:
        return shown.stdout.decode("utf-8")
    return path.read_text(encoding="utf-8") if path.exists() else ""


# ---------------------------------------------------------------- README
def address() -> str:
    """The public address of the repository: one field of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]


def binder(name: str) -> str:
    """A link that opens one chapter on Binder."""
    owner_and_name = "/".join(address().rstrip("/").split("/")[-2:])
    return f"https://mybinder.org/v2/gh/{owner_and_name}/HEAD?urlpath=lab/tree/chapters/{name}"


def fill_readme(text: str) -> str:
    """Put badges and the map of the chapters between their marks."""
    for name, made in (("badges", badges()), ("chapters", chapter_map())):
        pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.S)
        text = pattern.sub(lambda match, made=made: match.group(1) + made + "\n" + match.group(2), text)
    return text


def badges() -> str:
    badge = f"[![Binder](https://mybinder.org/badge_logo.svg)]({binder('00_orientation.ipynb')})"
    if "/OWNER/" in address():
        badge += ("\n\n*(The repository has no public address yet, so this link does not open. Once it has one, it\n"
                  "is written into `pyproject.toml`, and `make build` puts it into every link.)*")
    return badge


def chapter_map() -> str:
    rows = ["| | chapter | |", "|---|---|---|"]
    for entry in contents():
        name = f"{entry['chapter']}_{entry['name']}.ipynb"
        if (SOURCE / name).with_suffix(".py").exists():
            rows.append(f"| {entry['chapter']} | [{entry['title']}](chapters/{name}) | [worked](solutions/{name}) |")
        else:
            rows.append(f"| {entry['chapter']} | {entry['title']} | planned |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
