"""The live figures of the page: graphs whose numbers can be changed, each with the equations that are about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from demos.paper.equation_pictures import PICTURES, Picture
from demos.paper.equations.catalogue import EQUATIONS, describe_errata
from demos.paper.equations.instances import Instances, NetworkInstance
from demos.paper.errata.misprints import ERRATA
from demos.paper.examples import Network, figure_4
from demos.paper.outline import SECTIONS
from engine import Value
from viz import LivePage, backpropagation_table, live
from viz.math.formulas import format_formula
from viz.pages.live_page import LiveEquation, live_table

ACTIVATIONS = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU"}  # from which the reader of Figure 4 chooses
CONSTANTS = ("figure-1", "figure-2")  # where every derivative comes from constants


def live_figures(instances: Instances) -> dict[str, LivePage]:
    """The live figures by name: those of Figures 1 to 4, and of (1) and (33), which do not have a figure.

    >>> list(live_figures(Instances()))
    ['equation-1', 'figure-1', 'figure-2', 'figure-3', 'figure-4', 'equation-33']
    """
    pictures = {number: picture for number, make in PICTURES.items() if (picture := make(instances))}
    net = instances.networks[0]
    outputs = {f"figure-{n}": found[0].output for n, found in instances.figures.items()}
    outputs |= {
        "equation-1": instances.chains[0].output,
        "equation-33": _sum_of(pictures["33"].outputs),
        "figure-4": net.E,
    }
    pages = {}
    for name, numbers in equations_by_figure().items():
        shown = [number for number in numbers if number in pictures and not EQUATIONS[number].repeats]
        equations = [_equation(number, pictures[number]) for number in shown]
        title = f"{name[0].upper()}{name[1:]} of the paper, live".replace("-", " ")
        if name == "figure-4":
            pages[name] = _network_page(net, equations, title)
        else:
            pages[name] = live(outputs[name], equations=equations, constants=name in CONSTANTS, title=title)
    return pages


def equations_by_figure() -> dict[str, list[str]]:
    """The numbers of the equations beside each live figure."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for section in SECTIONS:
        for block in section.blocks:
            if block.live:
                found[block.live] += block.equations
    return found


def _equation(number: str, picture: Picture) -> LiveEquation:
    """An equation, below which its indices stand and the errata that are mended in it."""
    printed = {erratum.id: erratum.texts()[0] for erratum in ERRATA}
    notes = [f"Here {format_formula(picture.instance)}."] if picture.instance is not None else []
    mended = [(how, id) for how, ids in describe_errata(EQUATIONS[number]).items() for id in ids if how != "see also"]
    notes += [f"{how.capitalize()}, {id}; in the paper: {printed[id]}." for how, id in mended]
    return LiveEquation(number, picture.caption, picture.nodes, picture.arrows, " ".join(notes))


def _sum_of(nodes: Sequence[Value]) -> Value:
    """An output for a graph that has several."""
    total = nodes[0]
    for node in nodes[1:]:
        total = total + node
    total.label = "s"
    return total


def _network_page(net: NetworkInstance, equations: Sequence[LiveEquation], title: str) -> LivePage:
    """The network with Table 1, in which σ, tanh or ReLU can be chosen for all layers."""
    return live(
        net.E,
        equations=equations,
        tables=[live_table(backpropagation_table(net.E), "Table 1 with numbers")],
        alternatives={name: figure_4(network).output for name, network in _alternatives(net.network).items()},
        title=title,
    )


def _alternatives(network: Network) -> dict[str, Network]:
    """The network with each other activation in all layers that have one; none if it has another than these."""
    used = network.activation, network.output_activation
    if not {*used} - {"linear"} <= ACTIVATIONS.keys():
        return {}
    found = {}
    for name, symbol in ACTIVATIONS.items():
        hidden, output = ("linear" if activation == "linear" else name for activation in used)
        found[symbol] = replace(network, activation=hidden, output_activation=output)
    return {symbol: other for symbol, other in found.items() if other != network}
