"""The style of pages: colours that can be read on light and dark screens."""

from __future__ import annotations

import re

import pytest

from viz.math.formats.html_page import html_page

MIN_CONTRAST = 4.5  # of text, as the Web Content Accessibility Guidelines (WCAG) ask
STYLE = html_page("", "")
LIGHT, DARK = (dict(re.findall(r"--(\w+): (#\w+)", rule)) for rule in re.findall(r":root \{([^}]*--[^}]*)\}", STYLE))


def luminance(color: str) -> float:
    """The relative luminance of #rgb or #rrggbb, as WCAG defines it."""
    digits = color.removeprefix("#")
    pairs = re.findall("..", digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
    parts = [int(pair, 16) / 255 for pair in pairs]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    """The ratio of two colours' luminances."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_of_black_and_white() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("background", ["paper", "card", "mark"])
def test_text_of_every_colour_can_be_read(colors: dict[str, str], background: str) -> None:
    texts = colors.keys() - {"paper", "card", "rule", "mark"}
    assert len(texts) == 5
    assert {name for name in texts if contrast(colors[name], colors[background]) < MIN_CONTRAST} == set()


def test_both_schemes_have_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert LIGHT != DARK
