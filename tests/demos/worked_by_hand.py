"""The numbers of `demos.worked` by formulas, without the engine, in numbers of any type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

from demos.worked.published import ROUND, ROUNDS

Numbers = dict[str, Any]
N_ROUNDS = 10_000


def mazur_by_hand(
    n_rounds: int, number: Callable[[str], Any], exp: Callable[[Any], Any], mixed: bool = False
) -> Numbers:
    """Mazur's formulas, round after round; `mixed`: the hidden layer's gradients with the new weights above."""
    w = [number(f"0.{x}") for x in (15, 20, 25, 30, 40, 45, 50, 55)]
    i, y, b = [number("0.05"), number("0.10")], [number("0.01"), number("0.99")], [number("0.35"), number("0.60")]
    half = number("0.5")
    found: Numbers = {}
    for n in range(n_rounds + 1):
        net_h = [w[2 * k] * i[0] + w[2 * k + 1] * i[1] + b[0] for k in (0, 1)]
        h = [1 / (1 + exp(-a)) for a in net_h]
        net_o = [w[4 + 2 * k] * h[0] + w[5 + 2 * k] * h[1] + b[1] for k in (0, 1)]
        o = [1 / (1 + exp(-a)) for a in net_o]
        E = [half * (y[k] - o[k]) ** 2 for k in (0, 1)]
        slope = [out * (1 - out) for out in o]
        delta = [(o[k] - y[k]) * slope[k] for k in (0, 1)]
        new = [w[4 + k] - half * delta[k // 2] * h[k % 2] for k in range(4)]
        above = new if mixed else w[4:]
        to_h = [delta[0] * above[k] + delta[1] * above[2 + k] for k in (0, 1)]
        delta_h = [to_h[k] * h[k] * (1 - h[k]) for k in (0, 1)]
        if n == 0:
            found |= {"net_h1": net_h[0], "out_h1": h[0], "out_h2": h[1], "net_o1": net_o[0]}
            found |= {"E_o1": E[0], "E_o2": E[1], "E_total": E[0] + E[1], "out_o1": o[0], "out_o2": o[1]}
            found |= {"∂E_total/∂out_o1": o[0] - y[0], "∂out_o1/∂net_o1": slope[0], "∂net_o1/∂w_5": h[0]}
            found |= {"∂E_total/∂w_5": delta[0] * h[0], "∂E_o1/∂net_o1": delta[0], "∂net_o1/∂out_h1": w[4]}
            found |= {"∂E_o1/∂out_h1": delta[0] * w[4], "∂E_o2/∂out_h1": delta[1] * w[6], "∂E_total/∂out_h1": to_h[0]}
            found |= {"∂out_h1/∂net_h1": h[0] * (1 - h[0]), "∂net_h1/∂w_1": i[0], "∂E_total/∂w_1": delta_h[0] * i[0]}
        if n == 1:
            found |= {f"w_{k} {ROUND}": weight for k, weight in enumerate(w, 1)}
            found[f"E_total {ROUND}"] = E[0] + E[1]
        if n == n_rounds - 1:
            found[f"E_total after {n:,} rounds"] = E[0] + E[1]
        w = [w[k] - half * delta_h[k // 2] * i[k % 2] for k in range(4)] + new
    return found | {f"E_total {ROUNDS}": E[0] + E[1], f"out_o1 {ROUNDS}": o[0], f"out_o2 {ROUNDS}": o[1]}


def regression_by_hand(weights: str, features: str, b: str, rate: str, bias_too: bool = True) -> Numbers:
    """The book's formula: the derivative of the cross entropy by w_j is (ŷ - y) x_j, and here y = 1."""
    w, x = ([mpmath.mpf(text) for text in line.split()] for line in (weights, features))
    bias, eta = mpmath.mpf(b), mpmath.mpf(rate)

    def probability(w: list[Any], bias: Any) -> Any:
        return 1 / (1 + mpmath.exp(-(mpmath.fdot(w, x) + bias)))

    y_hat = probability(w, bias)
    gradient = [(y_hat - 1) * feature for feature in x]
    new = [weight - eta * derivative for weight, derivative in zip(w, gradient, strict=True)]
    found = {"z": mpmath.fdot(w, x) + bias, "y_hat": y_hat, "1 - y_hat": 1 - y_hat, "L_CE": -mpmath.log(y_hat)}
    found |= {f"∂L_CE/∂w_{j}": derivative for j, derivative in enumerate(gradient, 1)}
    found |= {f"w_{j} after one step": weight for j, weight in enumerate(new, 1)}
    if bias_too:
        bias = bias - eta * (y_hat - 1)
    after = probability(new, bias)
    found |= {"∂L_CE/∂b": y_hat - 1, "b after one step": bias, "L_CE if y were 0": -mpmath.log(1 - y_hat)}
    return found | {"y_hat after one step": after, "L_CE after one step": -mpmath.log(after)}


