"""A table of formulas, in print: as text, Markdown, LaTeX, or HTML with MathML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from engine.symbolic import Expression
from viz import formula, latex, notation

FORMATS = ("text", "markdown", "latex", "html")
DIGITS = 12
_STYLES = {"text": "unicode", "markdown": "latex", "latex": "latex", "html": "mathml"}

Cell = Sequence[Expression] | Sequence[str]  # the lines of a cell: formulas, or plain text

HTML = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%s</title>
<style>
body { font-family: Georgia, serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: #222; line-height: 1.4 }
table { border-collapse: collapse; margin: 1em 0 }
caption { text-align: left; font-weight: bold; padding: 0.5em 0 }
th, td { border-top: 1px solid #ccc; padding: 0.35em 0.9em 0.35em 0; text-align: left; vertical-align: top }
td > div { margin: 0.25em 0; white-space: nowrap }
div.scroll { overflow-x: auto }
img { max-width: 100%%; height: auto }
</style>
%s
</html>
"""


@dataclass(frozen=True, repr=False)
class Sheet:
    """A title, the names of the columns, and rows of cells, each of so many lines.

    A row whose first cell is empty belongs to the block of the row above. `short` says which labels are written
    otherwise. Printed as text, the first two cells of a block are its heading, with the first column's name before a
    number, and the lines of each other column stand beside its name, a line that rows have in common only once.
    `digits` is how many significant digits numbers have at most.

    >>> from viz.equation import equal, symbol
    >>> sheet = Sheet("Squares", ("Step", "Variable", "Value"), [[["1"], [symbol("x_1")], [symbol("x_1") ** 2]]])
    >>> print(sheet.text())
    Step 1: x₁
      value               x₁²
    >>> print(sheet.markdown())
    | Step | Variable | Value |
    |---|---|---|
    | 1 | $x_1$ | $x_1^{2}$ |
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    short: Mapping[str, str] = field(default_factory=dict)
    digits: int = DIGITS

    def document(self, format: str) -> str:
        """The table in one of `FORMATS`: LaTeX and HTML as whole documents. Raises ValueError for another."""
        return document([self], format)

    def text(self) -> str:
        """Blocks of text for a terminal."""
        blocks = []
        for rows in self._blocks():
            title = self._joined(rows[0][0], "text")
            title = f"{self.columns[0]} {title}" if title.isdigit() else title
            variables = [line for row in rows for line in row[1]]
            lines = [f"{title}: {self._joined(variables, 'text')}"]
            for column, name in enumerate(self.columns[2:], 2):
                title = name.lower()
                for line in _once([row[column] for row in rows]):
                    lines.append(f"  {title:<20}{self._line(line, 'text')}")
                    title = ""
            blocks.append("\n".join(lines))
        return "\n\n".join(blocks)

    def markdown(self) -> str:
        """A Markdown table; formulas stand between dollars."""
        lines = [_bars(map(_markdown_text, self.columns)), "|" + "---|" * len(self.columns)]
        for row in self.rows:
            lines.append(_bars("<br>".join(self._lines(cell, "markdown")) for cell in row))
        return "\n".join(lines)

    def latex(self) -> str:
        """A longtable, which may run over several pages."""
        head = " & ".join(rf"\textbf{{{_latex_text(name)}}}" for name in self.columns)
        lines = [
            rf"\section*{{{_latex_text(self.title)}}}",
            rf"\begin{{longtable}}{{{'l' * len(self.columns)}}}",
            rf"\hline {head} \\ \hline \noalign{{\vskip 5pt}} \endhead",
        ]
        for rows in self._blocks():
            for row in rows:
                cells = [list(self._lines(cell, "latex")) for cell in row]
                for line in zip_longest(*cells, fillvalue=""):  # one of each cell, so that a page may end between them
                    lines.append(" & ".join(line) + r" \\ \noalign{\vskip 5pt}")
            lines.append(r"\hline \noalign{\vskip 5pt}")
        return "\n".join([*lines, r"\end{longtable}"])

    def n_characters(self) -> int:
        """How wide the table is: the longest line of each column, as text."""
        columns = zip(self.columns, *self.rows, strict=False)
        return sum(
            max(len(name), *(len(line) for cell in cells for line in self._lines(cell, "text")), 0)
            for name, *cells in columns
        )

    def html(self) -> str:
        """A table with MathML."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        rows = []
        for row in self.rows:
            cells = ("".join(f"<div>{line}</div>" for line in self._lines(cell, "html")) for cell in row)
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        table = f"<caption>{html.escape(self.title)}</caption>\n<tr>{head}</tr>\n" + "\n".join(rows)
        return f'<div class="scroll"><table>\n{table}\n</table></div>'

    def _repr_html_(self) -> str:
        """Notebooks set the cells of tables to the right, where equations below each other are hard to read."""
        return re.sub("<(td|th)>", r'<\1 style="text-align: left">', self.html())

    def __repr__(self) -> str:
        return self.text()

    def _blocks(self) -> list[list[Sequence[Cell]]]:
        """The rows that belong together: each that has a first cell, with those after it that have none."""
        blocks: list[list[Sequence[Cell]]] = []
        for row in self.rows:
            if row[0] or not blocks:
                blocks.append([])
            blocks[-1].append(row)
        return blocks

    def _joined(self, cell: Iterable[Expression | str], format: str) -> str:
        return ", ".join(self._lines(cell, format))

    def _lines(self, cell: Iterable[Expression | str], format: str) -> Iterator[str]:
        return (self._line(line, format) for line in cell)

    def _line(self, line: Expression | str, format: str) -> str:
        if isinstance(line, str):
            plain: dict[str, Callable[[str], str]] = {"text": notation.to_unicode, "markdown": _markdown_text}
            plain |= {"latex": _latex_text, "html": html.escape}
            return plain[format](line)
        text = formula.to_text(line, _STYLES[format], self.short, self.digits)
        if format == "html":
            return f'<math displaystyle="true">{text}</math>'
        if format == "markdown":  # a bar would end the cell
            return f"${text.replace('|', chr(92) + 'vert ')}$"
        return rf"$\displaystyle {text}$" if format == "latex" else text


def document(sheets: Iterable[Sheet], format: str) -> str:
    """Several tables as one document in one of `FORMATS`. Raises ValueError for another format."""
    if format not in FORMATS:
        raise ValueError(f"there is no format {format!r}; possible are {', '.join(FORMATS)}")
    sheets = list(sheets)
    if format == "text":
        return "\n\n\n".join(f"{sheet.title}\n\n{sheet.text()}" for sheet in sheets)
    if format == "markdown":
        return "\n\n".join(f"### {sheet.title}\n\n{sheet.markdown()}" for sheet in sheets)
    if format == "latex":
        width = max((sheet.n_characters() for sheet in sheets), default=0)
        return latex.document("\n".join(sheet.latex() for sheet in sheets), width)
    return HTML % (html.escape(sheets[0].title), "\n".join(sheet.html() for sheet in sheets))


def _once(cells: Sequence[Cell]) -> list[Expression | str]:
    """The lines of the cells; what stood in a cell above is left out."""
    lines: list[Expression | str] = []
    for cell in cells:
        above = set(lines)
        lines += [line for line in cell if line not in above]
    return lines


def _bars(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_text(text: str) -> str:
    """Text that ends no cell."""
    return " ".join(text.split()).replace("|", "\\|")


def _latex_text(text: str) -> str:
    return notation.to_latex(f"{text} ").removeprefix(r"\text{").removesuffix(" }")
