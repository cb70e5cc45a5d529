"""Our numbers for each example: from its graph, and from the parameter updates that its author goes on to make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import cache

from demos.mistakes import mid_sweep
from demos.worked.graphs import GRAPHS, ExampleGraph
from demos.worked.published import MIXED, PUBLISHED, ROUND, ROUNDS
from engine import Value, grad, ops, softplus, toposort
from engine.labels import Role, role_of

Gradient = Callable[[Value, list[Value]], Iterable[float]]

RATE = 0.5  # Mazur's learning rate
N_ROUNDS = 10_000


@cache
def computed_numbers(name: str) -> Mapping[str, float]:
    """Our numbers of an example: one for each printed number, and those that its corrections name.

    >>> computed_numbers("gates")["∂f/∂x"], computed_numbers("logistic")["w_1 after one step"]
    (-4.0, 0.15000000000000002)
    """
    graph, example = GRAPHS[name](), PUBLISHED[name]
    more = UPDATES[name](graph) if name in UPDATES else {}
    return {name: graph.value_of(name) for name in example.numbers if name not in more} | more


def weights(graph: ExampleGraph) -> list[Value]:
    """The leaves w_1, w_2, ... of a graph, in this order.

    >>> [w.label for w in weights(GRAPHS["logistic"]())]
    ['w_1', 'w_2']
    """
    leaves = (x for x in toposort(graph.output) if x.op is ops.variable and role_of(x.label) is Role.WEIGHT)
    return sorted(leaves, key=lambda w: w.label)


def descend(graph: ExampleGraph, leaves: list[Value], rate: float, gradient: Gradient = grad) -> None:
    """Take one step of gradient descent, on the graph itself; a negative rate ascends."""
    for x, derivative in zip(leaves, list(gradient(graph.output, leaves)), strict=True):
        x.data -= rate * derivative
    graph.output.forward()


def mazur_rounds(graph: ExampleGraph, n_rounds: int = N_ROUNDS) -> dict[str, float]:
    """The numbers after one round and after 10,000, and those that the article mixed up; the biases stay fixed.

    >>> found = mazur_rounds(GRAPHS["mazur"](), n_rounds=2)
    >>> found["E_total after one round"], found["E_total after one round, weights changed in mid-sweep"]
    (0.29102777369359933, 0.29102792390544197)
    """
    rounded = round(graph.value_of("∂E_o2/∂net_o2"), 9)
    found = {"∂E_o2/∂out_h1, from a rounded factor": rounded * graph["w_7"].data}
    for mark, gradient in (("", grad), (MIXED, _mid_sweep_gradients)):
        trained = ExampleGraph(deepcopy(graph.output))
        leaves = weights(trained)
        for n in range(1, n_rounds + 1):
            descend(trained, leaves, RATE, gradient)
            if n == 1:
                found |= {f"{w.label} {ROUND}{mark}": w.data for w in leaves}
                found[f"E_total {ROUND}{mark}"] = trained.output.data
            if n == n_rounds - 1:
                found[f"E_total after {n:,} rounds{mark}"] = trained.output.data
        found |= {f"{name} {ROUNDS}{mark}": trained[name].data for name in ("E_total", "out_o1", "out_o2")}
    return found


def _mid_sweep_gradients(output: Value, leaves: list[Value]) -> list[float]:
    """The gradients of a sweep that updates each weight as soon as it can, at the rate of `demos.mistakes`."""
    gradients = mid_sweep(output)
    return [gradients[x] for x in leaves]


def lecture_step(graph: ExampleGraph) -> dict[str, float]:
    """A step up the gradient of L.

    >>> lecture_step(GRAPHS["lecture"]())["L after one step up"]
    -7.286496
    """
    trained = ExampleGraph(deepcopy(graph.output))
    descend(trained, [trained[name] for name in "abcf"], -0.01)
    return {"L after one step up": trained.output.data}


def logistic_step(graph: ExampleGraph) -> dict[str, float]:
    """A step at the learning rate 0.1, of the weights and the bias."""
    trained = ExampleGraph(deepcopy(graph.output))
    leaves = [*weights(trained), trained["b"]]
    descend(trained, leaves, 0.1)
    return {f"{x.label} after one step": x.data for x in leaves}


def sentiment_if_negative(graph: ExampleGraph) -> dict[str, float]:
    """The error if the review were negative."""
    negative = ExampleGraph(deepcopy(graph.output))
    negative["y"].data = 0.0
    return {"L_CE if y were 0": negative.output.forward()}


def notebook_step(graph: ExampleGraph) -> dict[str, float]:
    """A step of the weights alone at the learning rate 1, and the error after it in two ways."""
    trained = ExampleGraph(deepcopy(graph.output))
    leaves = weights(trained)
    descend(trained, leaves, 1.0)
    found = {f"{x.label} after one step": x.data for x in leaves}
    found["y_hat after one step"] = trained["y_hat"].data
    found["L_CE after one step"] = softplus(-trained["z"].data)
    found["L_CE after one step, as -log(y_hat)"] = trained.output.data
    return found


UPDATES: dict[str, Callable[[ExampleGraph], dict[str, float]]] = {
    "mazur": mazur_rounds,
    "lecture": lecture_step,
    "logistic": logistic_step,
    "sentiment": sentiment_if_negative,
    "notebook": notebook_step,
}
