"""`fit`, which trains a model: it checks its arguments, and runs the training loop of `nn.training.loop`."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Sequence
from numbers import Real
from reprlib import repr as abridged
from types import ModuleType
from typing import Any

from engine._support import checks
from engine._support.keywords import suggest_keywords
from engine._support.printable_text import make_printable
from nn.clipping import clip_for
from nn.leaves import as_values
from nn.optim import Adam, Optimizer
from nn.training.data import Samples, Shuffler, make_samples, read_inputs
from nn.training.diagnose import TrainingError
from nn.training.history import History
from nn.training.loop import Callback, TrainingLoop
from nn.training.metrics import Metric, metrics_by_name
from nn.training.objective import Loss, Model, Objective, check_outputs, check_targets
from nn.training.progress import progress_for
from nn.training.runner import runner_for

VALIDATION_FORM = "validation must be (inputs, targets), or the fraction of the samples to hold out, such as 0.2"
RATE = "the optimizer has it: optimizer=SGD(model.parameters(), lr=0.1)"
ORDER = "the samples are shuffled by rng=random.Random(0)"
CLIP = "a gradient is clipped by clip_norm=1.0, or by clip_value=0.5"
EARLY = "callbacks=[lambda epoch, history: epoch - history.best_epoch >= 10] ends it 10 epochs after the best"


@suggest_keywords(
    **dict.fromkeys(("lr", "learning_rate", "momentum", "weight_decay"), RATE),
    **dict.fromkeys(("seed", "random_state", "shuffle"), ORDER),
    **dict.fromkeys(("max_norm", "max_grad_norm", "clip", "clipnorm", "clipvalue", "gradient_clip_val"), CLIP),
    **dict.fromkeys(("patience", "early_stopping"), EARLY),
    restore_best_weights="restore_best=True keeps the parameters of the best epoch",
    criterion="the error of a sample is loss",
    verbose="progress=True shows the progress",
    X="the samples are inputs and targets",
    x="the samples are inputs and targets",
    y="the samples are inputs and targets",
)
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
    clip_norm: float | None = None,
    clip_value: float | None = None,
    validation: Any = None,
    restore_best: bool = False,
    metrics: Sequence[str | Metric] = (),
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    backend: str = "auto",
    dtype: str | None = None,
    devices: Any = None,
) -> History:
    """Train a model by stochastic gradient descent on the mean loss of its samples, batch by batch.

    For a batch of B samples the optimizer is given the mean gradient, (1/B) Σ_n ∂E_n/∂w: the paper's (31), whose "for
    each observation" is `batch_size=1`. In each epoch every sample is used once, in an order that `rng` shuffles.

    Args:
        model: A `Module`, or any function with `parameters()` of a list of `Value`s that returns one or several.
        loss: A function loss(outputs, targets), the error of one sample: one of `nn`, or your own (see
            `nn.training.objective`). The target is a `Value`, or a list of them if it was given as a row.
        inputs: For each sample a row of numbers, or one number.
        targets: For each sample a number or a row of them. For several outputs one number is a class, from 0.
        optimizer: An `Optimizer` of those parameters that are to be trained; None is `Adam(..., lr=0.01)` of all.
        epochs: How often every sample is used.
        batch_size: Samples per update. None takes all in one batch, in the order in which they are given.
        rng: The source of the orders, a `random.Random`; None is the `random` module.
        clip_norm, clip_value: Limits for the mean gradient of a batch (see `nn.clipping`): first each derivative is
            limited to ± `clip_value`, then their norm to `clip_norm`.
        validation: Samples, (inputs, targets), to measure after each epoch; or the fraction, above 0 and below 1, of
            those given that `rng` chooses to hold out.
        restore_best: Whether to end with the model and optimizer of `history.best_epoch`, by the validation loss.
        metrics: Metrics to record after each epoch: "accuracy", or functions metric(outputs, target) of numbers.
        callbacks: Functions callback(epoch, history), called after each epoch, counted from 1. The training ends when
            one returns a true result or raises `StopTraining`. They may read and set the model's parameters.
        progress: Whether to show the progress; None does so in terminals and notebooks.
        backend: "engine" computes on the graph, "llvm", "python", "numpy" and "jax" on a compiled program of it, which
            may change the last bits; "auto" takes the fastest of the first three (see `nn.training.runner`).
        dtype, devices: Options of "numpy" and "jax" (see `engine.compile`). The optimizer computes in float64 in any
            case. Where `jax.distributed` has joined processes, they share each batch (see `nn.training.processes`).

    Ctrl-C ends the training, too: the history is `interrupted`; in the first epoch it raises KeyboardInterrupt. However
    it ends, also by an error, the parameters are those after the last completed update, or the best epoch, and their
    `grad`s stay as they were. To continue it, give `fit` the same optimizer, and not a fraction for `validation`. If it
    diverged, or the model is dead or reads numbers that have changed, there is a `TrainingWarning`.

    Raises TrainingError, which names the epoch, the sample and the first node at fault, if a loss or its gradient is
    not finite; ValueError or TypeError for an argument that is not as described, with its row.

    >>> from nn import MLP, SGD, half_squared_error
    >>> neuron = MLP(1, [1], rng=random.Random(0))
    >>> optimizer = SGD(neuron.parameters(), lr=0.1)
    >>> history = fit(neuron, half_squared_error, [0, 1, 2], [1, 3, 5], optimizer=optimizer, rng=random.Random(0))
    >>> [round(parameter.data, 1) for parameter in neuron.parameters()]  # y = 2 x + 1
    [2.0, 1.0]
    """
    optimizer, clip = _check_optimizer(model, optimizer), clip_for(clip_norm, clip_value)
    rng, checked_callbacks = _check_shuffler(rng), _check_callbacks(callbacks)
    epochs = checks.check_positive_int(epochs, "epochs must be at least 1")
    _check_restore_best(restore_best, validation)
    shared = _joined_processes(backend)
    if shared:
        rng = shared.follow_first(rng, model.parameters())
    samples, outputs = _read_samples(model, loss, inputs, targets)
    if shared:
        shared.check_samples(samples)
    samples, held_out = _hold_out(samples, validation, loss, len(check_outputs(outputs)), rng)
    n = len(samples.rows)
    size = checks.check_positive_int(n if batch_size is None else batch_size, "a batch needs at least one sample")
    named = metrics_by_name(metrics, samples, outputs, loss)
    objective, kind = Objective.trace(model, loss, samples), shared.SharedRunner if shared else None
    runner = runner_for(objective, optimizer.parameters, backend, kind, dtype=dtype, devices=devices)
    display = progress_for(progress, epochs, -(-n // size))
    loop = TrainingLoop(objective, runner, optimizer, clip, samples, held_out, size, named, restore_best, rng, display)
    return loop.run(epochs, checked_callbacks)


def _check_optimizer(model: Model, optimizer: Optimizer | None) -> Optimizer:
    """Check the model, and return its optimizer."""
    if isinstance(model, type):
        raise TypeError(f"the model must be an instance, such as MLP(2, [16, 1]), not the class {model.__name__}")
    is_model = callable(model) and callable(getattr(model, "parameters", None))
    checks.type_error_unless(is_model, "the model must be callable and have parameters(), as an MLP does", model)
    own = set(model.parameters())
    if optimizer is None:
        return Adam(model.parameters(), lr=0.01)
    checks.check_instance(
        optimizer, Optimizer, "optimizer must be an Optimizer, such as SGD(model.parameters(), lr=0.1)"
    )
    for i, parameter in enumerate(optimizer.parameters, 1):
        if parameter not in own:
            name = f"{i}{f', {make_printable(parameter.label)},' if parameter.label else ''}"
            raise ValueError(
                f"the optimizer belongs to another model: its parameter {name} is not in model.parameters()"
            )
    return optimizer


def _joined_processes(backend: str) -> ModuleType | None:
    """`nn.training.processes`, which imports the compiler, if the backend shares rows among several."""
    if backend != "jax" or "jax" not in sys.modules:
        return None
    from nn.training import processes

    return processes if processes.are_joined() else None


def _check_shuffler(rng: Shuffler | None) -> Shuffler:
    shuffles = rng is None or callable(getattr(rng, "shuffle", None))
    checks.type_error_unless(shuffles, "rng must be a random.Random, such as random.Random(0)", rng)
    return random if rng is None else rng


def _check_callbacks(callbacks: Iterable[Callback]) -> list[Callback]:
    is_list = isinstance(callbacks, Iterable) and not callable(callbacks)
    checks.type_error_unless(is_list, "callbacks must be a list of functions (epoch, history)", callbacks)
    listed = list(callbacks)
    for callback in listed:
        checks.type_error_unless(callable(callback), "a callback must be a function (epoch, history)", callback)
    return listed


def _check_restore_best(restore_best: bool, validation: Any) -> None:
    checks.check_instance(restore_best, bool, "restore_best must be True or False")
    if restore_best and validation is None:
        raise ValueError(
            "restore_best=True chooses the epoch with the lowest validation loss, but validation is None; give"
            " validation=0.2, or validation=(inputs, targets)"
        )


def _read_samples(model: Model, loss: Loss, inputs: Any, targets: Any) -> tuple[Samples, Any]:
    """The samples, and the outputs of the model for the first of them, as it returns them."""
    needs = "loss must be a function loss(outputs, targets), such as nn.half_squared_error"
    checks.type_error_unless(callable(loss), needs, loss)
    rows = read_inputs(inputs)
    try:
        outputs = model(as_values(rows[0], "x"))
    except ValueError as error:
        raise ValueError(f"the model cannot take inputs[0], which is {abridged(rows[0])}: {error}") from error
    except ArithmeticError as error:
        raise TrainingError(f"epoch 1, sample 0: {error}", 1, 0) from error
    n_outputs = len(check_outputs(outputs))
    samples = make_samples(rows, targets, n_outputs)
    check_targets(loss, samples, n_outputs)
    return samples, outputs


def _hold_out(
    samples: Samples, validation: Any, loss: Loss, n_outputs: int, rng: Shuffler
) -> tuple[Samples, Samples | None]:
    """The samples to train on, and those for validation."""
    if validation is None:
        return samples, None
    if isinstance(validation, Real) and not isinstance(validation, bool):
        return _split(samples, float(validation), rng)
    is_pair = isinstance(validation, (tuple, list)) and len(validation) == 2
    checks.type_error_unless(is_pair, VALIDATION_FORM, validation)
    held_out = make_samples(read_inputs(validation[0], "validation inputs"), validation[1], n_outputs, "validation ")
    sizes = [(x.n_inputs, len(x.rows[0]) - x.n_inputs) for x in (held_out, samples)]
    for name, given, needed in zip(("inputs", "targets"), *sizes, strict=True):
        if given != needed:
            raise ValueError(f"validation {name}[0] has length {given}, but {name}[0] has length {needed}")
    check_targets(loss, held_out, n_outputs)
    return samples, held_out


def _split(samples: Samples, fraction: float, rng: Shuffler) -> tuple[Samples, Samples]:
    """Split the samples into those to train on and the fraction, chosen by `rng`, that is held out."""
    checks.value_error_unless(0.0 < fraction < 1.0, f"{VALIDATION_FORM}, above 0 and below 1", fraction)
    count = len(samples.rows)
    if count < 2:
        raise ValueError("to hold samples out, at least two are needed, but 1 was given")
    order = list(range(count))
    rng.shuffle(order)
    n = min(max(round(fraction * count), 1), count - 1)
    return samples.part(sorted(order[n:])), samples.part(sorted(order[:n]), "validation ")
