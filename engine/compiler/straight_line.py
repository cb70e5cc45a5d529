"""Lowering of formulas to straight-line Python in the form of the paper's Section 5, number by number.

An expression is assigned to a variable if it has a label, is used more than once, or is nested deep. Assignments come
in the order of evaluation, forward, then backward; a comment says which derivative a line computes.
"""

from __future__ import annotations

import builtins
import keyword
import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from engine import ops
from engine.compiler.branches import Branches, has_choices, negation, selectors
from engine.compiler.ir import IR
from engine.compiler.naming import Names, format_comment, identifier, name_derivative
from engine.graph import depends_on, toposort
from engine.guards import ALWAYS_MET, Guard
from engine.op import TABLE, Op
from engine.symbolic.codegen import (
    UNCHANGED,
    FunctionNames,
    Language,
    format_function,
    format_operation,
    format_return,
    format_targets,
    indent,
)
from engine.symbolic.expression import Expression
from engine.symbolic.specialize import forward_formula, rule_lines

MAX_DEPTH = 8  # of nested operations in one line
MAX_TERMS = 40  # of a sum in one line
EXCEPT_CLAUSE = "except (ArithmeticError, ValueError):"
RESERVED = "np array floats rows parameters"  # names in the generated text
_BUILTINS = "getattr len TypeError"  # that it calls
RESERVED_FUNCTIONS = rf"value|value_and_grad|sum_over|{f'{RESERVED} {_BUILTINS}'.replace(' ', '|')}|TABLE|[xt]\d+"


def table_entry(op: Op) -> str:
    """The Python text that looks up a primitive in `engine.TABLE`.

    Raises ValueError if this operation is not in the table.
    """
    if TABLE.get(op.name) is not op:
        problem = "the table has another operation of this name" if op.name in TABLE else "it is not there"
        raise ValueError(
            f"printed source looks up the primitive {op.name!r} in engine.TABLE, but {problem}; the program itself"
            " calls it: for source, declare it by engine.primitive, not by custom_operation"
        )
    return f"TABLE[{op.name!r}]"


