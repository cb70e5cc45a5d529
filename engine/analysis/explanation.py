"""A derivative as a sum over paths, laid beside what backpropagation found."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from engine._support.columns import align_columns
from engine.analysis.path_search import count_paths, edges_between, paths
from engine.derivatives import grad
from engine.value import Value

T = TypeVar("T")
MAX_SHOWN = 60  # nodes of one path
MAX_BITS = 1000  # of a number that is written in full


class Explanation(NamedTuple):
    """A derivative as a sum over paths, beside what backpropagation found. Printed, it is a small table.

    Attributes:
        title: What is explained.
        rows: The largest paths: the names along it, the product written out, and its value.
        n_paths: How many paths there are in all.
        total: The sum over all of them; None where not all were walked.
        gradient: The derivative that backpropagation found.
        note: What is amiss where the two were given in the wrong order, else nothing.
    """

    title: str
    rows: tuple[tuple[str, str, float], ...]
    n_paths: int
    total: float | None
    gradient: float
    note: str = ""

    def __repr__(self) -> str:
        if self.note:
            return f"{self.title}: {self.note}"
        numbers = [*self.rows, ("sum over paths", "", self.total), ("backpropagation", "", self.gradient)]
        rows = [(names, factors, f"= {x: .12g}") for names, factors, x in numbers if x is not None]
        if self.n_paths > len(self.rows):
            rows.insert(len(self.rows), (f"… {_counted(self.n_paths - len(self.rows))} more", "", ""))
        return "\n  ".join([f"{self.title}, {_paths(self.n_paths)}", *align_columns(rows)])


def explain(output: Value, input: Value, *, named: bool | None = None, most: int = 20) -> Explanation:
    """The derivative of the output with respect to the input as the sum over paths, next to backpropagation's.

    Paths lead over labelled nodes alone if there are any between the two; `named=False` shows every operation. At most
    `most` paths are listed, largest first; only if these are all, they are summed up. Of a path of very many nodes, the
    first and the last are shown. Where the input was given first, the explanation says so.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a_1, a_2 = 3 * x, -x
    >>> y = 2 * a_1 + a_2
    >>> label(a_1=a_1, a_2=a_2, y=y)
    >>> explain(y, x)
    ∂y/∂x, 2 paths
      y ← a_1 ← x      2 · 3   =  6
      y ← a_2 ← x      1 · -1  = -1
      sum over paths           =  5
      backpropagation          =  5
    """
    return explain_with_names(output, input, _name, named, most)


def explain_with_names(
    output: Value, input: Value, name: Callable[[Value], str], named: bool | None = None, most: int = 20
) -> Explanation:
    """`explain`, with the names that a function gives to nodes."""
    if named is None:
        between = edges_between(output, input, named=False)
        named = any(node.label for node in between if node is not output and node is not input)
    count = count_paths(output, input, named=named)
    walked = list(islice(paths(output, input, named=named, largest_first=True), most))
    total = math.fsum(path.product for path in walked) if len(walked) == count else None
    rows = tuple(
        (_joined(" ← ", path.nodes, name), _joined(" · ", path.local_derivatives, "{:.6g}".format), path.product)
        for path in walked
    )
    y, x, note = name(output), name(input), ""
    if not count and (n := count_paths(input, output)):  # a derivative of 0 would tell nobody so
        note = f"{y} is not made from {x}, but {x} from {y}. The output comes first: ∂{x}/∂{y} has {_paths(n)}"
    return Explanation(f"∂{y}/∂{x}", rows, count, total, grad(output, [input])[0], note)


def _name(node: Value) -> str:
    return node.label or (f"({node.op.symbol})" if node.inputs else f"{node.data:.6g}")


def _joined(sign: str, parts: Sequence[T], written: Callable[[T], str]) -> str:
    """All parts, or of very many the first and the last."""
    if len(parts) <= MAX_SHOWN:
        return sign.join(map(written, parts))
    end = MAX_SHOWN // 2
    between = f"… {len(parts) - 2 * end} more …"
    return sign.join([*map(written, parts[:end]), between, *map(written, parts[-end:])])


def _paths(n: int) -> str:
    return "1 path" if n == 1 else f"{_counted(n)} paths"


def _counted(n: int) -> str:
    """A number of paths, exactly; one of very many digits, of which Python writes no more than 4300, about."""
    excess = n.bit_length() - MAX_BITS
    if excess <= 0:
        return str(n)
    exponent, fraction = divmod(math.log10(n >> excess) + excess * math.log10(2.0), 1.0)
    return f"about {10.0**fraction:.2f}e+{exponent:.0f}"
