"""The diagnosis of a training that fails: the first node that is not finite, and layers of units that are all dead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from engine import Value, ops, toposort
from engine._support.printable_text import make_printable
from engine.labels import parse_label
from engine.sweep import Edge, chain_rule, present_edges, reverse
from nn.training.history import History
from nn.training.objective import Objective, SampleGraph


class TrainingError(ArithmeticError):
    """The loss of a sample, its gradient or an updated parameter is NaN, infinite or undefined.

    The parameters are those after the last update that succeeded.

    Attributes:
        epoch: The epoch in which it happened, from 1.
        sample: The index of the sample in the data; None if it is not due to a single one.
        history: The history of the epochs before.

    >>> from nn import MLP, fit, half_squared_error
    >>> try:
    ...     fit(MLP(1, [1]), half_squared_error, [0.0, 1e200], [1.0, 3.0])
    ... except TrainingError as error:
    ...     print(error.epoch, error.sample)
    1 1
    """

    def __init__(self, message: str, epoch: int = 0, sample: int | None = None, history: History | None = None) -> None:
        super().__init__(message)
        self.epoch, self.sample, self.history = epoch, sample, history or History()


class TrainingWarning(UserWarning):
    """The warning of `fit` about a training that has a problem, although all its numbers are finite.

    - It has diverged: the loss is ten times that of the beginning.
    - Its model is dead: all relus of a layer give 0 for every sample, so that its outputs are always the same. That is
      only found where samples share a graph and their inputs differ.
    - The loss or the model reads a number, other than the `.data` of a leaf, that changes during the training although
      the graph that the samples share contains it as a constant: after the second epoch and the last, the losses and
      outputs of a few samples are compared with those of new graphs.
    """


def describe_nonfinite(graph: SampleGraph) -> str:
    """Describe the first node of a sample's graph that is not finite; "" if all are finite.

    It is the first whose value is not finite, in topological order; if all values are finite, the first, in the order
    of the backward pass, that makes the derivative with respect to one of its inputs infinite or NaN.
    Raises DomainError if a derivative is undefined.

    >>> a = Value(800.0, "a_1")
    >>> E = a * 1e306
    >>> describe_nonfinite(SampleGraph([], [a], E, [*E.inputs, E], [E]))
    'the loss is inf; the first node that is not finite is multiply(a_1 = 800.0, 1e+306) = inf'
    """
    for node in graph.order:
        if not isfinite(node.data):
            return f"the loss is {graph.loss.data!r}; the first node that is not finite is {format_node(node)}"
    sums: dict[Value, float] = {}
    found: list[str] = []

    def chain(node: Value, upstream: float, edge: Edge) -> float:
        contribution: float = chain_rule(node, upstream, edge)
        total = sums[edge.input] = sums.get(edge.input, 0.0) + contribution
        if not isfinite(total):
            local = f"the local derivative {edge.local_derivative!r} with respect to its input {edge.i + 1}"
            product = f"{local} times the upstream gradient {upstream!r}"
            found.append(f"a derivative becomes {total!r} at {format_node(node)}: {product}")
        return contribution

    reverse(graph.order, present_edges, 1.0, chain)
    return found[0] if found else ""


def format_node(node: Value) -> str:
    """The node with its label, its operation, its operands and its value.

    >>> format_node(Value(1.5, "x") * 2.0)
    'multiply(x = 1.5, 2.0) = 3.0'
    """
    if not node.inputs:
        return f"{make_printable(node.label) or 'a leaf'} = {node.data!r}"
    call = node.op.format_call([x.data for x in node.inputs], node.inputs)
    return " = ".join(part for part in (make_printable(node.label), call, repr(node.data)) if part)


def describe_dead_layer(objective: Objective) -> str:
    """Describe a layer whose relu units are 0 for every sample, so that all outputs are the same; or return "".

    That says nothing if all inputs are the same. Most models need one or two samples. The model is not called again,
    which could draw random numbers: one without a shared graph is not examined. Units belong to the same layer if
    there are as many relus below them.
    """
    graph, n = objective.shared, objective.samples.n_inputs
    rows = objective.samples.rows
    if graph is None or all(row[:n] == rows[0][:n] for row in rows):
        return ""
    dead = _relu_layers(graph.outputs)  # the layers whose units have been 0 so far
    first: list[float] = []
    for row in rows:
        try:
            objective.graph_for(row)
        except ArithmeticError:
            return ""
        dead = {i: units for i, units in dead.items() if not any(z.data for z in units)}
        outputs = [z.data for z in graph.outputs]
        first = first or outputs
        if not dead or outputs != first:
            return ""
    i = min(dead)
    return (
        f"all units of {_name_layer(i, dead[i])} give 0 for every sample (dead relus), so that no gradient passes"
        " through them: try other initial weights, a lower learning rate or leaky_relu"
    )


def _relu_layers(outputs: Sequence[Value]) -> dict[int, list[Value]]:
    """The relu nodes of a model by the number of relus on the longest path up to them."""
    depths: dict[Value, int] = {}
    layers: dict[int, list[Value]] = {}
    for node in toposort(*outputs):
        depths[node] = max((depths[x] for x in node.inputs), default=0) + (node.op is ops.relu)
        if node.op is ops.relu:
            layers.setdefault(depths[node], []).append(node)
    return layers


def _name_layer(i: int, units: Iterable[Value]) -> str:
    """ "layer 2" for units z_i^(2), and for other ones at depth 2."""
    labels = [parse_label(z.label) for z in units]
    numbers = {label.layer_number if label else "" for label in labels}
    return f"layer {(numbers.pop() if len(numbers) == 1 else '') or i}"
