"""The READMEs: their links lead somewhere, and the files and names that they mention exist.

So do those that docstrings and comments mention.

pytest runs their Python examples by itself (`--doctest-glob` in pyproject.toml); tests/test_readme_commands.py, their
commands.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pkgutil import resolve_name

import pytest

from tests.readmes import BLOCK, FOLDERS, PAGES, ROOT, SPAN, block_lines

each_page = pytest.mark.parametrize("page", PAGES)

LINK = re.compile(r'\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"')
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FILE = re.compile(rf"(?:(?:{'|'.join(FOLDERS)}|\.ci)/[\w./*-]*|[\w./-]+\.(?:py|md|toml|ipynb))")
NAME = re.compile(rf"(?<![\w./])(?:{'|'.join(FOLDERS)})(?:\.(?!py\b)[A-Za-z]\w*)+")

SOURCES = {path: path.read_text(encoding="utf-8") for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
SOURCE_FILE = re.compile(rf"(?<![\w./])(?:{'|'.join(FOLDERS)})/[\w./*-]*\w")


def prose(page: str) -> str:
    """A page without its blocks of code and its comments."""
    return re.sub("<!--.*?-->", "", BLOCK.sub("", PAGES[page]), flags=re.DOTALL)


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(BLOCK.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def files(page: str) -> set[str]:
    """The code of a page that looks like a file or a folder of the tree."""
    words = [word for span in SPAN.findall(prose(page)) for word in span.split()]
    words += [word for line in block_lines(PAGES[page]) for word in line.split()]
    found = {word for word in words if FILE.fullmatch(word)}
    # Demos write demos/out, and FILE is one of the reader.
    return {word for word in found if not word.startswith(("demos/out", "FILE."))}


def is_module(name: str) -> bool:
    """Whether a dotted name is that of a module, which is not imported."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def test_files_are_found() -> None:
    assert "engine/operators.py" in files("engine/README.md")
    assert "engine/compiler/targets" in files("engine/compiler/README.md")


@each_page
def test_links_lead_to_files_and_headings(page: str) -> None:
    broken = []
    for groups in LINK.findall(SPAN.sub("", prose(page))):
        link = "".join(groups)
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if "://" in link:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


@each_page
def test_files_that_are_mentioned_exist(page: str) -> None:
    places = (ROOT, (ROOT / page).parent)
    assert [file for file in files(page) if not any([*place.glob(file.rstrip("/"))] for place in places)] == []


@each_page
def test_names_that_are_mentioned_exist(page: str) -> None:
    for name in NAME.findall(prose(page)):
        if not is_module(name):
            resolve_name(name)


def test_names_in_backticks_in_source_files_exist() -> None:
    spans = [span for text in SOURCES.values() for span in SPAN.findall(text)]
    names = {name for span in spans for name in NAME.findall(span)} - {"demos.NAME"}
    assert "engine.symbolic.parser" in names
    for name in names:
        if not is_module(name):
            resolve_name(name)


def test_files_that_source_files_mention_exist() -> None:
    mentioned = {file for text in SOURCES.values() for file in SOURCE_FILE.findall(text)}
    assert "engine/OPERATIONS.md" in mentioned
    assert [file for file in mentioned if not file.startswith("demos/out") and not [*ROOT.glob(file)]] == []


def test_the_first_page_links_to_all_others() -> None:
    links = {"".join(groups).partition("#")[0] for groups in LINK.findall(PAGES["README.md"])}
    assert {*PAGES} - {"README.md"} <= links
