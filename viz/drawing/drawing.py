"""Drawings: DOT text that is rendered by Graphviz, shown in notebooks and saved to files."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import Value
from engine._support import checks
from engine._support.safe_files import write_atomically
from viz.drawing.dot_program import DrawingError, run_dot

# The bytes that a picture in each format begins with, and bytes near its end.
FILE_SIGNATURES = {
    "svg": (b"<?xml", b"</svg>"),
    "png": (b"\x89PNG", b"IEND"),
    "pdf": (b"%PDF-", b"%%EOF"),
    "dot": (b"", b"}"),
}
FORMATS = tuple(FILE_SIGNATURES)
DIRECTIONS = ("LR", "RL", "TB", "BT")
MAX_NODES = 300  # more cannot be read in one drawing; for some thousands, `dot` takes minutes


def check_names(names: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the names of nodes as a mapping. Raises TypeError if they are not one."""
    names = {} if names is None else names
    checks.check_instance(names, Mapping, "names must be a mapping from names to nodes, such as locals()")
    return names


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


class Drawing:
    """A drawing of a graph. Jupyter shows it; `save` writes it to a file.

    Attributes:
        source: The drawing as DOT text: the same graph always gives the same text.
        format: The format in which it is saved where the file's name does not say.

    >>> Drawing("digraph { x -> y }").source
    'digraph { x -> y }'
    """

    def __init__(self, source: str, format: str = "svg") -> None:
        checks.check_instance(source, str, "a drawing must be DOT text")
        checks.check_choice(format, FORMATS, "format")
        self.source = source
        self.format = format

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to a file, in the format that its suffix names, and return its path.

        Missing folders are created. An existing file is replaced only when the new one is complete. Raises ValueError
        for an unknown suffix, OSError if the file cannot be written (io.UnsupportedOperation, which is a ValueError
        too, if the path is a folder or a pipe), and DrawingError if `dot` is missing or fails; the DOT text is then
        saved beside the picture, as a new `.dot` file.
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
            picture = self.source.encode() if format == "dot" else self.render(format)
        except DrawingError as error:
            raise DrawingError(f"{error} {_save_text(path, self.source)}") from error
        return write_atomically(path, picture)

    def render(self, format: str) -> bytes:
        """Return the picture as bytes.

        Raises ValueError for an unknown format, and DrawingError if `dot` is missing or fails, or takes longer than
        `viz.drawing.dot_program.MAX_SECONDS` seconds.
        """
        checks.check_choice(format, FORMATS, "format")
        picture = run_dot(self.source, format)
        beginning, end = FILE_SIGNATURES[format]
        if not picture.lstrip().startswith(beginning) or end not in picture[-1024:]:
            raise DrawingError(f"The program 'dot' succeeded, but what it printed is not {format}: {picture[:60]!r}.")
        return picture

    def _repr_svg_(self) -> str | None:
        try:
            return self.render("svg").decode()
        except DrawingError:
            return None  # the notebook then shows the text of `__repr__`

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """The picture for notebooks, and an HTML element with it, at most as wide as the page."""
        svg = self._repr_svg_()
        return {} if svg is None else {"image/svg+xml": svg, "text/html": html_image(svg, repr(self))}

    def __repr__(self) -> str:
        return f"<drawing of {self.source.count('[label=')} parts; .save('name.svg') writes it, .source is its text>"


def html_image(svg: str, alt: str) -> str:
    """Return an HTML element with an SVG picture, at most as wide as the page, whose style affects nothing else.

    >>> html_image("<svg/>", "an empty picture")
    '<img alt="an empty picture" style="max-width: 100%" src="data:image/svg+xml;base64,PHN2Zy8+">'
    """
    content = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{html.escape(alt)}" style="max-width: 100%" src="data:image/svg+xml;base64,{content}">'


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
