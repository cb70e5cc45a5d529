"""A formula in lines of text: a vector or a matrix that is written out takes a line for each of its rows."""

from __future__ import annotations

from collections.abc import Callable

from engine import toposort
from engine.symbolic.expression import Expression
from viz.math.equations import DEFINES, EQUAL, HADAMARD, JUXTAPOSED, LISTED, MATRIX
from viz.math.formulas import LAYOUTS, format_formula

Block = list[str]  # lines of the same length
Write = Callable[[Expression], str]


def formula_lines(formula: Expression, width: int, write: Write = format_formula) -> list[Block]:
    """The formula in blocks of lines: one block, or for a list that is wider than `width`, several.

    `write` writes a part without a matrix, in one line.

    >>> from viz.math.equations import column_of, equal, symbol, symbols
    >>> [block] = formula_lines(equal(symbol("x_bold"), column_of(*symbols("x_1", "x_2"))), 80)
    >>> print("|".join(block))
        ⎡x₁⎤|𝐱 = ⎣x₂⎦
    """
    if formula.op is not LISTED:
        return [_block(formula, write)]
    *others, last = (_block(x, write) for x in formula.inputs)
    blocks: list[Block] = []
    for item in [*(beside(block, [", "]) for block in others), last]:
        joined = beside(blocks[-1], item) if blocks else item
        if blocks and len(joined[0]) <= width:
            blocks[-1] = joined
        else:
            blocks.append(item)
    return blocks


def relation_lines(formula: Expression, width: int, write: Write = format_formula) -> list[str]:
    """The formula in one line, or if it is wider than `width`, x = y = z in several, which begin with a sign.

    >>> from viz.math.equations import equal, symbols
    >>> relation_lines(equal(*symbols("x", "y", "z")), 8)
    ['x = y', '  = z']
    """
    parts: list[str] = []
    while formula.op in (EQUAL, DEFINES):
        left, right = formula.inputs
        parts.insert(0, f" {formula.op.symbol} {write(right)}")
        formula = left
    start = write(formula)
    lines = [start]
    for part in parts:
        if len(lines[-1] + part) <= width or lines == [start]:
            lines[-1] += part
        else:
            lines.append(" " * len(start) + part)
    return lines


def middle(block: Block) -> int:
    """The index of the line on which signs and the equation's number stand."""
    return len(block) // 2


def _block(formula: Expression, write: Write) -> Block:
    if not any(node.op is MATRIX for node in toposort(formula)):
        return [write(formula)]
    if formula.op is MATRIX:
        return _matrix([[write(entry) for entry in row.inputs] for row in formula.inputs])
    parts = [_block(x, write) for x in formula.inputs]
    match LAYOUTS.get(formula.op, "call"):
        case "infix":
            left, right = map(_in_brackets, formula.inputs, parts) if formula.op is HADAMARD else parts
            return beside(left, [f" {formula.op.symbol} "], right)
        case "juxtaposed":
            return beside(*parts)
        case _:
            return beside([f"{formula.op.symbol}("], *parts, [")"])


def _in_brackets(factor: Expression, block: Block) -> Block:
    """A factor of ∘, in brackets if it is a product: (𝐖𝐱) ∘ 𝐲."""
    return _enclosed(block, "⎛⎜⎝", "⎞⎟⎠", "()") if factor.op is JUXTAPOSED else block


def _matrix(rows: list[list[str]]) -> Block:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(entry.ljust(width) for entry, width in zip(row, widths, strict=True)) for row in rows]
    return _enclosed(lines, "⎡⎢⎣", "⎤⎥⎦", "[]")


def _enclosed(block: Block, left: str, right: str, pair: str) -> Block:
    """The lines between brackets, whose upper ends, middles and lower ends are given; `pair` are those of one line."""
    if len(block) == 1:
        return [pair[0] + block[0] + pair[1]]
    places = [0, *[1] * (len(block) - 2), 2]
    return [left[i] + line + right[i] for i, line in zip(places, block, strict=True)]


def beside(*blocks: Block) -> Block:
    """The blocks side by side, their middle lines on one line."""
    above = max(map(middle, blocks))
    below = max(len(block) - middle(block) for block in blocks)
    padded = []
    for block in blocks:
        empty = [" " * len(block[0])]
        padded.append(empty * (above - middle(block)) + block + empty * (below - len(block) + middle(block)))
    return ["".join(parts) for parts in zip(*padded, strict=True)]
