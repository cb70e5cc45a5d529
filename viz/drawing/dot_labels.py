r"""How a label is shown in a drawing: as HTML-like text of Graphviz, in which indices stand above each other.

Whatever a label holds, it is text: none of it is a tag, an entity or an escape of Graphviz.

>>> print(to_dot("alpha"))
<FONT POINT-SIZE="14"><I>α</I></FONT>
"""

from __future__ import annotations

import html
from dataclasses import replace

import graphviz

from engine._support import checks
from engine.labels import Label, parse_label
from viz.math.formats.text import letter_with_hat, make_printable

# Nothing between cells, and an index this much smaller than its letter, which is what books do.
HTML_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"{}>{}</TABLE>'
_SMALLER = 0.65


def to_dot(label: str, size: int = 14) -> str:
    """Return the label as an HTML-like fragment of Graphviz, to stand inside `<...>` or a `<TD>`.

    `size` is in points, from 1 to 255; Graphviz knows whole ones only. Indices stand above each other, as in print.

    >>> to_dot("x", size=20), to_dot("a & b")
    ('<FONT POINT-SIZE="20"><I>x</I></FONT>', '<FONT POINT-SIZE="14">a &amp; b</FONT>')
    """
    checks.value_error_unless(size in range(1, 256), "size must be a whole number of points from 1 to 255", size)
    symbol = parse_label(label)
    return _format_font(escape_html(label), size) if symbol is None else _format_symbols((symbol,), size)


def label_width(label: str, size: int = 14) -> float:
    """About how wide a label is, in inches. `size` is in points, of which an inch has 72.

    >>> round(label_width("w_11"), 2), round(label_width("0.25"), 2)
    (0.28, 0.4)
    """
    symbol = parse_label(label)
    if symbol is None:
        return 0.52 * len(label) * size / 72
    longest = max((sum(len(item.letter) for item in index) for _, index in symbol.indices), default=0)
    return (0.7 + 0.55 * _SMALLER * longest) * size / 72


def _format_font(text: str, size: int) -> str:
    return f'<FONT POINT-SIZE="{size}">{text}</FONT>'


def _format_symbols(symbols: tuple[Label, ...], size: int) -> str:
    """Return symbols in a row. A row of cells is needed only where one of them has indices of its own."""
    if not any(symbol.indices for symbol in symbols):
        return _format_font("".join(map(_format_letter, symbols)) or "&#160;", size)
    smaller = max(1, round(size * _SMALLER))
    upper, lower = "", ""
    for symbol in symbols:
        # Letters keep to the right and indices to the left, so that they stay together in a cell that is too wide.
        upper += f'<TD ROWSPAN="2" ALIGN="RIGHT">{_format_font(_format_letter(symbol), size)}</TD>'
        if symbol.indices:
            # An index that is not there takes its height, so that the letters of a_1 and a^(1) stand equally high.
            above, below = _format_symbols(symbol.superscript, smaller), _format_symbols(symbol.subscript, smaller)
            upper += f'<TD ALIGN="LEFT" VALIGN="BOTTOM">{above}</TD>'
            lower += f'<TD ALIGN="LEFT" VALIGN="TOP">{below}</TD>'
    return HTML_TABLE.format("", f"<TR>{upper}</TR><TR>{lower}</TR>")


def _format_letter(symbol: Label) -> str:
    letter = letter_with_hat(replace(symbol, bold=False))  # drawn in the bold face of its own font
    return f"<B>{letter}</B>" if symbol.bold else f"<I>{letter}</I>" if symbol.letter.isalpha() else letter


def escape_html(text: str) -> str:
    r"""Return the text as an HTML-like label of Graphviz shows it unchanged. Never empty, as `<FONT>` may not be.

    >>> escape_html("<b>[x] & \\N</b>")
    '&lt;b&gt;[x&#93; &amp; \\\\N&lt;/b&gt;'
    """
    return html.escape(make_printable(text)).replace("\\", "\\\\").replace("]", "&#93;") or "&#160;"


def escape_quoted(text: str) -> str:
    r"""Return the text as the package `graphviz` writes it unchanged into an ordinary quoted label.

    >>> print(escape_quoted("<b> & \\N"))
    <b> &amp; \\N
    """
    escaped: str = graphviz.escape(make_printable(text).replace("&", "&amp;"))
    return escaped
