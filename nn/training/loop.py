"""The loop of training: batches, updates, and what is recorded of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from reprlib import repr as abridged
from typing import Any

from nn.optim import Optimizer
from nn.training import buffers
from nn.training.data import Samples, Shuffler, shuffled_batches
from nn.training.diagnose import TrainingError, describe_nonfinite
from nn.training.history import History
from nn.training.metrics import Metric, evaluate
from nn.training.objective import Objective
from nn.training.progress import Progress
from nn.training.runner import Runner

Callback = Callable[[int, History], "bool | None"]


class StopTraining(BaseException):
    """Raised by a callback to end the training; `fit` then returns as usual.

    It is a message and no error, as KeyboardInterrupt is: an `except Exception` on its way lets it through.
    """


@dataclass
class TrainingLoop:
    """A training on its way: what `fit` was given, checked.

    The numbers of the parameters live in `runner.parameters` while an epoch runs. `finished` holds them as the last
    update that went well left them, and `remembered` what the optimizer knows of it: whatever happens, even in the
    middle of an update, the model and the optimizer end with these.
    """

    objective: Objective
    runner: Runner
    optimizer: Optimizer
    samples: Samples
    held_out: Samples | None
    batch_size: int
    metrics: Mapping[str, Metric]
    rng: Shuffler
    progress: Progress
    history: History
    epoch: int = 0
    finished: array[float] = field(init=False)
    remembered: tuple[int, list[array[float]]] = field(init=False)

    def run(self, epochs: int, callbacks: Sequence[Callback]) -> None:
        """Train for that many epochs, or until a callback or Ctrl-C ends it.

        Before the first epoch is finished, KeyboardInterrupt goes on to the caller.
        """
        self._load()
        try:
            for self.epoch in range(1, epochs + 1):
                self._record(self._one_epoch())
                if callbacks and self._asked_to_stop(callbacks):
                    break
        except StopTraining:
            pass
        except KeyboardInterrupt:
            if not self.history.losses:
                raise
            self.history.interrupted = True
        finally:
            self.optimizer.go_back(self.remembered)
            self.runner.parameters[:] = self.finished
            self.runner.store()
            self.history.cut()
            self.progress.close()

    def _one_epoch(self) -> float:
        """A step for each batch. The mean loss of the samples, each before the update of its batch."""
        total = 0.0
        for batch in shuffled_batches(len(self.samples.rows), self.batch_size, self.rng):
            total += self._sum_over(batch)
            self._update(len(batch))
            self.progress.advance()
        return total / len(self.samples.rows)

    def _sum_over(self, batch: list[int]) -> float:
        """The loss summed over a batch, and its gradient in the runner. Raises TrainingError unless they are finite."""
        cause = None
        try:
            total = self.runner.sum_over([self.samples.rows[i] for i in batch])
        except ArithmeticError as error:
            total, cause = nan, error
        if isfinite(total) and buffers.is_all_finite(self.runner.gradient):
            return total
        self.runner.store()  # for the graph, in which the fault is looked for
        self._look_for_fault(self.samples, batch)
        indices = abridged([self.samples.indices[i] for i in batch])
        raise self._error(f"the losses or derivatives of the samples {indices} add up to no finite number") from cause

    def _update(self, n: int) -> None:
        """One step of the optimizer along the mean gradient of n samples."""
        numbers, gradient = self.runner.parameters, self.runner.gradient
        self.optimizer.update(numbers, buffers.divide(gradient, n))
        if not buffers.is_all_finite(numbers):
            i = next(i for i, number in enumerate(numbers) if not isfinite(number))
            update = f"{self.optimizer.parameters[i].label or f'parameter {i}'} = {numbers[i]!r}"
            derivative = f"at a derivative of {gradient[i] / n!r}: a lower learning rate may help"
            raise self._error(f"the update makes {update}, {derivative}")
        self._keep()

    def _record(self, loss: float) -> None:
        """Add the epoch to the history; the loss goes last, for it counts the epochs that are complete."""
        if self.metrics:
            self.runner.store()  # a metric of the user's own may look at the model
            _, metrics = self._evaluate(self.samples)
            self.history.add("", metrics)
        if self.held_out:
            validation_loss, metrics = self._evaluate(self.held_out)
            self.history.add("validation ", metrics)
            self.history.validation_losses.append(validation_loss)
        self.history.losses.append(loss)
        self.progress.finish_epoch(self.epoch, self.history.latest())

    def _evaluate(self, samples: Samples) -> tuple[float, dict[str, float]]:
        positions = range(len(samples.rows))
        try:
            loss, metrics = evaluate(self.runner, samples, self.metrics)
        except ArithmeticError:
            self._look_for_fault(samples, positions)
            raise  # it was a metric's
        if not isfinite(loss):
            self._look_for_fault(samples, positions)
        return loss, metrics

    def _look_for_fault(self, samples: Samples, positions: Iterable[int]) -> None:
        """Raise TrainingError for the first of these samples whose loss, or its gradient, is not finite."""
        for i in positions:
            cause = None
            try:
                problem = describe_nonfinite(self.objective.build(samples.rows[i]))
            except ArithmeticError as error:
                problem, cause = str(error), error
            if problem or cause:
                index = samples.indices[i]
                raise self._error(f"{samples.name}sample {index}: {problem}", index) from cause

    def _error(self, problem: str, sample: int | None = None) -> TrainingError:
        return TrainingError(f"epoch {self.epoch}, {problem}", self.epoch, sample, self.history)

    def _asked_to_stop(self, callbacks: Sequence[Callback]) -> bool:
        """Whether a callback returned a true result; all are called, and may read and set the parameters."""
        self.runner.store()
        try:
            results = [callback(self.epoch, self.history) for callback in callbacks]
        finally:
            self._load()
        return any(results)

    def _load(self) -> None:
        self.runner.load()
        self._keep()

    def _keep(self) -> None:
        buffer: Any = self.runner.parameters
        self.finished = array("d", bytes(buffer))
        self.remembered = self.optimizer.remembered()
