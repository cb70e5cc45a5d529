"""What the nodes of a graph are called where somebody types: labels, numbers such as #3, and all their spellings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import TypeVar

from engine import Value, ops
from engine.labels import short_labels
from viz.math.formats.text import label_to_ascii, label_to_unicode

T = TypeVar("T")


def name_nodes(order: list[Value]) -> dict[Value, str]:
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
            for shown in (name, label_to_unicode(name), label_to_ascii(name)):
                found.setdefault(shown, what)
    return found


def derivative_spellings(output: str, x: str) -> list[str]:
    """What ∂output/∂x is called.

    >>> derivative_spellings("E", "z_1")
    ['dE/dz_1', 'dE/dz₁', '∂E/∂z_1', '∂E/∂z₁']
    """
    outputs, inputs = ({name, label_to_unicode(name), label_to_ascii(name)} for name in (output, x))
    return sorted(f"{d}{y}/{d}{name}" for d in "d∂" for y in outputs for name in inputs)
