"""What the sources go on to do with the gradients: steps, rounds of them, and what was done wrongly on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import cache

from demos.mistakes import mid_sweep
from demos.worked.graphs import GRAPHS, Graph
from demos.worked.published import MIXED, PUBLISHED, ROUND, ROUNDS
from engine import Value, grad, ops, softplus, toposort
from engine.labels import Role, role_of

Gradient = Callable[[Value, list[Value]], Iterable[float]]

RATE = 0.5  # Mazur's learning rate
MANY = 10_000


@cache
def numbers(name: str) -> Mapping[str, float]:
    """Our numbers of an example: one for each printed one, and for what its errata name.

    >>> numbers("gates")["∂f/∂x"], numbers("logistic")["w_1 after one step"]
    (-4.0, 0.15000000000000002)
    """
    graph, example = GRAPHS[name](), PUBLISHED[name]
    more = FURTHER[name](graph) if name in FURTHER else {}
    return {name: graph.number(name) for name in example.numbers if name not in more} | more


def weights(graph: Graph) -> list[Value]:
    """The leaves w_1, w_2, ... of a graph, in the order of their numbers.

    >>> [w.label for w in weights(GRAPHS["logistic"]())]
    ['w_1', 'w_2']
    """
    leaves = (x for x in toposort(graph.output) if x.op is ops.variable and role_of(x.label) is Role.WEIGHT)
    return sorted(leaves, key=lambda w: w.label)


def descend(graph: Graph, leaves: list[Value], rate: float, gradient: Gradient = grad) -> None:
    """One step of gradient descent of the leaves, on the graph itself; a negative rate goes up."""
    for x, derivative in zip(leaves, list(gradient(graph.output, leaves)), strict=True):
        x.data -= rate * derivative
    graph.output.forward()


def rounds_of_mazur(graph: Graph, many: int = MANY) -> dict[str, float]:
    """One round, 10,000 rounds, and what was mixed up in the article. The biases stay, as they do there.

    >>> found = rounds_of_mazur(GRAPHS["mazur"](), many=2)
    >>> found["E_total after one round"], found["E_total after one round, weights changed in mid-sweep"]
    (0.29102777369359933, 0.29102792390544197)
    """
    rounded = round(graph.number("∂E_o2/∂net_o2"), 9)
    found = {"∂E_o2/∂out_h1, from a rounded factor": rounded * graph["w_7"].data}
    for mark, gradient in (("", grad), (MIXED, _mixed_up)):
        trained = Graph(deepcopy(graph.output))
        leaves = weights(trained)
        for n in range(1, many + 1):
            descend(trained, leaves, RATE, gradient)
            if n == 1:
                found |= {f"{w.label} {ROUND}{mark}": w.data for w in leaves}
                found[f"E_total {ROUND}{mark}"] = trained.output.data
            if n == many - 1:
                found[f"E_total after {n:,} rounds{mark}"] = trained.output.data
        found |= {f"{name} {ROUNDS}{mark}": trained[name].data for name in ("E_total", "out_o1", "out_o2")}
    return found


def _mixed_up(output: Value, leaves: list[Value]) -> list[float]:
    """The gradients of a sweep that changes each weight as soon as it can, at the rate of `demos.mistakes`."""
    gradients = mid_sweep(output)
    return [gradients[x] for x in leaves]


def step_of_the_lecture(graph: Graph) -> dict[str, float]:
    """A step up the gradient of L, which makes it larger.

    >>> step_of_the_lecture(GRAPHS["lecture"]())["L after one step up"]
    -7.286496
    """
    trained = Graph(deepcopy(graph.output))
    descend(trained, [trained[name] for name in "abcf"], -0.01)
    return {"L after one step up": trained.output.data}


def step_of_the_book(graph: Graph) -> dict[str, float]:
    """A step at the learning rate 0.1, of the weights and the bias."""
    trained = Graph(deepcopy(graph.output))
    leaves = [*weights(trained), trained["b"]]
    descend(trained, leaves, 0.1)
    return {f"{x.label} after one step": x.data for x in leaves}


def other_class(graph: Graph) -> dict[str, float]:
    """The error, had the review been negative."""
    negative = Graph(deepcopy(graph.output))
    negative["y"].data = 0.0
    return {"L_CE if y were 0": negative.output.forward()}


def step_of_the_notebook(graph: Graph) -> dict[str, float]:
    """A step at the learning rate 1, of the weights but not of the bias, and the error after it in two ways."""
    trained = Graph(deepcopy(graph.output))
    leaves = weights(trained)
    descend(trained, leaves, 1.0)
    found = {f"{x.label} after one step": x.data for x in leaves}
    found["y_hat after one step"] = trained["y_hat"].data
    found["L_CE after one step"] = softplus(-trained["z"].data)
    found["L_CE after one step, as -log(y_hat)"] = trained.output.data
    return found


FURTHER: dict[str, Callable[[Graph], dict[str, float]]] = {
    "mazur": rounds_of_mazur,
    "lecture": step_of_the_lecture,
    "logistic": step_of_the_book,
    "sentiment": other_class,
    "notebook": step_of_the_notebook,
}
