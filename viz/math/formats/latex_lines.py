r"""The lines of a long formula in LaTeX, and estimates of their widths.

A formula is broken before = and then before + and −, but not within braces, tall brackets or a matrix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAMES = "exp ln log max min sin cos tan arcsin arccos arctan sinh cosh tanh"
FUNCTIONS = frozenset(_NAMES.split())  # of which TeX has the names

_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_FRACTION = re.compile(rf"\\frac{_GROUP}{_GROUP}()")
_MATRIX = re.compile(r"\\begin\{\w+\}((?:(?!\\begin\b).)*?)()\\end\{\w+\}()")
_INDEX = re.compile(r"[_^](\{[^{}]*\}|.)")
_UNSEEN = re.compile(r"\\(?:text|operatorname|boldsymbol|hphantom|math[a-z]+|left|right|displaystyle)\b|\\,|[{}$]")
_COMMAND = re.compile(r"\\([a-zA-Z]+ ?|.)")
_INDEX_SCALE = 0.4  # the width of a sign in an index, which often stands above or below another
_OPENING, _CLOSING = re.compile(r"\\left\b|\\begin\b|(?<!\\)\{"), re.compile(r"\\right\b|\\end\b|(?<!\\)\}")
_SIGNS = re.compile(r" (?=(?:=|\\triangleq|[-+]) )")
_RELATIONS = ("=", "\\triangleq")
_MAX_START = 12.0  # characters of a left side that other lines leave blank; beside a longer one, too little fits


def line_width(text: str) -> float:
    r"""The estimated width of a formula, in digits; of a fraction and of a matrix, that of the widest line.

    >>> line_width("x = 12"), line_width(r"\frac{x + y}{z} = \pi"), line_width("w_{12}^{(1)}")
    (6.0, 9.0, 3.0)
    """
    while found := _MATRIX.search(text) or _FRACTION.search(text):
        widest = max([*re.split(r"\\\\", found[1]), found[2]], key=line_width)
        text = text[: found.start()] + widest.replace("&", "  ") + text[found.end() :]
    in_indices = sum(map(line_width, _INDEX.findall(text)))
    letters = _UNSEEN.sub("", _INDEX.sub("", text))
    written = _COMMAND.sub(lambda name: name[1] if name[1].strip() in FUNCTIONS else "x", letters)
    return len(written) + _INDEX_SCALE * in_indices


def broken_lines(text: str, width: float) -> list[str]:
    r"""The lines of a formula, which are at most this wide where signs allow it; those after the first are indented.

    >>> broken_lines("y = a + b + c = 12", 10)
    ['y = a + b', '\\hphantom{y} \\quad + c', '\\hphantom{y} = 12']
    """
    if line_width(text) <= width:
        return [text]
    start, *parts = _parts(text)
    blank = rf"\hphantom{{{start}}}" if line_width(start) <= _MAX_START else r"\quad {}"
    lines, is_begun = [start], False  # whether the line has more than the left side
    for side in _sides(parts):
        if is_begun and line_width(f"{lines[-1]} {' '.join(side)}") > width:
            lines.append(blank)
        for k, part in enumerate(side):
            if k and line_width(f"{lines[-1]} {part}") > width:
                lines.append(rf"{blank} \quad")
            lines[-1] += f" {part}"
        is_begun = True
    return lines


def _parts(text: str) -> Iterator[str]:
    """The parts that begin with the signs at which a line may be broken."""
    start = before = depth = 0
    for sign in _SIGNS.finditer(text):
        passed = text[before : sign.start()]
        depth += len(_OPENING.findall(passed)) - len(_CLOSING.findall(passed))
        before = sign.start()
        if not depth:
            yield text[start:before]
            start = sign.end()
    yield text[start:]


def _sides(parts: list[str]) -> list[list[str]]:
    """The parts of each side of equations."""
    sides: list[list[str]] = []
    for part in parts:
        if part.startswith(_RELATIONS) or not sides:
            sides.append([])
        sides[-1].append(part)
    return sides
