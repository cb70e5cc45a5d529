"""Formulas in drawings: each is a row of cells, and is drawn with the letters that it has as text."""

from __future__ import annotations

import re
import unicodedata
from xml.etree.ElementTree import fromstring

import pytest

from engine import TABLE, NamedGraph, Value
from engine.symbolic.expression import Expression
from tests.layout_program import needs_dot
from tests.viz.drawing.dot_reading import HOSTILE_LABELS, drawn_texts, run_dot
from tests.viz.math.formula_examples import READABLE, applied, node_of, relation
from viz.drawing.canvas import Canvas
from viz.drawing.dot_formulas import formula_to_dot, row_height, row_width
from viz.drawing.drawing import Drawing
from viz.math.equations import column_of, equal, matrix_of, symbols
from viz.math.formulas import format_formula


def drawing(*formulas: Expression) -> Drawing:
    canvas = Canvas()
    for i, formula in enumerate(formulas):
        canvas.rows(f"f{i}", f"<TR>{formula_to_dot(formula, 14, digits=4)}</TR>", (0.0, i))
    return Drawing(canvas.source)


def letters(text: str) -> list[str]:
    """The letters and digits of a formula, however it is set."""
    return sorted(re.sub(r"[\s/()^⁄]", "", unicodedata.normalize("NFKC", text)))


@pytest.mark.parametrize("typed", [*READABLE, "dot([x] * 7, [y] * 7)", "x * 1e-7"])
def test_a_formula_is_a_row_of_cells_with_its_letters(typed: str) -> None:
    formula = relation(node_of(typed))
    row = fromstring(f"<TR>{formula_to_dot(formula, 14, digits=4)}</TR>".replace("&#160;", " "))
    assert {cell.tag for cell in row} == {"TD"}
    assert not (row.text or "") + "".join(cell.tail or "" for cell in row)
    assert letters("".join(row.itertext())) == letters(format_formula(formula, digits=4))


@needs_dot
def test_every_operation_can_be_drawn() -> None:
    formulas = []
    for op in TABLE.values():
        node = applied(op)
        formulas += [relation(node), *NamedGraph(node).formulas(node).values()]
    assert run_dot(drawing(*formulas), format="svg").count("<g id=") > len(formulas)


@needs_dot
def test_hostile_labels_stay_text() -> None:
    nodes = [Value(2.0, text) ** 2 for text in HOSTILE_LABELS]
    assert drawn_texts(drawing(*map(relation, nodes)))


def test_widths_are_those_of_the_widest_rows() -> None:
    def width(typed: str) -> float:
        return row_width(formula_to_dot(relation(node_of(typed)), 14, digits=4))

    assert width("x / y") == pytest.approx(width("x"))
    assert width("(x + y) / u") == pytest.approx(width("x + y"))
    assert width("x + y") > width("x") + width("y")
    assert row_width(formula_to_dot(relation(node_of("x + y")), 28, digits=4)) == pytest.approx(
        2 * width("x + y"), rel=0.1
    )


@needs_dot
def test_vectors_and_matrices_stand_in_brackets_of_their_height() -> None:
    x, y, u, v = symbols("x", "y", "u", "v")
    formula = equal(column_of(x, y), matrix_of([x, y], [u, v]))
    cells = formula_to_dot(formula, 14, digits=4)
    assert len(re.findall(r'WIDTH="4" ROWSPAN="2" SIDES="[LR]TB"', cells)) == 4
    assert set(drawn_texts(drawing(formula))) >= {"x", "y", "=", "u", "v"}


def test_heights_are_those_of_the_highest_cells() -> None:
    x, y, u = symbols("x", "y", "u")
    line, fraction, column = (
        row_height(formula_to_dot(formula, 14, digits=4))
        for formula in (x, relation(node_of("x / y")), column_of(x, y, u))
    )
    assert fraction == pytest.approx(2 * line)
    assert column == pytest.approx(3 * line)
    assert row_height(formula_to_dot(equal(x, column_of(x, y, u)), 14, digits=4)) == pytest.approx(column)
