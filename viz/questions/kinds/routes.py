"""Routes through a graph, as lists of names: what questions about its structure have in common."""

from __future__ import annotations

import re

from engine import Value
from viz.questions.subject import Subject

Route = tuple[str, ...]  # names, from the output on
_BETWEEN_NODES = re.compile(r"[\s,;←→⇐⇒<>=−–-]+(?![^(]*\))")  # not within an index such as (k-1)


def read_nodes(subject: Subject, given: str) -> Route:
    """The names of nodes that a text lists, with arrows, commas or blanks between. Raises ValueError for other names.

    A name that has such signs itself, as "my weight", is read where it stands as a whole.

    >>> read_nodes(Subject.of(2 * Value(1.5, "x_1")), "y <- x1")
    ('y', 'x₁')
    """
    found, at = [], 0
    while at < len(given):
        if (between := _BETWEEN_NODES.match(given, at)) and not subject.name_at(given, at):
            at = between.end()
            continue
        after = _BETWEEN_NODES.search(given, at)
        name = subject.name_at(given, at) or given[at : after.start() if after else len(given)]
        found.append(subject.name(subject.find(name)))
        at += len(name)
    return tuple(found)


def neighbours(subject: Subject) -> dict[Value, list[Value]]:
    """The inputs to which each node passes a derivative, by the node."""
    found: dict[Value, list[Value]] = {}
    for step in subject.steps[subject.steps.n_forward + 1 :]:
        inputs = found.setdefault(step.node, [])
        if step.target not in inputs:
            inputs.append(step.target)
    return found
