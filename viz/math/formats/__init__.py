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
from viz.math.formats.typst import Typst

__all__ = ["FORMATS", "Format", "FormulaFormat", "Grid", "from_template", "get_format", "register"]

# In the order in which they are offered.
FORMATS: dict[str, Format] = {format.name: format for format in (PlainText(), Markdown(), LaTeX(), HTML(), Typst())}


def register(format: Format) -> None:
    """Add a format to the `FORMATS`, under its name. Raises TypeError unless it is a `Format` with a name."""
    needs = "a format of formulas and tables must be an instance of a subclass of viz.math.formats.Format"
    checks.check_instance(format, Format, needs)
    needs = f"the class {type(format).__name__} must have a name, such as name = 'typst'"
    checks.check_instance(getattr(format, "name", None), str, needs)
    FORMATS[format.name] = format


def get_format(name: str | Format) -> Format:
    r"""The format with this name, or the given one. Raises ValueError for a name that is not among the `FORMATS`.

    >>> get_format("latex").number("2e-05")
    '2 \\times 10^{-5}'
    """
    if isinstance(name, Format):
        return name
    checks.check_choice(name, FORMATS, "format")
    return FORMATS[name]
