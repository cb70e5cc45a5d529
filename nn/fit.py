"""Training: many small steps down the gradient of the loss."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import Any, Protocol

from engine import Value
from nn.data import Samples, read_inputs, read_targets, shuffled_batches
from nn.faults import TrainingError, fault
from nn.history import History
from nn.metrics import Metric, named_metrics
from nn.objective import Loss, Model, Objective, as_outputs
from nn.optim import Adam, Optimizer
from nn.runner import Runner, runner_for

Callback = Callable[[int, History], "bool | None"]


class StopTraining(Exception):  # noqa: N818 - it is no error
    """Raised by a callback to end the training; `fit` then returns as usual."""


class Shuffles(Protocol):
    """A source of random orders: the `random` module, or a `random.Random`."""

    def shuffle(self, x: list[int], /) -> None:
        """Shuffle a list in place."""


def fit(
    model: Model,
    loss: Loss,
    inputs: Any,
    targets: Any,
    *,
    optimizer: Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    rng: Shuffles | None = None,
    validation: Any = None,
    metrics: Sequence[str | Metric] = (),
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    backend: str = "auto",
) -> History:
    """Train the model: lower the mean of `loss` over the samples, batch by batch."""
    parameters = list(model.parameters())
    optimizer = optimizer or Adam(parameters, lr=0.01)
    rng = rng or random
    rows = read_inputs(inputs)
    n_outputs = len(as_outputs(model([Value(x, f"x_{j}") for j, x in enumerate(rows[0], 1)])))
    target_rows, one_target = read_targets(targets, len(rows), n_outputs)
    both = [x + y for x, y in zip(rows, target_rows, strict=True)]
    samples = Samples(both, list(range(len(rows))), len(rows[0]), one_target)
    held_out = None
    if isinstance(validation, float):
        order = list(range(len(rows)))
        rng.shuffle(order)
        count = round(validation * len(rows))
        held_out, samples = samples.part(order[:count], "validation "), samples.part(order[count:])
    elif validation is not None:
        more = read_inputs(validation[0], "validation inputs")
        more_targets, _ = read_targets(validation[1], len(more), n_outputs, "validation targets")
        more_rows = [x + y for x, y in zip(more, more_targets, strict=True)]
        held_out = Samples(more_rows, list(range(len(more))), len(rows[0]), one_target, "validation ")
    objective = Objective(model, loss, samples.rows, samples.n_inputs, one_target)
    runner = runner_for(objective, parameters, backend)
    measures = named_metrics(metrics, samples, n_outputs, loss)
    history = History(metrics={name: [] for name in measures})
    if held_out:
        history.validation_metrics = {name: [] for name in measures}
    finished = array("d", runner.parameters)
    size = len(samples) if batch_size is None else batch_size
    try:
        for epoch in range(1, epochs + 1):
            total = 0.0
            for batch in shuffled_batches(len(samples), size, rng):
                total += _gradient(runner, objective, samples, batch, epoch)
                optimizer.update(runner.parameters, [g / len(batch) for g in runner.gradient])
                finished = array("d", runner.parameters)
            runner.store()
            record = {name: _mean(objective, samples, measure) for name, measure in measures.items()}
            history.losses.append(total / len(samples))
            for name, number in record.items():
                history.metrics[name].append(number)
            if held_out:
                history.validation_losses.append(
                    sum(objective.at(row).loss.data for row in held_out.rows) / len(held_out)
                )
                for name, measure in measures.items():
                    history.validation_metrics[name].append(_mean(objective, held_out, measure))
            if any([callback(epoch, history) for callback in callbacks]):
                break
            runner.load()
    except StopTraining:
        pass
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        for i, number in enumerate(finished):
            runner.parameters[i] = number
        runner.store()
    return history


def _mean(objective: Objective, samples: Samples, metric: Metric) -> float:
    total = 0.0
    for row in samples.rows:
        outputs = [z.data for z in objective.at(row).outputs]
        total += metric(outputs if len(outputs) > 1 else outputs[0], samples.target(row))
    return total / len(samples)


def _gradient(runner: Runner, objective: Objective, samples: Samples, batch: list[int], epoch: int) -> float:
    try:
        total = runner.sum_over([samples.rows[i] for i in batch])
    except ArithmeticError:
        total = float("nan")
    if not isfinite(total) or not all(map(isfinite, runner.gradient)):
        for i in batch:
            if problem := fault(objective, samples.rows[i]):
                message = f"training stopped in epoch {epoch} at {samples.called(i)}: {problem}"
                raise TrainingError(message, epoch, samples.indices[i])
    return total
