"""The colours of a live page: those of the themes of drawings, by the names that its style has for them."""

from __future__ import annotations

from viz.drawing.themes import THEMES, css_color

_ROLES = {  # the colours of a theme by the names of the style
    "ink": "ink",
    "paper": "background",
    "soft": "title",
    "line": "tie",
    "derivative": "gradient",
    "mark": "mark",
    "current": "current",
    "visited": "visited",
}


def colours() -> str:
    """The colours for light and dark screens and for paper, as rules of CSS."""
    screens = {"": "light", "(prefers-color-scheme: dark)": "dark", "print": "print"}
    rules = []
    for media, name in screens.items():
        theme = THEMES[name]
        variables = "; ".join(f"--{role}: {css_color(getattr(theme, field))}" for role, field in _ROLES.items())
        rule = f":root {{ {variables} }}"
        rules.append(f"@media {media} {{ {rule} }}" if media else rule)
    return "\n".join([*rules, ""])
