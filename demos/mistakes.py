"""`python -m demos.mistakes`: backpropagation done wrongly on purpose, beside `backward()`, which does it right.

A derivative is the sum over all paths of the products along them. Each sweep here has one line that breaks this, marked
`# wrong`. A sweep is a function of the output. It returns the gradients by node, in the order in which it visits the
nodes, and changes nothing of the graph: neither `grad` nor `data`.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from inspect import getsource
from textwrap import wrap

from demos.paper.examples import figure_2, figure_4
from demos.running import as_program
from engine import NamedGraph, Value, grad, label, ops, toposort
from viz import notation
from viz.formula import number, to_text

Gradients = dict[Value, float]
Sweep = Callable[[Value], Gradients]

WIDTH = 100
ROWS_BEFORE, ROWS_AFTER = 2, 5  # what a table shows around the first node that goes wrong
RATE = 0.5  # λ
CHANGE = 1.0  # what is added to a leaf's data behind the sweep's back
DIGITS = 12


def sums(a: float = 3.0) -> Value:
    """The smallest graph on which most mistakes show: b = a + a, c = b + b, so that ∂c/∂a = 4.

    >>> sums().data
    12.0
    """
    leaf = Value(a)
    b = leaf + leaf
    c = b + b
    label(a=leaf, b=b, c=c)
    return c


GRAPHS: dict[str, Callable[[], Value]] = {
    "c = b + b, b = a + a": sums,
    "Figure 2": lambda: figure_2().output,
    "Figure 4": lambda: figure_4().output,
}


def right(output: Value) -> Gradients:
    """The gradients that `backward()` adds to `grad`, which stays as it is, in the order of its sweep.

    >>> list(right(sums()).values())
    [1.0, 2.0, 4.0]
    """
    order = list(_start(output))
    return dict(zip(order, grad(output, order), strict=True))


def edges(node: Value, changed: Mapping[Value, float] | None = None) -> Iterator[tuple[Value, float]]:
    """The inputs of a node that are no constants, each with the local derivative of the node with respect to it.

    `changed` holds what nodes have instead of their `data`. It is read edge by edge, so it may change on the way.

    >>> [(x.label, local) for x, local in edges(sums())]
    [('b', 1.0), ('b', 1.0)]
    """
    data = {} if changed is None else changed  # an empty one may be filled on the way
    for i, x in enumerate(node.inputs):
        if x.op is not ops.constant:
            numbers = [data.get(u, u.data) for u in node.inputs]
            yield x, node.op.local_derivative(i, data.get(node, node.data), numbers)


def parameters(output: Value) -> list[Value]:
    """The leaves that gradient descent changes: the weights, or where no leaf is called w, all of them.

    >>> [x.label for x in parameters(sums())]
    ['a']
    """
    leaves = [node for node in toposort(output) if node.op is ops.variable]
    return [x for x in leaves if x.label.startswith("w_")] or leaves


def overwriting(output: Value) -> Gradients:
    """Gradients are overwritten, not added to.

    The sum rule is lost: of the paths that meet at a node, only the one that comes last counts. By the chain rule, all
    nodes below inherit the loss.

    Unseen where each node is used once, as in Figure 1: a sum over one path needs no adding

    >>> list(overwriting(sums()).values())
    [1.0, 1.0, 1.0]
    """
    gradients = _start(output)
    for node in gradients:
        for x, local in edges(node):
            gradients[x] = gradients[node] * local  # wrong: = instead of +=
    return gradients


def too_early(output: Value) -> Gradients:
    """Nodes are visited before all that use them have been: depth first, without a topological sort.

    A node passes on a sum over some of its paths. The products that come later still reach the node, so that it may
    look right in the end, but it is not visited again: the nodes below it never see these paths.

    Unseen where every node happens to be complete when it is visited, or is a leaf, which passes on nothing

    >>> x = Value(1.0, "x")
    >>> a = x * x
    >>> b = a * a
    >>> right(a + b)[x], too_early(b + a)[x], too_early(a + b)[x]
    (6.0, 2.0, 6.0)
    """
    gradients = defaultdict(float, {output: 1.0})
    visited: dict[Value, None] = {}
    stack = [output]
    while stack:
        node = stack.pop()  # wrong: perhaps not all that use this node have been visited
        if node not in visited:
            visited[node] = None
            for x, local in edges(node):
                gradients[x] += gradients[node] * local
                stack.append(x)
    return {node: gradients[node] for node in visited}


def not_cleared(output: Value) -> Gradients:
    """Gradients are not cleared between two passes.

    The sum rule counts every path once. Here it is counted once for each pass, so that all gradients are too large by
    the same factor.

    Unseen where there is only one pass

    >>> list(not_cleared(sums()).values())
    [2.0, 4.0, 8.0]
    """
    gradients = dict.fromkeys(_start(output), 0.0)
    for _ in range(2):
        for node, derivative in right(output).items():
            gradients[node] += derivative  # wrong: in the second pass, this holds the first one's already
    return gradients


def stale(output: Value) -> Gradients:
    """Gradients of the first pass are propagated again in the second; only the output starts afresh.

    What a node has from the first pass goes down its edges again, so that a path is counted once more for every edge
    on it: the factor grows from edge to edge, where merely adding up two passes would make it 2 everywhere.

    Unseen where there is only one pass

    >>> list(stale(sums()).values())
    [1.0, 4.0, 12.0]
    """
    gradients = _start(output)
    for _ in range(2):
        gradients[output] = 1.0
        for node in gradients:
            for x, local in edges(node):
                gradients[x] += gradients[node] * local  # wrong: gradients[node] is partly from the first pass
    return gradients


def leaves_changed(output: Value) -> Gradients:
    """Leaves change between the forward and the backward pass.

    The chain rule takes all local derivatives along a path at the same numbers. Here some are taken at the new leaves
    and some at nodes computed from the old ones: their product is the derivative of nothing.

    Unseen where no local derivative depends on a leaf: those of sums and of constant factors are always the same

    >>> w, x = Value(2.0, "w_1"), Value(3.0, "x")
    >>> leaves_changed(w * x)[x], right(w * x)[x]
    (3.0, 2.0)
    """
    gradients = _start(output)
    changed = {w: w.data + CHANGE for w in parameters(output)}  # wrong: the rest keeps its old data
    for node in gradients:
        for x, local in edges(node, changed):
            gradients[x] += gradients[node] * local
    return gradients


def mid_sweep(output: Value) -> Gradients:
    """Weights are updated in the middle of the sweep, each as soon as its gradient is complete.

    A weight is also a local derivative, on the paths that lead past it to the layers below. Once it has changed, the
    products along these paths belong partly to the old network and partly to the new one.

    Unseen where no local derivative depends on a leaf: those of sums and of constant factors are always the same

    >>> w, x = Value(2.0, "w_1"), Value(3.0, "x")
    >>> mid_sweep(w * x)[x], 2.0 - RATE * right(w * x)[w]
    (0.5, 0.5)
    """
    gradients = _start(output)
    weights = set(parameters(output))
    to_come = Counter(x for node in gradients for x in node.inputs)
    changed: dict[Value, float] = {}
    for node in gradients:
        for x, local in edges(node, changed):
            gradients[x] += gradients[node] * local
            to_come[x] -= 1
            if x in weights and not to_come[x]:
                changed[x] = x.data - RATE * gradients[x]  # wrong: the old weight is still needed
    return gradients


MISTAKES: list[Sweep] = [overwriting, too_early, not_cleared, stale, leaves_changed, mid_sweep]


class Comparison:
    """A mistake on one graph: the right and the wrong gradients of all nodes, in the order of the wrong sweep.

    Attributes:
        first: The first node that goes wrong; None if none does.

    >>> comparison = Comparison(MISTAKES[0], "sums", sums())
    >>> print(*comparison.lines(), sep="\\n")
      sums
           node              right               wrong
           c                 1                   1
        ✗  b                 2                   1                   ← the first that goes wrong
        ✗  a                 4                   1
           c after a step    4                   10                  λ = 0.5
        ∂c/∂b = 1 · 1 + 1 · 1 = 2, not 1
    """

    def __init__(self, sweep: Sweep, name: str, output: Value) -> None:
        self.name = name
        self.output = output
        self.right = right(output)
        self.wrong = sweep(output)
        self.first = next((node for node in self.wrong if self._is_wrong(node)), None)

    def lines(self) -> Iterator[str]:
        """The table around the first node that goes wrong, and its derivative in full; nothing if none does."""
        if self.first is None:
            return
        nodes = list(self.wrong)
        first = nodes.index(self.first)
        start, end = max(0, first - ROWS_BEFORE), first + 1 + ROWS_AFTER
        yield f"  {self.name}"
        yield _row("", "node", "right", "wrong")
        if start:
            yield _row("", f"… {start} before, all right")
        for node in nodes[start:end]:
            note = "← the first that goes wrong" if node is self.first else ""
            yield self._numbers("✗" * self._is_wrong(node), _name(node), self.right[node], self.wrong[node], note)
        if rest := nodes[end:]:
            yield _row("", f"… {len(rest)} more, {sum(map(self._is_wrong, rest))} of them wrong")
        right, wrong = (after_step(self.output, gradients) for gradients in (self.right, self.wrong))
        yield self._numbers("", f"{_name(self.output)} after a step", right, wrong, f"λ = {number(RATE)}")
        yield f"    {self._derivative(self.first)}, not {number(self.wrong[self.first])}"

    def _is_wrong(self, node: Value) -> bool:
        return not math.isclose(self.right[node], self.wrong[node], rel_tol=1e-9, abs_tol=1e-15)

    def _numbers(self, mark: str, name: str, right: float, wrong: float, note: str = "") -> str:
        return _row(mark, name, number(right, DIGITS), number(wrong, DIGITS), note)

    def _derivative(self, x: Value) -> str:
        """The right one: the chain rule in every product, the sum rule in their sum."""
        found = [(self.right[node], local) for node in self.right for u, local in edges(node) if u is x]
        terms = [f"{_factor(upstream)} · {_factor(local)}" for upstream, local in found]
        equation = [f"∂{_name(self.output)}/∂{_name(x)}", *filter(None, [" + ".join(terms)]), number(self.right[x])]
        return " = ".join(equation)


def after_step(output: Value, gradients: Gradients) -> float:
    """The output after one step of gradient descent by these gradients, on a copy of the graph; λ is `RATE`."""
    copies: dict[int, Value] = {}
    copied = deepcopy(output, copies)
    for w in parameters(output):
        copies[id(w)].data = w.data - RATE * gradients[w]
    return copied.forward()


def report(i: int, sweep: Sweep) -> tuple[list[str], bool]:
    """The lines about mistake number i on all graphs, and whether it shows on one of them.

    What is done, why it is wrong, and where that passes unseen are the first paragraphs of the sweep's docstring.
    """
    title, why, unseen, *_ = (" ".join(text.split()) for text in (sweep.__doc__ or "").split("\n\n"))
    wrong_line = next(line.strip() for line in getsource(sweep).splitlines() if "# wrong" in line)
    lines = [f"{i}. {title}", f"    {wrong_line}", *_wrapped(why)]
    comparisons = [Comparison(sweep, name, make()) for name, make in GRAPHS.items()]
    for comparison in comparisons:
        lines += comparison.lines()
    harmless = " and ".join(comparison.name for comparison in comparisons if comparison.first is None)
    reason = unseen.removeprefix("Unseen where ")
    where = f"It passes unseen on {harmless}, because" if harmless else "It passes unseen on none of these, only where"
    return lines + _wrapped(f"{where} {reason}."), any(comparison.first for comparison in comparisons)


def main(arguments: list[str] | None = None) -> int:
    """Make the mistakes; 0 if each shows on at least one graph, 1 if one does not, 2 for bad options."""
    names = {str(i): sweep.__name__ for i, sweep in enumerate(MISTAKES, 1)}
    parser = argparse.ArgumentParser(
        prog="python -m demos.mistakes",
        description="Backpropagation done wrongly on purpose, on three graphs, beside what backward() finds.",
        epilog="The mistakes: " + ", ".join(f"{i} {name}" for i, name in names.items()),
    )
    parser.add_argument(
        "--only", choices=[*names, *names.values()], metavar="NAME|NUMBER", help="make this mistake alone"
    )
    only = parser.parse_args(arguments).only
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a sign shows ? instead of failing
    harmless = []
    for i, sweep in enumerate(MISTAKES, 1):
        if only in (None, str(i), sweep.__name__):
            lines, shows = report(i, sweep)
            print(*lines, sep="\n", end="\n\n")
            harmless += [] if shows else [sweep.__name__]
    if harmless:
        print(f"On none of the graphs there is any harm in: {', '.join(harmless)}", file=sys.stderr)
    return 1 if harmless else 0


def _start(output: Value) -> Gradients:
    """What a sweep starts with: 1 for the output, 0 for the other nodes but constants, in the order of `backward()`."""
    gradients = {node: 0.0 for node in reversed(toposort(output)) if node.op is not ops.constant}
    gradients[output] = 1.0
    return gradients


def _name(node: Value) -> str:
    """The node's label in print; without one, how it is made from nodes that have one."""
    return notation.to_unicode(node.label) if node.label else to_text(NamedGraph(node).relation(node))


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _row(mark: str, name: str, right: str = "", wrong: str = "", note: str = "") -> str:
    return f"    {mark:<3}{name:<18}{right:<20}{wrong:<20}{note}".rstrip()


def _factor(x: float) -> str:
    return f"({number(x)})" if x < 0 else number(x)


if __name__ == "__main__":
    as_program(main)
