"""Cells of notebooks: they run in this process, as in a kernel of Jupyter, which takes seconds to start."""

from __future__ import annotations

import ast
import io
import linecache
from contextlib import redirect_stdout
from copy import deepcopy
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from demos.tour import FOLDER
from engine import TABLE


def cell(notebook: NotebookNode, id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == id)


def output_of(notebook: NotebookNode, id: str, kind: str = "text/plain") -> str:
    """The printed output of a cell, or its result of this type."""
    return "".join(output.get("text") or output.data.get(kind, "") for output in cell(notebook, id).outputs)


def run_cells(notebook: NotebookNode) -> NotebookNode:
    """A copy of the notebook with what its cells print and return, one after another.

    Operations that they declare are of this run alone.
    """
    ran = deepcopy(notebook)
    names: dict[str, Any] = {"__name__": "__main__"}
    declared = set(TABLE)
    for i, cell in enumerate(ran.cells):
        if cell.cell_type == "code":
            printed = io.StringIO()
            with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
                patch.chdir(FOLDER)
                result = run(cell.source, f"/tmp/ipykernel_1/{i}.py", names)
                data = {} if result is None else all_forms(result)
            cell.outputs = [new_output("stream", text=printed.getvalue())] if printed.getvalue() else []
            cell.outputs += [new_output("execute_result", data=data)] if data else []
    for name in set(TABLE) - declared:
        del TABLE[name]
    return ran


def run(source: str, file: str, names: dict[str, Any]) -> object:
    """Run a cell from a file that a kernel would name; the value of its last statement, if that is an expression."""
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        exec(compile(source, file, "exec"), names)
        return None
    exec(compile(ast.Module(statements, []), file, "exec"), names)
    return eval(compile(ast.Expression(last.value), file, "eval"), names)


def all_forms(result: object) -> dict[str, str]:
    """The forms in which a notebook may show a result, by their types."""
    forms: dict[str, str] = getattr(result, "_repr_mimebundle_", dict)()
    for kind, method in (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_")):
        if (form := getattr(result, method, lambda: None)()) is not None:
            forms.setdefault(kind, form)
    return {"text/plain": repr(result), **forms}
