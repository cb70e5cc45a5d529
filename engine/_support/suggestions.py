"""Suggestions of names for an unknown one, to end an error message with."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import islice

from engine._support.printable_text import make_printable

MAX_COMPARED = 10_000  # among more names, only those with the same beginning are found
_SIGNS = re.compile(r"[_^(){}]")


def names_alike(name: str, names: Iterable[str]) -> list[str]:
    """The names with the same letters and digits, as they are typed without _ ^ and brackets.

    >>> names_alike("w11", ["w_11", "w_11^(1)"]), names_alike("w111", ["w_11", "w₁₁⁽¹⁾"])
    (['w_11'], ['w₁₁⁽¹⁾'])
    """
    return [known for known in names if _letters(known) == _letters(name)]


def _letters(name: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", name))


def close_matches(name: str, names: Collection[str], cutoff: float = 0.6) -> list[str]:
    """At most three names that begin with this one, or are it in other letters, capital or small, or else look like it.

    >>> close_matches("sig", ["sigmoid", "sign", "sin"]), close_matches("halp", ["help", "quit"])
    (['sigmoid', 'sign'], ['help'])
    >>> close_matches("W", ["w", "x"])
    ['w']
    >>> close_matches("w11", ["w_12^(1)", "w_11^(1)"])
    ['w_11^(1)']
    >>> close_matches("dw", ["dw_11", "dw₁₁", "dw_12"])
    ['dw_11', 'dw_12']
    """
    found = [known for known in names if name and known.startswith(name)]
    found = found or [known for known in names if known.casefold() == name.casefold()]
    if not found and len(names) <= MAX_COMPARED:
        found = [known for known in names if name and _letters(known).startswith(_letters(name))]
    if not found and len(names) <= MAX_COMPARED:
        found = difflib.get_close_matches(name, names, n=9, cutoff=cutoff)
    one_of_each = {_letters(known): known for known in reversed(found)}  # not w₁₁ and w_11, which is one name
    return [known for known in found if one_of_each[_letters(known)] == known][:3]


def did_you_mean(name: str, names: Collection[str], cutoff: float = 0.6) -> str:
    """A question whether a similar name was meant; empty if all names are different.

    >>> did_you_mean("halp", ["help", "quit"]), did_you_mean("foo", ["help", "quit"])
    ('; did you mean help?', '')
    """
    found = close_matches(name, names, cutoff)
    return f"; did you mean {' or '.join(map(make_printable, found))}?" if found else ""


def did_you_mean_or_list(name: str, names: Collection[str]) -> str:
    """A question whether a similar name was meant, or else a list of some of the names.

    >>> did_you_mean_or_list("z_1", ["z_1^(1)", "x"]), did_you_mean_or_list("foo", ["z_1", "x"])
    ('; did you mean z_1^(1)?', '; known names: z_1, x')
    """
    some = ", ".join(map(make_printable, islice(names, 8))) + (", ..." if len(names) > 8 else "")
    return did_you_mean(name, names, cutoff=0.4) or (f"; known names: {some}" if names else "")
