"""The types of options, for `argparse`: each reads a text, or raises ArgumentTypeError, which says what is needed."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from engine._support.real_numbers import parse_float

MAX_INTEGER = 2**31 - 1  # so that no seed of a table exceeds the 2^32 - 1 that scikit-learn takes


def parse_folder(text: str) -> Path:
    """The path of a folder, which need not exist. Raises argparse.ArgumentTypeError for that of a file."""
    path = Path(text.lstrip())  # without the space that demos.paper puts before a name such as -1
    if path.exists() and not path.is_dir():  # before the training, not after it
        raise argparse.ArgumentTypeError(f"{text!r} exists and is not a folder")
    return path


def parse_number(text: str) -> float:
    """A number, perhaps with the minus sign of printed ones.

    >>> parse_number("−0.5")
    -0.5
    """
    try:
        return parse_float(text.replace("−", "-"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def parse_finite(text: str) -> float:
    """A number that is finite."""
    number = parse_number(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"a finite number is needed, not {text.strip()}")
    return number


def parse_seed(text: str) -> int:
    """An integer from 0."""
    return _parse_integer(text, 0)


def parse_count(text: str) -> int:
    """An integer from 1."""
    return _parse_integer(text, 1)


def _parse_integer(text: str, low: int) -> int:
    try:
        parsed = int(text)
    except ValueError:
        parsed = low - 1
    if not low <= parsed <= MAX_INTEGER:
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer from {low} to {MAX_INTEGER}")
    return parsed
