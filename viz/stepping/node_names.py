"""The names of nodes in stepping: labels, or numbers such as #3, and the spellings of them that users may type."""

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
    """Return a name for each node but constants: its label if that is unique, or #1, #2, ..."""
    nodes = [node for node in order if node.op is not ops.constant]
    times = Counter(node.label for node in nodes)
    number = count(1)
    return {
        node: node.label if node.label and times[node.label] == 1 else f"{node.label}#{next(number)}" for node in nodes
    }


def by_spelling(by_name: Mapping[str, T]) -> dict[str, T]:
    """Return a mapping that also has the printed spellings of its names: in Unicode, in ASCII, and the short ones.

    If a spelling is also a name, it stays that name; if two names share a spelling, the first has it.

    >>> sorted(by_spelling({"z_1^(3)": 0.5}))
    ['z^(3)', 'z_1^(3)', 'z⁽³⁾', 'z₁⁽³⁾']
    """
    found = dict(by_name)
    short = short_labels(by_name)
    for names in (by_name, short.values()):
        for name, item in zip(names, by_name.values(), strict=True):
            for spelling in (name, label_to_unicode(name), label_to_ascii(name)):
                found.setdefault(spelling, item)
    return found


def derivative_spellings(output: str, x: str) -> list[str]:
    """Return the spellings of ∂output/∂x.

    >>> derivative_spellings("E", "z_1")
    ['dE/dz_1', 'dE/dz₁', '∂E/∂z_1', '∂E/∂z₁']
    """
    outputs, inputs = ({name, label_to_unicode(name), label_to_ascii(name)} for name in (output, x))
    return sorted(f"{d}{y}/{d}{name}" for d in "d∂" for y in outputs for name in inputs)
