"""Numbers of the reader's own in the place of the paper's: in Figures 1 to 3, and in the network of Figure 4."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from demos.cli import format_count
from demos.paper.examples import NET4, Example, Matrix, Network, check_finite, figure_1, figure_2, figure_3, figure_4

PATHS = {1: figure_1, 2: figure_2, 3: figure_3}
CONSTANTS = {1: "--w 3 --w 2", 2: '--w "3; -1" --w "2 1"', 3: '--w "1; -2; 3" --w "2 0.5 -1.5", for any N'}
NETWORK = 4  # the number of its figure
FIGURES = (*PATHS, NETWORK)


@dataclass(frozen=True)
class OwnNumbers:
    """The numbers that a reader gives; None where the paper's stand. `network` has the other numbers of Figure 4.

    `has_sizes` says that this network is made by --sizes.

    In Figures 1 to 3, the weights are the constants on the arrows: W^(1) those from x, W^(2) those to y.
    """

    x: list[float] | None = None
    y: list[float] | None = None
    weights: list[Matrix] | None = None
    activation: str | None = None
    output_activation: str | None = None
    network: Network = NET4
    has_sizes: bool = False

    @cached_property
    def given(self) -> dict[str, Any]:
        """The numbers that are given, by their names in a `Network`."""
        names = (field.name for field in fields(Network))
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def make_network(self) -> Network:
        """The network of Figure 4 with these numbers. Raises ValueError if they do not fit together."""
        if self.has_sizes or self.weights is None:
            asks = "--sizes asks for" if self.has_sizes else "the network has"
            _check_count("x", self.x, asks, self.network.sizes[0], "input")
            _check_count("y", self.y, asks, self.network.sizes[-1], "target")
        network = replace(self.network, **self.given)
        network.check()
        return network

    def path_numbers(self, n: int) -> dict[str, Any]:
        """The arguments of Figure 1, 2 or 3. Raises ValueError if these numbers do not fit it."""
        numbers: dict[str, Any] = {}
        if self.x is not None:
            if len(self.x) != 1:
                raise ValueError(f"Figure {n} has one input, x, but --x gives {len(self.x)} numbers")
            numbers["x"] = self.x[0]
        if self.weights is not None:
            n_paths = len(self.weights[0])
            shapes = [[len(row) for row in matrix] for matrix in self.weights]
            if shapes != [[1] * n_paths, [n_paths]] or (n != 3 and n_paths != n):
                raise ValueError(f"Figure {n} has a constant on each arrow: {CONSTANTS[n]}")
            numbers |= {"w_1": [constant for [constant] in self.weights[0]], "w_2": self.weights[1][0]}
        check_finite([*(self.x or []), *(w for matrix in self.weights or [] for row in matrix for w in row)])
        return numbers

    def choose_figures(self, figures: Collection[int]) -> Examples:
        """The examples, with these numbers where they fit one of the figures. Raises ValueError if they fit none."""
        own, error = set(), None
        for n in figures:
            try:
                _ = self.make_network() if n == NETWORK else self.path_numbers(n)
            except ValueError as problem:
                error = problem
            else:
                own.add(n)
        if error and not own:
            raise error
        return Examples(self, frozenset(own))


@dataclass(frozen=True)
class Examples:
    """Figures 1 to 4, those in `own` with the reader's numbers."""

    numbers: OwnNumbers = OwnNumbers()
    own: frozenset[int] = frozenset()

    def figure(self, n: int) -> Example:
        """Figure n, as a new graph.

        >>> numbers = OwnNumbers(x=[7.0], weights=[[[3.0], [-1.0]], [[2.0, 1.0]]])
        >>> numbers.choose_figures([2]).figure(2).output.data
        35.0
        """
        return figure_4(self.network) if n == NETWORK else PATHS[n](**self._numbers(n).path_numbers(n))

    @property
    def network(self) -> Network:
        """The network of Figure 4."""
        return self._numbers(NETWORK).make_network()

    def _numbers(self, n: int) -> OwnNumbers:
        return self.numbers if n in self.own else OwnNumbers(network=self.numbers.network)

    def for_equations(self) -> list[Example]:
        """Those of Figures 1 to 3 that have the reader's numbers."""
        given = self.numbers.x is not None or self.numbers.weights is not None
        return [self.figure(n) for n in sorted(self.own - {NETWORK})] if given else []


def _check_count(option: str, given: list[float] | None, asks: str, n: int, what: str) -> None:
    if given is not None and len(given) != n:
        numbers = format_count(len(given), "number")
        raise ValueError(f"--{option} gives {numbers}, but {asks} {format_count(n, what)}")
