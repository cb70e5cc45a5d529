"""The graph that a command is about: a formula, or a name in a Python file, with the numbers that `--set` gives."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from engine import DomainError, Value, forward, ops, toposort
from engine._support.suggestions import did_you_mean, did_you_mean_or_list
from engine.analysis.node_names import name_nodes, names_of_variables
from engine.symbolic.definitions import split_definitions
from engine.symbolic.names import to_label
from engine.symbolic.parser import default_values, parse_formula, variables_of
from viz.command.python_files import PythonFile, local_variables
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number
from viz.stepping.arguments import parse_assignments
from viz.stepping.node_names import by_spelling, in_reading_order

CURLY_QUOTES = tuple("“”„‟‘’‚‛«»")


class Example(Protocol):
    """A graph that has a name of its own on the command line."""

    @property
    def output(self) -> Value:
        """The output."""


class Graph:
    """A graph whose nodes have labels: their own, or the names of variables in the code that makes them.

    Attributes:
        output: The output; called as the function that makes it, or y, f or out, if nothing else names it.
        chosen: The variables that were not given a value, so that one was chosen.

    >>> graph = Graph(2 * Value(1.5, "x"))
    >>> graph.output.label, [x.label for x in graph.variables()], graph.find("x").data
    ('y', ['x'], 1.5)
    """

    def __init__(self, output: Value, names: Mapping[str, Any] | None = None, chosen: Iterable[Value] = ()) -> None:
        self.output = output
        self.chosen = list(chosen)
        self._formula_names = [] if names else [x.label for x in self.chosen]
        order = toposort(output)
        given = names_of_variables(names, order)
        self._names = name_nodes(order, given)
        for node, name in self._names.items():
            node.label = name if node.label or node in given or node is output else ""

    def name_of(self, node: Value) -> str:
        """The label of a node, or its number, such as #3."""
        return self._names[node]

    @property
    def names(self) -> list[str]:
        """The names of all nodes but constants, in topological order."""
        return list(self._names.values())

    def find(self, name: str) -> Value:
        """The node of this name, however it is spelled. Raises ValueError, which suggests names, if it is unknown."""
        known = {label: node for node, label in self._names.items()}
        spellings = by_spelling(known)
        node = spellings.get(name, spellings.get(to_label(name)))
        if node is None:
            raise ValueError(f"unknown node {name!r}{did_you_mean_or_list(name, known)}")
        return node

    def variables(self) -> list[Value]:
        """The variables, inputs first."""
        return [node for node in in_reading_order(self._names) if node.op is ops.variable]

    def set_leaves(self, numbers: Mapping[str, float]) -> Graph:
        """Give leaves other values, compute the graph again, and return it.

        Raises ValueError if a name is not that of a leaf.
        """
        for name, number in numbers.items():
            node = self.find(name)
            if node.inputs:
                leaves = ", ".join(label_to_unicode(self.name_of(x)) for x in self.variables())
                raise ValueError(f"--set {name}: {name} is computed; only leaves can be set: {leaves}")
            node.data = number
        if numbers:
            forward(self.output)
        return self

    def note(self, how: str = "") -> str:
        """A sentence about the variables that were not given a value; "" if all were."""
        if not self.chosen:
            return ""
        known = ", ".join(f"{label_to_unicode(x.label)} = {format_number(x.data)}" for x in self.chosen)
        example = f"{self.chosen[0].label}=2"
        products = [label for label in self._formula_names if re.fullmatch("[A-Za-z]{2}", label_to_unicode(label))]
        hints = "".join(f" {label} is one variable; a product is written {'*'.join(label)}." for label in products)
        return f"Not given, so chosen: {known}. To change: --set {example}{how and f', here: {how} {example}'}.{hints}"


