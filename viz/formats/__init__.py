"""Formats of tables and formulas: one module for each, on the `base` that says what a format provides."""

from viz.formats.base import FORMATS, Format, Grid, format_named, register
from viz.formats.html import HTML
from viz.formats.latex import LaTeX
from viz.formats.markdown import Markdown
from viz.formats.text import Text

for _format in (Text(), Markdown(), LaTeX(), HTML()):  # in the order in which they are offered
    register(_format)

__all__ = ["FORMATS", "Format", "Grid", "format_named", "register"]