def derivatives(f: Callable[..., Any], output: str, /, **at: str) -> Numbers:
    """A function's value, and its derivatives with respect to all arguments, from differences at 40 digits."""
    names, point = list(at), [mpmath.mpf(text) for text in at.values()]
    orders = {name: tuple(int(name == other) for other in names) for name in names}
    return {output: f(*point)} | {f"∂{output}/∂{name}": mpmath.diff(f, point, order) for name, order in orders.items()}


def micrograd_by_hand(a: Any, b: Any) -> Any:
    """The README's statements, put together."""
    c = 2 * (a + b) + 1
    c = 2 * c + 1 - a
    d = 3 * (a * b + b**3) + max(b + a, 0)
    d = 4 * d + max(b - a, 0)
    return (c - d) ** 2 / 2 + 10 / (c - d) ** 2


def by_hand(name: str) -> Numbers:
    """An example's numbers without the engine: at least its output and the derivatives with respect to its leaves."""
    if name == "mazur":
        return mazur_by_hand(N_ROUNDS, mpmath.mpf, mpmath.exp)
    if name == "neuron":
        numbers = {"x1": "2", "x2": "0", "w1": "-3", "w2": "1", "b": "6.8813735870195432"}
        return derivatives(lambda x1, x2, w1, w2, b: mpmath.tanh(x1 * w1 + x2 * w2 + b), "o", **numbers)
    if name == "lecture":
        found = derivatives(lambda a, b, c, f: (a * b + c) * f, "L", a="2", b="-3", c="10", f="-2")
        up = {x: mpmath.mpf(at) + found[f"∂L/∂{x}"] / 100 for x, at in {"a": 2, "b": -3, "c": 10, "f": -2}.items()}
        return found | {"L after one step up": (up["a"] * up["b"] + up["c"]) * up["f"]}
    if name == "forks":
        return derivatives(lambda a, b: a * b * (a + b), "f", a="-2", b="3")
    if name == "micrograd":
        return derivatives(micrograd_by_hand, "g", a="-4", b="2")
    if name == "gates":
        return derivatives(lambda x, y, z: (x + y) * z, "f", x="-2", y="5", z="-4")
    if name == "sigmoid":
        numbers = {"w_0": "2", "x_0": "-1", "w_1": "-3", "x_1": "-2", "w_2": "-3"}
        return derivatives(lambda w, x, v, y, u: 1 / (1 + mpmath.exp(-(w * x + v * y + u))), "f", **numbers)
    if name == "routing":
        return derivatives(lambda x, y, z, w: 2 * (x * y + max(z, w)), "f", x="3", y="-4", z="2", w="-1")
    if name == "logistic":
        return regression_by_hand("0 0", "3 2", "0", "0.1")
    last = "4.19" if name == "sentiment" else "4.15"
    return regression_by_hand("2.5 -5 -1.2 0.5 2.0 0.7", f"3 2 1 3 0 {last}", "0.1", "1", bias_too=False)
