"""The picture of each equation of the paper."""

from __future__ import annotations

from demos.paper.equations.instances import Instances
from viz import Drawing, draw_network


def equation_drawing(number: str, instances: Instances) -> Drawing | None:
    """The picture of an equation, or None for (16), which is empty."""
    if number == "16":
        return None
    output = instances.chains[0].output if number == "1" else instances.networks[0].E
    return draw_network(output, short=True, data=True, gradients=True)
