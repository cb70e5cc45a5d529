"""A small task for the tests of training: five samples, a network of two inputs, and the backends that compile."""

import random

import pytest

from engine.compiler.targets.llvm import jit
from nn import MLP, Module

# For `parametrize`; machine code where it can be made.
COMPILED_BACKENDS = [
    "python",
    pytest.param("llvm", marks=pytest.mark.skipif(not jit.is_installed(), reason="llvmlite is not installed")),
]

INPUTS = [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.125, -0.5], [-2.0, -1.0]]
SIGNS = [1, -1, 1, 1, -1]


def small_network(*sizes: int) -> MLP:
    """The same network at every call, of two inputs."""
    return MLP(2, sizes or (3, 1), activation="tanh", rng=random.Random(0))


def parameter_data(model: Module) -> list[float]:
    """The numbers of its parameters, in order."""
    return [parameter.data for parameter in model.parameters()]
