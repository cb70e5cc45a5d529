"""Colours as they are perceived: contrast, and distances for viewers who lack one kind of cone."""

import math
import re

NAMED = {"black": "#000000", "white": "#ffffff", "firebrick": "#b22222"}
RGB = tuple[float, float, float]

# How the colours of a screen look to those who lack one kind of cone: Machado, Oliveira and Fernandes, "A
# physiologically-based model for simulation of color vision deficiency" (2009), for linear RGB.
SIGHTS: dict[str, tuple[RGB, RGB, RGB]] = {
    "all cones": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear_rgb(color: str) -> RGB:
    """Linear RGB, from 0 to 1, of #rrggbb or a name."""
    grey = re.fullmatch(r"gray(\d+)", color)
    code = "#" + 3 * f"{round(2.55 * int(grey[1])):02x}" if grey else NAMED.get(color, color)
    parts = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return red, green, blue


def luminance(rgb: RGB) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2, from 1 to 21."""
    dark, light = sorted((luminance(linear_rgb(one)), luminance(linear_rgb(other))))
    return (light + 0.05) / (dark + 0.05)


def cielab(rgb: RGB) -> RGB:
    """CIELAB coordinates, in which a distance of 2 can just be seen."""
    red, green, blue = (min(max(x, 0.0), 1.0) for x in rgb)
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def perceived_distance(one: str, other: str, sight: str) -> float:
    """The distance of two colours as they are perceived with a kind of sight."""

    def seen(color: str) -> RGB:
        rgb = linear_rgb(color)
        red, green, blue = (sum(m * x for m, x in zip(row, rgb, strict=True)) for row in SIGHTS[sight])
        return cielab((red, green, blue))

    return math.dist(seen(one), seen(other))
