"""Neural networks made of `Value`s: neurons, layers, multi-layer perceptrons, losses, optimizers and training.

"The paper" is Kyle Bradbury, "Tutorial on neural network math for forward and backward propagation" (2019); numbers in
parentheses are those of its equations.

The names:

    MLP                   a multi-layer perceptron: layers, each of which reads the one before
    Layer                 neurons that read the same inputs
    Neuron                a unit, which passes its weighted sum through an activation function
    Module                the base class of parts of a network: `parameters()`, `zero_grad()` and `predict()`
    fit                   trains a model on samples
    History               the losses and metrics of a training, epoch by epoch
    StopTraining          raised by a callback, ends a training
    TrainingError         a loss, a gradient or a parameter is not finite; it names the epoch, the sample and the node
    TrainingWarning       a training has diverged, or its model is dead
    half_squared_error    half the squared difference, the paper's E
    mean_squared_error    the mean of the squared differences
    binary_cross_entropy  of a logit and a target from 0 to 1
    cross_entropy         of logits and the index of a class, or targets
    hinge                 of a score and a target of -1 or 1
    Optimizer             the base class of optimizers; a subclass defines an update rule
    SGD                   gradient descent, with or without momentum
    Adam                  steps scaled by running means of the derivatives and of their squares
    AdamW                 Adam with decoupled weight decay
    clip_grad_norm        scales a gradient to at most a given norm
    clip_grad_value       limits each derivative to a range
    schedules             the module of learning rates that change from step to step
    save                  writes a network, or a module of your own, to a JSON file
    load                  reads it back, to the same bits
    ModelFileError        a file does not hold a network that can be loaded; it says why

The modules: `module`, `layers`, `activations`, `init` and `summary` make networks, of `leaves`, `losses` their errors,
and `prediction` their outputs as numbers; `optim`, `schedules` and `clipping` update the parameters; `saving` writes
and reads files; `training` holds the parts of `fit`; `plots` is the style of its pictures, which need matplotlib;
`matrix` is the paper's matrix form, which needs NumPy. The chain rule is in `engine.sweep`, and by layers in `matrix`.
"""

from nn import _engine as _engine  # first of all
from nn import schedules
from nn.clipping import clip_grad_norm, clip_grad_value
from nn.layers import MLP, Layer, Neuron
from nn.losses import binary_cross_entropy, cross_entropy, half_squared_error, hinge, mean_squared_error
from nn.module import Module
from nn.optim import SGD, Adam, AdamW, Optimizer
from nn.saving import ModelFileError, load, save
from nn.training.diagnose import TrainingError, TrainingWarning
from nn.training.fit import fit
from nn.training.history import History
from nn.training.loop import StopTraining

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "History",
    "Layer",
    "ModelFileError",
    "Module",
    "Neuron",
    "Optimizer",
    "StopTraining",
    "TrainingError",
    "TrainingWarning",
    "binary_cross_entropy",
    "clip_grad_norm",
    "clip_grad_value",
    "cross_entropy",
    "fit",
    "half_squared_error",
    "hinge",
    "load",
    "mean_squared_error",
    "save",
    "schedules",
]
