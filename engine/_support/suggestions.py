"""Names that may have been meant by one that is unknown, to end the sentence of an error with."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from itertools import islice

MAX_COMPARED = 10_000  # names that are searched for those like an unknown one; beginnings are compared in any case


def close(name: str, names: Collection[str], cutoff: float = 0.6) -> list[str]:
    """At most three names that begin with this one, or else look like it.

    >>> close("sig", ["sigmoid", "sign", "sin"]), close("halp", ["help", "quit"])
    (['sigmoid', 'sign'], ['help'])
    """
    found = [known for known in names if name and known.startswith(name)][:3]
    if not found and len(names) <= MAX_COMPARED:
        found = difflib.get_close_matches(name, names, n=3, cutoff=cutoff)
    return found


def meant(name: str, names: Collection[str], cutoff: float = 0.6) -> str:
    """A question whether a name like this was meant; nothing if there is none.

    >>> meant("halp", ["help", "quit"]), meant("foo", ["help", "quit"])
    ('; did you mean help?', '')
    """
    found = close(name, names, cutoff)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def nearest(name: str, names: Collection[str]) -> str:
    """A question whether a name like this was meant, or else some of the names that there are.

    >>> nearest("z_1", ["z_1^(1)", "x"]), nearest("foo", ["z_1", "x"])
    ('; did you mean z_1^(1)?', '; there are z_1, x')
    """
    some = ", ".join(islice(names, 8)) + (", ..." if len(names) > 8 else "")
    return meant(name, names, cutoff=0.4) or (f"; there are {some}" if names else "")
