"""Colours, titles and files of the pictures that the demos of training draw."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from engine._support.safe_files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# From the palette of Okabe and Ito, which colour-blind readers can tell apart.
BLUE, ORANGE = "#0072B2", "#D55E00"
PALE_BLUE, PALE_ORANGE = "#DCEBF5", "#FAE5D8"
INK, GREY, PALE_GREY = "#222222", "#707070", "#D9D9D9"
DPI = 150


def figure(width: float, height: float) -> Figure:
    """An empty figure, sizes in inches. It is drawn into a file only, without a window and without global state.

    >>> figure(4, 3).get_size_inches().tolist()
    [4.0, 3.0]
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12))


def caption(figure: Figure, title: str, more: str) -> None:
    """Set a title above several pictures in one, and below them how to read them."""
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    figure.supxlabel(more, x=0.01, ha="left", fontsize=10, color=GREY)


def headline(axes: Axes, title: str, more: str = "") -> None:
    """Set a title that says what the picture shows, and below it, smaller, how to read it."""
    axes.set_title(title, loc="left", fontsize=13, fontweight="bold", color=INK, pad=24 if more else 8)
    axes.annotate(more, (0, 1), xytext=(0, 8), xycoords="axes fraction", textcoords="offset points", color=GREY)


def tidy(axes: Axes) -> None:
    """Leave two axes of the frame, in grey."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(PALE_GREY)
    axes.tick_params(color=PALE_GREY, labelcolor=GREY, labelsize=9)


def save(figure: Figure, path: Path) -> Path:
    """Write the picture as PNG, atomically; return its path. Raises OSError if it cannot be written."""
    content = BytesIO()
    figure.savefig(content, format="png", dpi=DPI)
    return write_atomically(path, content.getvalue())
