"""A format that is whole in one file, Typst; and formats of one's own."""

from typing import Any, cast

import pytest

from engine import NamedGraph, Value, label, ops, where
from viz.math.backpropagation_table import backpropagation_table
from viz.math.formats import FORMATS, Format, FormulaFormat, from_template, get_format, register
from viz.math.formats.text import PlainText
from viz.math.formats.typst import Typst
from viz.math.formulas import format_formula


@pytest.fixture
def formats(monkeypatch: pytest.MonkeyPatch) -> dict[str, Format]:
    """A copy of the formats, to which a test adds its own."""
    copy = dict(FORMATS)
    monkeypatch.setattr("viz.math.formats.FORMATS", copy)
    return copy


def test_table_1_in_typst() -> None:
    x, w = Value(2.0, "x_1"), Value(-0.5, "w_1^(1)")
    a = w * x
    E = (a.sigmoid() - Value(1.0, 'the "target"')) ** 2 / 1e20
    label(E=E, **{"a^(1)": a})
    lines = backpropagation_table(E).sheet("Table #1").document("typst").splitlines()
    assert lines[2:5] == [r"== Table \#1", "#table(columns: 5, stroke: none, align: left,", lines[4]]
    assert lines[4].startswith("  table.header([*Step*], [*Variable*], ")
    assert lines[8] == (
        r"  [2], [$ x_(1) $], [$ a^(\( 1 \)) = w_(1)^(\( 1 \)) x_(1) $],"
        r" [$ frac(partial a^(\( 1 \)), partial x_(1)) = w_(1)^(\( 1 \)) = -0.5 $],"
        r" [$ frac(partial E, partial x_(1)) = frac(partial E, partial a^(\( 1 \))) thin"
        r" frac(partial a^(\( 1 \)), partial x_(1)) = delta^(\( 1 \)) w_(1)^(\( 1 \)) $"
        r" $ frac(partial E, partial x_(1)) = (-2.8747 times 10^(-21)) (-0.5) = 1.43735 times 10^(-21) $],"
    )
    assert r'frac((sigma(a^(\( 1 \))) - "the \"target\"")^(2), 1 times 10^(20))' in lines[6]


def test_pieces_of_formulas_in_typst() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    nodes = where(x - 1.0, x, y.relu()), x.floor() * abs(y), x.cbrt().sqrt(), x.log2(), -x / y, ops.maximum(x, y)
    assert [format_formula(NamedGraph(node).relation(node), "typst") for node in nodes] == [
        'cases(x & quad x - 1, op("ReLU")(y) & quad "otherwise")',
        "floor(x) dot abs(y)",
        "sqrt(root(3, x))",
        "log_2(x)",
        "-frac(x, y)",
        "max(x, y)",
    ]


def test_a_registered_format_is_offered(formats: dict[str, Format]) -> None:
    mine = Typst()
    mine.name = "mine"
    with pytest.raises(ValueError, match=rf"unknown format 'mine'; choose from {', '.join(FORMATS)}$"):
        get_format("mine")
    register(mine)
    assert get_format("mine") is formats["mine"]
    with pytest.raises(ValueError, match=rf"unknown format 'pdf'; choose from {', '.join([*FORMATS, 'mine'])}$"):
        get_format("pdf")


def test_what_is_not_a_format_is_not_registered(formats: dict[str, Format]) -> None:
    class OfFormulas(FormulaFormat):
        name = "mine"
        label = text = from_template("{}")

    class Nameless(PlainText):
        name: Any = None

    of_tables = "a format of formulas and tables must be an instance of a subclass of viz.math.formats.Format, not "
    for given, message in [
        (Typst, of_tables + ".* of type ABCMeta"),
        ("listed", of_tables + "'listed' of type str"),
        (OfFormulas(), of_tables + ".* of type OfFormulas"),
        (Nameless(), "the class Nameless must have a name, such as name = 'typst', not None of type NoneType"),
    ]:
        with pytest.raises(TypeError, match=message):
            register(cast(Any, given))
    assert formats == FORMATS
