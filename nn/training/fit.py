"""Training: many small steps down the gradient of the loss."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from numbers import Real
from reprlib import repr as abridged
from typing import Any

from engine._support import checks
from nn.module import as_values
from nn.optim import Adam, Optimizer
from nn.training.data import SampleRow, Samples, Shuffler, read_inputs, samples_of
from nn.training.diagnose import TrainingError
from nn.training.history import History
from nn.training.loop import Callback, TrainingLoop
from nn.training.metrics import Metric, metrics_by_name
from nn.training.objective import Loss, Model, Objective, check_outputs, check_targets
from nn.training.progress import progress_for
from nn.training.runner import runner_for

VALIDATION_FORM = "validation is (inputs, targets), or the fraction of the samples to hold out, such as 0.2"


def fit(
    model: Model,
    loss: Loss,
    inputs: Any,
    targets: Any,
    *,
    optimizer: Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    rng: Shuffler | None = None,
    validation: Any = None,
    metrics: Sequence[str | Metric] = (),
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    backend: str = "auto",
) -> History:
    """Train a model: follow the gradient of the mean loss down, batch by batch (stochastic gradient descent).

    For a batch of B samples the optimizer is given the mean gradient, (1/B) Σ_n ∂E_n/∂w: the paper's (31), whose "for
    each observation" is `batch_size=1`. In each epoch every sample is used once, in an order that `rng` shuffles.

    Args:
        model: An `MLP` or any other `Module`; in short, what takes a list of `Value`s, returns a `Value` or a list of
            them, and has `parameters()`.
        loss: A function loss(outputs, targets) that makes of a sample's outputs and targets its error, a `Value`:
            those of `nn`, or your own. It is given what the model returned, and the target as a `Value`, or as a list
            of them if the target is a list. It may decide by their numbers with `<`, `max` or `float`, which is noticed
            and costs time (see `nn.training.objective`). By `.data`, `==` or random numbers it should not: a few
            samples are tried, and what differs among others only goes unnoticed.
        inputs: For each sample its inputs: a list, a tuple or an array of rows of numbers. One input may be a number.
        targets: For each sample its target, a number or a row of them. If the model has several outputs, one number is
            the index of a class, from 0; it becomes one-hot.
        optimizer: An `Optimizer` of the model's parameters, or of some of them: only these are trained.
            None is `Adam(model.parameters(), lr=0.01)`.
        epochs: How many times every sample is used.
        batch_size: Samples per update; the last batch of an epoch may have fewer. None takes all in one batch, in the
            order in which they are given.
        rng: The source of the orders, a `random.Random`; None is the `random` module.
        validation: Further samples, (inputs, targets), which are measured after each epoch and never trained on; or
            the fraction of the given ones, above 0 and below 1, which `rng` chooses to be held out.
        metrics: What else to record of an epoch: "accuracy" (see `nn.training.metrics.accuracy_for`), and your own
        functions
            metric(outputs, target) of a sample's numbers, whose mean is taken.
        callbacks: Functions callback(epoch, history), called after each epoch, counted from 1; when one returns a true
            result or raises `StopTraining`, training ends. They may read and set the model's parameters.
        progress: Whether to show how far training is; None shows it if standard error is a terminal.
        backend: "engine" computes on the graph of a sample's `Value`s, built once if possible and recomputed for each
            sample. "llvm" and "python" compile that graph (see `engine.compile`), which rounds the last bits otherwise;
            and with "llvm" a number on the way may be infinite, as long as the loss and its gradient are finite.
            "auto" compiles to what is fastest here, unless each sample needs a graph of its own.

    Ctrl-C ends training, too: `fit` returns, the history says `interrupted`. Before the first epoch is finished it is
    the usual KeyboardInterrupt, so that a loop of calls ends as well. However it ends, by an error too, the parameters
    are those after the last update that was finished. Their `grad`s stay as they were.

    Training may go on by another call. Then the optimizer, which remembers, and the validation samples should be given:
    the default is a new Adam every time, and a fraction holds out others every time.

    Raises:
        TrainingError: a loss or its gradient becomes NaN or infinite, or has no value. It names the epoch, the sample,
            and the first node at fault.
        ValueError, TypeError: something given is not as above; which row it is, if it is one.

    >>> from nn import MLP, SGD, half_squared_error
    >>> neuron = MLP(1, [1], rng=random.Random(0))
    >>> optimizer = SGD(neuron.parameters(), lr=0.1)
    >>> history = fit(neuron, half_squared_error, [0, 1, 2], [1, 3, 5], optimizer=optimizer, rng=random.Random(0))
    >>> history.losses[-1] < 0.001
    True
    >>> [round(parameter.data, 1) for parameter in neuron.parameters()]  # y = 2 x + 1
    [2.0, 1.0]
    """
    optimizer = _checked_optimizer(model, optimizer)
    shuffles = rng is None or callable(getattr(rng, "shuffle", None))
    checks.type_error_unless(shuffles, "rng is a random.Random, such as random.Random(0)", rng)
    rng = random if rng is None else rng
    epochs = checks.check_positive_int(epochs, "epochs must be at least 1")
    needs = "loss is a function loss(outputs, targets), such as nn.half_squared_error"
    checks.type_error_unless(callable(loss), needs, loss)
    is_list = isinstance(callbacks, Iterable) and not callable(callbacks)
    checks.type_error_unless(is_list, "callbacks is a list of functions (epoch, history)", callbacks)
    callbacks = list(callbacks)
    for function in callbacks:
        checks.type_error_unless(callable(function), "a callback is a function (epoch, history)", function)
    rows = read_inputs(inputs)
    outputs = _first_outputs(model, rows[0])
    n_outputs = len(check_outputs(outputs))
    samples, held_out = samples_of(rows, targets, n_outputs), None
    check_targets(loss, samples, n_outputs)
    if isinstance(validation, Real) and not isinstance(validation, bool):
        samples, held_out = _split(samples, float(validation), rng)
    elif validation is not None:
        held_out = _further(validation, samples, n_outputs)
        check_targets(loss, held_out, n_outputs)
    count = len(samples.rows)
    batch_size = (
        count if batch_size is None else checks.check_positive_int(batch_size, "a batch needs at least one sample")
    )
    measures = metrics_by_name(metrics, samples, outputs, loss)
    objective = Objective.trace(model, loss, samples)
    runner = runner_for(objective, optimizer.parameters, backend)
    history = History(
        metrics={name: [] for name in measures}, validation_metrics={name: [] for name in measures if held_out}
    )
    shown = progress_for(progress, epochs, -(-count // batch_size))
    training = TrainingLoop(objective, runner, optimizer, samples, held_out, batch_size, measures, rng, shown, history)
    training.run(epochs, callbacks)
    return history


def _first_outputs(model: Model, row: SampleRow) -> Any:
    """What the model returns for the first sample."""
    try:
        return model(as_values(row, "x"))
    except ValueError as error:
        raise ValueError(f"the model cannot take inputs[0], which is {abridged(row)}: {error}") from error
    except ArithmeticError as error:
        raise TrainingError(f"epoch 1, sample 0: {error}", 1, 0) from error


def _further(validation: Any, samples: Samples, n_outputs: int) -> Samples:
    """Further samples, of as many inputs and targets as those to train on."""
    is_pair = isinstance(validation, (tuple, list)) and len(validation) == 2
    checks.type_error_unless(is_pair, VALIDATION_FORM, validation)
    inputs, targets = validation
    more = samples_of(read_inputs(inputs, "validation inputs"), targets, n_outputs, "validation ")
    sizes = [(x.n_inputs, len(x.rows[0]) - x.n_inputs) for x in (more, samples)]
    for name, there, here in zip(("inputs", "targets"), *sizes, strict=True):
        if there != here:
            raise ValueError(f"validation {name}[0] has length {there}, but {name}[0] has length {here}")
    return more


def _split(samples: Samples, fraction: float, rng: Shuffler) -> tuple[Samples, Samples]:
    """Split the samples: those to train on, and the fraction that `rng` chooses to be held out."""
    checks.value_error_unless(0.0 < fraction < 1.0, f"{VALIDATION_FORM}, above 0 and below 1", fraction)
    count = len(samples.rows)
    if count < 2:
        raise ValueError("to hold some samples out at least two are needed, 1 was given")
    order = list(range(count))
    rng.shuffle(order)
    n = min(max(round(fraction * count), 1), count - 1)
    return samples.part(sorted(order[n:])), samples.part(sorted(order[:n]), "validation ")


def _checked_optimizer(model: Model, optimizer: Optimizer | None) -> Optimizer:
    if isinstance(model, type):
        raise TypeError(f"the model is one that was made, such as MLP(2, [16, 1]), not the class {model.__name__}")
    is_model = callable(model) and callable(getattr(model, "parameters", None))
    checks.type_error_unless(is_model, "the model must be callable and have parameters(), as an MLP does", model)
    own = set(model.parameters())
    if optimizer is None:
        return Adam(model.parameters(), lr=0.01)
    checks.check_instance(optimizer, Optimizer, "optimizer is an Optimizer, such as SGD(model.parameters(), lr=0.1)")
    for i, parameter in enumerate(optimizer.parameters, 1):
        if parameter not in own:
            name = f"{i}{f', {parameter.label},' if parameter.label else ''}"
            raise ValueError(f"the optimizer is of another model: its parameter {name} is none of this model's")
    return optimizer
