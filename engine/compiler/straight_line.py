"""Formulas as straight-line Python that reads like Section 5 of the paper, for numbers or for NumPy's arrays.

What is labelled gets a line, and so does what is used twice or nested deep. Lines come in the order of computation:
forward, then backward, each derivative with a comment that says which it is.
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
from engine.compiler.branches import Branches, has_choices, opposite, selectors
from engine.compiler.ir import IR
from engine.compiler.naming import Names, delta_name, format_comment, identifier
from engine.graph import depends_on, toposort
from engine.guards import ALWAYS_MET, Guard
from engine.op import TABLE, Op
from engine.symbolic.codegen import FunctionNames, Language, format_operation, indent
from engine.symbolic.expression import Expression
from engine.symbolic.specialize import forward_formula, rule_lines

MAX_DEPTH = 8  # operations within operations, in one line
EXCEPT = "except (ArithmeticError, ValueError):"
MAX_TERMS = 40  # terms of a sum, in one line
RESERVED = "np rows parameters"  # what the text calls so itself
RESERVED_FUNCTIONS = rf"value|value_and_grad|sum_over|{RESERVED.replace(' ', '|')}|len|float|TABLE|[xt]\d+"


class StraightLinePrinter(ABC):
    """The text of one of the functions of a program, in Python; what a target does in its own way, its subclass says.

    Attributes:
        language: How the target spells what it computes with.
        head: Lines that every module begins with.
        both_branches: Lines above a function that computes both branches of a choice.
    """

    language: Language
    head: Sequence[str] = ()
    both_branches: Sequence[str] = ()

    def __init__(self, ir: IR) -> None:
        self.ir = ir
        order = toposort(*ir.results())
        self.rows = depends_on(ir.inputs, order)
        self.functions = FunctionNames(RESERVED_FUNCTIONS)
        for symbol in order:
            if symbol.inputs and symbol.op not in self.language.templates and symbol.op not in self.language.functions:
                self.functions.of(symbol.op)
        taken = {*TABLE, *self.functions.names.values(), *dir(builtins), *keyword.kwlist, *RESERVED.split()}
        self.names = Names(taken)
        self.text: dict[Expression, str] = {}
        self.bare: dict[Expression, str] = {}  # the same without brackets around it
        self.tests: dict[Expression, str] = {}  # the same as a condition
        self.depth: dict[Expression, int] = {}
        self.lines: dict[Expression, list[str]] = {}  # those that compute what has a name
        self.branches: Branches | None = None
        for leaves, letter in ((ir.inputs, "x"), (ir.parameters, "p")):
            for i, leaf in enumerate(leaves):
                self.text[leaf] = self.names.new(identifier(self._label(leaf)) or f"{letter}{i}")
        # The name and the comment of each formula of a derivative by something that has a label.
        derivatives = [(formula, *by) for formula, by in ir.adjoints.items() if formula.inputs]
        self.wishes = {
            formula: self._derivative_by(u, readers) for formula, u, readers in derivatives if self._label(u)
        }

    @abstractmethod
    def summed(self, symbol: Expression, *, alone: bool) -> str:
        """A result as the function returns it, over all rows that it is given; brackets may be left out if `alone`."""

    @abstractmethod
    def imports(self, op: Op) -> Iterator[str]:
        """The imports that a module needs before it can call the function of a primitive."""

    def from_table(self, op: Op) -> str:
        """What stands for a primitive in a module that finds its Python function by its name.

        Raises ValueError if the table has another operation of this name, or none.
        """
        if TABLE.get(op.name) is not op:
            there = "another operation is there now" if op.name in TABLE else "it is not there any more"
            raise ValueError(f"a printed program finds the primitive {op.name!r} in engine.TABLE, but {there}")
        return f"TABLE[{op.name!r}]"

    def _label(self, symbol: Expression) -> str:
        node = self.ir.node_of.get(symbol)
        return node.label if node and identifier(node.label) else ""

    def _derivative_by(self, u: Expression, readers: Sequence[Expression]) -> tuple[str, str]:
        """A name for ∂E/∂u, and what to say of it: the chain rule, and the sum over the nodes that read u."""
        output, label = self._label(self.ir.values[0]) or "output", self._label(u)
        full, short = f"∂{output}/∂{label}", delta_name(label)
        chain = [f"∂{output}/∂{r} · ∂{r}/∂{label}" for r in map(self._label, reversed(readers)) if r]
        if len(chain) < len(readers):
            chain = []
        elif len(chain) > 2:
            chain = [chain[0], "…", chain[-1]]
        name = identifier(label)
        name = f"delta{name[1:]}" if short else f"d_{name}"
        return name, " = ".join(filter(None, (short, full, " + ".join(chain))))

    def module(self, order: Sequence[int]) -> str:
        """A module with the function `value_and_grad`, or `value` where there is no gradient.

        `order` has the places of the derivatives among those of the formulas.
        """
        symbols = [x for x in toposort(*self.ir.results()) if x.op is not ops.weighted_sum]  # written out
        program = self.value_and_grad(order) if self.ir.has_gradient else self.value()
        program[:0] = self.both_branches if has_choices(symbols) else ()
        composed = list(dict.fromkeys(x.op for x in symbols if x.inputs and not x.op.is_primitive))
        for op in composed:
            symbols += toposort(forward_formula(op, [f"x{i}" for i in range(op.arity or 0)]))
        names = self.functions
        functions = [rule_lines(op, names.of(op), names, language=self.language) for op in composed]
        missing = {"from math import nan as _nan"} if any(EXCEPT in line for line in program) else set()
        imports = [*self.head, *sorted(missing.union(*map(self._imports, symbols)))]
        return "\n\n\n".join(["\n".join(imports), *map("\n".join, [*functions, program])]).lstrip() + "\n"

    def _imports(self, symbol: Expression) -> Iterator[str]:
        """What must be imported to write a symbol down."""
        op = symbol.op
        if symbol.is_constant and not math.isfinite(symbol.value):
            yield "from math import nan as _nan" if math.isnan(symbol.value) else "from math import inf as _inf"
        elif symbol.inputs and op.is_primitive and op not in self.language.templates:
            yield from self.imports(op)

    def value_and_grad(self, order: Sequence[int] | None = None) -> list[str]:
        """`value_and_grad(inputs..., parameters)`, of one row; or of all rows at once, whose results it adds up.

        The derivatives are those of the formulas, or those in the places of an `order`.
        """
        ir = self.ir
        symbols, forward = toposort(*ir.results()), toposort(*ir.values)
        self.write(symbols, ir.results())
        if self.branches:
            forward = self.branches.with_conditions(forward)
        seen = set(forward)
        backward = [symbol for symbol in symbols if symbol not in seen]
        yielded = [self._head("value_and_grad"), *self.parameters()]
        forward_lines, backward_lines = self.blocks(forward, backward)
        yielded += ["# forward", *forward_lines, *(["# backward", *backward_lines] if backward_lines else [])]
        gradient = []
        for x, derivative in zip(ir.wrt, ir.derivatives, strict=True):
            alone = len(derivative.parts) == 1
            parts = [self.summed(part, alone=alone) for part in derivative.parts]
            if len(parts) == 2:
                name, remark = self._derivative_by(x, [])
                name = self.names.new(name)
                yielded.append(f"{name} = {' + '.join(parts)}  # {format_comment(remark)}")
                parts = [name]
            gradient.append(parts[0] if parts else "0.0")
        ordered = gradient if order is None else [gradient[i] for i in order]
        return function(*yielded, *returned(f"{self.summed(ir.values[0], alone=True)}, [", ordered))

    def value(self) -> list[str]:
        """`value(inputs..., parameters)`: the forward pass alone."""
        values = self.ir.values
        order = toposort(*values)
        self.write(order, values)
        yielded = [self._head("value"), *self.parameters(), *next(self.blocks(order))]
        return function(*yielded, *returned("[", [self.bare_text(value) for value in values]))

    def _head(self, name: str) -> str:
        return f"def {name}({', '.join([*(self.text[x] for x in self.ir.inputs), 'parameters'])}):"

    def parameters(self) -> Iterator[str]:
        """The lines that give the parameters their names."""
        names = [self.text[p] for p in self.ir.parameters]
        for i in range(0, len(names), MAX_TERMS):
            some = names[i : i + MAX_TERMS]
            where = "parameters" if len(names) <= MAX_TERMS else f"parameters[{i}:{i + len(some)}]"
            yield f"{unpacked(some)} = {where}"

    def bare_text(self, symbol: Expression) -> str:
        """The text of a part where it stands alone, without brackets."""
        return self.bare.get(symbol, self.text[symbol])

    def write(
        self, order: Sequence[Expression], results: Sequence[Expression], named: Collection[Expression] = ()
    ) -> None:
        """The text of these parts; those that need no name of their own, as the `named` do, become a part of others."""
        uses = Counter(x for symbol in order for x in symbol.inputs) + Counter(results)  # these are the caller's too
        if self.language.conditions and has_choices(order):
            self.branches = Branches(results, lambda op: op in self.language.templates)
        tested = self.branches.conditions if self.branches else ()
        for symbol in order:
            if not symbol.inputs:
                self.text.setdefault(symbol, format_operation(symbol, [], self.functions, self.language)[0])
                continue
            label = self._label(symbol)
            wish, remark = (identifier(label), label) if label else self.wishes.get(symbol, ("", ""))
            remark = "" if remark == wish else remark
            self.depth[symbol] = depth = 1 + max(self.depth.get(x, 0) for x in symbol.inputs)
            *before, text, is_atom = self._expression(symbol)
            is_needed = uses[symbol] > 1 or symbol in named or symbol in tested
            is_long = depth > MAX_DEPTH or len(symbol.inputs) > MAX_TERMS
            if wish or ((is_needed or is_long) and not self._is_plain_test(symbol)):
                name = self.names.new(wish)
                remark = f"  # {format_comment(remark)}" if remark else ""
                self.lines[symbol] = [*before, f"{name} = {text}{remark}"]
                self.text[symbol], self.depth[symbol] = name, 0
            else:
                self.text[symbol], self.bare[symbol] = text if is_atom else f"({text})", text
                if symbol.op in self.language.conditions:
                    inputs = [self.text[x] for x in symbol.inputs]
                    self.tests[symbol] = self.language.conditions[symbol.op].format(*inputs)
        if self.branches:
            for symbol, guard in self.branches.definitions.items():
                self.text[symbol] = self.names.new("guard")
                self.lines[symbol] = [f"{self.text[symbol]} = {self._condition(guard)}"]

    def _is_plain_test(self, symbol: Expression) -> bool:
        """Whether it is as good as a name where it is tested: a comparison of what has names, and is there always."""
        if self.branches is None or symbol.op not in self.language.conditions:
            return False
        has_names = all(not x.inputs or x in self.lines for x in symbol.inputs)
        return has_names and self.branches.guard(symbol) == ALWAYS_MET

    def blocks(self, *groups: Sequence[Expression]) -> Iterator[list[str]]:
        """The lines that compute each group of parts, after the groups before it; those of branches below an `if`."""
        if self.branches is None:
            yield from ([line for symbol in group for line in self.lines.get(symbol, ())] for group in groups)
            return
        begun: set[Expression] = set()  # conditions that have a number, though an `if` may not compute them
        for steps in self.branches.schedule(*groups):
            found: list[str] = []
            start, last = 0, ALWAYS_MET  # where the `if` above is, and its guard, unless it has an `else`
            for guard, group in groupby([step for step in steps if step[0] in self.lines], itemgetter(1)):
                symbols = [symbol for symbol, _ in group]
                lines = [line for symbol in symbols for line in self.lines[symbol]]
                if guard == ALWAYS_MET or not self.branches.is_ordered:
                    found += (
                        lines if guard == ALWAYS_MET else [line for symbol in symbols for line in self._tried(symbol)]
                    )
                    last = ALWAYS_MET
                    continue
                if guard == opposite(last):
                    head, last = "else:", ALWAYS_MET
                else:
                    head, last, start = f"if {self._condition(guard)}:", guard, len(found)
                new = [symbol for symbol in symbols if symbol in self.branches.conditions and symbol not in begun]
                found[start:start] = [f"{self.text[symbol]} = 0.0" for symbol in new]
                begun.update(new)
                found += [head, *indent(lines)]
            yield found

    def _tried(self, symbol: Expression) -> list[str]:
        """The lines that compute a part that branches alone need, if it has a value."""
        return ["try:", *indent(self.lines[symbol]), EXCEPT, *indent([f"{self.text[symbol]} = _nan"])]

    def _condition(self, guard: Guard) -> str:
        """A guard as Python tests it."""
        assert self.branches
        ways = [
            [("" if holds else "not ") + self.tests.get(node, self.text[node]) for node, holds in way]
            for way in self.branches.guards.sorted_conjunctions(guard)
        ]
        return " or ".join(map(" and ".join, ways))

    def _expression(self, symbol: Expression) -> list[Any]:
        """Lines that come before, the text of one operation, and whether it needs no brackets."""
        inputs = [self.text[x] for x in symbol.inputs]
        if symbol.op is not ops.weighted_sum:
            if symbol.op in self.language.templates:
                for selected in selectors(symbol.op).values():
                    inputs[selected.by] = self.tests.get(symbol.inputs[selected.by], inputs[selected.by])
            return [*format_operation(symbol, inputs, self.functions, self.language)]
        n = len(inputs) // 2
        terms = inputs[2 * n :] + [f"{w} * {z}" for w, z in zip(inputs[:n], inputs[n : 2 * n], strict=True)]
        lines, text = [], " + ".join(terms[:MAX_TERMS])
        for i in range(MAX_TERMS, len(terms), MAX_TERMS):
            name = self.names.new("")
            lines.append(f"{name} = {text}")
            text = " + ".join([name, *terms[i : i + MAX_TERMS]])
        return [*lines, text, False]


def unpacked(names: Sequence[str]) -> str:
    """The names to which Python gives the parts of a sequence: "x, y", but "x," alone."""
    return f"{names[0]}," if len(names) == 1 else ", ".join(names)


def function(head: str, *body: str) -> list[str]:
    """The lines of a function."""
    return [head, *indent([*body])]


def returned(head: str, items: list[str]) -> list[str]:
    """The lines of a `return` of a list, in lines that can be read."""
    if sum(map(len, items)) < 80:
        return [f"return {head}{', '.join(items)}]"]
    return [f"return {head}", *(f"    {', '.join(items[i : i + 8])}," for i in range(0, len(items), 8)), "]"]
