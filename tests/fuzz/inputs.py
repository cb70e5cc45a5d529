"""Inputs from somebody who means no good, or types in haste: numbers, text, and everything else."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from engine import Value

FRAGMENTS = [
    *("<", ">", "&", '"', "'", "`", "\\", "\\N", "\\l", "/", "//", "]", "]]>", "[", "{", "}", "{}", "{0}", "%s", "$"),
    *("$$", "#", "~", "^", "_", "|", ";", ":", ",", "=", "-", "->", "--", "(", ")", "*/", "/*", " ", "\t", "\n"),
    *("\r", "\x0b", "\x0c", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\u202e", "\u200d"),
    *("\ud800", "\udfff", "\ufffe", "\uffff", "é", "e\u0301", "∂", "σ", "𝐖", "漢", "🙂", "ﬁ", "ß", "İ"),
    *("<b>", "</b>", "<TABLE>", "</TD>", "</TABLE>>", "<BR/>", "<!--", "-->", "<![CDATA[", "<?xml?>", "&lt;", "&#0;"),
    *("&nbsp;", "&copy;", "<script>document.title='broken'</script>", "</script>", "</style>", "</title>", "</math>"),
    *("<img src=x onerror=\"document.title='broken'\">", "javascript:document.title='broken'", "onload=", "\\end{x}"),
    *("\\input{/etc/passwd}", "\\write18{id}", "%", "\\\\", "\\begin{document}", '"""', "'''", "\\x00", "\\u0041"),
    *("import os", "__import__('os')", "lambda: 0", "exec", "None", "if", "def", "return", "digraph { x }", "; x -> y"),
    *("x", "w", "a", "z", "a_1", "a_1^(1)", "w_11^(1)", "x_hat", "delta_1^(2)", "learning rate", "0", "1e400", "nan"),
    *("#1", "node", "graph", "np", "exp", "math", "parameters", "x_1", "self", "%1 = add", "@f", "!0"),
]

text = st.text(max_size=12) | st.lists(st.sampled_from(FRAGMENTS), max_size=4).map("".join)
labels = text.filter(bool)

HUGE = [2**31, 2**63, 10**30, 10**400, -(2**31), -(10**400)]
EDGES = [0.0, -0.0, 1.0, -1.0, 5e-324, 2.0**-1022, 1e308, -1.7976931348623157e308, math.inf, -math.inf, math.nan, 710.0]
floats = st.sampled_from(EDGES) | st.floats() | st.floats(-3, 3)
integers = st.integers(-3, 5) | st.sampled_from(HUGE)


class Stranger:
    """An object that knows nothing."""


def _loop() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def _graph() -> Value:
    x = Value(1.5, "x")
    return (x * x + 2.0).sigmoid()


# Each is made anew for every example, for it may be changed.
OBJECTS: list[Callable[[], Any]] = [
    *(lambda: None, lambda: True, lambda: 1j, lambda: ..., Stranger, lambda: Stranger),
    *(lambda: b"", lambda: b"\xff\x00", lambda: bytearray(b"x"), lambda: Decimal("NaN"), lambda: Decimal("1e999")),
    *(
        lambda: Fraction(1, 3),
        lambda: Fraction(10**400),
        lambda: range(3),
        lambda: iter([1.0]),
        lambda: (x for x in "x"),
    ),
    *(
        list,
        tuple,
        dict,
        set,
        _loop,
        lambda: {"x": 1.0},
        lambda: {1: None},
        lambda: [None],
        lambda: [[1.0], [2.0, 3.0]],
    ),
    *(lambda: print, lambda: len, lambda: lambda *_: None, lambda: lambda x: x, lambda: math, lambda: ValueError("x")),
    *(lambda: Value(1.5, "x"), lambda: Value(math.nan, "y"), _graph, lambda: [Value(1.0), Value(2.0)]),
]
anything = st.sampled_from(OBJECTS).map(lambda make: make()) | text | floats | integers
