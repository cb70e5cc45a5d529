"""A derivative as a sum over paths, beside the result of backpropagation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from typing import NamedTuple, TypeVar

from engine._support import checks
from engine._support.columns import align_columns
from engine._support.documented_fields import document_fields
from engine._support.printable_text import make_printable
from engine.analysis.named_graph import NamedGraph
from engine.analysis.node_names import name_nodes
from engine.analysis.path_search import count_paths, edges_between, paths
from engine.analysis.stale import stale_note
from engine.backprop import check_numbers
from engine.derivatives.results import grad
from engine.graph import toposort
from engine.value import Value

T = TypeVar("T")
MAX_NODES_SHOWN = 60  # of one path
MAX_RELATIONS = 20
MAX_EXACT_BITS = 1000  # of a number that is written in full


@document_fields
class Explanation(NamedTuple):
    """A derivative as a sum over paths, beside the result of backpropagation. Printed, it is a small table.

    Attributes:
        title: The derivative.
        rows: The largest paths: the names along it, the product written out, and its value. Several paths over
            the same labelled nodes are one row, which says how many they are.
        n_paths: The number of all paths.
        n_listed: The number of paths in the rows.
        total: The sum over all paths; None if not all were walked.
        gradient: The derivative by backpropagation.
        note: A hint if the output and the input were given in the wrong order, else "".
        remarks: A line if the graph is stale, or if the `grad` of the input is not the derivative.
        is_computed, is_backpropagated: Whether the numbers of the paths, and the derivative by backpropagation, are
            known, which those of a stepper may not be yet: then they are printed as "?".
        relations: How the nodes that are called #1, #2, ... are made.
    """

    title: str
    rows: tuple[tuple[str, str, float], ...]
    n_paths: int
    n_listed: int
    total: float | None
    gradient: float
    note: str = ""
    remarks: tuple[str, ...] = ()
    is_computed: bool = True
    is_backpropagated: bool = True
    relations: tuple[str, ...] = ()

    def __repr__(self) -> str:
        if self.note:
            return f"{self.title}: {self.note}"
        computed = [*self.rows, ("sum over paths", "", self.total)]
        numbers = [(*row, self.is_computed) for row in computed]
        numbers.append(("backpropagation", "", self.gradient, self.is_backpropagated))
        rows = [
            (names, factors if is_known else "", f"= {_format_number(x, ' ') if is_known else ' ?'}")
            for names, factors, x, is_known in numbers
            if x is not None
        ]
        if self.n_paths > self.n_listed:
            rows.insert(len(self.rows), (f"… {_format_count(self.n_paths - self.n_listed)} more", "", ""))
        lines = [f"{self.title}, {_format_paths(self.n_paths)}", *align_columns(rows), *self.relations[:MAX_RELATIONS]]
        if n := len(self.relations[MAX_RELATIONS:]):
            lines.append(f"… {n} more")
        return "\n  ".join([*lines, *self.remarks])


def explain(output: Value, input: Value, *, named: bool | None = None, most: int = 20) -> Explanation:
    """The derivative of the output with respect to the input as the sum over paths, next to backpropagation's.

    Paths lead over labelled nodes alone if there are any between the two, and paths over the same ones are added up in
    one line; `named=False` shows every operation. At most `most` lines are listed, largest first, and summed up if
    these are all. Long paths are abbreviated in the middle.
    A node without a label is called #1, #2, ..., as in stepping, and a line says how it is made; the output is y, f or
    out.
    The explanation says so if the input was given first; if numbers were changed without `forward()`; and if the `grad`
    of the input is 0, since `backward()` has not run, or a multiple of the derivative, since it ran more than once.
    Raises TypeError if one of the two is not a `Value`, ValueError if `most` is below 1, and DomainError if a local
    derivative is not finite.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a_1, a_2 = 3 * x, -x
    >>> y = 2 * a_1 + a_2
    >>> label(a_1=a_1, a_2=a_2, y=y)
    >>> y.backward()
    >>> explain(y, x)
    ∂y/∂x, 2 paths
      y ← a_1 ← x      2 · 3     =  6
      y ← a_2 ← x      1 · (−1)  = −1
      sum over paths             =  5
      backpropagation            =  5
    """
    most = checks.check_positive_int(most, "most must be the largest number of lines, at least 1")
    stale = stale_note(output)
    order = toposort(output)
    is_made = input in set(order)
    names = name_nodes(order if is_made else toposort(input, output))

    def name(node: Value) -> str:
        return make_printable(names[node]) if node in names else _format_number(node.data)  # of a constant

    def relation(node: Value) -> str:
        return f"{node.op.name}({_join(', ', node.inputs, name)})" if node.inputs else _format_number(node.data)

    explanation = explain_with_names(output, input, name, relation, named, most)
    if not is_made:
        remark = f"{name(input)} is not in the graph of {name(output)}"
    else:
        remark = stale or _remark_on_grad(output, input, explanation.gradient)
    return explanation._replace(remarks=(remark,) if remark and not explanation.note else ())


def _remark_on_grad(output: Value, input: Value, gradient: float) -> str:
    """A sentence about a `grad` of the input that is not the derivative, where a missing or a second pass explains it.

    It may also be the derivative of a node that is made from the output, and then nothing is said, unless it happens to
    be a multiple.
    """
    check_numbers([input], "grad")
    label, of_output = make_printable(input.label), make_printable(output.label)
    name = f"{label}.grad" if label else "the grad of the input"
    backward = f"{of_output}.backward()" if of_output else "backward() of the output"
    if input.grad == 0.0 != gradient:
        return f"{name} is 0: {backward} has not run, or grads were cleared since"
    times = input.grad / gradient if gradient else 0.0
    if times > 1.5 and math.isclose(times, round(times) if times < 1e6 else 0.0, rel_tol=1e-9):
        factor = "twice" if round(times) == 2 else f"{round(times)} times"
        return (
            f"{name} is {_format_number(input.grad)}, {factor} the derivative: grads were not cleared before another"
            f" {backward}, or it is that of a later node"
        )
    return ""


def explain_with_names(
    output: Value,
    input: Value,
    name: Callable[[Value], str],
    relation: Callable[[Value], str],
    named: bool | None = None,
    most: int = 20,
) -> Explanation:
    """`explain`, with functions that name nodes and say how they are made."""
    if named is None:
        between = edges_between(output, input, named=False)
        named = any(node.label for node in between if node is not output and node is not input)
    count = count_paths(output, input)
    walked = list(islice(paths(output, input, named=named, largest_first=True), most))
    graph = NamedGraph(output, {"input": input}) if named else None
    merged = [math.prod(graph.path_counts(z)[x] for z, x in pairwise(path.nodes)) if graph else 1 for path in walked]
    total = math.fsum(path.product for path in walked) if sum(merged) == count else None
    rows = tuple(
        (
            _join(" ← ", path.nodes, name) + (f" ({_format_paths(n)})" if n > 1 else ""),
            _format_product(path.local_derivatives),
            path.product,
        )
        for path, n in zip(walked, merged, strict=True)
    )
    y, x, note = name(output), name(input), ""
    if not count and (n := count_paths(input, output)):  # 0 alone would not say so
        note = f"{y} is not made from {x}, but {x} from {y}. The output comes first: ∂{x}/∂{y} has {_format_paths(n)}"
    shown = dict.fromkeys(node for path in walked for part in _ends(path.nodes)[::-1] for node in part[::-1])
    numbered = tuple(f"{name(node)} = {relation(node)}" for node in shown if name(node).startswith("#"))
    gradient = grad(output, [input])[0]
    return Explanation(f"∂{y}/∂{x}", rows, count, sum(merged), total, gradient, note, relations=numbered)


def _format_product(factors: Sequence[float]) -> str:
    """The factors, in brackets where a sign would follow another: 2 · (−1)."""
    first, *others = map(_format_number, factors) if factors else ("",)
    return _join(" · ", [first, *(f"({x})" if x.startswith("−") else x for x in others)], str)


def _format_number(x: float, sign: str = "") -> str:
    """A number with a true minus; `sign` is the sign of positive ones."""
    return f"{x:{sign}.6g}".replace("-", "−")


def _join(sign: str, parts: Sequence[T], format_part: Callable[[T], str]) -> str:
    """All parts, or the first and the last if they are many."""
    first, last = _ends(parts)
    between = [f"… {len(parts) - len(first) - len(last)} more …"] if last else []
    return sign.join([*map(format_part, first), *between, *map(format_part, last)])


def _ends(parts: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """All parts, and none; or the first and the last ones if they are many."""
    end = MAX_NODES_SHOWN // 2
    return (parts, ()) if len(parts) <= MAX_NODES_SHOWN else (parts[:end], parts[-end:])


def _format_paths(n: int) -> str:
    return "1 path" if n == 1 else f"{_format_count(n)} paths"


def _format_count(n: int) -> str:
    """A number of paths, rounded if it is huge: Python refuses to write more than 4300 digits."""
    excess = n.bit_length() - MAX_EXACT_BITS
    if excess <= 0:
        return str(n)
    exponent, fraction = divmod(math.log10(n >> excess) + excess * math.log10(2.0), 1.0)
    return f"about {10.0**fraction:.2f}e+{exponent:.0f}"
