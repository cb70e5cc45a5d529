"""The graphs of the examples, labelled as in the publications."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from engine import Value, dot, exp, grad, label, log, maximum, relu, sigmoid, tanh, toposort

_DERIVATIVE = re.compile(r"∂(.+)/∂(.+)")


@dataclass(frozen=True)
class ExampleGraph:
    """An example's graph.

    Attributes:
        output: The node that is differentiated.
        gates: Nodes without a name in the publication, by what it draws in their place.
        is_network: Whether it is drawn in columns, with weights on the arrows; else every operation is drawn.
    """

    output: Value
    gates: dict[str, Value] = field(default_factory=dict)
    is_network: bool = False

    def __getitem__(self, name: str) -> Value:
        """The node of this name. Raises KeyError unless there is exactly one."""
        found = [node for node in toposort(self.output) if node.label == name]
        return self.gates[name] if name in self.gates or len(found) != 1 else found[0]

    def value_of(self, name: str) -> float:
        """The value of a node or, named "∂f/∂x" or "∂f/∂(x * y)", a derivative.

        >>> gates().value_of("f"), gates().value_of("∂f/∂x"), gates().value_of("∂q/∂x")
        (-12.0, -4.0, 1.0)
        """
        derivative = _DERIVATIVE.fullmatch(name)
        if derivative is None:
            return self[name].data
        y, x = (self[side.removeprefix("(").removesuffix(")")] for side in derivative.groups())
        found: list[float] = grad(y, [x])
        return found[0]


def mazur() -> ExampleGraph:
    """The network of Matt Mazur's article: two layers of sigmoids, each with one bias that its units share."""
    inputs = [Value(0.05, "i_1"), Value(0.10, "i_2")]
    w = [Value(x, f"w_{k}") for k, x in enumerate((0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55), 1)]
    hidden = _layer("h", [w[0:2], w[2:4]], inputs, Value(0.35, "b_1"))
    outputs = _layer("o", [w[4:6], w[6:8]], hidden, Value(0.60, "b_2"))
    targets = [Value(0.01, "target_o1"), Value(0.99, "target_o2")]
    E_o1, E_o2 = ((target - out) ** 2 / 2 for target, out in zip(targets, outputs, strict=True))
    E_total = E_o1 + E_o2
    label(E_o1=E_o1, E_o2=E_o2, E_total=E_total)
    return ExampleGraph(E_total, is_network=True)


def neuron() -> ExampleGraph:
    """The neuron of the micrograd lecture: o = tanh(x1 w1 + x2 w2 + b)."""
    x1, x2, w1, w2 = Value(2.0, "x1"), Value(0.0, "x2"), Value(-3.0, "w1"), Value(1.0, "w2")
    b = Value(6.8813735870195432, "b")
    x1w1, x2w2 = x1 * w1, x2 * w2
    both = x1w1 + x2w2
    n = both + b
    o = tanh(n)
    label(**{"x1*w1": x1w1, "x2*w2": x2w2, "x1*w1 + x2*w2": both}, n=n, o=o)
    return ExampleGraph(o)


def lecture() -> ExampleGraph:
    """The first expression of the micrograd lecture: L = (ab + c)f."""
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    e = a * b
    d = e + c
    L = d * f
    label(e=e, d=d, L=L)
    return ExampleGraph(L)


def forks() -> ExampleGraph:
    """The lecture's expression on which a backward pass that overwrites gradients fails: f = (ab)(a + b)."""
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    d, e = a * b, a + b
    f = d * e
    label(d=d, e=e, f=f)
    return ExampleGraph(f)


def micrograd() -> ExampleGraph:
    """The expression of micrograd's README, statement by statement."""
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    label(c=c, d=d, e=e, f=f, g=g)
    return ExampleGraph(g)


def gates() -> ExampleGraph:
    """The first circuit of the CS231n notes: q = x + y, f = qz."""
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = x + y
    f = q * z
    label(q=q, f=f)
    return ExampleGraph(f)