def read_graph(text: str, settings: Iterable[str], known: Mapping[str, Callable[[], Example]] | None = None) -> Graph:
    """The graph of a formula, of FILE.py:NAME, or of a name in `known`; `settings` are those of `--set`.

    Raises ValueError, DomainError, TypeError or OSError, which say what is wrong with it.

    >>> read_graph("x*y + sin(x)", ["x=0,y=2"]).output.data
    0.0
    """
    numbers = {to_label(name): x for item in settings for name, x in parse_assignments(item, "--set").items()}
    known = known or {}
    if text.strip().startswith(CURLY_QUOTES) or text.strip().endswith(CURLY_QUOTES):
        raise ValueError(f'{text} stands in curly quotes: use straight ones, "{text.strip("".join(CURLY_QUOTES))}"')
    path, is_file, name = text.strip().rpartition(".py:")
    if text in known:
        return Graph(known[text]().output).set_leaves(numbers)
    if is_file:
        file = PythonFile(f"{path}.py")
        found = file.find(name)
        if isinstance(found, Value):
            return Graph(found, {name: found} | file.names).set_leaves(numbers)
        return _call(file, name, found, numbers)
    if text.endswith(".py"):
        raise ValueError(f"{text} lacks the name of a Value or of a function: {text}:NAME")
    if text.isidentifier() and text not in numbers and (near := did_you_mean(text.lower(), [*known])):
        raise ValueError(f"unknown graph {text!r}{near}")
    path, sign, name = text.rpartition(":")
    if sign and name.isidentifier() and Path(f"{path}.py").expanduser().is_file():
        raise ValueError(f"{text!r} is not a formula; did you mean {path}.py:{name}?")
    return _read_formula(text, numbers)


def _call(file: PythonFile, name: str, function: Callable[..., Any], numbers: Mapping[str, float]) -> Graph:
    """The graph that a function makes of its parameters: variables, but for a default that is not a number."""
    signature = inspect.signature(function)
    defaults = {
        parameter.name: parameter.default
        for parameter in signature.parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    takes = [x for x, default in defaults.items() if default is inspect.Parameter.empty or _is_number(default)]
    _check_names(numbers, takes, f"{name} does not have this argument", "its arguments are")
    values = default_values()
    bound, chosen = signature.bind_partial(), []
    for argument in takes:
        is_chosen = to_label(argument) not in numbers and not _is_number(defaults[argument])
        default = next(values) if is_chosen else defaults[argument]
        bound.arguments[argument] = x = Value(numbers.get(to_label(argument), default), argument)
        chosen += [x] if is_chosen else []
    call = f"{name}({', '.join(f'{x}={format_number(value.data)}' for x, value in bound.arguments.items())})"
    try:
        with file.errors(f"{call} failed"), local_variables(function) as variables:
            output = function(*bound.args, **bound.kwargs)
    except ValueError as error:
        if isinstance(error.__cause__, TypeError) and "'Value' object" in str(error):  # it is indexed, say
            raise ValueError(f"{error}; a function takes a number, a Value, for each argument, not a list") from error
        raise
    if not isinstance(output, Value):
        raise ValueError(f"{file.path}: {call} must be a Value, not {output!r:.60} of type {type(output).__name__}")
    variables.setdefault(name, output)
    names_of_file = {name: x for name, x in file.names.items() if name not in variables}
    return Graph(output, names_of_file | variables | bound.arguments, chosen)  # even if one was assigned again


def _is_number(default: Any) -> bool:
    return isinstance(default, (int, float)) and not isinstance(default, bool)


def _check_names(given: Iterable[str], known: Iterable[str], what: str, list_of: str) -> None:
    """Raise ValueError, which suggests names or lists them all, for a name of --set that is not known."""
    names = list(known)
    for name in given:
        if name not in map(to_label, names):
            all_names = f"; {list_of} {', '.join(names)}" if names else "; it has only numbers"
            raise ValueError(f"--set {name}: {what}{did_you_mean(name, names) or all_names}")


def _read_formula(text: str, numbers: Mapping[str, float]) -> Graph:
    try:
        output = parse_formula(text, numbers)
    except DomainError as error:
        raise DomainError(f"{error}; --set x=2 gives a variable x another value") from error
    numbers_of_text = {"", *(part.label for part in split_definitions(text))}  # such as 2*3, or w in w = 2; y = w*x
    variables = {x.label: x for x in variables_of(output) if x.label not in numbers_of_text}
    _check_names(numbers, variables, "the formula does not have this variable", "its variables are")
    return Graph(output, chosen=[x for x in toposort(output) if x.label in variables.keys() - numbers.keys()])
