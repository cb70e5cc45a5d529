"""What training recorded, epoch by epoch, and its picture."""

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
    """The course of a training. In a notebook it shows itself as a picture.

    Attributes:
        losses: For each epoch the mean loss of the samples, each taken before the update of its batch.
        metrics: For each metric its mean over the training samples, after each epoch.
        validation_losses: The mean loss of the validation samples, after each epoch; empty if there were none.
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
            checks.check_instance(numbers, list, "losses are a list of numbers")
        for record in (self.metrics, self.validation_metrics):
            by_name = isinstance(record, dict) and all(isinstance(numbers, list) for numbers in record.values())
            needs = "metrics are lists of numbers by name, such as {'accuracy': [0.5]}"
            checks.type_error_unless(by_name, needs, record)

    @property
    def epochs(self) -> int:
        """The number of epochs that were finished."""
        return len(self.losses)

    def latest(self) -> dict[str, float]:
        """The last number of everything recorded, by name: "loss", "validation loss", "accuracy", ...

        >>> History([0.5, 0.25], {"accuracy": [0.75, 1.0]}).latest()
        {'loss': 0.25, 'accuracy': 1.0}
        """
        return {name: numbers[-1] for name, numbers in (self._of_loss() | self._of_metrics()).items() if numbers}

    def add(self, prefix: str, metrics: Mapping[str, float]) -> None:
        """Record the metrics of an epoch; with the prefix "validation " those of the validation samples."""
        checks.check_instance(metrics, Mapping, "metrics are numbers by name, such as {'accuracy': 0.5}")
        record = self.validation_metrics if prefix else self.metrics
        for name, number in metrics.items():
            record.setdefault(name, []).append(number)

    def cut(self) -> None:
        """Drop what was recorded of an epoch that was not finished."""
        for numbers in (self._of_loss() | self._of_metrics()).values():
            del numbers[self.epochs :]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the losses, and the metrics on an axis of their own to the right, over the epochs; return the axes.

        Without `ax`, into a new figure of pyplot, which a notebook shows, and a program after `plt.show()`. The legend
        of a new figure stands above the axes and their title, that of given ones inside.
        Raises ImportError if matplotlib is not installed.
        """
        if ax is None:
            return self._draw_into(_matplotlib("pyplot").figure(layout="constrained"))
        checks.type_error_unless(hasattr(ax, "twinx"), "ax are axes of matplotlib", ax)
        ax.legend(handles=self._draw(ax), loc="best")
        return ax

    def _draw_into(self, figure: Figure) -> Axes:
        """Draw on new axes of a figure whose layout makes room for all that is said around them."""
        ax = figure.add_subplot()
        figure.legend(handles=self._draw(ax), loc="outside upper left", ncols=2, frameon=False)
        return ax

    def _draw(self, ax: Axes) -> list[Line2D]:
        """Draw the lines and what the axes say."""
        ticker = _matplotlib("ticker")
        right = ax.twinx() if any(self._of_metrics().values()) else ax
        colours = {name: f"C{k}" for k, name in enumerate(["loss", *self.metrics])}
        lines: list[Line2D] = []
        for axes, recorded in ((ax, self._of_loss()), (right, self._of_metrics())):
            for name, numbers in recorded.items():
                epochs, of = range(1, len(numbers) + 1), name.removeprefix("validation ")
                style = "-" if of == name else "--"
                joined = any(isfinite(before) and isfinite(after) for before, after in pairwise(numbers))
                dot = "" if joined else "o"  # of which no line can be drawn
                lines += axes.plot(epochs, numbers, style, marker=dot, color=colours.get(of), label=name)
        ax.set(xlabel="epoch", ylabel="loss")
        if right is not ax:
            right.set_ylabel(", ".join(self.metrics))
        ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
        return lines

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture into a file of the kind that its ending names: .png, .svg, .pdf, ..., whole or not at all.

        Raises ImportError if matplotlib is not installed, ValueError for an ending that it does not know, and OSError
        if the file cannot be written.
        """
        write_atomically(path, self._picture(Path(path).suffix.removeprefix(".")))

    def _repr_svg_(self) -> str | None:
        """What a notebook shows; None, so that it shows the text, if nothing is recorded or matplotlib is missing."""
        try:
            return self._picture("svg").decode() if self.losses else None
        except ImportError:
            return None

    def _picture(self, kind: str) -> bytes:
        figure: Figure = _matplotlib("figure").Figure(figsize=(6.4, 4.0), layout="constrained")
        self._draw_into(figure)
        content = BytesIO()
        # The same history gives the same file: its parts have no random names, and it bears no date.
        dates = {"svg": "Date", "pdf": "CreationDate"}
        with import_module("matplotlib").rc_context({"svg.hashsalt": "history"}):
            figure.savefig(content, format=kind, metadata={dates[kind]: None} if kind in dates else None)
        return content.getvalue()

    def _of_loss(self) -> dict[str, list[float]]:
        return {"loss": self.losses} | ({"validation loss": self.validation_losses} if self.validation_losses else {})

    def _of_metrics(self) -> dict[str, list[float]]:
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
