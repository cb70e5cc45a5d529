r"""Labels in the format of drawings: HTML-like text of Graphviz, with subscripts below superscripts.

Every character of a label is escaped: none of it acts as a tag, an entity or an escape sequence of Graphviz.

>>> print(to_dot("alpha"))
<FONT POINT-SIZE="14"><I>α</I></FONT>
"""

from __future__ import annotations

import html
from dataclasses import replace

import graphviz

from engine._support import checks
from engine._support.printable_text import make_printable
from engine.labels import Label, parse_label
from viz.math.formats.text import letter_with_hat

# A table without space between its cells.
HTML_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"{}>{}</TABLE>'
INDEX_SCALE = 0.65  # the size of an index relative to its letter
MAX_SIZE = 255  # of type, in points, for Graphviz


def to_dot(label: str, size: int = 14) -> str:
    """Return the label as an HTML-like fragment of Graphviz, for use inside `<...>` or a `<TD>`.

    `size` is a whole number of points from 1 to `MAX_SIZE`.

    >>> to_dot("x", size=20), to_dot("a & b")
    ('<FONT POINT-SIZE="20"><I>x</I></FONT>', '<FONT POINT-SIZE="14">a &amp; b</FONT>')
    """
    needs = f"size must be a whole number of points from 1 to {MAX_SIZE}"
    checks.value_error_unless(size in range(1, MAX_SIZE + 1), needs, size)
    symbol = parse_label(label)
    return _format_font(escape_html(label), size) if symbol is None else _format_symbols((symbol,), size)


def _format_font(text: str, size: int) -> str:
    return f'<FONT POINT-SIZE="{size}">{text}</FONT>'


def _format_symbols(symbols: tuple[Label, ...], size: int) -> str:
    """Return symbols in a row. A table is needed only if one of them has indices."""
    if not any(symbol.indices for symbol in symbols):
        return _format_font("".join(map(_format_letter, symbols)) or "&#160;", size)
    smaller = max(1, round(size * INDEX_SCALE))
    upper, lower = "", ""
    for symbol in symbols:
        # Letters are aligned right and indices left, so that they stay together in a wide cell.
        upper += f'<TD ROWSPAN="2" ALIGN="RIGHT">{_format_font(_format_letter(symbol), size)}</TD>'
        if symbol.indices:
            # A missing index takes up its height, so that the letters of a_1 and a^(1) are on one line.
            transposed = [Label("⊤") if symbol.bold and item == Label("T") else item for item in symbol.superscript]
            above, below = (_format_symbols(tuple(index), smaller) for index in (transposed, symbol.subscript))
            upper += f'<TD ALIGN="LEFT" VALIGN="BOTTOM">{above}</TD>'
            lower += f'<TD ALIGN="LEFT" VALIGN="TOP">{below}</TD>'
    return HTML_TABLE.format("", f"<TR>{upper}</TR><TR>{lower}</TR>")


def _format_letter(symbol: Label) -> str:
    letter = letter_with_hat(replace(symbol, bold=False))  # drawn in the bold face of its own font
    return f"<B>{letter}</B>" if symbol.bold else f"<I>{letter}</I>" if symbol.letter.isalpha() else letter


def escape_html(text: str) -> str:
    r"""Return the text escaped for an HTML-like label of Graphviz, never empty, as a `<FONT>` must not be empty.

    >>> escape_html("<b>[x] & \\N</b>")
    '&lt;b&gt;[x&#93; &amp; \\\\N&lt;/b&gt;'
    """
    return html.escape(make_printable(text)).replace("\\", "\\\\").replace("]", "&#93;") or "&#160;"


def escape_quoted(text: str) -> str:
    r"""Return the text escaped for an ordinary label, to which the package `graphviz` adds the quotes.

    >>> print(escape_quoted("<b> & \\N"))
    <b> &amp; \\N
    """
    escaped: str = graphviz.escape(make_printable(text).replace("&", "&amp;"))
    return escaped
