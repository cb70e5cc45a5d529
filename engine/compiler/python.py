"""Formulas as straight-line Python that reads like Section 5 of the paper, for numbers or for NumPy's arrays.

What is labelled gets a line, and so does what is used twice or nested deep. Lines come in the order of computation:
forward, then backward, each derivative with a comment that says which it is.
"""

from __future__ import annotations

import builtins
import keyword
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine import ops
from engine.codegen import PYTHON, FunctionNames, Language, expression
from engine.compiler.formulas import Derivative, Formulas
from engine.compiler.naming import Names, comment, delta, identifier
from engine.compiler.targets.numpy import NUMPY
from engine.graph import depends_on, toposort
from engine.op import TABLE
from engine.specialize import forward_formula, rule_lines
from engine.symbolic import Expression

LANGUAGES: dict[str, Language] = {"python": PYTHON, "numpy": NUMPY}
DEEPEST = 8  # operations within operations, in one line
WIDEST = 40  # terms of a sum, in one line


class Printer:
    """The text of the functions of a program.

    `target` is "python", for one row at a time, or "numpy", for a column of numbers in place of each input.
    """

    def __init__(self, formulas: Formulas, target: str) -> None:
        self.formulas = formulas
        self.target = target
        self.language = LANGUAGES[target]
        self.functions = FunctionNames()
        self.rows = depends_on(formulas.inputs, toposort(*formulas.results()))
        reserved = {*TABLE, *dir(builtins), *keyword.kwlist, "np", "rows", "parameters"}
        self.names = Names(reserved)
        self.text: dict[Expression, str] = {}
        self.bare: dict[Expression, str] = {}  # the same without brackets around it
        self.depth: dict[Expression, int] = {}
        for leaves, letter in ((formulas.inputs, "x"), (formulas.parameters, "p")):
            for i, leaf in enumerate(leaves):
                self._name(leaf, f"{letter}{i}")
        self.wishes = dict(self._wishes())

    def _name(self, symbol: Expression, otherwise: str = "") -> str:
        node = self.formulas.meaning.get(symbol)
        name = self.names.new((identifier(node.label) if node else "") or otherwise)
        self.text[symbol] = name
        return name

    def _label(self, symbol: Expression) -> str:
        node = self.formulas.meaning.get(symbol)
        return node.label if node and identifier(node.label) else ""

    def _wishes(self) -> Iterator[tuple[Expression, tuple[str, str]]]:
        """The name and the comment of each formula of a derivative by something that has a label."""
        for formula, (u, readers) in self.formulas.adjoints.items():
            if formula.inputs and self._label(u):
                yield formula, self._derivative_by(u, readers)

    def _derivative_by(self, u: Expression, readers: Sequence[Expression]) -> tuple[str, str]:
        """A name for ∂E/∂u, and what to say of it: the chain rule, and the sum over the nodes that read u."""
        output, label = self._label(self.formulas.values[0]) or "output", self._label(u)
        full, short = f"∂{output}/∂{label}", delta(label)
        chain = [f"∂{output}/∂{r} · ∂{r}/∂{label}" for r in map(self._label, reversed(readers)) if r]
        if len(chain) < len(readers):
            chain = []
        elif len(chain) > 2:
            chain = [chain[0], "…", chain[-1]]
        name = identifier(label)
        name = f"delta{name[1:]}" if short else f"d_{name}"
        return name, " = ".join(filter(None, (short, full, " + ".join(chain))))

    def value_and_grad(self, order: Sequence[int] | None = None) -> list[str]:
        """`value_and_grad(inputs..., parameters)`, of one row; or of all rows at once, whose results it adds up.

        The derivatives are those of the formulas, or those in the places of an `order`.
        """
        formulas = self.formulas
        forward = toposort(*formulas.values)
        seen = set(forward)
        backward = [symbol for symbol in toposort(*formulas.results()) if symbol not in seen]
        uses = self._uses(formulas.results())
        yielded = [self._head("value_and_grad"), *self._parameters()]
        yielded += ["# forward", *self._lines(forward, uses)]
        lines = self._lines(backward, uses)
        if lines:
            yielded += ["# backward", *lines]
        gradient = []
        for x, derivative in zip(formulas.wrt, formulas.derivatives, strict=True):
            parts = [self._summed(part) for part in derivative.parts]
            if len(parts) == 2:
                if self.target == "python":
                    parts = [self.text[part] for part in derivative.parts]  # with brackets around a choice
                name, remark = self._derivative_by(x, [])
                name = self.names.new(name)
                yielded.append(f"{name} = {' + '.join(parts)}  # {comment(remark)}")
                parts = [name]
            gradient.append(parts[0] if parts else "0.0")
        ordered = gradient if order is None else [gradient[i] for i in order]
        return _function([*yielded, *_return(f"{self._summed(formulas.values[0])}, [", ordered)])

    def value(self) -> list[str]:
        """`value(inputs..., parameters)`: the forward pass alone."""
        values = self.formulas.values
        yielded = [self._head("value"), *self._parameters(), *self._lines(toposort(*values), self._uses(values))]
        return _function([*yielded, *_return("[", [self._bare(value) for value in values])])

    def sum_over(self) -> list[str]:
        """`sum_over(rows, parameters)`: a list of the sums of the value and of the derivatives."""
        formulas, results = self.formulas, self.formulas.results()
        order, uses = toposort(*results), self._uses(results)
        uses.update({x: 2 for symbol in order if symbol in self.rows for x in symbol.inputs if x not in self.rows})
        yielded = ["def sum_over(rows, parameters):", *self._parameters()]
        yielded += self._lines([x for x in order if x not in self.rows], uses)
        inputs = ", ".join(self.text[x] for x in formulas.inputs)
        value = formulas.values[0]
        split = [Derivative(value, None) if value in self.rows else Derivative(None, value), *formulas.derivatives]
        sums = [self.names.new(f"sum_{k}") if part.per_row is not None else "" for k, part in enumerate(split)]
        yielded += [f"{name} = 0.0" for name in sums if name]
        lines = self._lines([x for x in order if x in self.rows], uses)
        for name, part in zip(sums, split, strict=True):
            if part.per_row is not None:
                lines.append(f"{name} += {self._bare(part.per_row)}")
        yielded += [f"for {inputs}{',' * (len(formulas.inputs) == 1)} in rows:" if inputs else "for _ in rows:"]
        yielded += [f"    {line}" for line in lines or ["pass"]]
        totals = []
        for name, part in zip(sums, split, strict=True):
            once = f"len(rows) * {self.text[part.per_batch]}" if part.per_batch is not None else ""
            totals.append(" + ".join(filter(None, (name, once))) or "0.0")
        return _function([*yielded, *_return("[", totals)])

    def _head(self, name: str) -> str:
        return f"def {name}({', '.join([*(self.text[x] for x in self.formulas.inputs), 'parameters'])}):"

    def _parameters(self) -> Iterator[str]:
        names = [self.text[p] for p in self.formulas.parameters]
        for i in range(0, len(names), WIDEST):
            some = names[i : i + WIDEST]
            where = "parameters" if len(names) <= WIDEST else f"parameters[{i}:{i + len(some)}]"
            yield f"{', '.join(some)}{',' * (len(some) == 1)} = {where}"

    def _summed(self, symbol: Expression) -> str:
        if self.target == "python":
            return self._bare(symbol)
        rows = self.text[self.formulas.inputs[0]] if self.formulas.inputs else ""
        if symbol in self.rows:
            return f"np.sum({self._bare(symbol)})"
        return f"np.size({rows}) * {self.text[symbol]}" if rows else self.text[symbol]

    def _bare(self, symbol: Expression) -> str:
        return self.bare.get(symbol, self.text[symbol])

    def _uses(self, results: Sequence[Expression]) -> Counter[Expression]:
        """How often each part is used; a result is used by the caller too."""
        return Counter(x for symbol in toposort(*results) for x in symbol.inputs) + Counter(results)

    def _lines(self, order: Sequence[Expression], uses: Counter[Expression]) -> list[str]:
        """The assignments that compute these symbols; what needs no name of its own becomes a part of others."""
        lines = []
        for symbol in order:
            if not symbol.inputs:
                self.text.setdefault(symbol, expression(symbol, [], self.functions, self.language)[0])
                continue
            label = self._label(symbol)
            wish, remark = (identifier(label), label) if label else self.wishes.get(symbol, ("", ""))
            remark = "" if remark == wish else remark
            self.depth[symbol] = depth = 1 + max(self.depth.get(x, 0) for x in symbol.inputs)
            *before, text, is_atom = self._expression(symbol)
            lines += before
            if wish or uses[symbol] > 1 or depth > DEEPEST or len(symbol.inputs) > WIDEST:
                name = self.names.new(wish)
                remark = f"  # {comment(remark)}" if remark else ""
                lines.append(f"{name} = {text}{remark}")
                self.text[symbol], self.depth[symbol] = name, 0
            else:
                self.text[symbol], self.bare[symbol] = text if is_atom else f"({text})", text
        return lines

    def _expression(self, symbol: Expression) -> list[Any]:
        """Lines that come before, the text of one operation, and whether it needs no brackets."""
        inputs = [self.text[x] for x in symbol.inputs]
        if symbol.op is not ops.weighted_sum:
            return [*expression(symbol, inputs, self.functions, self.language)]
        n = len(inputs) // 2
        terms = inputs[2 * n :] + [f"{w} * {z}" for w, z in zip(inputs[:n], inputs[n : 2 * n], strict=True)]
        lines, text = [], " + ".join(terms[:WIDEST])
        for i in range(WIDEST, len(terms), WIDEST):
            name = self.names.new("")
            lines.append(f"{name} = {text}")
            text = " + ".join([name, *terms[i : i + WIDEST]])
        return [*lines, text, False]


