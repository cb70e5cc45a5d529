"""A format of one's own, whole in one file: Typst."""

import re
from collections.abc import Sequence
from typing import Any, cast

import pytest

from engine import Value, label
from engine.labels import Label, parse_label
from viz.math.backpropagation_table import backpropagation_table
from viz.math.formats import FORMATS, Format, FormulaFormat, Grid, from_template, get_format, register
from viz.math.formats.text import PlainText


class Typst(Format):
    name = "typst"
    is_stacked = True
    fraction = from_template("frac({}, {})")
    power = from_template("{}^({})")
    root = from_template("sqrt({})")
    formula = from_template("$ {} $")

    def label(self, name: str) -> str:
        symbol = parse_label(name)
        return '"' + re.sub(r'([\\"])', r"\\\1", name) + '"' if symbol is None else self.letter(symbol)

    def letter(self, symbol: Label) -> str:
        text = f"bold({symbol.name})" if symbol.bold else symbol.name
        text = f"hat({text})" if symbol.hat else text
        return text + "".join(f"{mark}({' '.join(map(self.letter, index))})" for mark, index in symbol.indices)

    def number(self, digits: str) -> str:
        return re.sub(r"e(-?)\+?0*(\d+)", r" times 10^(\1\2)", digits)

    def sign(self, sign: str) -> str:
        return {"−": "-", "·": "dot", "×": "times"}.get(sign, sign)

    def derivative(self, y: str, x: str) -> str:
        return self.fraction(f"partial {y}", f"partial {x}")

    def text(self, words: str) -> str:
        return re.sub(r"([^\w\s])", r"\\\1", words)

    def table(self, grid: Grid) -> str:
        rows = [[[self.text(name)] for name in grid.columns], *(row for block in grid.blocks(self) for row in block)]
        lines = ["  " + " ".join(f"[{' '.join(cell)}]," for cell in row) for row in rows]
        return "\n".join([f"#table(columns: {len(grid.columns)},", *lines, ")"])

    def document(self, grids: Sequence[Grid]) -> str:
        return "#set page(width: auto)\n" + "\n".join(f"= {self.text(x.title)}\n{self.table(x)}" for x in grids)


@pytest.fixture
def formats(monkeypatch: pytest.MonkeyPatch) -> dict[str, Format]:
    """A copy of the formats, to which a test adds its own."""
    copy = dict(FORMATS)
    monkeypatch.setattr("viz.math.formats.FORMATS", copy)
    return copy


def test_a_format_of_another_file_prints_table_1(formats: dict[str, Format]) -> None:
    register(Typst())
    x, w = Value(2.0, "x_1"), Value(-0.5, "w_1^(1)")
    a = w * x
    E = (a.sigmoid() - Value(1.0, "target")) ** 2 / 1e20
    label(E=E, **{"a^(1)": a})
    lines = backpropagation_table(E).sheet("Table #1").document("typst").splitlines()
    assert lines[:3] == ["#set page(width: auto)", r"= Table \#1", "#table(columns: 5,"]
    assert lines[5] == (
        "  [2], [$ x_(1) $], [$ a^(( 1 )) = w_(1)^(( 1 )) x_(1) $],"
        " [$ frac(partial a^(( 1 )), partial x_(1)) = w_(1)^(( 1 )) = -0.5 $],"
        " [$ frac(partial E, partial x_(1)) = frac(partial E, partial a^(( 1 ))) frac(partial a^(( 1 )), partial x_(1))"
        " = delta^(( 1 )) w_(1)^(( 1 )) $"
        " $ frac(partial E, partial x_(1)) = (-2.8747 times 10^(-21)) (-0.5) = 1.43735 times 10^(-21) $],"
    )
    assert 'frac((σ(a^(( 1 ))) - "target")^(2), 1 times 10^(20))' in lines[4]


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
