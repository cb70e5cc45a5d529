"""Neural networks out of `Value`s: neurons, layers, networks, their errors, and what makes these small.

The rooms: `module` is what all parts of a network share, `layers` the parts (`activations` finds their σ, `initial`
draws their weights, `summary` counts them), `losses` the errors, `optim` the rules by which parameters follow their
gradient (`flat` runs them over lists and arrays, `schedules` sets their pace), `saving` the files of networks (`files`
keeps them whole), `matrix` the paper's matrix form, for which NumPy must be there. `fit` is the door to training:
`data` reads samples, `objective` makes the graph of their loss, `runner` runs it over many, `training` is the loop;
`metrics`, `history` and `progress` show how it goes, and `faults` says where it went wrong.
"""

from nn import schedules
from nn.faults import TrainingError
from nn.fit import fit
from nn.history import History
from nn.layers import MLP, Layer, Neuron
from nn.losses import binary_cross_entropy, cross_entropy, half_squared_error, hinge, mean_squared_error
from nn.module import Module
from nn.optim import SGD, Adam, Optimizer
from nn.saving import ModelFileError, load, save
from nn.training import StopTraining

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "History",
    "Layer",
    "ModelFileError",
    "Module",
    "Neuron",
    "Optimizer",
    "StopTraining",
    "TrainingError",
    "binary_cross_entropy",
    "cross_entropy",
    "fit",
    "half_squared_error",
    "hinge",
    "load",
    "mean_squared_error",
    "save",
    "schedules",
]
