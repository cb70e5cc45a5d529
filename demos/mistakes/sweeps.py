"""Backpropagation done wrongly on purpose: each sweep here has one line that is wrong, marked `# wrong`.

A derivative is the sum over all paths of the products along them, and each of these lines breaks that. A sweep is a
function of the output. It returns the gradients by node, in the order in which it visits the nodes, and does not change
the graph.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

from engine import Value, grad, label, ops, toposort
from engine.labels import Role, parse_label

Gradients = dict[Value, float]
Sweep = Callable[[Value], Gradients]

RATE = 0.5  # λ
CHANGE = 1.0  # of a leaf's data between the two passes


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


def correct_gradients(output: Value) -> Gradients:
    """The right gradients, in the order of the sweep of `backward()`; `grad` of the nodes stays as it is.

    >>> list(correct_gradients(sums()).values())
    [1.0, 2.0, 4.0]
    """
    order = list(_initial_gradients(output))
    return dict(zip(order, grad(output, order), strict=True))


def edges(node: Value, changed: Mapping[Value, float] | None = None) -> Iterator[tuple[Value, float]]:
    """The edges of a node: its inputs other than constants, each with the local derivative with respect to it.

    `changed` replaces the `data` of nodes. It is read edge by edge, and may change during the sweep.

    >>> [(x.label, local) for x, local in edges(sums())]
    [('b', 1.0), ('b', 1.0)]
    """
    data = {} if changed is None else changed  # an empty one may be filled during the sweep
    for i, x in enumerate(node.inputs):
        if x.op is not ops.constant:
            numbers = [data.get(u, u.data) for u in node.inputs]
            yield x, node.op.local_derivative(i, data.get(node, node.data), numbers)


def parameters(output: Value) -> list[Value]:
    """The leaves that gradient descent changes: the weights, or all leaves of a graph without weights.

    >>> [x.label for x in parameters(sums())]
    ['a']
    """
    leaves = [node for node in toposort(output) if node.op is ops.variable]
    return [
        x for x in leaves if (parts := parse_label(x.label)) and parts.role is Role.WEIGHT and parts.subscript
    ] or leaves


def overwriting(output: Value) -> Gradients:
    """A gradient is overwritten where it should be added to: of several paths, only the last counts.

    The sum rule is lost: of the paths that meet at a node, only the one that comes last counts. By the chain rule, all
    nodes below inherit the loss.

    Unnoticed where each node is used once, as in Figure 1: a sum over one path needs no adding

    >>> list(overwriting(sums()).values())
    [1.0, 1.0, 1.0]
    """
    gradients = _initial_gradients(output)
    for node in gradients:
        for x, local in edges(node):
            gradients[x] = gradients[node] * local  # wrong: = instead of +=
    return gradients


def too_early(output: Value) -> Gradients:
    """A node passes its gradient on before every node that uses it has added its part.

    Depth first, without a topological sort, a node passes on a sum over some of its paths. The products that come later
    still reach the node, so that it may look right in the end, but it is not visited again: the nodes below it never
    see these paths.

    Unnoticed where every node happens to be complete when it is visited, or is a leaf, which passes on nothing

    >>> x = Value(1.0, "x")
    >>> a = x * x
    >>> b = a * a
    >>> correct_gradients(a + b)[x], too_early(b + a)[x], too_early(a + b)[x]
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
    """Gradients are not set back to 0, so that the next backward pass adds to those of the last one.

    The sum rule counts every path once. Here it is counted once for each pass, so that all gradients are too large by
    the same factor. In a loop, it is zero_grad that is forgotten, or backward that is called twice.

    Unnoticed where there is only one pass

    >>> list(not_cleared(sums()).values())
    [2.0, 4.0, 8.0]
    """
    gradients = dict.fromkeys(_initial_gradients(output), 0.0)
    for _ in range(2):
        for node, derivative in correct_gradients(output).items():
            gradients[node] += derivative  # wrong: in the second pass, this holds the first one's already
    return gradients


def stale(output: Value) -> Gradients:
    """Only the output's gradient is set back, so that all other nodes pass on again what they had.

    What a node has from the first pass goes down its edges again, so that a path is counted once more for every edge
    on it: the factor grows from edge to edge, where merely adding up two passes would make it 2 everywhere.

    Unnoticed where there is only one pass

    >>> list(stale(sums()).values())
    [1.0, 4.0, 12.0]
    """
    gradients = _initial_gradients(output)
    for _ in range(2):
        gradients[output] = 1.0
        for node in gradients:
            for x, local in edges(node):
                gradients[x] += gradients[node] * local  # wrong: gradients[node] is partly from the first pass
    return gradients


def leaves_changed(output: Value) -> Gradients:
    """The weights change after the forward pass, and the backward pass reads the new ones.

    The chain rule takes all local derivatives along a path at the same numbers. Here some are taken at the new leaves
    and some at nodes computed from the old ones: their product is the derivative of nothing.

    Unnoticed where no local derivative depends on a leaf: those of sums and of constant factors are always the same

    >>> w, x = Value(2.0, "w_1"), Value(3.0, "x")
    >>> leaves_changed(w * x)[x], correct_gradients(w * x)[x]
    (3.0, 2.0)
    """
    gradients = _initial_gradients(output)
    changed = {w: w.data + CHANGE for w in parameters(output)}  # wrong: the rest keeps its old data
    for node in gradients:
        for x, local in edges(node, changed):
            gradients[x] += gradients[node] * local
    return gradients


def mid_sweep(output: Value) -> Gradients:
    """A weight changes during the backward pass, as soon as its own gradient is complete.

    A weight is also a local derivative, on the paths that lead past it to the layers below. Once it has changed, the
    products along these paths belong partly to the old network and partly to the new one.

    Unnoticed where no local derivative depends on a leaf: those of sums and of constant factors are always the same

    >>> w, x = Value(2.0, "w_1"), Value(3.0, "x")
    >>> mid_sweep(w * x)[x], 2.0 - RATE * correct_gradients(w * x)[w]
    (0.5, 0.5)
    """
    gradients = _initial_gradients(output)
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


def _initial_gradients(output: Value) -> Gradients:
    """The initial gradients: 1 for the output and 0 for all other nodes but constants, in the order of `backward()`."""
    gradients = {node: 0.0 for node in reversed(toposort(output)) if node.op is not ops.constant}
    gradients[output] = 1.0
    return gradients
