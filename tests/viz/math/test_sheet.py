"""Tables as text, Markdown, LaTeX, HTML and Typst."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from engine import TABLE, NamedGraph, Value
from engine.symbolic.expression import Expression
from tests import thorough_unless
from tests.labels import KNOWN, OTHER
from tests.paper_graphs import FIGURE_4_NUMBERS, UNEQUAL_LAYERS, NetworkNumbers, distinct_numbers
from tests.viz.math.example_tables import cross_entropy_table, table_1, table_2
from tests.viz.math.formula_examples import READABLE, applied, node_of
from tests.viz.math.hostile_text import HOSTILE, UNPRINTABLE
from viz.math.backpropagation_table import backpropagation_table
from viz.math.equations import equal, matrix_of, numeral, numerals, symbol, symbols
from viz.math.formats import FORMATS
from viz.math.formats.latex_lines import broken_lines
from viz.math.formulas import format_formula
from viz.math.sheet import Sheet, document

a_1, x_1 = symbols("a_1^(2)", "x_1")
LETTERS = "ℰℝℭℓαΩζ\xa0éÅőňçßŁøжא中²√∂−±…–'ĳ\u0301𝓔🙂�"
SHEET = Sheet(
    "Bars & <signs>",
    ("Step", "Variable", "Local", "All > x"),
    [
        [["1"], [x_1, a_1], [equal(x_1, abs(x_1)), abs(abs(x_1) - a_1)], ["plain"]],
        [["Targets"], [symbol("a | b <c> & 'd'")], [symbol("a | b <c> & 'd'") / a_1], ["< & >"]],
    ],
    {"a_1^(2)": "a^(2)"},
)
SHEETS = [SHEET, *table_1(FIGURE_4_NUMBERS), table_2(FIGURE_4_NUMBERS), *table_1(UNEQUAL_LAYERS)]


def test_as_text_a_row_is_a_block() -> None:
    assert SHEET.text().splitlines() == [
        "Step 1: x₁, a⁽²⁾",
        "  local               x₁ = |x₁|",
        "                      ||x₁| − a⁽²⁾|",
        "  all > x             plain",
        "",
        "Targets: a | b <c> & 'd'",
        "  local               a | b <c> & 'd' / a⁽²⁾",
        "  all > x             < & >",
    ]


def sheet_of_two_blocks() -> Sheet:
    x, y, both = symbol("x"), symbol("y"), equal(symbol("E"), symbol("x") + symbol("y"))
    return Sheet("T", ("Step", "Variable", "Made"), [[["1"], [x], [both]], [[], [y], [both, y]], [["Other"], [y], [y]]])


def test_a_row_without_a_first_cell_belongs_to_the_block_above() -> None:
    sheet = sheet_of_two_blocks()
    assert sheet.text().splitlines() == [
        "Step 1: x, y",
        "  made                E = x + y",
        "                      y",
        "",
        "Other: y",
        "  made                y",
    ]
    assert sheet.markdown().splitlines()[2:] == [
        "| 1 | $x$ | $E = x + y$ |",
        "|  | $y$ | $E = x + y$<br>$y$ |",
        "| Other | $y$ | $y$ |",
    ]
    lines = [line.partition(r" \\")[0] for line in sheet.latex().splitlines()[4:-2]]
    x, y, E = (rf"$\displaystyle {text}$" for text in ("x", "y", "E = x + y"))
    assert lines == [f"1 & {x} & {E}", f" & {y} & {E}", f" &  & {y}", r"\midrule", f"Other & {y} & {y}"]
    kept = [r" \\* " in line for line in sheet.latex().splitlines()[4:-2]]
    assert kept == [True, True, False, False, False]  # a page does not end within a short block
    assert [row.count("<td></td>") for row in sheet.html().split("<tr>")] == [0, 0, 0, 1, 0]


def test_in_latex_a_page_may_end_between_rows_of_a_long_block() -> None:
    x = symbol("x")
    rows: list[list[list[Expression]]] = [[[x], [x]], *([[], [x, x]] for _ in range(12))]
    lines = Sheet("T", ("Step", "Value"), rows).latex().splitlines()[4:-2]
    assert [r" \\* " in line for line in lines] == [False, *[True, False] * 12]


def test_in_markdown_a_bar_does_not_end_a_cell() -> None:
    lines = SHEET.markdown().splitlines()
    assert lines[:2] == ["| Step | Variable | Local | All > x |", "|---|---|---|---|"]
    assert lines[2] == (
        r"| 1 | $x_1$<br>$a^{(2)}$ "
        r"| $x_1 = \lvert x_1\rvert$"
        r"<br>$\lvert \lvert x_1\rvert - a^{(2)}\rvert$ | plain |"
    )
    assert lines[3].startswith(r"| Targets | $\text{a \textbar{} b \textless{}c\textgreater{} \& 'd'}$ |")


def test_in_markdown_every_row_has_the_same_number_of_cells() -> None:
    for sheet in SHEETS:
        rows = sheet.markdown().splitlines()
        assert len(rows) == 2 + len(sheet.rows)
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(sheet.columns) + 1}


@pytest.mark.parametrize("text", HOSTILE)
def test_in_markdown_plain_text_does_not_end_a_cell(text: str) -> None:
    sheet = Sheet("T", ("A", text), [[["1"], [text]], [[text], [symbol(text)]]])
    rows = sheet.markdown().splitlines()
    assert len(rows) == 4
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}


VOID = {"meta", "img", "br", "mspace"}


class Reader(HTMLParser):
    """Checks that tags are closed in order; collects the text, with its tag, and counts the tags."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[tuple[str, str]] = []
        self.count: dict[str, int] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append((self.open[-1] if self.open else "", data))


