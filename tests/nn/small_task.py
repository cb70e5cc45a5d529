"""A small task for the tests of training: five samples, a network of two inputs, and the backends that compile."""

import random

import pytest

from engine.compiler.targets.llvm import jit
from nn import MLP, Module

# For `parametrize`; "llvm" is skipped if llvmlite is not installed.
COMPILED_BACKENDS = [
    "python",
    pytest.param("llvm", marks=pytest.mark.skipif(not jit.is_installed(), reason="llvmlite is not installed")),
]

INPUTS = [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.125, -0.5], [-2.0, -1.0]]
SIGNS = [1, -1, 1, 1, -1]


def small_network(*sizes: int) -> MLP:
    """A network of two inputs, with the same weights at every call."""
    return MLP(2, sizes or (3, 1), activation="tanh", rng=random.Random(0))


def parameter_data(model: Module) -> list[float]:
    """The numbers of a model's parameters, in order."""
    return [parameter.data for parameter in model.parameters()]
