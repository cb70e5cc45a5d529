"""The table below a picture, of the numbers and labels for which it lacks space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from viz.drawing.canvas import FontSize
from viz.drawing.layout.blocks import Block, Cell, Row, block_size, block_to_dot, table
from viz.drawing.layout.label_places import Label
from viz.drawing.layout.parts import Arrow, Circle, NodeText
from viz.drawing.layout.text_size import Size
from viz.drawing.themes import Theme

TITLE: Block = ((Cell("left out for lack of space:", FontSize.NUMBER),),)
GAP = 0.15  # above the table, in inches
_SPACE = 0.15  # beside an entry, in inches

Entry = tuple[Row, ...]  # the name, and the value and derivative, if there are any in the table


@dataclass(frozen=True)
class LeftOut:
    """A table of what is left out, with its title and `n_columns` entries side by side, and a gap above it."""

    entries: Sequence[Entry]
    n_columns: int
    size: Size

    def to_dot(self, theme: Theme) -> str:
        """The rows of an HTML-like table."""
        space = f'<TD WIDTH="{round(72 * _SPACE)}"></TD>'
        rows = []
        for i in range(0, len(self.entries), self.n_columns):
            cells = "".join(
                f'{space}<TD ALIGN="{"LEFT" if j else "RIGHT"}">{table(block_to_dot([part], theme))}</TD>'
                for entry in self.entries[i : i + self.n_columns]
                for j, part in enumerate(entry)
            )
            rows.append(f"<TR>{cells}</TR>")
        return f"<TR><TD>{table(block_to_dot(TITLE, theme))}</TD></TR><TR><TD>{table(''.join(rows))}</TD></TR>"


@dataclass(frozen=True)
class Entries:
    """The entries of a table, with the width and the height of the largest."""

    entries: Sequence[Entry]
    size: Size
    font: str

    def in_width(self, width: float) -> LeftOut:
        """The table, with as many entries side by side as fit in a width."""
        if not self.entries:
            return LeftOut((), 1, (0.0, 0.0))
        entry_width, height = self.size
        n_columns = min(len(self.entries), max(1, int(width / entry_width)))
        title_width, title_height = block_size(TITLE, self.font)
        n_rows = -(-len(self.entries) // n_columns)
        size = (max(title_width, n_columns * entry_width), GAP + title_height + n_rows * height)
        return LeftOut(self.entries, n_columns, size)


def entries_left_out(
    circles: Sequence[Circle], arrows: Sequence[Arrow], n_numbers: int, labels: Sequence[Label], font: str
) -> Entries:
    """The entries for labels, and for all numbers but the first `n_numbers` of each text."""
    without = {label.owner for label in labels}
    texts: list[NodeText] = [half for circle in circles for half in circle.halves]
    texts += [bias for circle in circles if circle not in without for bias in circle.above]
    texts += [arrow.text for arrow in arrows if arrow not in without]
    entries = [_entry_of_label(label) for label in labels]
    entries += [_entry(text, n_numbers) for text in dict.fromkeys(texts) if text.with_numbers(n_numbers) != text]
    parts = [column for column in zip(*entries, strict=True) if any(cell.text for row in column for cell in row)]
    sizes = [[block_size([part], font) for part in column] for column in parts]
    width = sum(_SPACE + max(width for width, _ in column) for column in sizes)
    height = max((height for column in sizes for _, height in column), default=0.0)
    return Entries(list(zip(*parts, strict=True)), (width, height), font)


def _entry(text: NodeText, n_numbers: int) -> Entry:
    """The numbers of a text but the first ones."""
    shown, points = text.with_numbers(n_numbers), FontSize.NUMBER
    value = f"= {text.value}" if text.value and not shown.value else ""
    derivative = "" if shown.derivative else text.derivative
    return (Cell(text.symbol, points),), (Cell(value, points),), (Cell(derivative, points, is_derivative=True),)


def _entry_of_label(label: Label) -> Entry:
    """A label, after the circles at which it would be."""
    owner, points = label.owner, FontSize.NUMBER
    ends = (owner.tail, owner.head) if isinstance(owner, Arrow) else (owner,)
    names = [Cell(circle.halves[0].symbol if circle.halves else "", points) for circle in ends]
    of = (names[0], Cell(" → ", points), names[1]) if len(names) == 2 else (names[0],)
    cells = [cell._replace(points=points) for row in label.forms[0] for cell in row]
    values = tuple(cell._replace(text=f" {cell.text}") for cell in cells if not cell.is_derivative)
    derivatives = tuple(cell for cell in cells if cell.is_derivative)
    return (*of, Cell(":", points)), values or (Cell("", points),), derivatives or (Cell("", points),)