def test_html_closes_its_tags_and_has_every_cell() -> None:
    for sheet in SHEETS:
        reader = Reader(sheet.html())
        assert reader.count["tr"] == 1 + len(sheet.rows)
        assert reader.count["td"] == len(sheet.columns) * len(sheet.rows)
        lines = [line for row in sheet.rows for cell in row for line in cell]
        assert reader.count["div"] == 1 + len(lines)
        assert reader.count["math"] == sum(not isinstance(line, str) for line in lines)


def test_a_derivative_that_is_a_number_is_printed_once() -> None:
    x = Value(1.5, "x")
    y = 2 * x
    y.label = "y"
    E = y + x
    E.label = "E"
    lines = backpropagation_table(E).sheet().text().split("\n\n")
    assert [line[22:] for line in lines[0].splitlines()[2:]] == ["∂E/∂y = 1", "∂E/∂y = 1"]  # local, backpropagated
    assert [line[22:] for line in lines[1].splitlines()[3:]] == ["∂y/∂x = 2", "∂E/∂x = 1", "∂E/∂x = (1)(2) + 1 = 3"]


def test_a_number_that_gets_a_name_is_printed_with_it() -> None:
    a = Value(1.5, "a_1^(1)")
    E = 2 * a
    E.label = "E"
    assert backpropagation_table(E, short=False).sheet().text().endswith("  ∂E/∂a₁⁽¹⁾ = 2 ≜ δ₁⁽¹⁾")


@pytest.mark.parametrize("text", HOSTILE)
def test_in_html_text_is_text(text: str) -> None:
    reader = Reader(Sheet(text, ("A", text), [[[text], [symbol(text + " ")]]]).document("html"))
    assert reader.count == Reader(Sheet("t", ("A", "B"), [[["t"], [symbol("t ")]]]).document("html")).count
    for tag in ("title", "caption", "th", "div"):
        assert (tag, text) in reader.text
    assert ("mtext", text.replace("\n", " ") + " ") in reader.text


def test_a_table_shows_itself_in_a_notebook() -> None:
    table = backpropagation_table(Value(1.5, "x") ** 2)
    assert table._repr_html_() == table.sheet()._repr_html_()
    assert str(table) == table.sheet().text()


def test_in_a_notebook_equations_begin_below_each_other() -> None:
    shown = SHEET._repr_html_()
    assert shown.replace(' style="text-align: left"', "") == SHEET.html()
    assert shown.count('<td style="text-align: left">') == SHEET.html().count("<td>") > 0
    assert "<td>" not in shown
    assert "<th>" not in shown


def test_where_only_text_can_be_shown_a_table_is_its_text() -> None:
    table = backpropagation_table(Value(1.5, "x") ** 2)
    assert repr(table) == str(table) == repr(table.sheet()) == table.sheet().text()


def test_a_matrix_takes_a_line_for_each_row_where_it_can() -> None:
    x, y = symbols("x_1", "y")
    sheet = Sheet("T", ("Step", "Node", "Value"), [[["1"], [x], [equal(y, matrix_of([x, y], [y * y, x]))]]])
    assert sheet.text().splitlines()[1:] == [
        "  value                   ⎡x₁     y ⎤",
        "                      y = ⎣y · y  x₁⎦",
    ]
    assert sheet.markdown().endswith(r"$y = \begin{bmatrix} x_1 & y \cr y \cdot y & x_1 \end{bmatrix}$ |")


