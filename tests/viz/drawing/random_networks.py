"""Random networks, with arrows past layers, parallel arrows, long labels, and numbers of 1 to 12 signs."""

from __future__ import annotations

from random import Random
from typing import Any

from engine import Value
from viz.drawing.drawing import DIRECTIONS

WORDS = ("learning_rate", "momentum", "hidden state", "loss_total", "E_n", "alpha", "w_old", "z_{N_{k-1}}^(k)")
NUMBERS = (0.0, 1.0, -2.0, 1e-17, 123456.789, -0.000217, -0.04681, 0.5, -1.25, 3.14159265358, -98765.4321, 1e300)


def random_network(random: Random) -> Value:
    """A graph of up to 5 layers of up to 4 nodes, after a backward pass."""

    def leaf(label: str) -> Value:
        number = random.choice(NUMBERS) if random.random() < 0.3 else round(random.uniform(-9, 9), random.randrange(8))
        return Value(number, label)

    nodes = [leaf(_label("x", i, 0, random)) for i in range(random.randint(1, 4))]
    n_layers = random.randint(1, 4)
    for k in range(1, n_layers + 1):
        before, layer = list(nodes), []
        for i in range(1 if k == n_layers else random.randint(1, 4)):
            total = leaf(f"b_{i + 1}^({k})") if random.random() < 0.5 else Value(0.0)
            for j, x in enumerate(random.sample(before, random.randint(1, min(4, len(before))))):
                total = total + random.choice((leaf(f"w_{i + 1}{j + 1}^({k})"), 3.0, -0.1234567)) * x
            if random.random() < 0.3:  # read in several ways
                total = total + random.choice(before) * random.choice(before)
            layer.append(_named(total, i, k, random))
        nodes = [*layer, *random.sample(before, random.randint(0, 2) if len(before) > 2 else 0)]
    root = nodes[0]
    root.backward()
    return root


def _named(total: Value, i: int, k: int, random: Random) -> Value:
    """A node of a layer: the sum, a function of it, or a unit that is split into both."""
    kind = random.randrange(3)
    if kind == 0:
        total.label = _label("a", i + 1, k, random)
        return total
    output = total.tanh()
    total.label, output.label = (f"a_{i + 1}^({k})" if kind == 1 else ""), f"z_{i + 1}^({k})"
    return output


def _label(letter: str, i: int, k: int, random: Random) -> str:
    return random.choice(WORDS) if random.random() < 0.2 else f"{letter}_{i}^({k})" if k else f"{letter}_{i + 1}"


def random_options(random: Random) -> dict[str, Any]:
    """Options for `draw_network`."""
    options: dict[str, Any] = {"direction": random.choice(DIRECTIONS), "data": random.random() < 0.8}
    options |= {"gradients": random.random() < 0.6, "local_derivatives": random.random() < 0.3}
    options |= {"digits": random.choice((1, 4, 4, 12)), "short": random.random() < 0.3}
    options |= {"steps": random.choice((None, None, 0)), "width_by_weight": random.random() < 0.2}
    pages: list[dict[str, Any]] = [{}, {}, {}, {"font": "Helvetica"}, {"font": "Courier"}, {"text": 9}]
    pages += [{"theme": "slide"}, {"theme": "print", "size": 3.3}, {"theme": "dark", "size": (4, 8)}]
    return options | random.choice(pages)
