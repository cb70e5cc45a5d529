"""The structure of the project: which package may import which, and which files lie in the root of the repository."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from inspect import ismodule
from pathlib import Path

import pytest

from engine.labels import Role
from tests.imports import STANDARD_LIBRARY, imported_names, imported_packages, parsed

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "engine": {"engine"},
    "nn": {"engine", "nn"},
    "viz": {"engine", "viz", "graphviz"},
    "demos": {
        "engine",
        "nn",
        "viz",
        "demos",
        "numpy",
        "scipy",
        "sklearn",
        "matplotlib",
    },  # what the extra `demos` installs
}
MAY_IMPORT_ALSO = {
    "demos/learn/__main__.py": {"platformdirs"},  # the folder for data; the extra `learn`
    "demos/learn/exercise.py": {"tomli", "tomllib"},  # TOML, in Python 3.10 and from 3.11 on
    "demos/learn/progress.py": {"filelock"},  # sessions that save at once
    "demos/tour.py": {"nbclient", "nbformat"},  # notebooks, where the extra `notebook` is installed
    "nn/matrix.py": {"numpy"},  # the paper's matrix form
    "nn/training/buffers.py": {"numpy"},  # buffers as arrays, where it is installed
    "engine/compiler/calls/arrays.py": {"numpy", "scipy"},  # arrays in, arrays out
    "engine/_support/arrays.py": {"numpy"},  # the same, of graphs
    "nn/plots.py": {"matplotlib", "numpy"},  # pictures of training, where they are installed
    "nn/training/curves.py": {"matplotlib"},
    "nn/training/history.py": {"matplotlib"},
    "nn/training/progress.py": {"tqdm"},  # likewise, for bars
    "viz/drawing/films.py": {"pypdf"},  # decks of slides, where it is installed
    "viz/top-level/pathgrad/__init__.py": {"nn"},  # the names of all three packages
    "viz/stepping/prompt.py": {"prompt_toolkit"},  # the shell, where it is installed
}
# Inside functions: NumPy may be missing; the compiler is large.
LATE_IMPORTS = {"engine.compiler.targets", "nn.matrix", "nn.training.processes"}
ROLE_LETTERS = {role.value for role in Role if role.value}


def sources(*folders: str) -> dict[str, str]:
    """The text of each source file in some folders, by its path."""
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def module_of(file: str) -> str:
    """The name of the module in a file."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


SOURCES = sources(*MAY_IMPORT)
TESTS = sources("tests")
MODULES = {module_of(file) for file in [*SOURCES, *TESTS]}


def imported_modules(source: str) -> Iterator[tuple[str, bool]]:
    """The modules of this project that a source file imports, and whether it does outside of functions."""
    for name, at_top in imported_names(source):
        module = name if name in MODULES else name.rpartition(".")[0]
        if module in MODULES:
            yield module, at_top


