"""Neural networks out of `Value`s: neurons, layers, networks, and their errors.

The rooms: `module` is what all parts of a network share, `layers` the parts, `losses` the errors.
"""

from nn.layers import MLP, Layer, Neuron
from nn.losses import half_squared_error
from nn.module import Module

__all__ = ["MLP", "Layer", "Module", "Neuron", "half_squared_error"]
