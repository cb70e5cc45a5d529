"""The entries of a model's file: JSON, read without trust, and the errors that say which entry is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from reprlib import repr as abridged
from typing import Any

from engine import Value
from engine._support.printable_text import make_printable
from engine._support.real_numbers import as_float

MAX_BRACKETS_AND_COLONS = 100  # of a network, which has 10; more could nest deeply, or fill the memory with empty lists
MAX_DIGITS = 20  # of an integer; to convert a long one is slow


def format_file(header: dict[str, Any], brackets: tuple[str, str], lines: Sequence[str]) -> str:
    """The text of a file: the entries of a header, and "parameters", whose brackets and lines are given."""
    entries = [f'"{key}": {json.dumps(value)}' for key, value in header.items()]
    numbers = ",\n    ".join(lines)
    opening, closing = brackets
    return "{\n  " + ",\n  ".join([*entries, f'"parameters": {opening}\n    {numbers}\n  {closing}']) + "\n}\n"


def format_parameter(parameter: Value) -> str:
    """The number of a parameter, with the digits that give the same float again. Raises ValueError and TypeError."""
    problem = f"the network cannot be saved: {make_printable(parameter.label) or 'a parameter'} is"
    number = as_float(parameter.data, problem)
    if not math.isfinite(number):
        raise ValueError(f"{problem} {number}")
    return repr(number)


def parse(text: str, n_parameters: int = 0) -> Any:
    """Parse JSON. Raises ValueError for anything that a model's file does not contain, early, in little memory.

    `n_parameters` is the number of parameters that may have names.
    """
    if not text.strip():
        raise ValueError("it is empty")
    if sum(map(text.count, "[{:")) > MAX_BRACKETS_AND_COLONS + n_parameters:
        why = "it is damaged, of another format, or of a newer version"
        raise ValueError(f"it has more lists and entries than the file of a network: {why}")
    try:
        return json.loads(
            text, object_pairs_hook=_check_unique_keys, parse_constant=_refuse_constant, parse_int=_parse_int
        )
    except json.JSONDecodeError as error:
        if not text[error.pos :].strip() or error.msg.startswith("Unterminated"):
            raise ValueError(f"it ends early, in line {text.count(chr(10)) + 1}: the file is incomplete") from error
        raise ValueError(f"it is not JSON: {error}") from error


def _check_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for key, entry in pairs:
        if key in entries:
            raise ValueError(f"the key {abridged(key)} appears twice")
        entries[key] = entry
    return entries


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"it contains {constant}, but the numbers of a network are finite")


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"it contains a whole number of {len(digits)} digits; at most {MAX_DIGITS} are read")
    return int(digits)


def check_limit(n: int, unit: str, most: int) -> None:
    """Raise ValueError if there are too many of a unit."""
    if n > most:
        raise ValueError(f"it has {n:,} {unit}, and most_{unit} is {most:,}")


def check_entry(holds: bool, key: str, given: object, needs: str) -> None:
    """Raise ValueError, which names the entry, unless it holds."""
    if not holds:
        raise ValueError(f'"{key}" is {abridged(given)}, not {needs}')


def check_header(file: Any, form: str, version: int, keys: Sequence[str]) -> None:
    """Raise ValueError unless a file is of a format, of a version up to this one, and has exactly these keys."""
    if not isinstance(file, dict) or file.get("format") != form:
        raise ValueError(f'it is not a file of this library: it lacks the entry "format": "{form}"')
    given: Any = file.get("version")
    check_entry(type(given) is int and given >= 1, "version", given, "a whole number that is at least 1")
    if given > version:
        raise ValueError(f"it is of version {given}, and this library reads up to version {version}: update it")
    for key in (*keys, *file):
        if key not in file or key not in keys:
            problem = "has the unknown key" if key in file else "lacks the key"
            raise ValueError(f"it {problem} {abridged(key)}; the keys are {', '.join(keys)}")
