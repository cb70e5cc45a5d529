"""The style of pictures that matplotlib draws: colours, frames with labels, titles, names at the ends of lines, files.

Colour-blind readers, too, can distinguish all colours. A picture is light or dark as its background is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine._support.safe_files import write_atomically
from engine._support.typed_commands import install_command

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


@dataclass(frozen=True)
class Colours:
    """The colours of a picture, which are those of the themes of `viz`.

    Attributes:
        background, ink: The background, and the text.
        grey, faint: Labels, notes and what is less important; frames.
        blue, mark: Two kinds of data. Where there is one, the mark is what the reader is to look at.
        pale_blue, pale_mark: Areas that belong to these.
    """

    background: str
    ink: str
    grey: str
    faint: str
    blue: str
    mark: str
    pale_blue: str
    pale_mark: str


LIGHT = Colours("#ffffff", "#000000", "#4d4d4d", "#bfbfbf", "#0b57a4", "#b22222", "#dbe7f3", "#f7dede")
DARK = Colours("#0d1117", "#f0f3f6", "#b6c2cf", "#3d4754", "#79c0ff", "#ff9d4d", "#16324a", "#4a2c12")
DPI = 150


def figure(width: float, height: float, *, dark: bool | None = False, make: Callable[..., Any] | None = None) -> Figure:
    """An empty figure, sizes in inches, laid out around its labels; `dark=None` follows the style of matplotlib.

    By default it is drawn into a file only, without a window and without global state; `make=pyplot.figure` shows it.

    >>> figure(4, 3).get_size_inches().tolist()
    [4.0, 3.0]
    """
    layout = import_matplotlib("layout_engine").ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12)
    background = {} if dark is None else {"facecolor": (DARK if dark else LIGHT).background}
    make = make or import_matplotlib("figure").Figure
    made: Figure = make(figsize=(width, height), layout=layout, **background)
    return made


def panels(figure: Figure, n: int, columns: int = 3, **options: Any) -> list[Axes]:
    """Axes in rows, on the background of the figure; what is left of the last row stays empty."""
    columns = min(n, columns)
    found = figure.subplots(-(-n // columns), columns, squeeze=False, subplot_kw={"facecolor": "none"}, **options)
    for axes in found.ravel()[n:]:
        axes.set_axis_off()
    return list(found.ravel()[:n])


def colours_on(picture: Axes | Figure) -> Colours:
    """The colours that can be seen on the background of a figure, or of axes.

    >>> colours_on(figure(4, 3, dark=True)) == DARK
    True
    """
    for surface in (picture, picture.get_figure(root=True)):
        red, green, blue, alpha = import_matplotlib("colors").to_rgba(surface.get_facecolor() if surface else "none")
        if alpha:
            return DARK if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.4 else LIGHT
    return LIGHT


def caption(figure: Figure, title: str, more: str) -> None:
    """Set a title above several pictures in one, and below them how to read them."""
    colours = colours_on(figure)
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", color=colours.ink)
    figure.supxlabel(more, x=0.01, ha="left", fontsize=10, color=colours.grey)


def headline(axes: Axes, title: str, more: str = "") -> None:
    """Set a title that says what the picture shows, and below it, smaller, how to read it."""
    colours = colours_on(axes)
    axes.set_title(title, loc="left", fontsize=13, fontweight="bold", color=colours.ink, pad=24 if more else 8)
    axes.annotate(more, (0, 1), xytext=(0, 8), xycoords="axes fraction", textcoords="offset points", color=colours.grey)


def tidy(axes: Axes, xlabel: str, ylabel: str) -> None:
    """Label both axes, and leave only these of the frame."""
    colours = colours_on(axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(colours.faint)
    axes.tick_params(which="both", color=colours.faint, labelcolor=colours.grey, labelsize=9)
    axes.set_xlabel(xlabel, color=colours.grey, fontsize=10)
    axes.set_ylabel(ylabel, color=colours.grey, fontsize=10)


def name_lines(axes: Axes, lines: Iterable[Line2D]) -> None:
    """Write the label of each line, of which there are at most two, at its right end and in its colour."""
    ends = []
    for line in lines:
        points: Any = line.get_xydata()
        ends += [(y, x, line) for x, y in points.tolist() if isfinite(y)][-1:]
    ends.sort(key=lambda end: end[0])
    heights = {1: ["center"], 2: ["top", "bottom"]}  # apart even if both lines end at one place
    for (y, x, line), height in zip(ends, heights.get(len(ends), []), strict=True):
        note(axes, str(line.get_label()), (x, y), line.get_color(), va=height)


def note(
    axes: Axes, text: str, at: Sequence[float], colour: Any, offset: tuple[float, float] = (9, 0), **options: Any
) -> None:
    """Write a text beside a point of the data; `offset` is in points, and `options` are those of `annotate`."""
    options = {"fontsize": 10, "color": colour, "textcoords": "offset points"} | options
    axes.annotate(text, (at[0], at[1]), xytext=offset, **options)


def draw_regions(
    axes: Axes,
    score: Callable[[list[float], list[float]], Sequence[float]],
    low: tuple[float, float],
    high: tuple[float, float],
    margins: Sequence[float] = (),
) -> None:
    """Fill the plane between two corners: pale blue where the score of points (x_1, x_2) is below 0, else the mark's.

    `score` takes the coordinates of many points. A line is drawn where it is 0, and dashed ones at the `margins`.
    """
    import numpy as np

    colours = colours_on(axes)
    x_1, x_2 = np.meshgrid(*(np.linspace(*ends, 200) for ends in zip(low, high, strict=True)))
    scores = np.reshape(score(x_1.ravel().tolist(), x_2.ravel().tolist()), x_1.shape)
    axes.contourf(x_1, x_2, scores > 0, levels=[-0.5, 0.5, 1.5], colors=[colours.pale_blue, colours.pale_mark])
    axes.contour(x_1, x_2, scores, levels=[0], colors=[colours.ink], linewidths=1.6)
    if margins:
        axes.contour(x_1, x_2, scores, levels=margins, colors=[colours.grey], linewidths=0.9, linestyles="dashed")
    axes.set_aspect("equal")


def format_number(x: float) -> str:
    """The number with four significant digits, as mathematics of matplotlib.

    >>> format_number(-0.25), format_number(0.0000123456)
    ('$-0.25$', '$1.235 \\\\cdot 10^{-5}$')
    """
    digits, _, exponent = f"{x:.4g}".partition("e")
    return rf"${digits} \cdot 10^{{{int(exponent)}}}$" if exponent else f"${digits}$"


def save(figure: Figure, path: Path) -> Path:
    """Write the picture as PNG, atomically; return its path. Raises OSError if it cannot be written."""
    return write_atomically(path, render(figure, "png"))


def render(figure: Figure, extension: str) -> bytes:
    """The picture as a file of the type with that extension. The same figure gives the same bytes, on any day."""
    dates = {"svg": "Date", "pdf": "CreationDate"}
    content = BytesIO()
    with import_module("matplotlib").rc_context({"svg.hashsalt": "figure"}):
        metadata = {dates[extension]: None} if extension in dates else None
        figure.savefig(content, format=extension, dpi=DPI, metadata=metadata)
    return content.getvalue()


def import_matplotlib(module: str) -> Any:
    """A module of matplotlib. Raises ImportError, which says how to install it, if it is missing."""
    try:
        return import_module(f"matplotlib.{module}")
    except ImportError as error:
        raise ImportError(f"pictures of a training need matplotlib: {install_command('train')}") from error
