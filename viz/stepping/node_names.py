"""The order in which names of nodes are listed, and the spellings of them that users may type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from engine import Value
from engine.labels import Role, role_of, short_labels
from viz.math.formats.text import label_to_ascii, label_to_unicode

T = TypeVar("T")


def in_reading_order(names: Mapping[Value, str]) -> list[Value]:
    """Return the nodes of `names`, which are in topological order, with the inputs first, then the other leaves.

    >>> w, x = Value(2.0, "w_1"), Value(1.5, "x_1")
    >>> y = w * x
    >>> [node.label for node in in_reading_order({w: "w_1", x: "x_1", y: "y"})]
    ['x_1', 'w_1', '']
    """

    def place(node: Value) -> int:
        return 2 if node.inputs else 1 if role_of(names[node]) is not Role.INPUT else 0

    return sorted(names, key=place)


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
