"""The formulas of a text, such as `a = w*x; E = a^2`: each but the last defines the name before its =."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.symbolic.names import NAME, to_label

_NAME_AND_EQUALS = re.compile(rf"\s*({NAME.pattern})\s*=(?!=)")
_BETWEEN_FORMULAS = re.compile(r"[;\n]|,(?=[^,;=()]+=)")


class Definition(NamedTuple):
    """A formula, which begins at `start` of its text, after the name that it defines, or after "" without one."""

    text: str
    name: str
    start: int

    @property
    def label(self) -> str:
        """The label of the node that has this name."""
        return to_label(self.name)


def split_definitions(text: str) -> list[Definition]:
    """The formulas of a text, all of which but the last have names; the text alone if it is one formula.

    >>> [(part.label, part.text[part.start :]) for part in split_definitions("a₁ = w*x, E = a₁^2; 2*E")]
    [('a_1', ' w*x'), ('E', ' a₁^2'), ('', '2*E')]
    """
    parts = [_read_name(part.strip()) for part in _BETWEEN_FORMULAS.split(text) if part.strip()]
    return parts if len(parts) > 1 and all(part.name for part in parts[:-1]) else [_read_name(text)]


def _read_name(text: str) -> Definition:
    named = _NAME_AND_EQUALS.match(text)
    return Definition(text, named[1], named.end()) if named else Definition(text, "", 0)
