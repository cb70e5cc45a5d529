"""The packages never ask a node for its truth, nor compare its number: `if node:` would go wrong where that is 0.

Everything runs on graphs of zeros, and is recorded as the branches of a user's function are.
"""

import copy
import io
import pickle
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import engine
import nn
from engine import TABLE, DomainError, Value, detect_anomaly, ops, toposort
from engine.analysis.roles import units_of_network, weights_and_biases
from engine.comparisons import record_comparisons
from engine.compiler.targets import TARGETS
from nn.training.objective import Loss
from tests import thorough_unless
from tests.engine.compiler.backends import RUNNERS
from viz import Film, Stepper, backpropagation_table, draw, draw_network
from viz.math.formats import FORMATS
from viz.stepping.shell import Shell
from viz.stepping.views import VIEWS


def every_operation() -> Value:
    """The sum of all operations that have derivatives at 0, with labels on some nodes."""
    leaves = Value(0.0, "c"), Value(0.0, "x"), Value(0.0)
    total = Value(0.0)
    for op in TABLE.values():
        try:
            z = op(*[*leaves, 0.0, -0.0][: op.arity or 5])
            for slope in engine.grad(z, leaves, create_graph=True):
                engine.grad(slope, leaves, create_graph=True)
        except DomainError:
            continue
        total = total + z
    y = 0.0 * total * leaves[1]
    engine.label(y=y)
    return y


def network(*sizes: int, bias: bool = True) -> nn.MLP:
    return nn.MLP(2, list(sizes), activation="tanh", bias=bias, init=lambda n_in, n_out, rng: 0.0)


def network_error() -> Value:
    error = nn.half_squared_error(network(2, 1)([0.0, 0.0]), 0.0)
    engine.label(E=error)
    return error


GRAPHS: dict[str, Callable[[], Value]] = {
    "operations": every_operation,
    "network": network_error,
    "leaf": lambda: Value(0.0, "x"),
    "unlabelled": lambda: Value(0.0) * Value(0.0) + 0.0,
}


def read_graph(y: Value) -> None:
    for node in (y, *toposort(y)):
        engine.explain(y, node)
        engine.count_paths(y, node)
        for named in (False, True):
            list(engine.paths(y, node, named=named))
            list(engine.paths(y, node, named=named, largest_first=True))
    graph = engine.NamedGraph(y)
    for node in graph.nodes:
        graph.edges(node), graph.formulas(node), graph.relation(node)
    units_of_network(graph, graph.nodes), weights_and_biases(graph)
    repr(y), f"{y}", f"{y:.3f}"


def differentiate(y: Value) -> None:
    y.backward()
    y.forward()
    leaves = [node for node in toposort(y) if node.op is ops.variable]
    for first in engine.grad(y, leaves, create_graph=True):
        engine.grad(first, leaves, create_graph=True)
    with suppress(DomainError):  # that of power, near 0
        engine.check_gradients(y)
    with detect_anomaly():
        y.forward()
        y.backward()
    y.zero_grad()


def copy_graph(y: Value) -> None:
    copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))


def compile_graph(y: Value) -> None:
    leaves = [node for node in toposort(y) if node.op is ops.variable]
    for inputs in ([], leaves):
        for backend in RUNNERS:
            program = engine.compile(y, inputs, leaves, backend)
            rows = [[0.0] * len(inputs)] * 3
            program.value_and_grad(*rows[0])
            program.sum_over(rows), program.each(rows)
            program.check(rows)
            program.load()
            program.store()
            for target in TARGETS:
                with suppress(ValueError):  # of a target that does not write a text
                    program.source_for(target)
        engine.compile([y, *leaves], inputs)(*rows[0])


def draw_graph(y: Value) -> None:
    for show in (draw, draw_network):
        repr(show(y).source)


def step_graph(y: Value) -> None:
    for view in VIEWS:
        walk(Stepper(y, view))


def walk(stepper: Stepper) -> None:
    lines = ["view paper", "view all", f"view {stepper.view.name}"]
    for name in stepper.names.values():
        asked = ("print", "local", "paths", "sum", "break", "display", "until", "clear", "undisplay")
        lines += [f"{command} {name}" for command in asked] + ["q", "?", "q", "where", "up", "down"]
    lines += ["next", "step", "prev", "back", "return", "continue", "rcontinue", "first", "last", "longlist", "table"]
    lines += [f"set {name} 0" for node, name in stepper.names.items() if not node.inputs] + ["list"]
    Shell(stepper, stdin=io.StringIO("".join(f"{line}\n" for line in lines)), stdout=io.StringIO()).cmdloop()


READERS = [read_graph, differentiate, copy_graph, compile_graph, draw_graph, step_graph]


@pytest.fixture(autouse=True)
def no_comparisons() -> Iterator[None]:
    """A test fails if a node is asked for its truth, or its number is compared, while it runs."""
    with record_comparisons() as compared:
        yield
    assert compared == []


@thorough_unless(lambda graph: graph is network_error)
@pytest.mark.parametrize("reader", READERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_a_graph_of_zeros_is_read_without_comparing_nodes(graph: Callable[[], Value], reader: Any) -> None:
    reader(graph())


def test_tables_films_and_pages_do_not_compare_nodes(tmp_path: Path) -> None:
    y = network_error()
    table = backpropagation_table(y)
    for format in FORMATS:
        for sheet in (table.sheet(), table.general()):
            sheet.document(format)
    Film(y).frames()
    Stepper(y).to_html(tmp_path / "steps.html")


LOSSES: list[tuple[Loss, Any]] = [
    (nn.half_squared_error, 0.0),
    (nn.mean_squared_error, [0.0, 0.0]),
    (nn.binary_cross_entropy, 0.0),
    (nn.cross_entropy, [0.0, 1.0]),
    (nn.hinge, 1.0),
]


@pytest.mark.parametrize(("loss", "target"), LOSSES)
@pytest.mark.parametrize("backend", ["engine", "python"])
def test_a_training_of_zeros_does_not_compare_nodes(backend: str, loss: Loss, target: Any, tmp_path: Path) -> None:
    outputs = len(target) if isinstance(target, list) else 1
    for bias in (False, True):
        model = network(2, outputs, bias=bias)
        loss(model([0.0, 0.0]), target)
        optimizer = nn.Adam(model.parameters()) if bias else nn.SGD(model.parameters(), lr=0.1, momentum=0.5)
        rows, targets = [[0.0, 0.0]] * 4, [target] * 4
        nn.fit(model, loss, rows, targets, optimizer=optimizer, epochs=2, validation=0.5, backend=backend)
        repr(model), model.summary()
        nn.save(model, tmp_path / "model.json")
        nn.load(tmp_path / "model.json")
