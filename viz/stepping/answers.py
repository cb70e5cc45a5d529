"""Reading the answers of the quiz: a number, or a formula with the names of nodes as they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine import TABLE, Value, grad
from engine._support import checks
from engine._support.suggestions import did_you_mean_or_list
from engine.op import Op
from engine.symbolic.parser import OPENING_BRACKET, WORD, find_operation, parse_with_names

MAX_LENGTH = 1000  # characters of an answer
PRINTED_SIGNS = str.maketrans("·×−", "**-")
PRINTED_OPERATIONS = {"σ": "sigmoid", "sigma": "sigmoid", "max": "maximum", "min": "minimum"}
_NAME = re.compile(r"[^\W\d]\w*(?:\^\([^()\s]*\))?")
_CALL = re.compile(r"(['′]?)\s*\(")  # of an operation, or of its derivative
# A name goes on if a letter, digit or _ follows another; after ₁ or ⁾, only if the next sign is not ASCII either.
_GOES_ON = re.compile(r"[0-9A-Za-z_]\w|[^\x00-\x7f](?=[^\x00-\x7f])[\w₍₎⁽⁾⁺⁻]")


def read_answer(text: str, values: Mapping[str, float]) -> float:
    """Return the number of an answer; `values` are those of the nodes, by each of their names.

    Answers are formulas of `engine.symbolic.parser`, which may also contain the printed signs · × −, the operations σ,
    max and min, and derivatives such as σ'(a). Raises ValueError, which suggests a correction, for an invalid formula,
    and DomainError if its value is not finite.

    >>> read_answer("0.2 · z_1^(2) * (1 − z_1^(2))", {"z_1^(2)": 0.5})
    0.05
    >>> read_answer("2*foo", {"x": 1.0})
    Traceback (most recent call last):
    ...
    ValueError: unknown node 'foo'; known names: x
    """
    checks.check_instance(text, str, "an answer must be text such as '0.5' or 'x*y'")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"the answer has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    if re.fullmatch(r"\s*[-+−]?[0-9]+,[0-9]+\s*", text):
        raise ValueError(f"write {text.strip().replace(',', '.')}, with a decimal point")
    known = {name: x for name, x in values.items() if name and (name[0].isalpha() or name[0] in "_#∂")}
    lengths = sorted(set(map(len, known)), reverse=True)

    def name_at(text: str, at: int) -> tuple[Value | Op, int] | None:
        """The operation called at this position, or else the node with the longest name."""
        ends = (at + length for length in lengths if not _GOES_ON.match(text, at + length - 1))
        name = next((text[at:end] for end in ends if text[at:end] in known), "")
        end = at + len(name)
        if (word := WORD.match(text, at)) and word.end() >= end and (call := _CALL.match(text, word.end())):
            op = PRINTED_OPERATIONS.get(word[0], word[0])
            if call[1]:
                return _derivative(find_operation(op, text)), call.end(1)
            if op in TABLE or word[0] not in known:
                return find_operation(op, text), word.end()
        if name and OPENING_BRACKET.match(text, end):
            raise ValueError(f"{name} is a node, not an operation; for a product, write {name}*(")
        if name:
            return Value(known[name], name), end
        if word:
            raise _unknown_node(_NAME.match(text, at) or word, known)
        return None

    return parse_with_names(text.strip().translate(PRINTED_SIGNS), name_at).data


def _derivative(op: Op) -> Op:
    """The derivative of an operation of one input, as an operation that can be evaluated but not differentiated."""
    if op.arity != 1:
        raise ValueError(f"{op.name}' is ambiguous: {op.name} has {op.arity} inputs")

    def derivative(number: float) -> float:
        x = Value(number)
        return float(grad(op(x), [x])[0])

    return Op(f"{op.name}'", f"{op.symbol}'", derivative, [derivative], is_primitive=True, needs=op.needs)


def _unknown_node(found: re.Match[str], known: Mapping[str, float]) -> ValueError:
    name = found[0]
    for i in range(1, len(name)):
        if name[:i] in known and name[i:] in known:
            return ValueError(f"unknown node {name!r}; write {name[:i]}*{name[i:]}")
    return ValueError(f"unknown node {name!r:.60}{did_you_mean_or_list(name, known)}")