def sigmoid_of_gates() -> ExampleGraph:
    """The neuron of the CS231n notes, whose sigmoid is made of the gates * -1, exp, + 1 and 1/x."""
    w_0, x_0, w_1, x_1 = Value(2.0, "w_0"), Value(-1.0, "x_0"), Value(-3.0, "w_1"), Value(-2.0, "x_1")
    first, second = w_0 * x_0, w_1 * x_1
    both = first + second
    weighted = both + Value(-3.0, "w_2")
    negative = weighted * -1
    power = exp(negative)
    more = power + 1
    f = 1 / more
    label(dot=weighted, f=f)
    unnamed = {"w_0 * x_0": first, "w_1 * x_1": second, "their sum": both, "* -1": negative, "exp": power, "+ 1": more}
    return ExampleGraph(f, unnamed)


def routing() -> ExampleGraph:
    """The circuit of the CS231n notes on what gates do to gradients: f = 2(xy + max(z, w))."""
    x, y, z, w = Value(3.0, "x"), Value(-4.0, "y"), Value(2.0, "z"), Value(-1.0, "w")
    product, largest = x * y, maximum(z, w)
    both = product + largest
    f = both * 2
    label(f=f)
    return ExampleGraph(f, {"x * y": product, "max": largest, "+": both})


def logistic() -> ExampleGraph:
    """Jurafsky and Martin's example of one step: two features, and weights that begin at 0."""
    return _regression([0.0, 0.0], [3.0, 2.0], b=0.0)


def sentiment() -> ExampleGraph:
    """Jurafsky and Martin's example of a review with six features; the last one is ln 66."""
    return _regression([2.5, -5.0, -1.2, 0.5, 2.0, 0.7], [3.0, 2.0, 1.0, 3.0, 0.0, 4.19], b=0.1)


def notebook() -> ExampleGraph:
    """The same in James H. Martin's notebook, where the last feature is 4.15."""
    return _regression([2.5, -5.0, -1.2, 0.5, 2.0, 0.7], [3.0, 2.0, 1.0, 3.0, 0.0, 4.15], b=0.1)


GRAPHS: dict[str, Callable[[], ExampleGraph]] = {
    "mazur": mazur,
    "neuron": neuron,
    "lecture": lecture,
    "forks": forks,
    "micrograd": micrograd,
    "gates": gates,
    "sigmoid": sigmoid_of_gates,
    "routing": routing,
    "logistic": logistic,
    "sentiment": sentiment,
    "notebook": notebook,
}


def _layer(name: str, weights: Sequence[Sequence[Value]], inputs: Sequence[Value], b: Value) -> list[Value]:
    """Units as Mazur names them: net_h1 and out_h1, and so on."""
    outputs = []
    for i, w in enumerate(weights, 1):
        net = dot(w, inputs, b)
        out = sigmoid(net)
        label(**{f"net_{name}{i}": net, f"out_{name}{i}": out})
        outputs.append(out)
    return outputs


def _regression(weights: Sequence[float], features: Sequence[float], b: float) -> ExampleGraph:
    """L_CE = -(y log ŷ + (1 - y) log(1 - ŷ)), ŷ = σ(w·x + b), for a review that is positive, y = 1."""
    w = [Value(x, f"w_{j}") for j, x in enumerate(weights, 1)]
    x = [Value(x, f"x_{j}") for j, x in enumerate(features, 1)]
    y = Value(1.0, "y")
    z = dot(w, x, Value(b, "b"))
    y_hat = sigmoid(z)
    complement = 1 - y_hat
    L_CE = -(y * log(y_hat) + (1 - y) * log(complement))
    label(z=z, y_hat=y_hat, L_CE=L_CE)
    return ExampleGraph(L_CE, {"1 - y_hat": complement}, is_network=True)
