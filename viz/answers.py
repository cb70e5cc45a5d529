"""Reading the answer to a question: a number, or a small formula in which nodes go by the names that are shown."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping

from engine import TABLE, Value, _check, grad
from engine._hints import nearest
from engine.op import Op
from engine.parse import bracket, parse

LONGEST, DEEPEST = 1000, 50  # characters; derivatives within derivatives
SIGNS = str.maketrans("·×−", "**-")
SHOWN_AS = {"σ": "sigmoid", "sigma": "sigmoid", "max": "maximum", "min": "minimum"}
_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[^\W\d]\w*")
_NAME = re.compile(r"[^\W\d]\w*(?:\^\([^()\s]*\))?")
_CALL = re.compile(r"\s*\(")
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
    return _Reader(text.strip().translate(SIGNS), values, depth).number()


class _Reader:
    """Puts a plain word in the place of every name that Python's grammar does not know, for `parse` to read."""

    def __init__(self, text: str, values: Mapping[str, float], depth: int) -> None:
        self.text = text
        self.values = {name: x for name, x in values.items() if name and (name[0].isalpha() or name[0] in "_#∂")}
        self.lengths = sorted({len(name) for name in self.values}, reverse=True)
        self.depth = depth
        self.known: dict[str, Value] = {}  # by the words that stand for them
        self.words = (word for word in map(chr, range(0x4E00, 0x9FFF)) if word not in text)

    def number(self) -> float:
        parts: list[str] = []
        at = 0
        while at < len(self.text):
            part, at = self._part(at)
            if parts and parts[-1] in self.known and part in self.known:
                parts.append("*")  # as w₁z₁ is shown
            parts.append(part)
        try:
            return parse("".join(parts), self.known).data
        except ArithmeticError:
            raise  # which names nodes by their labels
        except ValueError as error:
            message = re.sub(" at character [0-9]+", "", str(error))  # of the text with words in the place of names
            for word, node in self.known.items():
                message = message.replace(word, node.label)
            raise ValueError(message) from None

    def _part(self, at: int) -> tuple[str, int]:
        """What `parse` gets for the text from here on, and where that ends."""
        if found := _NUMBER.match(self.text, at):
            if following := _NAME.match(self.text, found.end()):
                raise ValueError(f"write {found[0]}*{following[0]}")
            return found[0], found.end()
        name = next(self._names_at(at), "")
        word = _WORD.match(self.text, at)
        if word and (not name or len(word[0]) >= len(name)) and (operation := self._operation(word)):
            return operation
        if name:
            end = at + len(name)
            if _CALL.match(self.text, end):
                raise ValueError(f"write {name}*(, if a product is meant")
            return self._word_for(name, self.values[name]), end
        if word:
            self._unknown(at)
        return self.text[at], at + 1

    def _names_at(self, at: int) -> Iterator[str]:
        """The names that may stand here, the longest first."""
        for length in self.lengths:
            name = self.text[at : at + length]
            if name in self.values and not _goes_on(name[-1], self.text[at + length : at + length + 1]):
                yield name

    def _operation(self, word: re.Match[str]) -> tuple[str, int] | None:
        """An operation that is called here, or whose derivative is."""
        op = SHOWN_AS.get(word[0], word[0])
        if derivative := _DERIVATIVE.match(self.text, word.end()):
            return self._derivative(op, derivative.end())
        called = _CALL.match(self.text, word.end())
        return (op, word.end()) if called and (op in TABLE or word[0] not in self.values) else None

    def _derivative(self, name: str, start: int) -> tuple[str, int]:
        end = self._closing(start)
        op = TABLE.get(name)
        if not isinstance(op, Op) or op.arity is None:
            return name, start - 1  # parse says that there is no such operation
        if op.arity != 1:
            raise ValueError(f"{name} has {op.arity} inputs, so that {name}' could be by any of them")
        x = Value(read(self.text[start:end], self.values, self.depth + 1), self.text[start:end])
        return self._word_for(f"{name}'({x.label})", grad(op(x), [x])[0]), end + 1

    def _closing(self, start: int) -> int:
        """Where the bracket closes that was opened before `start`."""
        depth, end = 1, start
        while depth:  # `read` has seen that it closes
            depth += {"(": 1, ")": -1}.get(self.text[end], 0)
            end += 1
        return end - 1

    def _word_for(self, name: str, x: float) -> str:
        plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
        word = name if plain else next((w for w, node in self.known.items() if node.label == name), None)
        word = word or next(self.words)
        self.known.setdefault(word, Value(x, name))
        return word

    def _unknown(self, at: int) -> None:
        found = _NAME.match(self.text, at)
        name = found[0] if found else self.text[at]
        for i in range(1, len(name)):
            if name[:i] in self.values and name[i:] in self.values:
                raise ValueError(f"there is no node {name!r}; write {name[:i]}*{name[i:]}")
        raise ValueError(f"there is no node {name!r:.60}{nearest(name, self.values)}")


def _goes_on(last: str, following: str) -> bool:
    """Whether a name that ends so goes on after that, so that it is another one."""
    if last.isascii():
        return (last.isalnum() or last == "_") and (following.isalnum() or following == "_")
    return not following.isascii() and (following.isalnum() or following in "₍₎⁽⁾⁺⁻")
