"""Drawings: DOT text that is rendered by Graphviz, shown in notebooks and saved to files."""

from __future__ import annotations

import base64
import html
import math
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from engine import Value
from engine._support import checks
from engine._support.documented_fields import document_fields
from engine._support.safe_files import write_atomically
from viz.drawing.dot_program import FILE_SIGNATURES, DrawingError, run_dot

FORMATS = tuple(FILE_SIGNATURES)
DIRECTIONS = ("LR", "RL", "TB", "BT")
# The ratio of the sides of a picture that can be read, if it is longer than a column of text, and its smallest type.
MAX_RATIO, COLUMN_WIDTH, MIN_TYPE = 3.0, 468.0, 7.0  # points
DEFAULT_DPI = 144.0
MAX_DPI = 2400.0
MAX_NODES = 300  # more cannot be read in one drawing; for some thousands, `dot` takes minutes


def check_limit(limit: int) -> None:
    """Raise TypeError or ValueError unless it is a number of nodes."""
    checks.check_positive_int(limit, "limit must be the largest number of nodes, at least 1")


def check_outputs(root: Value | Sequence[Value]) -> tuple[Value, ...]:
    """Return the outputs to draw. Raises TypeError if one is not a `Value`, ValueError if the list is empty."""
    outputs = check_values(root, "a drawing starts from")
    if not outputs:
        raise ValueError("the list of outputs to draw is empty")
    return outputs


def check_values(given: Value | Iterable[Value], what: str) -> tuple[Value, ...]:
    """Return one Value or several as a tuple. Raises TypeError, which begins with `what`, if one is not a `Value`."""
    values = (given,) if isinstance(given, Value) or not isinstance(given, Iterable) else tuple(given)
    for value in values:
        checks.check_instance(value, Value, f"{what} a Value or a list of them")
    return values


@document_fields
class Measures(NamedTuple):
    """The size of a picture, in points.

    Attributes:
        width: Its width.
        height: Its height.
        smallest_type: The size of its smallest type, indices aside; None without text.
    """

    width: float
    height: float
    smallest_type: float | None


class Drawing:
    """A drawing of a graph. Jupyter shows it; `save` writes it to a file.

    Attributes:
        source: The drawing as DOT text: the same graph always gives the same text.
        format: The format in which it is saved where the file's name does not say.
        note: What its `repr` says of it besides its size.
        advice: What its `repr` says besides if the picture is longer than 3 : 1, or its type smaller than wanted.
        wanted_type: The size of the smallest type that is wanted, in points; by default, one that can be read.

    >>> Drawing("digraph { x -> y }").source
    'digraph { x -> y }'
    """

    def __init__(
        self, source: str, format: str = "svg", note: str = "", advice: str = "", wanted_type: float | None = None
    ) -> None:
        checks.check_instance(source, str, "a drawing must be DOT text")
        checks.check_choice(format, FORMATS, "format")
        self.source = source
        self.format = format
        self.note = note
        self.advice = advice
        self.wanted_type = MIN_TYPE if wanted_type is None else wanted_type

    def save(self, path: str | os.PathLike[str], dpi: float = DEFAULT_DPI) -> Path:
        """Write the drawing to a file, in the format that its suffix names, and return its path.

        A PNG has `dpi` pixels per inch. Missing folders are created. An existing file is replaced only when the new one
        is complete. Raises ValueError for an unknown suffix or an invalid `dpi`, OSError if the file cannot be written
        (io.UnsupportedOperation, which is a ValueError too, if the path is a folder or a pipe), and DrawingError if it
        cannot be drawn; the DOT text is then saved beside the picture, as a new `.dot` file. PDF needs `dot` itself.

        >>> drawing = Drawing("digraph { x -> y }")
        >>> drawing.save("demos/out/example.png", dpi=300).name
        'example.png'
        """
        path = Path(os.path.expanduser(path))
        if not path.suffix and not path.is_dir():
            path = path.with_name(f"{path.name}.{self.format}")
        format = path.suffix[1:].lower()
        if format not in FORMATS:
            raise ValueError(
                f"cannot save {path}: its suffix must be one of {', '.join('.' + name for name in FORMATS)}"
            )
        try:
            picture = self.source.encode() if format == "dot" else self.render(format, dpi)
        except DrawingError as error:
            raise DrawingError(f"{error} {_save_text(path, self.source)}") from error
        return write_atomically(path, picture)

    def render(self, format: str, dpi: float = DEFAULT_DPI) -> bytes:
        """Return the picture as bytes; a PNG has `dpi` pixels per inch.

        Raises ValueError for an unknown format or an invalid `dpi`, and DrawingError if it cannot be drawn: there is
        neither `dot` nor graphviz-pure, or the program fails, or takes longer than 120 seconds.

        >>> Drawing("digraph { x -> y }").render("svg")[:5]
        b'<?xml'
        """
        checks.check_choice(format, FORMATS, "format")
        is_valid = isinstance(dpi, (int, float)) and not isinstance(dpi, bool) and 1 <= dpi <= MAX_DPI
        checks.value_error_unless(is_valid, f"dpi must be a number of pixels per inch from 1 to {MAX_DPI:g}", dpi)
        picture = run_dot(self._source_of_pixels(dpi) if format == "png" else self.source, format)
        return _tooltips_as_titles(picture) if format == "svg" else picture

    def _source_of_pixels(self, dpi: float) -> str:
        """The DOT text of a picture of whole pixels, for pixels that it covers in part would be half transparent."""
        body, brace, after = self.source.rpartition("}")
        try:
            sides = self.measures()[:2]
        except DrawingError:
            return self.source  # whose own problem is then reported
        pixels = (math.floor(side * dpi / 72 + 0.01) for side in sides)
        viewport = ",".join(f"{n * 72 / dpi:.9g}" for n in pixels)
        return f'{body}\tgraph [dpi={dpi:g} viewport="{viewport}"]\n{brace}{after}'

    @cached_property
    def _svg(self) -> str:
        return self.render("svg").decode()

    def measures(self) -> Measures:
        """Return the size of the picture and of its smallest type. Raises DrawingError if it cannot be drawn.

        >>> Drawing('digraph { size="2,1!" margin=0 x }').measures().height
        72.0
        """
        sides = re.search(r'<svg width="(\d+)pt" height="(\d+)pt"', self._svg)
        scale = re.search(r'transform="scale\((\S+) ', self._svg)
        width, height = map(float, sides.groups()) if sides else (0.0, 0.0)
        sizes = {float(size) for size in re.findall(r'font-size="([\d.]+)"', self._svg)}
        sizes -= sizes_of_type(self.source, indices=True) - sizes_of_type(self.source)
        smallest = round(min(sizes) * float(scale[1] if scale else 1.0), 1) if sizes else None
        return Measures(width, height, smallest)

    def is_type_small(self) -> bool:
        """Whether the smallest type is smaller than wanted. Raises DrawingError if the picture cannot be drawn."""
        smallest = self.measures().smallest_type
        return smallest is not None and smallest < 0.999 * self.wanted_type - 0.05

    def _repr_svg_(self) -> str | None:
        try:
            return self._svg
        except DrawingError:
            return None  # the notebook then shows the text of `__repr__`

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """The picture for notebooks, and an HTML element with it, at most as wide as the page."""
        svg = self._repr_svg_()
        return {} if svg is None else {"image/svg+xml": svg, "text/html": html_image(svg, repr(self))}

    def __repr__(self) -> str:
        n_nodes = len(re.findall(r"^\tn\d+ \[", self.source, re.MULTILINE))
        parts = [f"{n_nodes} nodes" if n_nodes != 1 else "1 node"] if n_nodes else []
        with suppress(DrawingError):
            width, height, smallest = self.measures()
            parts.append(f"{width:g} × {height:g} pt")
            is_small = self.is_type_small()
            wanted = f" ({self.wanted_type:g} pt wanted)" if is_small else ""
            parts += [f"smallest type {smallest:.3g} pt{wanted}"] if smallest else []
            if is_small or max(width, height) > max(COLUMN_WIDTH, MAX_RATIO * min(width, height)):
                parts += [self.advice] if self.advice else []
        parts += [self.note] if self.note else []
        return f"<drawing of {', '.join(parts)}; .save('name.svg') writes it, .source is its text>"