class StraightLinePrinter(ABC):
    """Generates a function of a program in Python; the subclass of the target writes imports.

    Attributes:
        language: How the target writes numbers and operations.
        header: The imports of each module.
        helpers: Functions that it begins with.
        reading: The text that converts the variables at {} to floats.
        read_parameters: The parameters among these variables.
    """

    language: Language
    header: Sequence[str] = ()
    helpers: Sequence[str] = ()
    reading: str
    read_parameters: str

    def __init__(self, ir: IR) -> None:
        self.ir = ir
        order = toposort(*ir.results())
        self.varying = depends_on(ir.inputs, order)  # from row to row
        self.functions = FunctionNames(RESERVED_FUNCTIONS)
        for symbol in order:
            if symbol.inputs and not self.language.has(symbol.op):
                self.functions.of(symbol.op)
        taken = {*TABLE, *self.functions.names.values(), *dir(builtins), *keyword.kwlist, *RESERVED.split()}
        self.names = Names(taken)
        self.text: dict[Expression, str] = {}
        self.bare: dict[Expression, str] = {}  # without parentheses
        self.condition_text: dict[Expression, str] = {}  # in an `if`
        self.depth: dict[Expression, int] = {}
        self.lines: dict[Expression, list[str]] = {}  # that assign the expression to a variable
        self.branches: Branches | None = None
        for leaves, letter in ((ir.inputs, "x"), (ir.parameters, "p")):
            for i, leaf in enumerate(leaves):
                self.text[leaf] = self.names.new(identifier(self._label(leaf)) or f"{letter}{i}")
        self.adjoint_names = {  # and comments; what the forward pass computes keeps its name
            formula: self._name_derivative(u, readers)
            for formula, (u, readers) in ir.adjoints.items()
            if formula.inputs and formula not in ir.node_of and self._label(u)
        }

    @abstractmethod
    def imports(self, op: Op) -> Iterator[str]:
        """The import statements that make the function of a primitive available."""

    def _label(self, symbol: Expression) -> str:
        node = self.ir.node_of.get(symbol)
        return node.label if node is not None and identifier(node.label) else ""

    def _name_derivative(self, u: Expression, readers: Sequence[Expression]) -> tuple[str, str]:
        return name_derivative(self._label(self.ir.values[0]), self._label(u), [self._label(r) for r in readers])

    def module(self, wrt_order: Sequence[int]) -> str:
        """A module with the function `value_and_grad`, or without a gradient, `value`."""
        symbols = [x for x in toposort(*self.ir.results()) if x.op is not ops.weighted_sum]  # written with + and *
        program = self.value_and_grad(wrt_order) if self.ir.has_gradient else self.value()
        program[1:1] = indent([*self._reading()])
        called = dict.fromkeys(x.op for x in symbols if x.inputs and not self.language.has(x.op))
        composites = [op for op in called if not op.is_primitive]
        for op in composites:
            symbols += toposort(forward_formula(op, [f"x{i}" for i in range(op.arity or 0)]))
        names = self.functions
        functions = [rule_lines(op, names.of(op), names, language=self.language) for op in composites]
        nan = {"from math import nan as _nan"} if any(EXCEPT_CLAUSE in line for line in program) else set()
        imports = [*self.header, *sorted(nan.union(*map(self._imports_of, symbols)))]
        parts = ["\n".join(imports), *self.helpers, *map("\n".join, [*functions, program])]
        return "\n\n\n".join(parts).lstrip() + "\n"

    def _reading(self) -> Iterator[str]:
        """The lines that convert what a printed function is called with."""
        names = [self.text[x] for x in self.ir.inputs] + [self.read_parameters] * bool(self.ir.parameters)
        for i in range(0, len(names), MAX_TERMS):
            part = names[i : i + MAX_TERMS]
            yield f"{format_targets(part)} = {self.reading.format(', '.join(part))}"

    def _imports_of(self, symbol: Expression) -> Iterator[str]:
        """The import statements for a constant or an operation."""
        op = symbol.op
        if symbol.is_constant and not math.isfinite(symbol.value):
            yield "from math import nan as _nan" if math.isnan(symbol.value) else "from math import inf as _inf"
        elif symbol.inputs and op.is_primitive and op not in self.language.templates:
            yield from self.imports(op)

    def value_and_grad(self, wrt_order: Sequence[int] | None = None) -> list[str]:
        """`value_and_grad(inputs..., parameters)`, of one row.

        The derivatives are in the order of the IR, or in `wrt_order`.
        """
        ir = self.ir
        symbols, forward = toposort(*ir.results()), toposort(*ir.values)
        self.assign_text(symbols, ir.results())
        if self.branches:
            forward = self.branches.with_conditions(forward)
        seen = set(forward)
        backward = [symbol for symbol in symbols if symbol not in seen]
        lines = [self._signature("value_and_grad"), *self.unpack_parameters()]
        forward_lines, backward_lines = self.blocks(forward, backward)
        for heading, found in (("# forward", forward_lines), ("# backward", backward_lines)):
            lines += [heading, *found] if found else []
        gradient = []
        for x, derivative in zip(ir.wrt, ir.derivatives, strict=True):
            alone = len(derivative.terms) == 1
            terms = [self.bare_text(term) if alone else self.text[term] for term in derivative.terms]
            if len(terms) == 2:
                preferred, comment = self._name_derivative(x, [])
                name = self.names.new(preferred)
                lines.append(f"{name} = {' + '.join(terms)}  # {format_comment(comment)}")
                terms = [name]
            gradient.append(terms[0] if terms else "0.0")
        ordered = gradient if wrt_order is None else [gradient[i] for i in wrt_order]
        return format_function(*lines, *format_return(f"{self.bare_text(ir.values[0])}, [", ordered))

    def value(self) -> list[str]:
        """`value(inputs..., parameters)`: the forward pass."""
        values = self.ir.values
        order = toposort(*values)
        self.assign_text(order, values)
        lines = [self._signature("value"), *self.unpack_parameters(), *next(self.blocks(order))]
        return format_function(*lines, *format_return("[", [self.bare_text(value) for value in values]))

    def _signature(self, name: str) -> str:
        return f"def {name}({', '.join([*(self.text[x] for x in self.ir.inputs), 'parameters'])}):"

    def unpack_parameters(self) -> Iterator[str]:
        """The lines that unpack the parameters into variables."""
        names = [self.text[p] for p in self.ir.parameters]
        for i in range(0, len(names), MAX_TERMS):
            targets = names[i : i + MAX_TERMS]
            source = "parameters" if len(names) <= MAX_TERMS else f"parameters[{i}:{i + len(targets)}]"
            yield f"{format_targets(targets)} = {source}"

    def bare_text(self, symbol: Expression) -> str:
        """The text of an expression without parentheses."""
        return self.bare.get(symbol, self.text[symbol])

    def assign_text(
        self, order: Sequence[Expression], results: Sequence[Expression], named: Collection[Expression] = ()
    ) -> None:
        """Choose variables, or text to inline, for expressions in topological order; those `named` get variables."""
        uses = Counter(x for symbol in order for x in symbol.inputs) + Counter(results)
        if self.language.conditions and has_choices(order):
            self.branches = Branches(results, lambda op: op in self.language.templates)
        tested = self.branches.conditions if self.branches else ()
        for symbol in order:
            if symbol.inputs:
                self._assign(symbol, is_shared=uses[symbol] > 1, is_named=symbol in named or symbol in tested)
            else:
                self.text.setdefault(symbol, format_operation(symbol, [], self.functions, self.language)[0])
        if self.branches:
            for symbol, guard in self.branches.definitions.items():
                self.text[symbol] = self.names.new("guard")
                self.lines[symbol] = [f"{self.text[symbol]} = {self._condition(guard)}"]

    def _assign(self, symbol: Expression, is_shared: bool, is_named: bool) -> None:
        """Choose a variable for an operation, or text to inline."""
        label = self._label(symbol)
        preferred, comment = (identifier(label), label) if label else self.adjoint_names.get(symbol, ("", ""))
        comment = "" if comment == preferred else f"  # {format_comment(comment)}"
        self.depth[symbol] = depth = 1 + max(self.depth.get(x, 0) for x in symbol.inputs)
        *before, text, is_atom = self._format(symbol)
        is_needed = is_named or (is_shared and not text.isidentifier())
        is_long = depth > MAX_DEPTH or len(symbol.inputs) > MAX_TERMS
        if preferred or ((is_needed or is_long) and not self._is_inline_test(symbol)):
            name = self.names.new(preferred)
            self.lines[symbol] = [*before, f"{name} = {text}{comment}"]
            self.text[symbol], self.depth[symbol] = name, 0
            return
        self.text[symbol], self.bare[symbol] = text if is_atom else f"({text})", text
        if symbol.op in self.language.conditions:
            inputs = [self.text[x] for x in symbol.inputs]
            self.condition_text[symbol] = self.language.conditions[symbol.op].format(*inputs)

    def _is_inline_test(self, symbol: Expression) -> bool:
        """Whether it is an unguarded comparison of variables, which an `if` can test without a variable for it."""
        if self.branches is None or symbol.op not in self.language.conditions:
            return False
        compares_variables = all(not x.inputs or x in self.lines for x in symbol.inputs)
        return compares_variables and self.branches.guard(symbol) == ALWAYS_MET

    def blocks(self, *groups: Sequence[Expression]) -> Iterator[list[str]]:
        """The lines that compute each group, after the groups before it; guarded lines are in the block of an `if`."""
        if self.branches is None:
            yield from ([line for symbol in group for line in self.lines.get(symbol, ())] for group in groups)
            return
        initialized: set[Expression] = set()  # conditions with an initial value, since an `if` may not compute them
        for guarded in self.branches.schedule(*groups):
            found: list[str] = []
            start, last = 0, ALWAYS_MET  # the index of the last `if`, and its guard, unless it has an `else`
            for guard, group in groupby([pair for pair in guarded if pair[0] in self.lines], itemgetter(1)):
                symbols = [symbol for symbol, _ in group]
                if guard == ALWAYS_MET or not self.branches.is_ordered:
                    for symbol in symbols:
                        found += self.lines[symbol] if guard == ALWAYS_MET else self._in_try(symbol)
                    last = ALWAYS_MET
                    continue
                if guard == negation(last):
                    head, last = "else:", ALWAYS_MET
                else:
                    head, last, start = f"if {self._condition(guard)}:", guard, len(found)
                new = [symbol for symbol in symbols if symbol in self.branches.conditions and symbol not in initialized]
                found[start:start] = [f"{self.text[symbol]} = 0.0" for symbol in new]
                initialized.update(new)
                found += [head, *indent([line for symbol in symbols for line in self.lines[symbol]])]
            yield found

    def _in_try(self, symbol: Expression) -> list[str]:
        """The lines that compute an expression that may not have a value, and is NaN then."""
        return ["try:", *indent(self.lines[symbol]), EXCEPT_CLAUSE, *indent([f"{self.text[symbol]} = _nan"])]

    def _condition(self, guard: Guard) -> str:
        """A guard as a condition of Python."""
        assert self.branches
        conjunctions = [
            [("" if holds else "not ") + self.condition_text.get(node, self.text[node]) for node, holds in conjunction]
            for conjunction in self.branches.guards.sorted_conjunctions(guard)
        ]
        return " or ".join(map(" and ".join, conjunctions))

    def _format(self, symbol: Expression) -> list[Any]:
        """Lines that come before, the text of one operation, and whether it can do without parentheses."""
        inputs = [self.text[x] for x in symbol.inputs]
        if symbol.op is not ops.weighted_sum:
            if symbol.op in self.language.templates:
                for selected in selectors(symbol.op).values():
                    inputs[selected.by] = self.condition_text.get(symbol.inputs[selected.by], inputs[selected.by])
            if symbol.op in UNCHANGED:
                bare = self.bare_text(symbol.inputs[0])
                return [bare, bare == self.text[symbol.inputs[0]]]
            return [*format_operation(symbol, inputs, self.functions, self.language)]
        weights, values, bias = ops.dot_operands(inputs)
        terms = [*bias, *[f"{w} * {z}" for w, z in zip(weights, values, strict=True)]]
        lines, text = [], " + ".join(terms[:MAX_TERMS])
        for i in range(MAX_TERMS, len(terms), MAX_TERMS):
            name = self.names.new("")
            lines.append(f"{name} = {text}")
            text = " + ".join([name, *terms[i : i + MAX_TERMS]])
        return [*lines, text, False]