def _function(lines: list[str]) -> list[str]:
    head, *body = lines
    return [head, *(f"    {line}" for line in body)]


def _return(head: str, items: list[str]) -> list[str]:
    """`return` and a list, in lines that can be read."""
    if sum(map(len, items)) < 80:
        return [f"return {head}{', '.join(items)}]"]
    return [f"return {head}", *(f"    {', '.join(items[i : i + 8])}," for i in range(0, len(items), 8)), "]"]


def source(formulas: Formulas, target: str, order: Sequence[int]) -> str:
    """A module with the function `value_and_grad`, or `value` where there is no gradient: to be read, and to be run.

    `order` has the places of the derivatives among those of the formulas.
    """
    printer = Printer(formulas, target)
    symbols = [x for x in toposort(*formulas.results()) if x.op is not ops.weighted_sum]
    composed = list(dict.fromkeys(x.op for x in symbols if x.inputs and not x.op.is_primitive))
    for op in composed:
        symbols += toposort(forward_formula(op, [f"x{i}" for i in range(op.arity or 0)]))
    names = printer.functions
    functions = [rule_lines(op, names.of(op), names, language=printer.language) for op in composed]
    functions.append(printer.value_and_grad(order) if formulas.has_gradient else printer.value())
    imports = ["import numpy as np"] if target == "numpy" else []
    imports += sorted({line for x in symbols for line in _import(x, printer)})
    return "\n\n\n".join(["\n".join(imports), *map("\n".join, functions)]).lstrip() + "\n"


