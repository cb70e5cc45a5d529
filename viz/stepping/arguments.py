"""Parsing the arguments of the shell's commands: integers, names, and assignments."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine._support import checks
from engine.symbolic.names import to_label
from viz.stepping.answers import read_answer
from viz.stepping.node_names import by_spelling

_NEXT_ASSIGNMENT = re.compile(r",(?=[^,=]*=)")


def parse_integer(arg: str) -> int:
    """Return the argument as an integer. Raises ValueError if it is not one."""
    try:
        return int(arg)
    except ValueError:
        raise ValueError(f"{arg!r} is not a whole number") from None


def split_names(arg: str, command: str, *counts: int) -> list[str]:
    """Return the names in the argument. Raises ValueError unless their number is one of `counts`."""
    found = arg.split()
    if len(found) not in counts:
        names = "1 name" if counts == (1,) else f"{' or '.join(map(str, counts))} names"
        raise ValueError(f"{command} takes {names}, not {len(found)}: h {command}")
    return found


def parse_assignments(text: str, command: str, values: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the numbers of assignments by their names: x 2, x = 1/2, or x=0.5,y=pi.

    A number is a formula, in which the names of `values` may stand, and those before it. Raises ValueError or
    DomainError, as `viz.stepping.answers.read_answer` does.

    >>> parse_assignments("x = −1/2, y=2x", "set", {"x": 1.0})
    Traceback (most recent call last):
    ...
    ValueError: y=2x: '2x' is not a formula: write 2*x
    >>> parse_assignments("x_1 = −1/2, y=max(2*x₁,z)", "set", {"x_1": 1.0, "z": -3.0}), parse_assignments("x −1", "set")
    ({'x_1': -0.5, 'y': -1.0}, {'x': -1.0})
    """
    parts = _NEXT_ASSIGNMENT.split(text) if "=" in text else [text.strip().replace(" ", "=", 1)]
    known, found = dict(values or {}), {}
    for part in parts:
        name, sign, formula = part.partition("=")
        needs = f"{command} takes a name and a number: {command} x=1.5 or {command} x=1/2,y=pi"
        checks.value_error_unless(
            bool(sign and formula.strip()) and "=" not in formula and len(name.split()) == 1, needs, text
        )
        try:
            number = read_answer(formula, known)
        except ValueError as error:
            raise ValueError(f"{part.strip():.60}: {error}") from None
        found[name.strip()] = number
        known |= by_spelling({to_label(name.strip()): number})
    return found
