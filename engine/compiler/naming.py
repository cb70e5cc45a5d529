"""Identifiers and comments of generated code, made from labels: `w_11^(1)` becomes `w1_11`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from keyword import iskeyword, issoftkeyword

from engine.labels import delta_label, parse_label

MAX_NAME_LENGTH, MAX_COMMENT_LENGTH = 40, 100


def identifier(label: str) -> str:
    """Convert a label to a Python identifier of ASCII letters, digits and _; "" if it does not contain any of them.

    >>> [identifier(label) for label in ("w_11^(1)", "a^(3)", "learning rate", "lambda", "2x", "∂", "x\\n'''")]
    ['w1_11', 'a3', 'learning_rate', 'lambda_', 'x', '', 'x']
    >>> identifier("delta_1^(2)") == identifier("δ_1^(2)") == "delta2_1"
    True
    """
    parsed = parse_label(label)
    if parsed and parsed.layer_number:
        label = f"{parsed.name}{parsed.layer_number}{replace(parsed, superscript=()).tail}"
    elif parsed:
        label = str(parsed)
    name = re.sub(r"[^0-9A-Za-z]+", "_", label)[:MAX_NAME_LENGTH].strip("_").lstrip("0123456789_")
    return f"{name}_" if iskeyword(name) or issoftkeyword(name) else name


def delta_name(label: str) -> str:
    """The paper's name of ∂E/∂a_i^(k), δ_i^(k), for a label a_i^(k); "" for other labels.

    >>> [delta_name(label) for label in ("a_1^(2)", "a^(3)", "z_1^(2)", "area^(3)", "a_1")]
    ['δ_1^(2)', 'δ^(3)', '', '', '']
    """
    delta = delta_label(label)
    return f"{delta.letter}{delta.tail}" if delta and delta.layer_number else ""


def name_derivative(output: str, label: str, readers: Sequence[str]) -> tuple[str, str]:
    """A name for ∂output/∂u, of a node u with this label, and a comment: its chain rule, if all readers have labels.

    >>> name_derivative("E_n", "a_1^(2)", ["z_1^(2)"])
    ('delta2_1', 'δ_1^(2) = ∂E_n/∂a_1^(2) = ∂E_n/∂z_1^(2) · ∂z_1^(2)/∂a_1^(2)')
    """
    output = output or "output"
    full, short = f"∂{output}/∂{label}", delta_name(label)
    chain = [f"∂{output}/∂{reader} · ∂{reader}/∂{label}" for reader in readers] if all(readers) else []
    if len(chain) > 2:
        chain = [chain[0], "…", chain[-1]]
    name = identifier(label)
    name = f"delta{name[1:]}" if short else f"d_{name}"
    return name, " = ".join(filter(None, (short, full, " + ".join(chain))))


def format_comment(text: str) -> str:
    """Text that is safe in a comment: one line of at most `MAX_COMMENT_LENGTH` printable characters.

    >>> format_comment("a\\nimport os"), format_comment("x" * 100) == "x" * 100
    ('a import os', True)
    >>> format_comment("x" * 101) == "x" * 99 + "…"
    True
    """
    text = "".join(c if c.isprintable() else " " for c in text)
    return text if len(text) <= MAX_COMMENT_LENGTH else text[: MAX_COMMENT_LENGTH - 1] + "…"


class Names:
    """Unique names for the variables of one text.

    >>> names = Names({"exp"})
    >>> names.new("x"), names.new("x"), names.new("exp"), names.new("")
    ('x', 'x_2', 'exp_2', 't')
    """

    def __init__(self, taken: set[str]) -> None:
        self._taken = set(taken)
        self._last: dict[str, int] = {}

    def new(self, preferred: str) -> str:
        """A name that is not taken: the preferred one, or that one with a number; if it is "", "t" is preferred."""
        preferred = preferred or "t"
        name = preferred
        while name in self._taken:
            self._last[preferred] = self._last.get(preferred, 1) + 1
            name = f"{preferred}_{self._last[preferred]}"
        self._taken.add(name)
        return name
