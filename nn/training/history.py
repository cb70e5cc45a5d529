"""The history of a training: its losses and metrics, epoch by epoch, and their plot."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine._support import checks
from engine._support.safe_files import write_atomically
from nn.training.progress import format_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


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
        record = self.validation_metrics if prefix else self.metrics
        for name, number in metrics.items():
            record.setdefault(name, []).append(number)

    def drop_unfinished(self) -> None:
        """Drop the metrics of an epoch that was not finished."""
        for numbers in (self._losses_by_name() | self._metrics_by_name()).values():
            del numbers[self.epochs :]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Plot the losses over the epochs, and the metrics on an axis to the right; return the axes.

        Without `ax`, a new figure of pyplot is made, which a notebook shows, and a program by `plt.show()`. The legend
        is above the axes and their title in a new figure, and inside given axes.
        Raises ImportError if matplotlib is not installed.
        """
        if ax is None:
            return self._draw_into(_matplotlib("pyplot").figure(layout="constrained"))
        checks.type_error_unless(hasattr(ax, "twinx"), "ax must be axes of matplotlib", ax)
        ax.legend(handles=self._draw(ax), loc="best")
        return ax

    def _draw_into(self, figure: Figure) -> Axes:
        """Draw on new axes of a figure whose layout makes room for their labels and the legend."""
        ax = figure.add_subplot()
        figure.legend(handles=self._draw(ax), loc="outside upper left", ncols=2, frameon=False)
        return ax

    def _draw(self, ax: Axes) -> list[Line2D]:
        """Draw the lines and label the axes; return the lines, for the legend."""
        ticker = _matplotlib("ticker")
        right = ax.twinx() if any(self._metrics_by_name().values()) else ax
        colours = {name: f"C{k}" for k, name in enumerate(["loss", *self.metrics])}
        lines: list[Line2D] = []
        for axes, recorded in ((ax, self._losses_by_name()), (right, self._metrics_by_name())):
            for name, numbers in recorded.items():
                epochs, plain_name = range(1, len(numbers) + 1), name.removeprefix("validation ")
                style = "-" if plain_name == name else "--"
                joined = any(isfinite(before) and isfinite(after) for before, after in pairwise(numbers))
                dot = "" if joined else "o"  # a line needs two neighbours that are finite
                lines += axes.plot(epochs, numbers, style, marker=dot, color=colours.get(plain_name), label=name)
        ax.set(xlabel="epoch", ylabel="loss")
        if right is not ax:
            right.set_ylabel(", ".join(self.metrics))
        ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
        return lines

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the plot to a file whose ending names the format: .png, .svg, .pdf, ...; whole or not at all.

        Raises ImportError if matplotlib is not installed, ValueError for an ending that matplotlib does not know, and
        OSError if the file cannot be written.
        """
        write_atomically(path, self._render(Path(path).suffix.removeprefix(".")))

    def _repr_svg_(self) -> str | None:
        """The plot, for a notebook; None, so that it shows the text, for an empty history or without matplotlib."""
        try:
            return self._render("svg").decode() if self.losses else None
        except ImportError:
            return None

    def _render(self, extension: str) -> bytes:
        figure: Figure = _matplotlib("figure").Figure(figsize=(6.4, 4.0), layout="constrained")
        self._draw_into(figure)
        content = BytesIO()
        # The same history gives the same file: without random identifiers and without a date.
        dates = {"svg": "Date", "pdf": "CreationDate"}
        with import_module("matplotlib").rc_context({"svg.hashsalt": "history"}):
            figure.savefig(content, format=extension, metadata={dates[extension]: None} if extension in dates else None)
        return content.getvalue()

    def _losses_by_name(self) -> dict[str, list[float]]:
        return {"loss": self.losses} | ({"validation loss": self.validation_losses} if self.validation_losses else {})

    def _metrics_by_name(self) -> dict[str, list[float]]:
        return self.metrics | {f"validation {name}": numbers for name, numbers in self.validation_metrics.items()}

    def __repr__(self) -> str:
        numbers = format_numbers(self.latest())
        end = ", interrupted" if self.interrupted else ""
        epochs = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        return f"<History of {epochs}{': ' if numbers else ''}{numbers}{end}>"


def _matplotlib(module: str) -> Any:
    try:
        return import_module(f"matplotlib.{module}")
    except ImportError as error:
        raise ImportError("drawing a History needs matplotlib: pip install 'pathgrad[train]'") from error
