"""What must hold for every file of the repository, and for the papers at its front door."""
from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

GENERATED = re.compile(r"<!-- generated: \w+ -->.*?<!-- end -->", re.S)
OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:root|work|home/\w+|Users/\w+)/|[A-Z]:\\+Users\\")
HOST = re.compile(r"https?://(?:[^/\s@]*@)?([^/\s:\"'`)>\]}|]+)")
OF_AN_INDEX = re.compile(r"pypi|pythonhosted|^\d+(\.\d+){3}$")


@pytest.fixture(scope="module")
def address(root: Path) -> str:
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"]["Repository"]


def test_public_address_stands_in_one_place(texts: dict[str, str], address: str):
    name = "/".join(address.rstrip("/").split("/")[-2:])  # as it stands in a Binder link
    places = []
    for file, text in texts.items():
        built = file.startswith(("chapters/", "solutions/"))
        written = "" if built else GENERATED.sub("", text) if file == "README.md" else text
        places += [file] * written.count(name)
    assert places == ["pyproject.toml"]


def test_no_path_of_a_machine(texts: dict[str, str]):
    found = {file: match.group() for file, text in texts.items() if (match := OF_A_MACHINE.search(text))}
    assert found == {}


def test_no_package_index_and_no_bare_machine(texts: dict[str, str]):
    hosts = {(file, host) for file, text in texts.items() for host in HOST.findall(text)}
    assert {(file, host) for file, host in hosts if OF_AN_INDEX.search(host) and host != "127.0.0.1"} == set()


def test_nobody_is_told_to_install_the_unrelated_project(texts: dict[str, str]):
    order = re.compile(r"pip3? install (?:-\S+ )*[\"']?nnlib(?![\w-])")
    assert [file for file, text in texts.items() if order.search(text)] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "LICENSE"])
def test_files_named_in_the_texts_exist(root: Path, name: str):
    text = GENERATED.sub("", (root / name).read_text())
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    coded = re.findall(r"`((?:source|nnlib|binder|tests|tools|chapters|solutions)/[\w./]*)`", text)
    named = {path for path in linked + coded if path not in ("source/NN_name.py", "chapters/set_aside/")}
    assert {path for path in named if not (root / path).exists()} == set()


def test_readme_keeps_room_for_what_is_generated(root: Path):
    blocks = re.findall(r"<!-- generated: (\w+) -->", (root / "README.md").read_text())
    assert blocks == ["badges", "chapters"]
    assert len(GENERATED.findall((root / "README.md").read_text())) == 2


def test_citation_has_the_required_fields(root: Path):
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0" and citation["message"] and citation["title"]
    assert citation["authors"] == [{"name": "The nnlib workbook contributors"}]
    assert citation["license"] == ["MIT", "CC-BY-4.0"]


def test_licences_are_those_of_the_package(root: Path):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert project["license"] == "MIT AND CC-BY-4.0"
    text = (root / "LICENSE").read_text()
    assert "MIT License" in text and "https://creativecommons.org/licenses/by/4.0/legalcode" in text
    for file in project["license-files"]:
        assert (root / file).exists()
        assert file == "LICENSE" or file in text
