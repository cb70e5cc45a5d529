"""Graphs for drawings."""

from __future__ import annotations

from engine import Value, dot
from nn import MLP, half_squared_error


def example() -> Value:
    x, a = Value(1.5, "x"), Value(-2.0, "a_1")
    y = 2 * x * a + a
    y.label = "y"
    return y


def long_graphs() -> dict[str, Value]:
    """Graphs of several kinds, none of them more than 60 nodes."""
    x, w = [Value(i / 4, f"x_{i}") for i in range(1, 5)], [Value(-i / 8, f"w_{i}") for i in range(1, 5)]
    h = Value(0.0, "h_0")
    for step in x[:3]:
        h = (w[0] * step + w[1] * h).tanh()
    exps = [v.exp() for v in x[:3]]
    y = (dot(w[:2], x[:2]) + w[2]).tanh()
    return {
        "recurrent": (w[2] * h - 0.25) ** 2,
        "softmax": -(exps[2] / sum(exps[1:], exps[0])).log(),
        "penalty": (y - 1.0) ** 2 / 2 + 0.01 * (w[0] ** 2 + w[1] ** 2),
        "network": half_squared_error(MLP(4, [5])([1.0, -0.5, 0.25, 2.0]), [0.5] * 5),
    }