def test_in_latex_each_line_of_a_cell_is_a_row() -> None:
    lines = [line for line in SHEET.latex().splitlines() if " & " in line]
    assert all(len(re.findall(r"(?<!\\)&", line)) == len(SHEET.columns) - 1 for line in lines)
    assert lines[0].replace("firsthead", "head") == lines[1]  # on the first page, and on others
    assert lines[0].startswith(
        r"\toprule \textbf{Step} & \textbf{Variable} & \textbf{Local} & \textbf{All \textgreater{} x}"
    )
    assert lines[2].startswith(r"1 & $\displaystyle x_1$ & $\displaystyle x_1 = \lvert x_1\rvert$ & plain \\")
    assert lines[3].startswith(
        r" & $\displaystyle a^{(2)}$ & $\displaystyle \lvert \lvert x_1\rvert - a^{(2)}\rvert$ &  \\"
    )
    assert lines[4].startswith(r"Targets & $\displaystyle \text{a \textbar{} b")
    assert lines[4].partition(r" \\")[0].endswith(r"\textless{} \& \textgreater{}")


@pytest.mark.parametrize("label", ["[x](javascript:alert(1))", "![x](http://a.b)", "[x][y]", "<b>"])
def test_no_label_is_a_link_or_a_tag_in_markdown(label: str) -> None:
    x = Value(2.0, label)
    sheet = Sheet(label, (label,), [[[label]], [[symbol(label)]]])
    for text in (document([sheet], "markdown"), backpropagation_table(x * x).sheet().markdown()):
        assert not re.search(r"(?<!\\)\](?=[(\[])|(?<!\\)<(?!br>)", text)


def test_a_document_holds_all_tables() -> None:
    both = {format: document([SHEET, SHEETS[1]], format) for format in FORMATS}
    assert both["text"] == f"Bars & <signs>\n\n{SHEET.text()}\n\n{SHEETS[1].title}\n\n{SHEETS[1].text()}"
    markdown = [SHEET.markdown(), SHEETS[1].markdown()]
    assert both["markdown"] == f"### Bars & \\<signs>\n\n{markdown[0]}\n\n### {SHEETS[1].title}\n\n{markdown[1]}"
    assert both["latex"].startswith(r"\documentclass{article}")
    assert both["latex"].endswith("\\end{document}\n")
    assert r"\large\textbf{Bars \& \textless{}signs\textgreater{}}" in both["latex"]
    assert both["latex"].count(r"\begin{longtable}{llll}") == 1
    assert both["html"].startswith("<!DOCTYPE html>\n<html lang=")
    assert Reader(both["html"]).count["table"] == 2
    assert ("title", "Bars & <signs>") in Reader(both["html"]).text


@pytest.mark.parametrize("format", FORMATS)
def test_a_sheet_is_a_document_by_itself(format: str) -> None:
    assert SHEET.document(format) == document([SHEET], format)


UNKNOWN = pytest.mark.parametrize("format", ["", "pdf", "HTML"])


@UNKNOWN
def test_a_sheet_refuses_an_unknown_format(format: str) -> None:
    with pytest.raises(ValueError, match=rf"unknown format '{format}'; choose from {', '.join(FORMATS)}$"):
        SHEET.document(format)


@UNKNOWN
def test_a_document_refuses_an_unknown_format(format: str) -> None:
    with pytest.raises(ValueError, match=rf"unknown format '{format}'"):
        document([SHEET], format)


def test_the_rows_of_a_sheet_are_printed_in_a_format() -> None:
    assert sheet_of_two_blocks().blocks(FORMATS["text"])[1] == [[["Other"], ["y"], ["y"]]]
    name: Any = "text"
    with pytest.raises(TypeError, match="the format of a table must be a Format, not 'text' of type str"):
        sheet_of_two_blocks().blocks(name)


def test_numbers_have_12_digits() -> None:
    number = symbol("x").builder.constant(1 / 3)
    sheet = Sheet("T", ("A", "B", "C"), [[["1"], [number], [number]]])
    for format in FORMATS:
        assert "0.333333333333" in sheet.document(format)
        assert "0.3333333333333" not in sheet.document(format)


def test_numbers_have_the_digits_of_the_sheet() -> None:
    number = symbol("x").builder.constant(1 / 3)
    assert Sheet("T", ("A", "B", "C"), [[["1"], [number], [number]]], digits=3).text().endswith(" 0.333")


@thorough_unless(lambda sizes: sizes[0] < 10)
@pytest.mark.parametrize("sizes", [[2, 2, 1], [3, 4, 2], [10, 10, 10]], ids=str)
def test_long_formulas_are_broken_so_that_tables_fit_on_a4(sizes: list[int]) -> None:
    sheets = [replace(sheet, digits=6) for sheet in table_1(distinct_numbers(sizes))]
    assert "[a4paper,landscape" in document(sheets, "latex")


