"""The derivatives of named nodes in typed answers, as chain rules are written: ∂E/∂z · ∂z/∂a, dE/dz, z'(a), z'."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from engine import Value, grad, toposort
from engine.symbolic.tokens import find_function
from viz.questions.subject import Subject

Pair = tuple[Value, Value]  # of a derivative: the node above, and the node below
_BEGINNING = re.compile(r"(?<![^\W_])[d∂](?=\S)")
_LINE = re.compile(r"\s*/\s*[d∂]")
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]")
_PRIME = re.compile(r"['′]")


def derivatives_in(subject: Subject, text: str, asked: Pair, known: Collection[str] = ()) -> dict[str, float]:
    """The derivatives of nodes that a text names, by what stands there, other than `known` names.

    E' is one where E is made from one node. Between two nodes that an edge joins it is the local derivative, as in a
    chain rule along paths, though more than one path may lead from one to the other; that of the output is the whole.

    Raises ValueError for the derivative that is asked, for one of a node that does not depend on the other, and for E'
    where E is made from several nodes.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a = 3 * x
    >>> y = a ** 2
    >>> label(a=a, y=y)
    >>> derivatives_in(Subject.of(y), "dy/da * ∂a/∂x + a'", asked=(y, x))
    {'dy/da': 9.0, '∂a/∂x': 3.0, "a'": 3.0}
    """
    return {
        typed: _derivative(subject, pair, asked)
        for typed, pair in [*_quotients(subject, text), *_with_primes(subject, text)]
        if typed not in known
    }


def _quotients(subject: Subject, text: str) -> Iterator[tuple[str, Pair]]:
    for beginning in _BEGINNING.finditer(text):
        is_name = subject.name_at(text, beginning.start())  # such as a node dE
        above = "" if is_name else subject.name_at(text, beginning.end())
        line = _LINE.match(text, beginning.end() + len(above)) if above else None
        below = subject.name_at(text, line.end()) if line else ""
        if line and below:
            yield text[beginning.start() : line.end() + len(below)], (subject.find(above), subject.find(below))


def _with_primes(subject: Subject, text: str) -> Iterator[tuple[str, Pair]]:
    for word in _WORD.finditer(text):
        name = subject.name_at(text, word.start())
        prime = _PRIME.match(text, word.start() + len(name)) if name and find_function(name) is None else None
        if prime is None:
            continue
        node = subject.find(name)
        below = subject.name_at(text, prime.end() + 1) if text[prime.end() : prime.end() + 1] == "(" else ""
        end = prime.end() + len(below) + 2
        if below and text[end - 1 : end] == ")":
            yield text[word.start() : end], (node, subject.find(below))
            continue
        inputs = list(dict.fromkeys(x for x in subject.view.inputs(node) if x in subject.view.names))
        if len(inputs) != 1:
            possible = " or ".join(f"∂{subject.name(node)}/∂{subject.name(x)}" for x in inputs)
            says = f"write {possible}" if inputs else f"{name} is not made from other nodes"
            raise ValueError(f"{name}' does not say with respect to which node: {says}")
        yield text[word.start() : prime.end()], (node, inputs[0])


def _derivative(subject: Subject, pair: Pair, asked: Pair) -> float:
    above, below = pair
    written = f"∂{subject.name(above)}/∂{subject.name(below)}"
    if pair == asked:
        raise ValueError(
            f"{written} is what is asked: write the numbers, names or derivatives that it is computed from"
        )
    if below not in toposort(above):
        raise ValueError(
            f"{subject.name(above)} is not made from {subject.name(below)}: {written} is 0, and is not part of a chain"
        )
    local = None if above is subject.root else subject.local_derivative(above, below)
    found: float = grad(above, [below])[0] if local is None else local
    return found
