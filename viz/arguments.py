"""What stands behind a command of the shell: numbers, and as many names as the command takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine import _check

T = TypeVar("T")


def number(arg: str) -> int:
    """How many times; once, if nothing is said."""
    return whole(arg) if arg else 1


def whole(arg: str) -> int:
    """A whole number."""
    return _read(int, arg, "a whole number is needed")


def real(arg: str) -> float:
    """A number."""
    return _read(float, arg, "a number is needed")


def _read(kind: Callable[[str], T], arg: str, needs: str) -> T:
    try:
        return kind(arg)
    except ValueError:
        raise ValueError(f"{needs}, not {arg!r}") from None


def words(arg: str, command: str, counts: tuple[int, ...]) -> list[str]:
    """Words, if there are as many as the command takes."""
    found = arg.split()
    if len(found) not in counts:
        names = "1 name" if counts == (1,) else f"{' or '.join(map(str, counts))} names"
        raise ValueError(f"{command} takes {names}, not {len(found)}: h {command}")
    return found


def one(arg: str, command: str) -> str:
    """One word."""
    return words(arg, command, (1,))[0]


def two(arg: str, command: str) -> tuple[str, str]:
    """Two words."""
    first, second = words(arg, command, (2,))
    return first, second


def some(arg: str, command: str) -> list[str]:
    """One word or more."""
    return words(arg, command, tuple(range(1, 20)))


def from_to(arg: str, command: str) -> tuple[str | None, str]:
    """A word, before which another may stand."""
    found = words(arg, command, (1, 2))
    return (None, found[0]) if len(found) == 1 else (found[0], found[1])


def assignment(arg: str, command: str) -> tuple[str, float]:
    """A name and a number, with or without a sign between them: x 2, x=2, x = 2.

    >>> assignment("x = -1", "set"), assignment("x -1", "set")
    (('x', -1.0), ('x', -1.0))
    """
    name, sign, text = arg.rpartition("=") if "=" in arg else arg.rpartition(" ")
    needs = f"{command} takes a node and a number: {command} x 1.5 or {command} x=1.5"
    _check.value_error_unless(bool(sign) and len(name.split()) == 1, needs, arg)
    return name.strip(), real(text.strip())
