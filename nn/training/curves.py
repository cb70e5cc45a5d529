"""Drawing the losses and metrics of a training over its epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from nn import plots

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

MIN_LOG_RATIO = 100.0  # of the largest number to the smallest, for a logarithmic scale
DASHES = {"training": "-", "validation": "--"}  # which differ in print, too


def draw_curves(curves: Mapping[str, Mapping[str, Sequence[float]]], best: int | None, panels: Sequence[Axes]) -> None:
    """Draw each loss or metric in a panel of its own: its numbers by "training" and "validation", and the best epoch.

    >>> [panel] = plots.panels(plots.figure(4, 3), 1)
    >>> draw_curves({"loss": {"training": [0.5, 0.25]}}, 2, [panel])
    >>> panel.get_ylabel(), [text.get_text() for text in panel.texts]
    ('loss', ['training', 'best epoch 2: $0.25$'])
    """
    for (name, by_samples), panel in zip(curves.items(), panels, strict=False):
        recorded = {samples: numbers for samples, numbers in by_samples.items() if numbers}
        lines = _draw_lines(panel, recorded)
        plots.tidy(panel, "epoch", name)
        plots.name_lines(panel, lines)
        decisive = [*recorded.values()][-1] if recorded else []
        if best and best <= len(decisive):
            _mark_best(panel, best, decisive)


def _draw_lines(panel: Axes, recorded: Mapping[str, Sequence[float]]) -> list[Line2D]:
    colours = plots.colours_on(panel)
    decisive = [*recorded][-1:]  # those that the best epoch is chosen by
    lines: list[Line2D] = []
    for samples, numbers in recorded.items():
        joined = any(isfinite(before) and isfinite(after) for before, after in pairwise(numbers))
        lines += panel.plot(
            range(1, len(numbers) + 1),
            numbers,
            DASHES[samples],
            marker="" if joined else "o",  # a line needs two neighbours that are finite
            color=colours.blue if samples in decisive else colours.grey,
            label=samples,
        )
    finite = [number for numbers in recorded.values() for number in numbers if isfinite(number)]
    if finite and min(finite) > 0 and max(finite) >= MIN_LOG_RATIO * min(finite):
        panel.set_yscale("log")
    locator = plots.import_matplotlib("ticker").MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10])
    panel.xaxis.set_major_locator(locator)
    panel.margins(y=0.14)  # the best epoch stands above all lines
    return lines


def _mark_best(panel: Axes, epoch: int, numbers: Sequence[float]) -> None:
    """A line and a dot at an epoch, with its number."""
    colour, number = plots.colours_on(panel).mark, numbers[epoch - 1]
    panel.axvline(epoch, color=colour, linewidth=0.8, linestyle=":")
    panel.plot([epoch], [number], "o", markersize=9, markerfacecolor="none", color=colour)
    text, transform = f"best epoch {epoch}: {plots.format_number(number)}", panel.get_xaxis_transform()
    side, offset = ("left", 6) if 2 * epoch <= len(numbers) else ("right", -6)
    n_above = sum(other.get_text().startswith("best epoch") for other in panel.texts)  # of other histories
    plots.note(
        panel, text, (epoch, 1), colour, (offset, -4 - 12 * n_above), xycoords=transform, ha=side, va="top", fontsize=9
    )
