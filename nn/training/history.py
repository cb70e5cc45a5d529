"""The history of a training: its losses and metrics, epoch by epoch, and their plot."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from engine._support import checks
from engine._support.safe_files import write_atomically
from nn import plots
from nn.training.curves import draw_curves
from nn.training.progress import format_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_COLUMNS = 3  # of panels
PANEL_WIDTH, PANEL_HEIGHT = 4.6, 3.3  # inches


@dataclass(repr=False)
class History:
    """The losses and metrics of a training, epoch by epoch. A notebook shows it as a plot.

    Attributes:
        losses: For each epoch the mean loss of the samples, each taken before the update of its batch.
        metrics: For each metric its mean over the training samples, after each epoch.
        validation_losses: The mean loss of the validation samples, after each epoch; empty without such samples.
        validation_metrics: For each metric its mean over the validation samples, after each epoch.
        interrupted: Whether Ctrl-C ended the training.

    >>> History([0.5, 0.25], {"accuracy": [0.75, 1.0]})
    <History of 2 epochs: loss 0.25, accuracy 1>
    """

    losses: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    validation_losses: list[float] = field(default_factory=list)
    validation_metrics: dict[str, list[float]] = field(default_factory=dict)
    interrupted: bool = False

    def __post_init__(self) -> None:
        for numbers in (self.losses, self.validation_losses):
            checks.check_instance(numbers, list, "losses must be a list of numbers")
        for record in (self.metrics, self.validation_metrics):
            by_name = isinstance(record, dict) and all(isinstance(numbers, list) for numbers in record.values())
            needs = "metrics must be lists of numbers by name, such as {'accuracy': [0.5]}"
            checks.type_error_unless(by_name, needs, record)
            _check_names(record)

    @property
    def epochs(self) -> int:
        """The number of epochs that were finished."""
        return len(self.losses)

    def latest(self) -> dict[str, float]:
        """The latest losses and metrics by name: "loss", "validation loss", "accuracy", ...

        >>> History([0.5, 0.25], {"accuracy": [0.75, 1.0]}).latest()
        {'loss': 0.25, 'accuracy': 1.0}
        """
        return {
            name: numbers[-1] for name, numbers in (self._losses_by_name() | self._metrics_by_name()).items() if numbers
        }

    def add(self, prefix: str, metrics: Mapping[str, float]) -> None:
        """Record the metrics of an epoch: with the prefix "validation ", those of the validation samples."""
        checks.check_instance(metrics, Mapping, "metrics must be numbers by name, such as {'accuracy': 0.5}")
        _check_names(metrics)
        record = self.validation_metrics if prefix else self.metrics
        for name, number in metrics.items():
            record.setdefault(name, []).append(number)

    def drop_unfinished(self) -> None:
        """Drop the metrics of an epoch that was not finished."""
        for numbers in (self._losses_by_name() | self._metrics_by_name()).values():
            del numbers[self.epochs :]

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the lowest validation loss, or without validation the lowest loss, counted from 1.

        None if no loss is finite.

        >>> History([0.5, 0.25, 0.125], validation_losses=[0.75, 0.5, 0.625]).best_epoch
        2
        """
        losses = [
            (loss, epoch) for epoch, loss in enumerate(self.validation_losses or self.losses, 1) if isfinite(loss)
        ]
        return min(losses)[1] if losses else None

    def plot(self, ax: Axes | Sequence[Axes] | None = None, *, dark: bool | None = None) -> Axes:
        """Plot the losses over the epochs and beside them each metric, and mark the best epoch; return the first axes.

        A loss or metric that spans several decades has a logarithmic scale. `save` writes the same picture to a file,
        and `history.plot().figure.savefig("history.pdf")` one that was changed.

        Args:
            ax: Axes to plot in, for the losses; or several, for the losses and metrics. None makes a new figure of
                pyplot, which a notebook shows, and a program by `plt.show()`.
            dark: Whether a new figure is light on dark; None follows the style of matplotlib.

        Raises ImportError if matplotlib is not installed.

        >>> from matplotlib.figure import Figure
        >>> history = History([0.5, 0.25], {"accuracy": [0.75, 1.0]})
        >>> figure = Figure(figsize=(8, 3), layout="constrained")
        >>> axes = history.plot(figure.subplots(1, 2))
        >>> axes.set_title("Two epochs")
        Text(0.5, 1.0, 'Two epochs')
        """
        _check_dark(dark)
        if ax is None:
            return self._draw(dark, plots.import_matplotlib("pyplot").figure).axes[0]
        axes = [*ax] if isinstance(ax, Iterable) else [ax]
        needs = "ax must be axes of matplotlib, or a list of them"
        checks.type_error_unless(bool(axes) and all(hasattr(each, "plot") for each in axes), needs, ax)
        draw_curves(self._curves(), self.best_epoch, axes)
        return axes[0]

    def save(self, path: str | os.PathLike[str], *, dark: bool | None = None) -> None:
        """Save the plot to a file whose ending names the format: .png, .svg, .pdf, ...; whole or not at all.

        `dark` is as in `plot`.
        Raises ImportError if matplotlib is not installed, ValueError for an ending that matplotlib does not know, and
        OSError if the file cannot be written.

        >>> History([0.5, 0.25]).save("demos/out/history.png", dark=True)
        """
        write_atomically(path, plots.render(self._draw(dark), Path(path).suffix.removeprefix(".")))

    def _repr_svg_(self) -> str | None:
        """The plot, for a notebook; None, so that it shows the text, for an empty history or without matplotlib."""
        try:
            return plots.render(self._draw(None), "svg").decode() if self.losses else None
        except ImportError:
            return None

    def _draw(self, dark: bool | None, make: Callable[..., Any] | None = None) -> Figure:
        _check_dark(dark)
        curves = self._curves()
        columns = min(len(curves), MAX_COLUMNS)
        rows = -(-len(curves) // columns)
        figure = plots.figure(PANEL_WIDTH * columns, PANEL_HEIGHT * rows, dark=dark, make=make)
        draw_curves(curves, self.best_epoch, plots.panels(figure, len(curves), columns))
        return figure

    def _curves(self) -> dict[str, dict[str, list[float]]]:
        """For the loss and each metric, its numbers by "training" and "validation"."""
        training = {"loss": self.losses} | self.metrics
        validation = {"loss": self.validation_losses} | self.validation_metrics
        return {
            name: {"training": training.get(name, []), "validation": validation.get(name, [])}
            for name in training | validation
        }

    def _losses_by_name(self) -> dict[str, list[float]]:
        return {"loss": self.losses} | ({"validation loss": self.validation_losses} if self.validation_losses else {})

    def _metrics_by_name(self) -> dict[str, list[float]]:
        return self.metrics | {f"validation {name}": numbers for name, numbers in self.validation_metrics.items()}

    def __repr__(self) -> str:
        numbers = format_numbers(self.latest())
        end = ", interrupted" if self.interrupted else ""
        epochs = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        return f"<History of {epochs}{': ' if numbers else ''}{numbers}{end}>"


def _check_dark(dark: bool | None) -> None:
    checks.check_instance(dark, (bool, NoneType), "dark must be True, False or None")


def _check_names(metrics: Iterable[str]) -> None:
    if "loss" in metrics:
        raise ValueError("a metric must not be named 'loss', which is the name of the losses")
