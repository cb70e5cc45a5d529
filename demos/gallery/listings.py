"""The listing of a snippet, and the drawing that running this text gives."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from functools import cache
from pathlib import Path
from types import ModuleType

from demos.gallery.snippets import Snippet
from demos.paper.figures import CAPTIONS
from viz import Drawing, Film


def listing(snippet: Snippet, theme: str) -> str:
    """The lines of a snippet after their imports, ready to be pasted; the last is an expression, the drawing.

    >>> from demos.gallery.snippets import figure_5
    >>> print(listing(figure_5, "dark"))
    from demos.paper.figures import figures
    <BLANKLINE>
    figures(theme="dark")["figure-5"]
    """
    source = textwrap.dedent(inspect.getsource(snippet))
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    first, last = function.body[1], function.body[-1]  # after the docstring
    body = textwrap.dedent("\n".join(source.splitlines()[first.lineno - 1 : last.end_lineno]))
    body = re.sub(r"\btheme\b(?! ?=[^=])", f'"{theme}"', body)
    body = re.sub(r"^return ", "", body, flags=re.MULTILINE)
    used = {node.id for line in function.body for node in ast.walk(line) if isinstance(node, ast.Name)}
    module = inspect.getmodule(snippet)
    assert module is not None
    return "\n".join([*_imports(module, used), "", body])


def run_listing(text: str) -> Drawing | Film:
    """Run a listing, and return its drawing."""
    *lines, last = ast.parse(text).body
    assert isinstance(last, ast.Expr)
    names: dict[str, object] = {}
    exec(compile(ast.Module(lines, []), "<snippet>", "exec"), names)
    drawing = eval(compile(ast.Expression(last.value), "<snippet>", "eval"), names)
    assert isinstance(drawing, (Drawing, Film))
    return drawing


def caption(snippet: Snippet) -> tuple[str, str]:
    """The title and the caption of a snippet.

    >>> from demos.gallery.snippets import figure_1
    >>> caption(figure_1)
    ('Figure 1', 'One path from x to y: the chain rule multiplies the two constants on the arrows.')
    """
    title, _, text = inspect.cleandoc(snippet.__doc__ or "").partition("\n")
    name = title.lower().replace(" with numbers", "-numbers").replace(" ", "-")
    return title, " ".join(text.split()) or CAPTIONS[name]


@cache
def _parse_module(module: ModuleType) -> ast.Module:
    return ast.parse(Path(inspect.getfile(module)).read_text(encoding="utf-8"))


def _imports(module: ModuleType, used: set[str]) -> list[str]:
    """The imports of a module, of the used names alone."""
    lines = []
    for node in _parse_module(module).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias for alias in node.names if alias.name in used]
            if names:
                node = ast.Import(names) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, names, 0)
                lines.append(ast.unparse(node))
    return lines
