"""How drawings look: colours, lines, type and size, in one value that every drawing takes.

The colours of a theme that mean different things differ in lightness too, or stand at something that differs in more
than its colour, so that they can be told apart by everybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from engine._support import checks

_COLOR = re.compile(r"#[0-9a-fA-F]{6}|[a-z]+[0-9]{0,3}")
_FONT = re.compile(r"\w[\w ,.-]*")
_MAX_INCHES = 200.0  # the most that a picture may measure

# Graphviz takes any face for a name that the computer does not have; these are alike.
_FALLBACK_FONTS = {
    "Helvetica": "Helvetica,Arial,sans-serif",
    "Times New Roman": "Times New Roman,Times",
    "Courier": "Courier,Courier New,monospace",
}


def _check_text(x: object, pattern: re.Pattern[str], needs: str) -> None:
    checks.value_error_unless(isinstance(x, str) and bool(pattern.fullmatch(x)), needs, x)


def _is_length(x: object, most: float) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool) and 0 < x <= most


@dataclass(frozen=True)
class Theme:
    """The look of a drawing. `Theme()` is the light one.

    A colour is `#rrggbb`, or a name of Graphviz such as "navy" or "gray75".

    Attributes:
        background: Behind everything; it may be "transparent".
        fill: In circles and boxes.
        ink: Text and outlines.
        line: Arrows.
        gradient: The numbers that are derivatives.
        faint: Circles and arrows that stand back.
        dense: Arrows between columns that have too many for labels.
        tie: The thin line from a note to what it is about.
        sweep, title: The long thick arrow of a pass, and its title; notes below a picture have the title's colour.
        disc: Behind the number of a step, which has the colour of the background.
        visited: In boxes that a walk has visited.
        current: In the box where it stands.
        mark: The arrow along which it went last.
        font: A font that Graphviz can find; for one that it cannot, it takes another without a word. Where fontconfig
            is installed, `fc-match "the name"` says which.
        width: Of lines, in points.
        size: In inches: the width of the picture, or (width, height) of the space that it fills without being
            distorted; its text and lines grow and shrink with it. As large as it comes if not given.

    Raises ValueError for what is no colour, font, width or size.

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
    gradient: str = "black"
    faint: str = "gray75"
    dense: str = "gray50"
    tie: str = "gray60"
    sweep: str = "gray70"
    title: str = "gray30"
    disc: str = "gray45"
    visited: str = "gray92"
    current: str = "lightgoldenrod1"
    mark: str = "firebrick"
    font: str = "Times"
    width: float = 1.0
    size: float | tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for name in COLORS:
            needs = f"the colour {name} of a theme must be #rrggbb or a name such as navy or gray75"
            _check_text(getattr(self, name), _COLOR, needs)
        _check_text(self.font, _FONT, "a font is a name such as Times, Helvetica or DejaVu Sans")
        needs = "the width of a theme's lines must be above 0 and at most 20 points"
        checks.value_error_unless(_is_length(self.width, 20.0), needs, self.width)
        sides = self.size if isinstance(self.size, (tuple, list)) else (self.size, _MAX_INCHES)
        fits = self.size is None or (len(sides) == 2 and all(_is_length(side, _MAX_INCHES) for side in sides))
        needs = f"size is a width, or (width, height), in inches, each above 0 and at most {_MAX_INCHES:g}"
        checks.value_error_unless(fits, f"{needs}, such as (8, 4.5)", self.size)

    @property
    def behind(self) -> str:
        """The colour behind a text that must hide what runs below it."""
        return self.fill if self.background == "transparent" else self.background

    def graph(self) -> dict[str, str]:
        """Attributes of Graphviz for the whole drawing: its background, and its size, with no margin around it."""
        if self.size is None:
            return {"bgcolor": self.background}
        # Graphviz takes one number for both sides. The exclamation mark lets it enlarge, too.
        width, height = self.size if isinstance(self.size, (tuple, list)) else (self.size, _MAX_INCHES)
        return {"bgcolor": self.background, "size": f"{width:g},{height:g}!", "margin": "0"}

    def nodes(self) -> dict[str, str]:
        """Attributes of Graphviz for circles, boxes and texts."""
        return {"fontname": _FALLBACK_FONTS.get(self.font, self.font)} | self._pen(self.ink)

    def edges(self) -> dict[str, str]:
        """Attributes of Graphviz for arrows."""
        return self._pen(self.line)

    def _pen(self, color: str) -> dict[str, str]:
        attributes = {"color": color, "fontcolor": self.ink, "penwidth": self.thick(1.0)}
        return {name: text for name, text in attributes.items() if text not in ("black", "1")}  # which Graphviz takes

    def marked(self) -> dict[str, str]:
        """Attributes of Graphviz for a circle or an arrow where something happens."""
        return {"color": self.mark, "penwidth": self.thick(2.5)}

    def thick(self, width: float) -> str:
        """A line that is so many times as wide as an ordinary one."""
        return f"{width * self.width:g}"

    def derivative(self, fragment: str) -> str:
        """An HTML-like fragment of Graphviz that shows a derivative, in its colour."""
        return fragment if self.gradient == self.ink else f'<FONT COLOR="{self.gradient}">{fragment}</FONT>'


COLORS = tuple(field.name for field in fields(Theme) if field.name not in ("font", "width", "size"))
THEMES = {
    "light": Theme(),
    "dark": Theme(
        background="#0d1117",
        fill="#161b22",
        ink="#f0f3f6",
        line="#9aa7b4",
        gradient="#ffb757",
        faint="#3d4754",
        dense="#5f6b78",
        tie="#56616d",
        sweep="#4a5562",
        title="#b6c2cf",
        disc="#b6c2cf",
        visited="#2d3845",
        current="#5a3f00",
        mark="#ff9d4d",
        width=1.3,
    ),
    "print": Theme(
        faint="gray70", title="black", disc="black", visited="gray93", current="gray78", mark="black", width=0.5
    ),
}


def choose_theme(theme: str | Theme, font: str | None = None, size: float | tuple[float, float] | None = None) -> Theme:
    """The theme with this name, or the one given, with another font and size where these are given.

    Raises ValueError for an unknown name, TypeError for what is neither a name nor a theme.

    >>> choose_theme("dark", font="Helvetica", size=(8, 4.5)).graph()
    {'bgcolor': '#0d1117', 'size': '8,4.5!', 'margin': '0'}
    """
    if isinstance(theme, str):
        checks.check_choice(theme, THEMES, "theme", ", and a Theme of your own")
        theme = THEMES[theme]
    checks.check_instance(theme, Theme, f"a theme is one of {', '.join(THEMES)}, or a Theme of your own")
    return replace(theme, font=theme.font if font is None else font, size=theme.size if size is None else size)
