"""The house: which room may import which, and what lies in the root of the repository."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
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
    "nn/training/buffers.py": {"numpy"},  # buffers as arrays, where it is installed
    "nn/training/history.py": {"matplotlib"},  # pictures of it, where it is installed
    "nn/training/progress.py": {"tqdm"},  # likewise, for bars
    "viz/stepping/prompt.py": {"prompt_toolkit"},  # the shell, where it is installed
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


OWN = {file.removesuffix(".py").removesuffix("/__init__").replace("/", "."): file for file in FILES}


def own_imports(source: str) -> Iterator[tuple[str, bool]]:
    """The modules of ours that a source file imports, not for type checkers alone, and whether outside of functions."""
    waiting: list[tuple[ast.AST, bool]] = [(ast.parse(source), True)]
    while waiting:
        node, at_top = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name.name}" for name in node.names]
        else:
            is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            waiting += [(child, at_top and not is_function) for child in ast.iter_child_nodes(node)]
            continue
        for name in names:
            module = name if name in OWN else name.rpartition(".")[0]
            if module in OWN:
                yield module, at_top


IMPORTS = {module: list(own_imports((ROOT / file).read_text(encoding="utf-8"))) for module, file in OWN.items()}


def circles(imports: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The groups of modules that import each other, by way of others too; one that imports itself is a group."""
    reached = {module: {*found} for module, found in imports.items()}
    for between in reached:  # Warshall 1962
        for modules in reached.values():
            if between in modules:
                modules |= reached[between]
    found = {tuple(sorted(x for x in modules if module in reached[x])) for module, modules in reached.items()}
    return sorted(list(group) for group in found if group)


def test_imports_are_found_wherever_they_are() -> None:
    source = "import a.b, c\nfrom d.e import f\nfrom . import g\ndef h():\n    import i\nif 1:\n    from j import k\n"
    assert sorted(imports(source)) == [".", "a", "c", "d", "i", "j"]


def test_the_rooms_are_there() -> None:
    assert {"engine/value.py", "nn/__init__.py", "viz/math/formulas.py"} <= set(FILES)


def test_own_imports_are_found_and_told_from_those_at_the_top() -> None:
    source = (
        "from engine import Value, ops\nif TYPE_CHECKING:\n    import nn\ndef f():\n    import viz.drawing.layout, os\n"
    )
    assert sorted(own_imports(source)) == [("engine", True), ("engine.ops", True), ("viz.drawing.layout", False)]


def test_circles_are_found() -> None:
    assert circles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["a", "d"], "e": []}) == [["b", "c"], ["d"]]


def test_no_modules_import_each_other() -> None:
    assert circles({module: [name for name, _ in found] for module, found in IMPORTS.items()}) == []


@pytest.mark.parametrize("module", OWN)
def test_modules_are_imported_at_the_top(module: str) -> None:
    late = {name for name, at_top in IMPORTS[module] if not at_top}
    assert late <= {"nn.matrix"}  # which needs NumPy, and that may be missing


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
