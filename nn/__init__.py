"""Neural networks out of `Value`s: neurons, layers, networks, their errors, and what makes these small.

The rooms: `module` is what all parts of a network share, `layers` the parts, `losses` the errors, `optim` the rules by
which parameters follow their gradient (`flat` runs them over lists and arrays).
"""

from nn.layers import MLP, Layer, Neuron
from nn.losses import binary_cross_entropy, cross_entropy, half_squared_error, hinge, mean_squared_error
from nn.module import Module
from nn.optim import SGD, Adam, Optimizer

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "Layer",
    "Module",
    "Neuron",
    "Optimizer",
    "binary_cross_entropy",
    "cross_entropy",
    "half_squared_error",
    "hinge",
    "mean_squared_error",
]
