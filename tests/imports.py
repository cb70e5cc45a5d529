"""The imports of source files, read from their text."""

from __future__ import annotations

import ast
import sys
from functools import cache

STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)


@cache
def parsed(source: str) -> tuple[ast.AST, ...]:
    """All nodes of a source file, the module first, read once for all who ask; nobody changes them."""
    return (*ast.walk(ast.parse(source)),)


@cache
def imported_names(source: str) -> list[tuple[str, bool]]:
    """The dotted names that a source file imports, inside functions too, and whether it does outside of them.

    `from a import b` gives a.b. Imports for type checkers alone are left out.

    >>> imported_names("import a.b, c\\ndef f():\\n    from d.e import g")
    [('a.b', True), ('c', True), ('d.e.g', False)]
    """
    found: list[tuple[str, bool]] = []
    waiting: list[tuple[ast.AST, bool]] = [(parsed(source)[0], True)]
    while waiting:
        node, at_top = waiting.pop()
        match node:
            case ast.If(ast.Name("TYPE_CHECKING")):
                pass
            case ast.Import(names):
                found += ((name.name, at_top) for name in names)
            case ast.ImportFrom(module, names, level):
                found += (("." * level + f"{module or ''}.{name.name}", at_top) for name in names)
            case _:
                is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                children = [(child, at_top and not is_function) for child in ast.iter_child_nodes(node)]
                waiting += reversed(children)
    return found


@cache
def imported_packages(source: str) -> frozenset[str]:
    """The first parts of all names that a source file imports, for type checkers too; "" if relative to its folder."""
    nodes = parsed(source)
    names = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    names += ["." if node.level else f"{node.module}." for node in nodes if isinstance(node, ast.ImportFrom)]
    return frozenset(name.partition(".")[0] for name in names)
