"""The paper's network, and one of unequal layers, with numbers found by the paper's formulas and central differences.

They were computed with 50 digits and are given with 12.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from engine import Value, toposort
from nn import MLP, half_squared_error

Matrix = list[list[float]]


def approx_12_digits(expected: float) -> Any:
    """Equal to a number that was rounded to 12 significant digits."""
    return pytest.approx(expected, rel=6e-12, abs=0)


@dataclass(frozen=True)
class WorkedNetwork:
    """A network of sigmoids without biases, one sample, and all results, by layer and unit."""

    x: list[float]
    y: list[float]
    weights: list[Matrix]
    a: Matrix
    z: Matrix
    deltas: Matrix
    weight_gradients: list[Matrix]
    input_gradient: list[float]
    error: float

    def build(self) -> Value:
        """Build the graph of the error, labelled by `MLP` and `half_squared_error`."""
        sizes = [len(matrix) for matrix in self.weights]
        network = MLP(len(self.x), sizes, activation="sigmoid", output_activation="sigmoid", bias=False)
        for layer, matrix in zip(network.layers, self.weights, strict=True):
            for neuron, row in zip(layer.neurons, matrix, strict=True):
                for w, number in zip(neuron.w, row, strict=True):
                    w.data = number
        return half_squared_error(network(self.x), self.y)


def nodes_by_label(output: Value) -> dict[str, Value]:
    """The labelled nodes of a graph."""
    return {node.label: node for node in toposort(output) if node.label}


# The network of the paper's Figure 4: layers of 2, 2, 2 and 1 units.
FIGURE_4 = WorkedNetwork(
    x=[1.5, -0.5],
    y=[0.25],
    weights=[[[0.5, -0.25], [0.75, 1.0]], [[1.25, -0.375], [-1.5, 0.625]], [[2.0, -1.75]]],
    a=[[0.875, 0.625], [0.637973210546, -0.651580751339], [0.708981854575]],
    z=[[0.705785027837, 0.651354864666], [0.654295158490, 0.342633407089], [0.670176147870]],
    deltas=[[0.0223084947806, -0.00877391097934], [0.0420156982958, -0.0366081519044], [0.0928757687914]],
    weight_gradients=[
        [[0.0334627421710, -0.0111542473903], [-0.0131608664690, 0.00438695548967]],
        [[0.0296540507913, 0.0273671294773], [-0.0258374855109, -0.0238448978294]],
        [[0.0607681658613, 0.0318223410970]],
    ],
    input_gradient=[0.00457381415582, -0.0143510346745],
    error=0.0882739976194,
)

# Layers of 3, 4, 2 and 3 units, whose different sizes reveal a wrong index.
UNEQUAL = WorkedNetwork(
    x=[-0.25, 0.25, 0.75],
    y=[0.25, 0.5, 0.75],
    weights=[
        [[-0.0625, 0.5625, -0.1875], [0.3125, -0.4375, 0.1875], [0.6875, -0.0625, 0.5625], [-0.3125, 0.3125, -0.4375]],
        [[-0.5625, 0.0625, 0.6875, -0.0625], [-0.1875, 0.4375, -0.3125, 0.3125]],
        [[0.3125, -0.4375], [0.6875, -0.0625], [-0.3125, 0.3125]],
    ],
    a=[
        [0.015625, -0.046875, 0.234375, -0.171875],
        [0.102349255087, 0.0875196167465],
        [-0.0640772898531, 0.328709316226, -0.00115595374451],
    ],
    z=[
        [0.503906170529, 0.488283395296, 0.558326994335, 0.457136716827],
        [0.525565000764, 0.521865948781],
        [0.483986156431, 0.581445300498, 0.499711011596],
    ],
    deltas=[
        [-0.00126148462139, -0.00106418872494, 0.00306604088024, -0.00109601674236],
        [0.0128269349867, -0.0115674904455],
        [0.0584365349522, 0.0198210710014, -0.0625722261983],
    ],
    weight_gradients=[
        [
            [0.000315371155347, -0.000315371155347, -0.000946113466042],
            [0.000266047181235, -0.000266047181235, -0.000798141543704],
            [-0.000766510220060, 0.000766510220060, 0.00229953066018],
            [0.000274004185589, -0.000274004185589, -0.000822012556767],
        ],
        [
            [0.00646357168876, 0.00626317936653, 0.00716162405764, 0.00586366294676],
            [-0.00582892981303, -0.00564821350979, -0.00645844217244, -0.00528792460419],
        ],
        [
            [0.0307121975368, 0.0304960377563],
            [0.0104172611960, 0.0103439420240],
            [-0.0328857721097, -0.0326543141923],
        ],
    ],
    input_gradient=[0.00219669214944, -0.000778135319372, 0.00224114830050],
    error=0.0620137180453,
)
