"""Reading the answer to a question: a number, or a small formula in which nodes go by the names that are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine import TABLE, Value, _check, grad
from engine._hints import nearest
from engine.op import Op
from engine.parse import CALL, WORD, bracket, operation, parse_with

LONGEST, DEEPEST = 1000, 50  # characters; derivatives within derivatives
SIGNS = str.maketrans("·×−", "**-")
SHOWN_AS = {"σ": "sigmoid", "sigma": "sigmoid", "max": "maximum", "min": "minimum"}
_NAME = re.compile(r"[^\W\d]\w*(?:\^\([^()\s]*\))?")
_DERIVATIVE = re.compile(r"['′]\s*\(")


def read(text: str, values: Mapping[str, float], depth: int = 0) -> float:
    """The number that an answer gives; `values` are those of the nodes, under each of their names.

    What parse reads is read, and besides: · × − as print has them, σ, max and min, and a derivative as σ'(a).
    Raises ValueError for what cannot be read, with what may have been meant, and DomainError without a finite value.

    >>> read("0.2 · z_1^(2) * (1 − z_1^(2))", {"z_1^(2)": 0.5})
    0.05
    >>> read("2*foo", {"x": 1.0})
    Traceback (most recent call last):
    ...
    ValueError: there is no node 'foo'; there are x
    """
    _check.instance(text, str, "an answer is text such as '0.5' or 'x*y'")
    if len(text) > LONGEST:
        raise ValueError(f"an answer of {len(text)} characters is too long; {LONGEST} are read")
    if depth > DEEPEST:
        raise ValueError(f"{text!r:.60} is nested too deep")
    if re.fullmatch(r"\s*[-+−]?[0-9]+,[0-9]+\s*", text):
        raise ValueError(f"write {text.strip().replace(',', '.')}, with a point")
    if found := bracket(text):
        raise ValueError(f"{text!r:.60} is no formula: {found}")
    return parse_with(text.strip().translate(SIGNS), _Names(values, depth).read).data


class _Names:
    """Reads the names of nodes, the operations that are called, and derivatives such as σ'(a)."""

    def __init__(self, values: Mapping[str, float], depth: int) -> None:
        self.values = {name: x for name, x in values.items() if name and (name[0].isalpha() or name[0] in "_#∂")}
        self.lengths = sorted({len(name) for name in self.values}, reverse=True)
        self.depth = depth

    def read(self, text: str, at: int) -> tuple[Value | Op, int] | None:
        """The node or the operation that is named at this place, see `engine.parse.Names`."""
        name = next(self._names_at(text, at), "")
        word = WORD.match(text, at)
        if word and len(word[0]) >= len(name) and (operation := self._operation(text, word)):
            return operation
        if name:
            end = at + len(name)
            if CALL.match(text, end):
                raise ValueError(f"write {name}*(, if a product is meant")
            return Value(self.values[name], name), end
        if word:
            raise self._unknown(text, at)
        return None

    def _names_at(self, text: str, at: int) -> Iterator[str]:
        """The names that may stand here, the longest first."""
        for length in self.lengths:
            name = text[at : at + length]
            if name in self.values and not _goes_on(name[-1], text[at + length : at + length + 1]):
                yield name

    def _operation(self, text: str, word: re.Match[str]) -> tuple[Value | Op, int] | None:
        """An operation that is called here, or its derivative."""
        op = SHOWN_AS.get(word[0], word[0])
        if derivative := _DERIVATIVE.match(text, word.end()):
            return self._derivative(text, op, derivative.end())
        is_called = CALL.match(text, word.end()) and (op in TABLE or word[0] not in self.values)
        return (operation(op, text), word.end()) if is_called else None

    def _derivative(self, text: str, name: str, start: int) -> tuple[Value, int]:
        op = operation(name, text)
        if op.arity != 1:
            raise ValueError(f"{name} has {op.arity} inputs, so that {name}' could be by any of them")
        end = _closing(text, start)
        x = Value(read(text[start:end], self.values, self.depth + 1), text[start:end])
        return Value(grad(op(x), [x])[0], f"{name}'({x.label})"), end + 1

    def _unknown(self, text: str, at: int) -> ValueError:
        found = _NAME.match(text, at)
        name = found[0] if found else text[at]
        for i in range(1, len(name)):
            if name[:i] in self.values and name[i:] in self.values:
                return ValueError(f"there is no node {name!r}; write {name[:i]}*{name[i:]}")
        return ValueError(f"there is no node {name!r:.60}{nearest(name, self.values)}")


def _closing(text: str, start: int) -> int:
    """Where the bracket closes that was opened before `start`."""
    depth = 1
    for end in range(start, len(text)):  # `read` has seen that it closes
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if not depth:
            break
    return end


def _goes_on(last: str, following: str) -> bool:
    """Whether a name that ends so goes on after that, so that it is another one."""
    if last.isascii():
        return (last.isalnum() or last == "_") and (following.isalnum() or following == "_")
    return not following.isascii() and (following.isalnum() or following in "₍₎⁽⁾⁺⁻")
