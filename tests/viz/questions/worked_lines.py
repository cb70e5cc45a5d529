"""Reading worked lines: whoever computes with the numbers that are shown comes to the digits that are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from viz.math.formulas import format_number
from viz.stepping.answers import read_answer

_BRACKET = re.compile(r"\[\(?(.*?)\)? > (.*?)\]")


def numbers_in(line: str) -> Iterator[tuple[str, float]]:
    """The sides of a line that are numbers alone, each with its number."""
    for side in line.partition(", where")[0].split(" = "):
        typed = _BRACKET.sub(lambda found: f"greater({found[1]}, {found[2]})", side.rpartition(": ")[2])
        with suppress(ValueError):
            yield side, read_answer(typed, {})


def check_line(line: str) -> int:
    """Check that all numeric sides of a line give the last one, and return how many there are."""
    sides = list(numbers_in(line))
    for side, number in sides:
        assert format_number(number) == sides[-1][0], f"{side} in {line}"
    return len(sides)
