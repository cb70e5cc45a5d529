"""Code generation: how a language spells the primitives of the table, and the lines that compute a formula.

Python's spelling stands here, since `specialize` generates functions of floats in it; every other language has its own
file among the targets of the compiler.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from engine import ops
from engine.graph import toposort
from engine.op import Op, Selected
from engine.symbolic.expression import Expression

ARITHMETIC = {  # as in nearly all languages
    ops.add: "{0} + {1}",
    ops.subtract: "{0} - {1}",
    ops.multiply: "{0} * {1}",
    ops.divide: "{0} / {1}",
    ops.negate: "-{0}",
}
UNCHANGED: Mapping[Op, str] = {ops.stop_gradient: "{0}"}  # by languages that do not differentiate


def format_python_float(number: float) -> str:
    """A float as Python reads it, with _nan and _inf for NaN and infinity: names of operations do not begin with _."""
    return repr(number).replace("nan", "_nan").replace("inf", "_inf")


class Language(NamedTuple):
    """How a language writes formulas.

    Attributes:
        templates: Operations that are operators, with {0}, {1}, ... for their inputs.
        functions: Operations that are functions of the language, with their names.
        format_float: Formats a float.
        conditions: Primitives that an `if` or a selection can test, as templates of the test.
    """

    templates: Mapping[Op, str]
    functions: dict[Op, str]
    format_float: Callable[[float], str] = format_python_float
    conditions: Mapping[Op, str] = MappingProxyType({})

    def has(self, op: Op) -> bool:
        """Whether the language has the operation as an operator or a function."""
        return op in self.templates or op in self.functions

    def apply(self, op: Op, inputs: list[str], name: str = "") -> str:
        """The text of an operation on inputs that are texts; `name` is called if the language does not have it.

        >>> PYTHON.apply(ops.add, ["x", "y"]), PYTHON.apply(ops.exp, ["x"])
        ('x + y', 'exp(x)')
        """
        if op in self.templates:
            return self.templates[op].format(*inputs)
        return f"{self.functions.get(op) or name or op.name}({', '.join(inputs)})"


PYTHON = Language(
    {**ARITHMETIC, **UNCHANGED, ops.greater: "1.0 if {0} > {1} else 0.0", ops.where: "{1} if {0} else {2}"},
    functions={},
)


class FunctionNames:
    """The names of the functions of operations in one text: those of the operations, with _ after a name that is taken.

    `reserved` is a regular expression for the names that the text uses otherwise.

    >>> names = FunctionNames("sin|x[0-9]+")
    >>> names.of(ops.exp), names.of(Op("exp", "exp", float, ())), names.of(ops.exp), names.of(ops.sin)
    ('exp', 'exp_', 'exp', 'sin_')
    """

    def __init__(self, reserved: str = "") -> None:
        self.names: dict[Op, str] = {}
        self._reserved = re.compile(reserved)
        self._taken: set[str] = set()

    def of(self, op: Op) -> str:
        """The name of an operation's function."""
        if op not in self.names:
            name = op.name
            while name in self._taken or self._reserved.fullmatch(name):
                name += "_"
            self._taken.add(name)
            self.names[op] = name
        return self.names[op]


def assignments(
    formula: Expression, temporaries: Iterator[str], functions: FunctionNames, language: Language = PYTHON
) -> list[str]:
    """The assignments of common subexpressions to temporaries, and last the expression of the formula."""
    order = toposort(formula)
    uses = Counter(x for symbol in order for x in symbol.inputs)
    text: dict[Expression, str] = {}
    bare: dict[Expression, str] = {}  # without parentheses
    conditions: dict[Expression, str] = {}
    lines = []
    for symbol in order:
        inputs = [(text if symbol.op in language.templates else bare)[x] for x in symbol.inputs]
        for selected in symbol.op.edges:
            if isinstance(selected, Selected):
                inputs[selected.by] = conditions.get(symbol.inputs[selected.by], inputs[selected.by])
        written, is_atom = format_operation(symbol, inputs, functions, language)
        if uses[symbol] > 1 and symbol.inputs:
            name = next(temporaries)
            lines.append(f"{name} = {written}")
            text[symbol] = bare[symbol] = name
            continue
        text[symbol], bare[symbol] = written if is_atom or symbol is formula else f"({written})", written
        if symbol.op in language.conditions:
            conditions[symbol] = language.conditions[symbol.op].format(*inputs)
    return [*lines, text[formula]]


def format_operation(
    symbol: Expression, inputs: list[str], functions: FunctionNames, language: Language = PYTHON
) -> tuple[str, bool]:
    """The text of one operation, and whether it is an atom, which does not need brackets in other operations."""
    if symbol.is_constant:
        return language.format_float(symbol.value), True
    if not symbol.inputs:
        return symbol.name, True
    op = symbol.op
    if language.has(op):
        return language.apply(op, inputs), op in language.functions
    return language.apply(op, inputs, functions.of(op)), True


def indent(lines: list[str], width: int = 4) -> list[str]:
    """The indented lines."""
    return [" " * width + line for line in lines]


def format_targets(names: Sequence[str]) -> str:
    """The targets of an assignment that unpacks a sequence: "x, y", but "x," for a single one."""
    return f"{names[0]}," if len(names) == 1 else ", ".join(names)


def format_function(signature: str, *body: str) -> list[str]:
    """The lines of a function."""
    return [signature, *indent([*body])]


def format_return(begin: str, items: list[str]) -> list[str]:
    """The lines of a `return` of a list, wrapped if it is long."""
    if sum(map(len, items)) < 80:
        return [f"return {begin}{', '.join(items)}]"]
    return [f"return {begin}", *(f"    {', '.join(items[i : i + 8])}," for i in range(0, len(items), 8)), "]"]