def test_the_lines_of_a_broken_formula_are_the_formula() -> None:
    sheets = [*table_1(distinct_numbers([3, 4, 2])), *of_cross_entropy(), *of_operations()]
    formulas = [line for sheet in sheets for row in sheet.rows for cell in row for line in cell]
    texts = {format_formula(x, "latex", digits=6) for x in formulas if isinstance(x, Expression)}
    broken = {text: broken_lines(text, 36.0) for text in texts}
    assert sum(len(lines) > 1 for lines in broken.values()) > 20
    blank = re.compile(r"(?:\\hphantom\{.*?\}|\\quad \{\})(?: \\quad)?(?= (?:[=+-]|\\triangleq) )")
    for text, (first, *others) in broken.items():
        assert first + "".join(blank.sub("", line, count=1) for line in others) == text


def test_the_paper_is_as_wide_as_what_cannot_be_broken() -> None:
    row = [numeral(1.5)] * 40
    assert "[a2paper," in Sheet("T", ("A", "B"), [[["1"], [matrix_of(row)]]]).document("latex")
    assert "[a0paper," in Sheet("T", ("A", "B"), [[["x"], ["y" * 1000]]]).document("latex")


def test_latex_documents_declare_characters_of_labels() -> None:
    E = Value(1.5, "größe ж") * Value(2.0, "\u2130")  # a script E, which is not a letter of labels
    E.label = "total δ"
    text = backpropagation_table(E).sheet().document("latex")
    declared = dict(re.findall(r"\\DeclareUnicodeCharacter\{(\w+)\}\{(.*)\}\n", text))
    assert declared == {
        "00DF": r"\ss{}",
        "00F6": r"\"{o}",
        "03B4": r"\ensuremath{\delta}",
        "0436": r"\texttt{U+0436}",
        "2130": r"\ensuremath{\mathcal{E}}",
    }
    assert text.index("DeclareUnicode") < text.index("begin{document}")


@thorough_unless(lambda name: name != "unequal layers")
@pytest.mark.parametrize("name", ["notation", "hostile", "unprintable", "unequal layers", "operations", "letters"])
def test_latex_documents_declare_every_character(name: str) -> None:
    preamble, body = document(DOCUMENTS[name](), "latex").split(r"\begin{document}")
    declared = re.findall(r"DeclareUnicodeCharacter\{(\w+)\}", preamble)
    assert {chr(int(code, 16)) for code in declared} == {char for char in body if not char.isascii()}
    assert all(int(code, 16) >= 0xA0 for code in declared)  # those below cannot be declared
    assert preamble.isascii()


OPERATIONS = list(TABLE.values())  # at import: a README declares one of its own, with names that are gone later


def sheet_of(formulas: Iterable[Expression]) -> Sheet:
    return Sheet("Formulas", ("Name", "Formula"), [[["&"], [formula]] for formula in formulas])


def of_operations() -> list[Sheet]:
    nodes = [applied(op) for op in OPERATIONS] + [node_of(typed) for typed in READABLE]
    graphs = [(node, NamedGraph(node)) for node in nodes]
    relations = [graph.relation(node) for node, graph in graphs]
    return [sheet_of([*relations, *(formula for node, graph in graphs for formula in graph.formulas(node).values())])]


def of_labels(labels: list[str]) -> list[Sheet]:
    text = Sheet("Text", ("Text", "Twice"), [[[label], [label]] for label in labels])
    return [sheet_of(symbol(label) ** 2 for label in labels), text]


def of_network(numbers: NetworkNumbers) -> list[Sheet]:
    return [*table_1(numbers), table_2(numbers)]


def of_cross_entropy() -> list[Sheet]:
    tables = [cross_entropy_table(outputs) for outputs in ("sigmoid", "softmax")]
    general = [table.general() for table in tables]
    return [table.sheet() for table in tables] + general


DOCUMENTS = {
    "operations": of_operations,
    "notation": lambda: of_labels([label for label, _, _ in KNOWN] + OTHER),
    "hostile": lambda: of_labels(HOSTILE),
    "letters": lambda: of_labels([f"a {char}" for char in LETTERS]),
    "unprintable": lambda: of_labels(UNPRINTABLE),
    "a wide matrix": lambda: [sheet_of([matrix_of(numerals(*range(20)))])],
    "Figure 4": lambda: of_network(FIGURE_4_NUMBERS),
    "unequal layers": lambda: of_network(UNEQUAL_LAYERS),
    "5-7-1-4-3": lambda: of_network(distinct_numbers([5, 7, 1, 4, 3])),
    "cross entropy": of_cross_entropy,
}


@pytest.mark.once
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="the program pdflatex is not installed")
@thorough_unless(lambda name: name == "hostile")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_pdflatex_compiles_the_document(name: str, tmp_path: Path) -> None:
    (tmp_path / "tables.tex").write_text(document(DOCUMENTS[name](), "latex"), encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "tables.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    log = run.stdout.decode("utf-8", "replace")
    assert run.returncode == 0, log[log.find("\n!") :]
    assert "Overfull \\hbox" not in log
    assert (tmp_path / "tables.pdf").stat().st_size > 1000
