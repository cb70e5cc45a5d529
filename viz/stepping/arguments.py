"""Parsing the arguments of the shell's commands: integers, names, and assignments."""

from __future__ import annotations

from engine._support import checks
from engine._support.real_numbers import parse_float


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


def parse_assignment(arg: str, command: str) -> tuple[str, float]:
    """Return the name and the number of an assignment: x 2, x=2 or x = 2.

    >>> parse_assignment("x = -1", "set"), parse_assignment("x −1", "set")
    (('x', -1.0), ('x', -1.0))
    """
    name, sign, number = arg.rpartition("=" if "=" in arg else " ")
    needs = f"{command} takes a node and a number: {command} x 1.5 or {command} x=1.5"
    checks.value_error_unless(bool(sign) and len(name.split()) == 1, needs, arg)
    return name.strip(), parse_float(number.replace("−", "-"))  # the minus sign that the shell prints
