"""Rows of the table of measurements."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))


def seconds(numbers: Sequence[float]) -> str:
    """The median of some times, and how far they lie apart, in a unit that suits them.

    >>> seconds([0.0031, 0.0030, 0.0035])
    '3.1 ms (3 to 3.5)'
    """
    middle = median(numbers)
    name, unit = next((u for u in UNITS if middle >= u[1]), UNITS[-1])
    return f"{middle / unit:.3g} {name} ({min(numbers) / unit:.3g} to {max(numbers) / unit:.3g})"


def row(work: str, ours: str, theirs: str = "", ratio: float | None = None, target: str = "") -> str:
    """A line of the table."""
    return line(
        work, ours, theirs, "" if ratio is None else f"{ratio:,.1f}" if ratio < 1000 else f"{ratio:,.0f}", target
    )


def line(work: str, ours: str, theirs: str, ratio: str, target: str) -> str:
    """Texts in columns."""
    return f"{work:<64} {ours:<28} {theirs:<44} {ratio:>8}  {target}".rstrip()


def head() -> str:
    """The names of the columns."""
    return line("work", "pathgrad: median (range)", "peer: median (range)", "ratio", "target")


def compared(work: str, ours: Sequence[float], peer: str, theirs: Sequence[float], target: str = "") -> str:
    """A row with a ratio: how many times as fast we are.

    >>> compared("x", [1.0], "micrograd", [4.0], ">= 2").split()
    ['x', '1', 's', '(1', 'to', '1)', 'micrograd', '4', 's', '(4', 'to', '4)', '4.0', '>=', '2']
    """
    return row(work, seconds(ours), f"{peer} {seconds(theirs)}", median(theirs) / median(ours), target)
