"""What the nodes of a graph are called where somebody types: labels, numbers such as #3, and all their spellings."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import count
from typing import TypeVar

from engine import Value, ops
from engine.labels import short_labels
from viz import notation

MOST_COMPARED = 10_000  # names that are searched for the nearest to an unknown one
T = TypeVar("T")


def names_of(order: list[Value]) -> dict[Value, str]:
    """A name for every node but constants: its label, if no other has it, or #1, #2, ..."""
    nodes = [node for node in order if node.op is not ops.constant]
    times = Counter(node.label for node in nodes)
    number = count(1)
    return {
        node: node.label if node.label and times[node.label] == 1 else f"{node.label}#{next(number)}" for node in nodes
    }


def spellings(by_name: Mapping[str, T]) -> dict[str, T]:
    """What has a name, by that name and by those that are shown for it: as print, in ASCII, short, as drawings have it.

    Where several look the same, the name itself goes first, then the first of them.

    >>> sorted(spellings({"z_1^(3)": 0.5}))
    ['z^(3)', 'z_1^(3)', 'z⁽³⁾', 'z₁⁽³⁾']
    """
    found = dict(by_name)
    short = short_labels(by_name)
    for names in (by_name, short.values()):
        for name, what in zip(names, by_name.values(), strict=True):
            for shown in (name, notation.to_unicode(name), notation.to_ascii(name)):
                found.setdefault(shown, what)
    return found


def derivative_spellings(output: str, x: str) -> list[str]:
    """What ∂output/∂x is called.

    >>> derivative_spellings("E", "z_1")
    ['dE/dz_1', 'dE/dz₁', '∂E/∂z_1', '∂E/∂z₁']
    """
    outputs, inputs = ({name, notation.to_unicode(name), notation.to_ascii(name)} for name in (output, x))
    return sorted(f"{d}{y}/{d}{name}" for d in "d∂" for y in outputs for name in inputs)


def nearest(name: str, names: Iterable[str]) -> str:
    """What may have been meant by an unknown name, or else some of those that there are, to end a sentence with.

    >>> nearest("z_1", ["z_1^(1)", "x"]), nearest("foo", ["z_1", "x"])
    ('; did you mean z_1^(1)?', '; there are z_1, x')
    """
    few = list(names)
    if hint := meant(name, few, cutoff=0.4):
        return hint
    return f"; there are {', '.join(few[:8])}{', ...' if len(few) > 8 else ''}" if few else ""


def meant(name: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """What may have been meant by an unknown name, to end a sentence with; nothing if there is nothing near it."""
    few = list(names)
    near = [known for known in few if name and known.startswith(name)][:3]
    if not near and len(few) <= MOST_COMPARED:
        near = difflib.get_close_matches(name, few, n=3, cutoff=cutoff)
    return f"; did you mean {' or '.join(near)}?" if near else ""