def circles(imports: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The groups of modules that import each other, by way of others too; one that imports itself is a group."""
    reached = {module: {*found} for module, found in imports.items()}
    for between in reached:  # Warshall 1962
        for modules in reached.values():
            if between in modules:
                modules |= reached[between]
    found = {tuple(sorted(x for x in modules if module in reached[x])) for module, modules in reached.items()}
    return sorted(list(group) for group in found if group)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    imported: set[str] = set()
    for file, source in sources(package).items():
        also = MAY_IMPORT_ALSO.get(file, set())
        assert also <= imported_packages(source) <= STANDARD_LIBRARY | MAY_IMPORT[package] | also, file
        imported |= imported_packages(source)
    assert imported >= MAY_IMPORT[package]


def test_no_modules_import_each_other() -> None:
    imports = {module_of(file): [name for name, _ in imported_modules(source)] for file, source in SOURCES.items()}
    assert circles(imports) == []
    assert circles(imports | {"engine.sweep": ["engine.guards"]}) == [["engine.guards", "engine.sweep"]]


def test_modules_are_imported_at_the_top() -> None:
    imports = {imported for source in SOURCES.values() for imported in imported_modules(source)}
    assert {name for name, at_top in imports if not at_top} == LATE_IMPORTS


def test_no_name_of_a_package_hides_a_module() -> None:
    assert {"engine.sweep", "nn.training.loop", "viz.math.formats.text", "demos.xor", "tests.imports"} <= MODULES
    for module in sorted(MODULES):
        package, _, name = module.rpartition(".")
        if package and name != "__main__":
            found = vars(import_module(package)).get(name)
            assert found is None or ismodule(found), module


def test_the_tests_of_packages_stand_without_the_demos() -> None:
    found = {file.split("/")[1] for file, source in TESTS.items() if "demos" in imported_packages(source)}
    assert found == {"demos", "faults"}


def test_no_test_module_imports_another() -> None:
    imported = {name for source in TESTS.values() for name, _ in imported_modules(source)}
    assert "tests.engine.recipes" in imported
    assert [name for name in imported if ".test_" in name] == []


def decisions_by_letter(source: str) -> Iterator[str]:
    """The expressions that decide by a letter: a `.letter` held against text, or how a label begins."""

    def has_letter(node: ast.AST) -> bool:
        return any(isinstance(part, ast.Attribute) and part.attr == "letter" for part in ast.walk(node))

    def is_first(node: ast.AST) -> bool:
        return isinstance(node, ast.Subscript) and ast.unparse(node.slice) in ("0", ":1", "0:1")

    def texts(*nodes: ast.AST) -> list[str]:
        parts = (part for node in nodes for part in ast.walk(node) if isinstance(part, ast.Constant))
        return [part.value for part in parts if isinstance(part.value, str)]

    def are_letters(words: list[str]) -> bool:
        return any(ROLE_LETTERS.issuperset(word.rstrip("_") or " ") for word in words)

    for node in parsed(source):
        match node:
            case ast.Match(subject) if has_letter(subject):
                yield f"match {ast.unparse(subject)}"
            case ast.Compare() if has_letter(node) and texts(node):
                yield ast.unparse(node)
            case ast.Compare(left, _, others) if any(map(is_first, [left, *others])) and are_letters(texts(node)):
                yield ast.unparse(node)
            case ast.Call(ast.Attribute(_, "startswith"), words) if are_letters(texts(*words)):
                yield ast.unparse(node)


def test_only_the_module_of_labels_decides_by_a_letter() -> None:
    forms = ["x.letter == 'w'", "'δ' == x.label[:1]", "label[0] in 'az'", "label.startswith(('w_', 'b'))"]
    for source in forms:
        assert list(decisions_by_letter(source)) == [source]
    for file, source in SOURCES.items():
        assert file == "engine/labels.py" or not list(decisions_by_letter(source)), file


def test_one_module_writes_user_files_two_start_programs() -> None:
    writing = {"open", "write_text", "write_bytes", "mkdir", "mkstemp", "NamedTemporaryFile"}
    writers, starters = set(), set()
    for file, source in SOURCES.items():
        nodes = parsed(source)
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        names |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and node.attr != "open"}
        if names & writing:
            writers.add(file)
        if any(name.startswith("subprocess") for name, _ in imported_names(source)):
            starters.add(file)
    of_a_cache = {"engine/compiler/targets/llvm/code_cache.py"}
    assert writers - of_a_cache == {"engine/_support/safe_files.py"}
    assert starters == {"demos/scale/together.py", "viz/drawing/dot_program.py"}


def test_the_root_holds_nothing_else() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout, so it is unknown what belongs to the repository")
    listing = subprocess.run(["git", "-C", ROOT, "ls-files"], check=True, capture_output=True, text=True).stdout
    root = {line.partition("/")[0] for line in listing.splitlines()}
    expected = {"pyproject.toml", "README.md", "LICENSE", "engine", "nn", "viz", "tests", "demos"}
    assert {name for name in root if not name.startswith(".")} == expected
