"""Neural networks out of `Value`s: neurons, layers, networks, their errors, and what makes these small.

The names:

    MLP                   a multi-layer perceptron, layers that each read the one before
    Layer                 neurons that read the same inputs
    Neuron                a unit, which passes its weighted sum through an activation function
    Module                what all parts of a network share, and yours: `parameters()` and `zero_grad()`
    fit                   trains a network on samples
    History               what was recorded of a training, epoch by epoch
    StopTraining          raised by a callback, ends a training
    TrainingError         a training went astray; it names the epoch, the sample and the node
    half_squared_error    half the squared difference, the paper's E
    mean_squared_error    the mean of the squared differences
    binary_cross_entropy  of a logit and a target from 0 to 1
    cross_entropy         of logits and the index of a class, or targets
    hinge                 of a score and a target of -1 or 1
    Optimizer             what all optimizers share; yours is a class with a rule
    SGD                   gradient descent, with momentum if you like
    Adam                  steps scaled by what the derivatives have been
    schedules             the module of learning rates that change from step to step
    save                  writes a network to a JSON file
    load                  reads it back, to the same bits
    ModelFileError        a file is no network, and why

The modules: `module`, `layers`, `activations`, `initial` and `summary` make networks, `losses` their errors; `optim`,
`flat` and `schedules` move parameters; `saving` keeps networks in files; `matrix` is the paper's matrix form, which
alone needs NumPy. The others are parts of `fit`: `data`, `objective`, `runner`, `training`, `metrics`, and so on.
"""

from nn import schedules
from nn.layers import MLP, Layer, Neuron
from nn.losses import binary_cross_entropy, cross_entropy, half_squared_error, hinge, mean_squared_error
from nn.module import Module
from nn.optim import SGD, Adam, Optimizer
from nn.saving import ModelFileError, load, save
from nn.training.diagnose import TrainingError
from nn.training.fit import fit
from nn.training.history import History
from nn.training.loop import StopTraining

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