def _import(symbol: Expression, printer: Printer) -> Iterator[str]:
    """What must be imported to write a symbol down."""
    op, language = symbol.op, printer.language
    if symbol.is_number and not math.isfinite(symbol.number):
        yield "from math import nan as _nan" if math.isnan(symbol.number) else "from math import inf as _inf"
    if not symbol.inputs or not op.is_primitive or op in language.templates or op in language.functions:
        return
    if op is ops.absolute:
        return
    in_math = next((name for name in dir(math) if getattr(math, name) is op.forward), "")
    name = printer.functions.of(op)
    if printer.target == "numpy":  # a Python function, called for each row
        yield f"from engine import TABLE; {name} = np.vectorize(TABLE[{op.name!r}], otypes=[float])"
    elif in_math:
        yield f"from math import {in_math}" + (f" as {name}" if in_math != name else "")
    else:
        yield f"from engine import TABLE; {name} = TABLE[{op.name!r}]"


def define(lines: list[str], functions: FunctionNames) -> Callable[..., Any]:
    """The function that these lines define, with the operations that it calls in reach."""
    space: dict[str, Any] = {name: op.compute for op, name in functions.names.items()}
    space |= {"_nan": math.nan, "_inf": math.inf}
    exec("\n".join(lines), space)
    name = lines[0].partition("(")[0].removeprefix("def ")
    function: Callable[..., Any] = space[name]
    return function
