"""The table of a network's layers, with their shapes, activations and numbers of parameters."""

from __future__ import annotations

from dataclasses import dataclass

from engine._support.columns import align_columns


@dataclass(frozen=True)
class LayerSummary:
    """One layer: its numbers of inputs and outputs, its activation, and its numbers of weights and biases."""

    inputs: int
    outputs: int
    activation: str
    weights: int
    biases: int

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.weights + self.biases


@dataclass(frozen=True, repr=False)
class Summary:
    """All layers in order, and their total number of parameters.

    >>> Summary((LayerSummary(2, 16, "relu", 32, 16), LayerSummary(16, 1, "linear", 16, 1)))
    layer  inputs  outputs  activation  weights  biases  parameters
        1       2       16        relu       32      16          48
        2      16        1      linear       16       1          17
    total                                    48      17          65
    """

    layers: tuple[LayerSummary, ...]

    @property
    def parameters(self) -> int:
        """The total number of parameters."""
        return sum(layer.parameters for layer in self.layers)

    def __repr__(self) -> str:
        rows: list[list[object]] = [["layer", "inputs", "outputs", "activation", "weights", "biases", "parameters"]]
        for k, x in enumerate(self.layers, 1):
            rows.append([k, x.inputs, x.outputs, x.activation, x.weights, x.biases, x.parameters])
        totals = sum(x.weights for x in self.layers), sum(x.biases for x in self.layers), self.parameters
        rows.append(["total", "", "", "", *totals])
        return "\n".join(align_columns([[*map(str, row)] for row in rows], str.rjust))
