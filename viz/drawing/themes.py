"""Themes: the colours, lines, font and sizes of drawings.

One colour, blue, belongs to derivatives, and another to the mark, in every theme on a screen. In print, derivatives are
in italics and marked lines dashed. Everybody can distinguish the colours of a theme: see `tests/viz/drawing`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from engine._support import checks

_COLOR = re.compile(r"#[0-9a-fA-F]{6}|[a-z]+[0-9]{0,3}")
_FONT = re.compile(r"\w[\w ,.-]*")
_MAX_INCHES = 200.0  # of the sides of a picture
_MAX_POINTS = 200.0  # of type

# Similar fonts for computers without the named one, for which Graphviz would take any other.
_FALLBACK_FONTS = {
    "Helvetica": "Helvetica,Arial,sans-serif",
    "Times New Roman": "Times New Roman,Times",
    "Courier": "Courier,Courier New,monospace",
}


def _check_text(x: object, pattern: re.Pattern[str], needs: str) -> None:
    checks.value_error_unless(isinstance(x, str) and bool(pattern.fullmatch(x)), needs, x)


def _is_length(x: object, maximum: float) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool) and 0 < x <= maximum


@dataclass(frozen=True)
class Theme:
    """The look of a drawing. `Theme()` is the light one.

    A colour is `#rrggbb`, or a name of Graphviz such as "navy" or "gray75".

    Attributes:
        background: The background, which may be "transparent".
        fill: The inside of circles and boxes.
        ink: Text and outlines.
        line: Arrows.
        gradient: Derivatives. If it is that of the ink, they are in italics.
        faint: Circles and arrows in the background.
        dense: Arrows between columns that have too many for labels.
        tie: The thin line from a circle to its note.
        negative: Arrows whose weight is negative, where arrows show their weights.
        sweep, title: The long thick arrow of a pass, and its title; notes below a picture have the title's colour.
        disc: The disc behind the number of a step, which has the colour of the background.
        visited: The inside of boxes that the stepper has visited.
        current: The inside of the box of its last step.
        mark: Highlighted circles and arrows, such as that of its last step.
        font: The name of a font. If Graphviz cannot find it, it silently takes another; `fc-match "the name"`, of
            fontconfig, prints which.
        width: The width of lines, in points.
        uniform: Whether all lines have this width; highlighted ones are then dashed, not wider.
        size: In inches: the width of the picture, or (width, height) of a page, in whose middle it is as large as fits;
            text and lines are scaled with it. By default, pictures are not scaled.
        text: The size of the smallest type in the finished picture, indices aside, in points. In a `size` it is as near
            to it as fits; the `repr` of a drawing says what it is.

    Raises ValueError for an invalid colour, font, width, size or text.

    >>> Theme(ink="navy", font="Helvetica").ink
    'navy'
    >>> Theme(width=-1)
    Traceback (most recent call last):
    ...
    ValueError: the width of a theme's lines must be above 0 and at most 20 points, not -1
    """

    background: str = "white"
    fill: str = "white"
    ink: str = "black"
    line: str = "black"
    gradient: str = "#0b57a4"
    faint: str = "gray75"
    dense: str = "gray50"
    tie: str = "gray60"
    negative: str = "#a6611a"
    sweep: str = "gray70"
    title: str = "gray30"
    disc: str = "gray45"
    visited: str = "gray92"
    current: str = "#ffec8b"
    mark: str = "firebrick"
    font: str = "Times"
    width: float = 1.0
    uniform: bool = False
    size: float | tuple[float, float] | None = None
    text: float | None = None

    def __post_init__(self) -> None:
        for name in COLORS:
            needs = f"the colour {name} of a theme must be #rrggbb or a name such as navy or gray75"
            _check_text(getattr(self, name), _COLOR, needs)
        _check_text(self.font, _FONT, "a font must be a name such as Times, Helvetica or DejaVu Sans")
        needs = "the width of a theme's lines must be above 0 and at most 20 points"
        checks.value_error_unless(_is_length(self.width, 20.0), needs, self.width)
        sides = self.size if isinstance(self.size, (tuple, list)) else (self.size, _MAX_INCHES)
        fits = self.size is None or (len(sides) == 2 and all(_is_length(side, _MAX_INCHES) for side in sides))
        needs = f"size must be a width, or (width, height), in inches, each above 0 and at most {_MAX_INCHES:g}"
        checks.value_error_unless(fits, f"{needs}, such as (8, 4.5)", self.size)
        needs = f"text must be a size of type in points, above 0 and at most {_MAX_POINTS:g}"
        checks.value_error_unless(self.text is None or _is_length(self.text, _MAX_POINTS), needs, self.text)

    @property
    def behind(self) -> str:
        """The colour behind text that hides the lines below it."""
        return self.fill if self.background == "transparent" else self.background

    def graph(self) -> dict[str, str]:
        """Attributes of Graphviz for the whole drawing: its background, and its size without margins."""
        if self.size is None:
            return {"bgcolor": self.background}
        # For Graphviz, one number would be both sides; the exclamation mark allows it to enlarge.
        is_page = isinstance(self.size, (tuple, list))
        width, height = self.size if isinstance(self.size, (tuple, list)) else (self.size, _MAX_INCHES)
        page = {"viewport": f"{72 * width:g},{72 * height:g}"} if is_page else {}
        return {"bgcolor": self.background, "size": f"{width:.7g},{height:.7g}!", "margin": "0"} | page

    def nodes(self) -> dict[str, str]:
        """Attributes of Graphviz for circles, boxes and texts."""
        return {"fontname": _FALLBACK_FONTS.get(self.font, self.font)} | self._pen(self.ink)

    def edges(self) -> dict[str, str]:
        """Attributes of Graphviz for arrows."""
        return self._pen(self.line)

    def _pen(self, color: str) -> dict[str, str]:
        attributes = {"color": color, "fontcolor": self.ink, "penwidth": self.thick(1.0)}
        return {name: text for name, text in attributes.items() if text not in ("black", "1")}  # the defaults

    def marked(self) -> dict[str, str]:
        """Attributes of Graphviz for a highlighted circle or arrow."""
        dashed = {"style": "filled,dashed"} if self.uniform else {}  # which Graphviz takes for arrows, too
        return {"color": self.mark, "penwidth": self.thick(2.5)} | dashed

    def thick(self, width: float) -> str:
        """The width of a line, as a multiple of that of an ordinary line."""
        return f"{self.width * (1.0 if self.uniform else width):g}"

    def derivative(self, fragment: str) -> str:
        """An HTML-like fragment for a derivative, in its colour, or in italics where its colour is that of the ink."""
        return f"<I>{fragment}</I>" if self.gradient == self.ink else f'<FONT COLOR="{self.gradient}">{fragment}</FONT>'


def css_color(color: str) -> str:
    """Return a colour of a theme as CSS, which lacks numbered greys.

    >>> css_color("gray75"), css_color("firebrick")
    ('#bfbfbf', 'firebrick')
    """
    grey = re.fullmatch(r"gr[ae]y(\d+)", color)
    return "#" + 3 * f"{round(2.55 * int(grey[1])):02x}" if grey else color


COLORS = tuple(field.name for field in fields(Theme) if field.name not in ("font", "width", "uniform", "size", "text"))
_DARK = Theme(
    background="#0d1117",
    fill="#161b22",
    ink="#f0f3f6",
    line="#9aa7b4",
    gradient="#79c0ff",
    faint="#3d4754",
    dense="#5f6b78",
    tie="#56616d",
    negative="#dfc27d",
    sweep="#4a5562",
    title="#b6c2cf",
    disc="#b6c2cf",
    visited="#2d3845",
    current="#5a3f00",
    mark="#ff9d4d",
    width=1.3,
)
THEMES = {
    "light": Theme(),
    "dark": _DARK,
    "slide": replace(_DARK, size=(40 / 3, 7.5), text=18.0),  # 960 × 540 points
    "print": Theme(
        gradient="black",
        negative="black",
        faint="gray70",
        title="black",
        disc="black",
        visited="gray93",
        current="gray78",
        mark="black",
        width=0.5,
        uniform=True,
    ),
}


def choose_theme(
    theme: str | Theme,
    font: str | None = None,
    size: float | tuple[float, float] | None = None,
    text: float | None = None,
) -> Theme:
    """Return the theme given by name or itself, with another font, size and size of type if these are given.

    Raises ValueError for an unknown name, TypeError if `theme` is neither a name nor a Theme.

    >>> choose_theme("dark", font="Helvetica", size=(8, 4.5)).graph()
    {'bgcolor': '#0d1117', 'size': '8,4.5!', 'margin': '0', 'viewport': '576,324'}
    """
    if isinstance(theme, str):
        checks.check_choice(theme, THEMES, "theme", ", and a Theme of your own")
        theme = THEMES[theme]
    checks.check_instance(theme, Theme, f"a theme must be one of {', '.join(THEMES)}, or a Theme of your own")
    font, size = theme.font if font is None else font, theme.size if size is None else size
    return replace(theme, font=font, size=size, text=theme.text if text is None else text)
