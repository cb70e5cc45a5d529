"""The readings of a text in numbers, and the networks and differences from which they are computed."""

from __future__ import annotations

from typing import NamedTuple

from demos.paper.equations.instances import NetworkInstance, format_sizes, sigma
from demos.paper.examples import NET4, NETU, Network

DIGITS = 12
DIFFERENCE_DIGITS = 9  # that a central difference has right
NETWORKS = {format_sizes(network.sizes): network for network in (NET4, NETU)}


class Reading(NamedTuple):
    """The result of one way of reading: a number and its digits, or the reason why it cannot be computed."""

    name: str
    result: float | str
    digits: int = DIGITS


def net4() -> NetworkInstance:
    """The network of Figure 4."""
    return NetworkInstance("2-2-2-1", NET4)


def netu() -> NetworkInstance:
    """The network whose layers are all different."""
    return NetworkInstance("3-4-2-3", NETU)


def difference(name: str, result: float) -> Reading:
    """A reading by a central difference."""
    return Reading(f"{name}central difference", result, DIFFERENCE_DIGITS)


def central_difference(network: Network, layer: int, unit: int, step: float = 1e-5) -> float:
    """∂E_n/∂a_unit^(layer) by a central difference of a forward pass in plain Python."""

    def error(shift: float) -> float:
        z = network.x
        for k, matrix in enumerate(network.weights, 1):
            a = [sum(w * z_j for w, z_j in zip(row, z, strict=True)) for row in matrix]
            if k == layer:
                a[unit - 1] += shift
            z = [sigma(x) for x in a]
        return sum((z_i - y) ** 2 for z_i, y in zip(z, network.y, strict=True)) / 2

    return (error(step) - error(-step)) / (2 * step)
