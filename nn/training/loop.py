"""The training loop: for each batch the gradient and an update of the parameters, and after each epoch a record."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite, isnan, nan
from reprlib import repr as abridged
from typing import Any

from engine._support.caller import warn_user
from engine._support.printable_text import make_printable
from nn.clipping import Clip
from nn.optim import Optimizer
from nn.training import buffers
from nn.training.data import Samples, Shuffler, shuffled_batches
from nn.training.diagnose import TrainingError, TrainingWarning, describe_dead_layer, describe_nonfinite
from nn.training.history import History
from nn.training.metrics import Metric, evaluate
from nn.training.objective import Objective
from nn.training.progress import Progress
from nn.training.runner import Runner

MIN_GROWTH = 10.0  # of the loss, in a training that diverges

Callback = Callable[[int, History], "bool | None"]
State = tuple["array[float]", tuple[int, list["array[float]"]]]  # the numbers of the parameters, and of the optimizer


class StopTraining(BaseException):
    """Raised by a callback to end the training; `fit` then returns as usual.

    Like KeyboardInterrupt it is not an `Exception`, so that `except Exception` does not catch it.

    >>> from nn import MLP, fit, half_squared_error
    >>> def enough(epoch, history):
    ...     if epoch == 3:
    ...         raise StopTraining
    >>> fit(MLP(1, [1]), half_squared_error, [0, 1], [1, 3], callbacks=[enough]).epochs
    3
    """


@dataclass
class TrainingLoop:
    """A training, with the checked arguments of `fit`.

    During an epoch the numbers of the parameters are in `runner.parameters`. `last` is a copy from after the last
    update that succeeded, and `best` the one from the epoch with the lowest validation loss: however the training ends,
    even in the middle of an update, the model and the optimizer are restored from one of them.
    """

    objective: Objective
    runner: Runner
    optimizer: Optimizer
    clip: Clip
    samples: Samples
    held_out: Samples | None
    batch_size: int
    metrics: Mapping[str, Metric]
    restore_best: bool
    rng: Shuffler
    progress: Progress
    history: History = field(init=False)
    epoch: int = 0
    warned: bool = False  # of a number that is frozen in the shared graph
    first_loss: float = nan  # the mean loss of the first batch
    first_parameters: array[float] = field(init=False)
    last: State = field(init=False)
    best: State | None = None
    best_loss: float = inf  # of the validation samples

    def __post_init__(self) -> None:
        self.history = History(
            metrics={name: [] for name in self.metrics},
            validation_metrics={name: [] for name in self.metrics if self.held_out},
        )

    def run(self, epochs: int, callbacks: Sequence[Callback]) -> History:
        """Train for a number of epochs, or until a callback or Ctrl-C ends the training.

        Before the first epoch is finished, KeyboardInterrupt is raised to the caller.
        """
        self._load_parameters()
        self.first_parameters, _ = self.last
        try:
            for self.epoch in range(1, epochs + 1):
                self._record(self._run_epoch())
                if self.epoch in (2, epochs):  # after the callbacks of the first, before those of the last
                    self._warn_of_frozen_number()
                if callbacks and self._run_callbacks(callbacks):
                    break
        except StopTraining:
            pass
        except KeyboardInterrupt:
            if not self.history.losses:
                raise
            self.history.interrupted = True
        finally:
            if self.restore_best and self.best:
                self.last = self.best
            self.runner.parameters[:], state = self.last
            self.optimizer.go_back(state)
            self.runner.store()
            self.history.drop_unfinished()
            self.progress.close()
        if self.epoch < epochs and not self.history.interrupted:  # a callback ended the training
            self._warn_of_frozen_number()
        for problem in () if self.history.interrupted else self._problems():
            warn_user(problem, TrainingWarning)
        return self.history

    def _warn_of_frozen_number(self) -> None:
        self.runner.store()
        if not self.warned and (text := self.objective.describe_frozen_number()):
            self.warned = True
            warn_user(text, TrainingWarning)

    def _problems(self) -> list[str]:
        """Sentences about a training that is over: that it diverged, that the model is dead."""
        if not any(self.history.losses[-1:]):
            return []
        return [text for text in (self._describe_growth(), describe_dead_layer(self.objective)) if text]

    def _describe_growth(self) -> str:
        """Describe a loss that is much larger than at the beginning, after parameters have moved far; else ""."""
        loss, start, (end, _) = (self.history.losses or [nan])[-1], self.first_parameters, self.last
        moved = max(abs(p - q) for p, q in zip(start, end, strict=True))
        if not (loss > MIN_GROWTH * abs(self.first_loss) and moved > max(1.0, *map(abs, start))):
            return ""
        try:
            self.runner.parameters[:] = start
            first, _ = evaluate(self.runner, self.samples, {})  # the first batch may have been an easy one
        except ArithmeticError:
            return ""
        finally:
            self.runner.parameters[:] = end
            self.runner.store()
        hint = "the learning rate is probably too high"
        return f"the loss grew from {first:.4g} to {loss:.4g}: {hint}" if loss > MIN_GROWTH * abs(first) else ""

    def _run_epoch(self) -> float:
        """Take a step for each batch; return the mean loss of the samples, each before the update of its batch."""
        total = 0.0
        for batch in shuffled_batches(len(self.samples.rows), self.batch_size, self.rng):
            loss = self._compute_gradient(batch)
            if isnan(self.first_loss):
                self.first_loss = loss / len(batch)
            total += loss
            self._update_parameters(len(batch))
            self.progress.advance()
        return total / len(self.samples.rows)

    def _compute_gradient(self, batch: list[int]) -> float:
        """Sum the gradient over a batch, in the runner; return the sum of the losses. Both are checked to be finite."""
        cause = None
        try:
            total = self.runner.sum_over([self.samples.rows[i] for i in batch])
        except ArithmeticError as error:
            total, cause = nan, error
        if isfinite(total) and buffers.is_all_finite(self.runner.gradient):
            return total
        self.runner.store()  # for the graphs that the diagnosis builds
        self._check_samples(self.samples, batch)
        indices = abridged([self.samples.indices[i] for i in batch])
        raise self._error(f"the sum of the losses or derivatives of the samples {indices} is not finite") from cause

    def _update_parameters(self, n: int) -> None:
        """Take one step of the optimizer with the mean gradient of n samples, clipped."""
        numbers = self.runner.parameters
        gradient = self.clip(buffers.elementwise(lambda g: g / n, self.runner.gradient))
        self.optimizer.update(numbers, gradient)
        if not buffers.is_all_finite(numbers):
            i = next(i for i, number in enumerate(numbers) if not isfinite(number))
            update = f"{make_printable(self.optimizer.parameters[i].label) or f'parameter {i}'} = {numbers[i]!r}"
            derivative = f"at a derivative of {float(gradient[i])!r}: a lower learning rate may help"
            raise self._error(f"the update makes {update}, {derivative}")
        self._save_state()

    def _record(self, loss: float) -> None:
        """Add the epoch to the history; its loss last, because `history.epochs` counts these."""
        if self.metrics:
            self.runner.store()  # a metric may read the parameters of the model
            _, metrics = self._evaluate(self.samples)
            self.history.add("", metrics)
        if self.held_out:
            validation_loss, metrics = self._evaluate(self.held_out)
            self.history.add("validation ", metrics)
            self.history.validation_losses.append(validation_loss)
            if validation_loss < self.best_loss:
                self.best, self.best_loss = self.last, validation_loss
        self.history.losses.append(loss)
        self.progress.finish_epoch(self.epoch, self.history.latest())

    def _evaluate(self, samples: Samples) -> tuple[float, dict[str, float]]:
        positions = range(len(samples.rows))
        try:
            loss, metrics = evaluate(self.runner, samples, self.metrics)
        except ArithmeticError:
            self._check_samples(samples, positions)
            raise  # a metric raised it
        if not isfinite(loss):
            self._check_samples(samples, positions)
        return loss, metrics

    def _check_samples(self, samples: Samples, positions: Iterable[int]) -> None:
        """Raise TrainingError for the first of the samples whose loss or gradient is not finite."""
        for i in positions:
            cause = None
            try:
                problem = describe_nonfinite(self.objective.build_graph(samples.rows[i]))
            except ArithmeticError as error:
                problem, cause = str(error), error
            if problem or cause:
                index, before = samples.indices[i], self._describe_growth()
                text = f"{samples.error_prefix}sample {index}: {problem}{before and f'; before, {before}'}"
                raise self._error(text, index) from cause

    def _error(self, problem: str, sample: int | None = None) -> TrainingError:
        return TrainingError(f"epoch {self.epoch}, {problem}", self.epoch, sample, self.history)

    def _run_callbacks(self, callbacks: Sequence[Callback]) -> bool:
        """Call all callbacks, which may read and set the parameters; return whether one returned a true result."""
        self.runner.store()
        try:
            results = [callback(self.epoch, self.history) for callback in callbacks]
        finally:
            self._load_parameters()
        return any(results)

    def _load_parameters(self) -> None:
        self.runner.load()
        self._save_state()

    def _save_state(self) -> None:
        buffer: Any = self.runner.parameters
        self.last = array("d", bytes(buffer)), self.optimizer.remembered()
