"""The house: which room may import which, and what lies in the root of the repository."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STANDARD = set(sys.stdlib_module_names)
ROOMS = {
    "engine": {"engine"},
    "nn": {"engine", "nn"},
    "viz": {"engine", "viz", "graphviz"},
    "demos": {"engine", "nn", "viz", "demos", "numpy", "sklearn", "matplotlib"},  # what the extra `demos` installs
}
MORE = {
    "demos/tour.py": {"nbclient", "nbformat"},  # notebooks, where the extra `notebook` is installed
    "engine/compiler/targets/llvm/jit.py": {"llvmlite"},  # machine code, where it is installed
    "nn/matrix.py": {"numpy"},  # the paper's matrix form
    "nn/flat.py": {"numpy"},  # buffers as arrays, where it is installed
    "nn/history.py": {"matplotlib"},  # pictures of it, where it is installed
    "nn/progress.py": {"tqdm"},  # likewise, for bars
    "viz/prompt.py": {"prompt_toolkit"},  # the shell, where it is installed
}
LETTERS = set("wxyzabEδ")  # those that give a node its role
FILES = [path.relative_to(ROOT).as_posix() for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(source: str) -> Iterator[str]:
    """The first name of every module that a source file imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else (node.module or "").partition(".")[0]


def test_imports_are_found_wherever_they_are() -> None:
    source = "import a.b, c\nfrom d.e import f\nfrom . import g\ndef h():\n    import i\nif 1:\n    from j import k\n"
    assert sorted(imports(source)) == [".", "a", "c", "d", "i", "j"]


def test_the_rooms_are_there() -> None:
    assert {"engine/value.py", "nn/__init__.py", "viz/notation.py"} <= set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_a_room_imports_only_what_it_may(file: str) -> None:
    allowed = STANDARD | ROOMS[file.partition("/")[0]] | MORE.get(file, set())
    assert set(imports((ROOT / file).read_text(encoding="utf-8"))) <= allowed


def guesses(source: str) -> Iterator[str]:
    """The expressions that decide by a letter: a `.letter` held against text, or how a label begins."""

    def has_letter(node: ast.AST) -> bool:
        return any(isinstance(part, ast.Attribute) and part.attr == "letter" for part in ast.walk(node))

    def is_first(node: ast.AST) -> bool:
        return isinstance(node, ast.Subscript) and ast.unparse(node.slice) in ("0", ":1", "0:1")

    def texts(*nodes: ast.AST) -> list[str]:
        parts = (part for node in nodes for part in ast.walk(node) if isinstance(part, ast.Constant))
        return [part.value for part in parts if isinstance(part.value, str)]

    def are_letters(words: list[str]) -> bool:
        return any(LETTERS.issuperset(word.rstrip("_") or " ") for word in words)

    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Match(subject) if has_letter(subject):
                yield f"match {ast.unparse(subject)}"
            case ast.Compare() if has_letter(node) and texts(node):
                yield ast.unparse(node)
            case ast.Compare(left, _, others) if any(map(is_first, [left, *others])) and are_letters(texts(node)):
                yield ast.unparse(node)
            case ast.Call(ast.Attribute(_, "startswith"), words) if are_letters(texts(*words)):
                yield ast.unparse(node)


def test_guesses_by_a_letter_are_found() -> None:
    found = [
        "label.letter == 'a'",
        "label.letter in 'azδ'",
        "x.letter not in ('w', 'b')",
        "'a' == node.label[:1]",
        "label[0] in 'az'",
        "label.startswith('w')",
        "label.startswith(('w_', 'b'))",
        "(a.letter, z.letter, a.indices) == ('a', 'z', z.indices)",
    ]
    for source in found:
        assert list(guesses(source)) == [source]
    assert list(guesses("match label.letter:\n    case 'a':\n        pass")) == ["match label.letter"]
    others = ["label.letter in NAME_OF", "label.role is Role.UNIT", "text[0] == '('", "x.startswith('_')"]
    for source in others:
        assert not list(guesses(source))


@pytest.mark.parametrize("file", [file for file in FILES if file != "engine/labels.py"])
def test_only_the_module_of_labels_decides_by_a_letter(file: str) -> None:
    assert not list(guesses((ROOT / file).read_text(encoding="utf-8")))


def test_the_root_holds_nothing_else() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nothing says what belongs to the repository")
    listing = subprocess.run(["git", "-C", ROOT, "ls-files"], check=True, capture_output=True, text=True).stdout
    root = {line.partition("/")[0] for line in listing.splitlines()}
    expected = {"pyproject.toml", "README.md", "LICENSE", "engine", "nn", "viz", "tests", "demos"}
    assert {name for name in root if not name.startswith(".")} <= expected
