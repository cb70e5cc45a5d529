"""Reading the numbers that are typed in stepping: a number, or a formula with the names of nodes as they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine._support import checks
from engine.symbolic.names import NAME
from engine.symbolic.parser import evaluate_formula

MAX_LENGTH = 1000  # characters of an answer
_NAME = re.sub(r"\?P<\w+>", "?:", NAME.pattern)
_LEFT_SIDE = re.compile(rf"\s*(?:#\d+|[d∂]?{_NAME}['′]?(?:\({_NAME}\)|\s*/\s*[d∂]{_NAME})?)?\s*=(?!=)")


def right_side(text: str) -> str:
    """An answer without the name, or the derivative, that it is said to be.

    >>> right_side("y = 4.5"), right_side("= 4.5"), right_side("∂E/∂a = dE/dz * z'(a)"), right_side("x == 2")
    ('4.5', '4.5', "dE/dz * z'(a)", 'x == 2')
    """
    left = _LEFT_SIDE.match(text)
    return text[left.end() :].strip() if left else text


def read_answer(text: str, values: Mapping[str, float]) -> float:
    """Return the number of an answer; `values` are those of the nodes, by each of their names.

    Answers are formulas of `engine.symbolic.parser`, which may contain derivatives of operations, such as σ'(a), and of
    nodes, such as ∂E/∂a; they may begin with a name and =. Raises ValueError, which suggests a correction, for an
    invalid formula, and DomainError if its value is not finite.

    >>> read_answer("0.2 · z_1^(2) * (1 − z_1^(2))", {"z_1^(2)": 0.5})
    0.05
    >>> read_answer("y = 4.5", {})
    4.5
    >>> read_answer("2*foo", {"x": 1.0})
    Traceback (most recent call last):
    ...
    ValueError: unknown name 'foo'; known names: x
    """
    checks.check_instance(text, str, "an answer must be text such as '0.5' or 'x*y'")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"the answer has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    known = {name: x for name, x in values.items() if name and (name[0].isalpha() or name[0] in "_#∂")}
    return evaluate_formula(right_side(text.strip()), known)
