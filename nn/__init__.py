"""Neural networks out of `Value`s: neurons, layers, networks, and their errors.

The rooms: `module` is what all parts of a network share, `layers` the parts, `losses` the errors.
"""

from nn.faults import TrainingError
from nn.fit import StopTraining, fit
from nn.history import History
from nn.layers import MLP, Layer, Neuron
from nn.losses import half_squared_error
from nn.module import Module

__all__ = [
    "MLP",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "StopTraining",
    "TrainingError",
    "fit",
    "half_squared_error",
]
