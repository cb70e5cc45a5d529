"""How far a training is: a bar of tqdm where it is installed, else a few lines of text; both on standard error."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

TEXT_LINES = 10  # of text, about, for a whole training


class Progress:
    """Shows nothing; what it is told, those below show."""

    def advance(self) -> None:
        """A batch is done."""

    def finish_epoch(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """That epoch, from 1, is done; with the numbers recorded of it, by name."""

    def close(self) -> None:
        """Training has ended."""


class TextProgress(Progress):
    """A line for every tenth of the epochs, for the first, and for the last however training ends."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.waiting = ""  # the line of an epoch that was not shown

    def finish_epoch(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """Write a line, if it is time for one."""
        self.waiting = f"epoch {epoch:{len(str(self.epochs))}}/{self.epochs}  {format_numbers(numbers)}"
        if epoch == 1 or epoch * TEXT_LINES // self.epochs > (epoch - 1) * TEXT_LINES // self.epochs:
            self.close()

    def close(self) -> None:
        """Write the line of the last epoch, if it is not there yet."""
        if self.waiting:
            print(self.waiting, file=sys.stderr, flush=True)
        self.waiting = ""


class BarProgress(Progress):
    """A bar that grows with every batch, with the numbers of the last epoch beside it."""

    def __init__(self, bar: Any) -> None:
        self.bar = bar

    def advance(self) -> None:
        """Let the bar grow."""
        self.bar.update()

    def finish_epoch(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """Show the numbers."""
        self.bar.set_postfix_str(f"epoch {epoch}, {format_numbers(numbers)}", refresh=False)

    def close(self) -> None:
        """Leave the bar as it is."""
        self.bar.close()


def progress_for(wanted: bool | None, epochs: int, batches: int) -> Progress:
    """What shows the progress of so many epochs of so many batches; None: only if standard error is a terminal."""
    if sys.stderr is None or not (sys.stderr.isatty() if wanted is None else wanted):
        return Progress()
    try:
        from tqdm import tqdm
    except ImportError:
        return TextProgress(epochs)
    return BarProgress(tqdm(total=epochs * batches, file=sys.stderr, unit="batch", dynamic_ncols=True))


def format_numbers(numbers: Mapping[str, float]) -> str:
    """Numbers with their names, in one line.

    >>> format_numbers({"loss": 0.123456, "accuracy": 1.0})
    'loss 0.1235, accuracy 1'
    """
    return ", ".join(f"{name} {number:.4g}" for name, number in numbers.items())
