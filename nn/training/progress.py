"""The progress of a training: a bar of tqdm if it is installed, otherwise lines of text; both on standard error."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from typing import Any

TEXT_LINES = 10  # the approximate number of lines for a whole training
BAR_DELAY = 1.0  # seconds


class Progress:
    """The events of a training. This base class does not show them."""

    def advance(self) -> None:
        """Note the end of a batch."""

    def finish_epoch(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """Note the end of an epoch, counted from 1, with its losses and metrics by name."""

    def close(self) -> None:
        """Note the end of the training."""


class TextProgress(Progress):
    """A line for the first epoch, for every tenth of the epochs, and for the last, also if training ends early."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.waiting = ""  # the line of the last epoch, unless it is printed

    def finish_epoch(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """Print the line of the epoch if it is the first, or if a tenth of the epochs is complete."""
        self.waiting = f"epoch {epoch:{len(str(self.epochs))}}/{self.epochs}  {format_numbers(numbers)}"
        if epoch == 1 or epoch * TEXT_LINES // self.epochs > (epoch - 1) * TEXT_LINES // self.epochs:
            self.close()

    def close(self) -> None:
        """Print the line of the last epoch, unless it is printed."""
        if self.waiting:
            print(self.waiting, file=sys.stderr, flush=True)
        self.waiting = ""


class BarProgress(Progress):
    """A bar that grows with every batch, with the numbers of the last epoch beside it."""

    def __init__(self, bar: Any) -> None:
        self.bar = bar

    def advance(self) -> None:
        """Advance the bar."""
        self.bar.update()

    def finish_epoch(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """Show the losses and metrics beside the bar."""
        self.bar.set_postfix_str(f"epoch {epoch}, {format_numbers(numbers)}", refresh=False)

    def close(self) -> None:
        """Close the bar, which stays visible."""
        self.bar.close()


def progress_for(wanted: bool | None, epochs: int, batches: int) -> Progress:
    """The progress of `epochs` epochs of `batches` batches.

    With None it is shown in terminals and notebooks; a bar then appears after a second, not in a shorter training.
    """
    if sys.stderr is None or not (_is_watched() if wanted is None else wanted):
        return Progress()
    bar = _bar_class()
    if bar is None:
        return TextProgress(epochs)
    delay = 0.0 if wanted else BAR_DELAY
    return BarProgress(bar(total=epochs * batches, file=sys.stderr, unit="batch", dynamic_ncols=True, delay=delay))


def _is_watched() -> bool:
    """Whether standard error is a terminal, or that of a notebook."""
    return sys.stderr.isatty() or type(sys.stderr).__module__ == "ipykernel.iostream"


def _bar_class() -> Any:
    """The bar of tqdm for terminals or, where ipywidgets are installed, for notebooks; None without tqdm."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "IProgress not found")  # without ipywidgets, the bar is text
            from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm


def format_numbers(numbers: Mapping[str, float]) -> str:
    """Format numbers with their names in one line.

    >>> format_numbers({"loss": 0.123456, "accuracy": 1.0})
    'loss 0.1235, accuracy 1'
    """
    return ", ".join(f"{name} {number:.4g}" for name, number in numbers.items())
