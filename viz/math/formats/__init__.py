"""Formats of tables and formulas: one module for each, on the `base` that says what a format provides."""

from engine._support import checks
from viz.math.formats.base import Format, Grid, from_template
from viz.math.formats.html import HTML
from viz.math.formats.latex import LaTeX
from viz.math.formats.markdown import Markdown
from viz.math.formats.text import PlainText

__all__ = ["FORMATS", "Format", "Grid", "from_template", "get_format", "register"]

# In the order in which they are offered.
FORMATS: dict[str, Format] = {format.name: format for format in (PlainText(), Markdown(), LaTeX(), HTML())}


def register(format: Format) -> None:
    """Put a format among the `FORMATS`, under its name."""
    FORMATS[format.name] = format


def get_format(name: str) -> Format:
    """Return one of the `FORMATS`. Raises ValueError if there is no format with this name.

    >>> get_format("pdf")
    Traceback (most recent call last):
    ValueError: there is no format 'pdf'; possible are text, markdown, latex, html
    """
    checks.choice(name, FORMATS, "format")
    return FORMATS[name]
