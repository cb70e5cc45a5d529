"""The formats of labels, formulas and tables: one module for each, above `base`, which says what a format provides.

A label becomes LaTeX in `latex.label_to_latex`; MathML in `html`, Unicode and ASCII in `text`. `markdown` is LaTeX in
Markdown's tables.
"""

from engine._support import checks
from viz.math.formats.base import Format, FormulaFormat, Grid, from_template
from viz.math.formats.html import HTML
from viz.math.formats.latex import LaTeX
from viz.math.formats.markdown import Markdown
from viz.math.formats.text import PlainText

__all__ = ["FORMATS", "Format", "FormulaFormat", "Grid", "from_template", "get_format", "register"]

# In the order in which they are offered.
FORMATS: dict[str, Format] = {format.name: format for format in (PlainText(), Markdown(), LaTeX(), HTML())}


def register(format: Format) -> None:
    """Add a format to the `FORMATS`, under its name."""
    FORMATS[format.name] = format


def get_format(name: str | Format) -> Format:
    """The format with this name, or the given one. Raises ValueError for a name that is not among the `FORMATS`.

    >>> get_format("pdf")
    Traceback (most recent call last):
    ValueError: unknown format 'pdf'; choose from text, markdown, latex, html
    """
    if isinstance(name, Format):
        return name
    checks.check_choice(name, FORMATS, "format")
    return FORMATS[name]
