r"""Plain text: labels and formulas in one line of Unicode, tables as blocks for a terminal.

Labels are typed as in TeX, and read by `engine.labels`: a letter with its indices is shown as mathematics, any other
text, such as `learning rate` or `hidden_size`, as it stands.

>>> label_to_unicode("delta_1^(2)"), label_to_ascii("delta_1^(2)"), label_to_unicode("hidden_size")
('δ₁⁽²⁾', 'delta_1^(2)', 'hidden_size')
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from engine._support.printable_text import make_printable
from engine.labels import NAME_OF, Label, parse_label
from viz.math.formats.base import Format, Grid, from_template

_GREEK_NAMES = str.maketrans(NAME_OF)
BOLD = {0x41 + i: 0x1D400 + i for i in range(26)} | {0x61 + i: 0x1D41A + i for i in range(26)}  # A to Z, a to z
BOLD |= {0x391 + i: 0x1D6A8 + i for i in range(25)} | {0x3B1 + i: 0x1D6C2 + i for i in range(25)}  # Greek

# All characters for indices that Unicode has: q is missing, and the comma.
SUBSCRIPTS = dict(zip("0123456789+-()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
SUPERSCRIPTS = dict(zip("0123456789+-()abcdefghijklmno", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒ", strict=True))
SUPERSCRIPTS |= dict(zip("prstuvwxyzABDEGHIJKLMNOPRTUVW", "ᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True))

# What drawings and documents cannot hold: control characters, halves of surrogate pairs, two noncharacters.


def letter_with_hat(label: Label) -> str:
    """The letter with its hat, as one character where Unicode has it; a hyphen as a minus sign."""
    letter = label.letter.translate(BOLD) if label.bold else label.letter.replace("-", "−")
    return unicodedata.normalize("NFC", letter + "\u0302") if label.hat else letter


def label_to_ascii(label: str) -> str:
    r"""The label in ASCII.

    >>> label_to_ascii("δ_1^(2)"), label_to_ascii("größe")
    ('delta_1^(2)', 'gr\\xf6\\xdfe')
    """
    parsed = parse_label(label)
    text = make_printable(label) if parsed is None else str(parsed).translate(_GREEK_NAMES)
    return text.encode("ascii", "backslashreplace").decode()


def label_to_unicode(label: str) -> str:
    """The label in Unicode. An index is typed out, without braces, if Unicode lacks any of its characters.

    >>> [label_to_unicode(label) for label in ("w_11^(1)", "w_11,10^(1)", "z_{N_{k-1}}^(k-1)", "W_bold^{(k+1)T}")]
    ['w₁₁⁽¹⁾', 'w_11,10⁽¹⁾', 'z_Nₖ₋₁⁽ᵏ⁻¹⁾', '𝐖⁽ᵏ⁺¹⁾ᵀ']
    >>> label_to_unicode("x_1#2")
    'x₁#2'
    """
    parsed = parse_label(label)
    if parsed is None:
        name, sign, number = label.rpartition("#")  # one of several nodes with this label
        return label_to_unicode(name) + sign + number if parse_label(name) else make_printable(label)
    return letter_with_hat(parsed) + _indices(parsed)


def _superscript(text: str) -> str:
    return "".join(SUPERSCRIPTS[char] for char in text)


def _indices(label: Label) -> str:
    text = ""
    for mark, index in label.indices:
        small = SUBSCRIPTS if mark == "_" else SUPERSCRIPTS
        inner = "".join(item.letter + _indices(item) for item in index)
        text += "".join(small[char] for char in inner) if small.keys() >= set(inner) else mark + inner
    return text


MIN_NAME_WIDTH = 20  # of the names of columns, which stand before the lines


class PlainText(Format):
    """Text for a terminal: the first two cells of a block are its heading, the other columns have lines below it."""

    name = "text"
    is_source = False

    label = text = staticmethod(label_to_unicode)
    beside = from_template("{}{}")

    def number(self, digits: str) -> str:
        mantissa, _, exponent = digits.partition("e")
        power = f"·10{_superscript(str(int(exponent)))}" if exponent else ""
        return mantissa.replace("-", "−") + power

    def power(self, x: str, exponent: str, number: float | None) -> str:
        return f"{x}^{exponent}" if number is None else x + _superscript(f"{number:.0f}")

    def table(self, grid: Grid) -> str:
        blocks = []
        width = max(MIN_NAME_WIDTH, *(len(name) + 2 for name in grid.columns[2:]))
        for rows in grid.blocks(self):
            head, *remarks = rows[0][0]
            head = f"{grid.columns[0]} {head}" if head.isdigit() else head
            lines = [f"{', '.join([head, *remarks])}: {', '.join(line for row in rows for line in row[1])}"]
            for column, name in enumerate(grid.columns[2:], 2):
                title = name.lower()
                for line in _without_lines_above(row[column] for row in rows):
                    lines.append(f"  {title:<{width}}{line}")
                    title = ""
            blocks.append("\n".join(lines))
        return "\n\n".join(blocks)

    def document(self, grids: Sequence[Grid]) -> str:
        return "\n\n".join(f"{grid.title}\n\n{self.table(grid)}" for grid in grids)


def _without_lines_above(cells: Iterable[list[str]]) -> list[str]:
    """The lines of the cells, without those that a cell above has too; a space begins a line that continues one."""
    lines: list[str] = []
    for cell in cells:
        above, is_new = set(lines), True
        for line in cell:
            is_new = is_new if line.startswith(" ") else line not in above
            if is_new:
                lines.append(line)
    return lines
