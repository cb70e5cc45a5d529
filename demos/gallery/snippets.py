"""The figures of the gallery, a function each.

The first line of its docstring is the title, what follows the caption; a figure of the paper has the paper's. Its lines
are shown, and run, as they stand here, with the name of a theme in place of `theme`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from demos.paper.examples import figure_3, figure_4
from demos.paper.figures import figures
from demos.xor import attempts, graph
from engine import Value, label
from nn import MLP
from viz import THEMES, Drawing, Film, Stepper, draw, draw_network

Snippet = Callable[[str], Drawing | Film]


def figure_1(theme: str) -> Drawing:
    """Figure 1"""
    x = Value(1.5, "x")
    a = 3 * x
    y = 2 * a
    label(a=a, y=y)
    return draw_network(y, data=False, theme=theme)


def figure_1_numbers(theme: str) -> Drawing:
    """Figure 1 with numbers"""
    x = Value(1.5, "x")
    a = 3 * x
    y = 2 * a
    label(a=a, y=y)
    y.backward()
    return draw_network(y, data=True, gradients=True, theme=theme)


def figure_2(theme: str) -> Drawing:
    """Figure 2"""
    x = Value(1.5, "x")
    a_1, a_2 = 3 * x, -x
    y = 2 * a_1 + a_2
    label(a_1=a_1, a_2=a_2, y=y)
    return draw_network(y, data=False, theme=theme)


def figure_2_numbers(theme: str) -> Drawing:
    """Figure 2 with numbers"""
    x = Value(1.5, "x")
    a_1, a_2 = 3 * x, -x
    y = 2 * a_1 + a_2
    label(a_1=a_1, a_2=a_2, y=y)
    y.backward()
    return draw_network(y, data=True, gradients=True, theme=theme)


def figure_3_general(theme: str) -> Drawing:
    """Figure 3"""
    return figures(theme=theme)["figure-3"]


def figure_3_numbers(theme: str) -> Drawing:
    """Figure 3 with numbers"""
    y = figure_3().output
    y.backward()
    return draw_network(y, data=True, gradients=True, theme=theme)


def figure_4_plain(theme: str) -> Drawing:
    """Figure 4"""
    network = MLP(2, [2, 2, 1], activation="sigmoid", output_activation="sigmoid", bias=False)
    return draw_network(network([1.5, -0.5]), short=True, data=False, theme=theme)


def figure_4_numbers(theme: str) -> Drawing:
    """Figure 4 with numbers"""
    E = figure_4().output
    E.backward()
    return draw_network(E, short=True, data=True, gradients=True, theme=theme)


def figure_4_film(theme: str) -> Film:
    """Figure 4 as a film

    The forward pass, then the backward pass: each number as it becomes known, with the line that computes it. Where a
    node feeds several others, the chain rule gives a term for each, and the sum rule adds them.
    """
    E = figure_4().output
    return Film(E, short=True, theme=theme)


def figure_5(theme: str) -> Drawing:
    """Figure 5"""
    return figures(theme=theme)["figure-5"]


def figure_6(theme: str) -> Drawing:
    """Figure 6"""
    return figures(theme=theme)["figure-6"]


def figure_7(theme: str) -> Drawing:
    """Figure 7"""
    return figures(theme=theme)["figure-7"]


def figure_8(theme: str) -> Drawing:
    """Figure 8"""
    return figures(theme=theme)["figure-8"]


def figure_8_numbers(theme: str) -> Drawing:
    """Figure 8 with numbers"""
    return figures(theme=theme)["figure-8-numbers"]


def figure_9(theme: str) -> Drawing:
    """Figure 9"""
    return figures(theme=theme)["figure-9"]


def expression(theme: str) -> Drawing:
    """An expression

    Every node and every operation, with the local derivative on each arrow.
    """
    x, y = Value(2.0, "x"), Value(-0.5, "y")
    f = x * y + (x + y).tanh()
    f.label = "f"
    f.backward()
    return draw(f, local_derivatives=True, theme=theme)


def one_step(theme: str) -> Drawing:
    """A step of the stepper

    Nodes that were visited are shaded; the edge that was walked last is marked, and so is the node that it led to.
    """
    x, y = Value(2.0, "x"), Value(-0.5, "y")
    f = x * y + (x + y).tanh()
    f.label = "f"
    return Stepper(f).until("x").draw(theme=theme)


def local_derivatives(theme: str) -> Drawing:
    """A neuron with its local derivatives

    The bias stands above its unit; on each arrow is a number instead of a weight.
    """
    network = MLP(3, [1], output_activation="tanh", rng=random.Random(0))
    return draw_network(network([1.0, -2.0, 0.5]), data=True, local_derivatives=True, theme=theme)


def downwards(theme: str) -> Drawing:
    """A network from top to bottom

    `direction` is "LR", "RL", "TB" or "BT".
    """
    network = MLP(2, [3, 1], activation="tanh", bias=False)
    return draw_network(network([1.0, -2.0]), data=False, direction="TB", theme=theme)


def dense(theme: str) -> Drawing:
    """A wide network

    Arrows too many for labels: each is as thick as its weight is large, and dashed where that is negative.
    """
    network = MLP(8, [8, 8], activation="relu", bias=False, rng=random.Random(0))
    return draw_network(network([0.0] * 8), data=False, width_by_weight=True, theme=theme)


def xor_before(theme: str) -> Drawing:
    """XOR before training

    The network of Figure 4, here with biases, and one of its four samples.
    """
    *_, attempt = attempts(seed=0, epochs=1000)
    return draw_network(graph(attempt.before), short=True, data=True, gradients=True, theme=theme)


def xor_after(theme: str) -> Drawing:
    """XOR after training

    The same sample: the output is close to its target, and little is left to be passed back.
    """
    *_, attempt = attempts(seed=0, epochs=1000)
    return draw_network(graph(attempt.after), short=True, data=True, gradients=True, theme=theme)


def own_look(theme: str) -> Drawing:
    """A look of one's own

    A theme is a value with a few colours, a font, and the width of lines; `size` is in inches.
    """
    E = figure_4().output
    E.backward()
    teal = "#2a9d8f" if theme in ("dark", "slide") else "#00695c"
    own = replace(THEMES[theme], line=teal, gradient=teal, font="Helvetica", width=2.0)
    return draw_network(E, short=True, data=True, gradients=True, theme=own, size=(8, 4.5))


GROUPS: dict[str, tuple[Snippet, ...]] = {
    "The paper": (
        figure_1,
        figure_1_numbers,
        figure_2,
        figure_2_numbers,
        figure_3_general,
        figure_3_numbers,
        figure_4_plain,
        figure_4_numbers,
        figure_4_film,
        figure_5,
        figure_6,
        figure_7,
        figure_8,
        figure_8_numbers,
        figure_9,
    ),
    "Expressions": (expression, one_step),
    "Networks": (local_derivatives, downwards, dense),
    "Training": (xor_before, xor_after),
    "Your own": (own_look,),
}