def sizes_of_type(source: str, indices: bool = False) -> set[float]:
    """The sizes in points of type in DOT text, without indices or of them alone.

    >>> sizes_of_type('x [label=<<FONT POINT-SIZE="20">x</FONT>>]')
    {20.0}
    """
    before = 'VALIGN="(?:TOP|BOTTOM)">' if indices else '(?<!VALIGN="TOP">)(?<!VALIGN="BOTTOM">)'
    pattern = rf'{before}<FONT POINT-SIZE="(\d+)"'
    pattern += "" if indices else r"|\bfontsize=(\d+)"
    return {float("".join(size)) for size in re.findall(pattern, source)}


def html_image(svg: str, alt: str) -> str:
    """Return an HTML element with an SVG picture, at most as wide as the page, whose style affects nothing else.

    >>> html_image("<svg/>", "an empty picture")
    '<img alt="an empty picture" style="max-width: 100%" src="data:image/svg+xml;base64,PHN2Zy8+">'
    """
    content = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{html.escape(alt)}" style="max-width: 100%" src="data:image/svg+xml;base64,{content}">'


def _tooltips_as_titles(svg: bytes) -> bytes:
    """Return an SVG file of Graphviz with its tooltips, which are the titles of links to nowhere, as titles of groups.

    >>> _tooltips_as_titles(b'<g id="a_node1"><a xlink:title="x = 1"><text>x</text></a></g>')
    b'<g id="a_node1"><title>x = 1</title><text>x</text></g>'
    """
    return re.sub(rb'<a xlink:title="([^"]*)">', rb"<title>\1</title>", svg).replace(b"</a>", b"")


def _save_text(path: Path, source: str) -> str:
    """Save the DOT text of a picture as net.dot, or if that exists net-1.dot, net-2.dot, ...; say where it is."""
    text, i = path.with_suffix(".dot"), 0
    try:
        while os.path.lexists(text):
            if text.is_file() and text.read_bytes() == source.encode():
                break
            i += 1
            text = path.with_name(f"{path.stem}-{i}.dot")
        else:
            write_atomically(text, source)
    except OSError as problem:
        return f"Nor could its text be saved: {problem}."
    return f"The drawing is saved as text in {text}."
