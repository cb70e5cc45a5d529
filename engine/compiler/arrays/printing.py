"""Modules of functions on arrays, in Python: the program of an IR for all rows at once.

A module has `value_and_grad(rows, parameters)`: the sum of the value over the rows, and the sums of its derivatives, in
the order of `wrt`. Without a gradient it has `value(rows, parameters)`: the values of each row, of the shape (rows,) or
(rows, outputs). `rows` has the shape (rows, inputs).

`ArrayPrinter` needs a `Spelling`, which has all that differs between NumPy and JAX.
"""

from __future__ import annotations

import builtins
import keyword
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import chain

from engine import ops
from engine.compiler.arrays.lines import MAX_LINE, docstring, wrap_line
from engine.compiler.arrays.names import Labels, find_equation
from engine.compiler.arrays.program import Array, ArrayProgram, Block, Computation, Constants, Gathered, View
from engine.compiler.arrays.recovery import recover_arrays
from engine.compiler.arrays.results import Results
from engine.compiler.arrays.sequences import Shape, find_strides
from engine.compiler.arrays.spelling import Spelling
from engine.compiler.arrays.text import Expressions, Text
from engine.compiler.branches import selectors
from engine.compiler.ir import IR
from engine.compiler.naming import Names
from engine.graph import toposort
from engine.labels import Role
from engine.op import Op
from engine.symbolic.codegen import FunctionNames, indent
from engine.symbolic.expression import Expression
from engine.symbolic.specialize import forward_formula, rule_lines

MAX_JOINED_LINE = 100  # characters of an expression that is put into another, or of a line with several results

DOT = "n = len(x) // 2", "return sum([u * v for u, v in zip(x[:n], x[n:])], *x[2 * n :])"


class ArrayPrinter:
    """Generates the module of a program.

    >>> from engine import Value, dot
    >>> from engine.compiler.ir import build_ir
    >>> from engine.compiler.targets.numpy import NUMPY_SPELLING
    >>> w, x = [Value(0.5, "w_1"), Value(0.25, "w_2")], [Value(1.0, "x_1"), Value(2.0, "x_2")]
    >>> ir = build_ir([dot(w, x).exp()], x, w, gradient=False)
    >>> print(*ArrayPrinter(ir, [], NUMPY_SPELLING).function(), sep="\\n")
    def value(rows, parameters):
        rows, parameters = floats(rows, 2, 2), floats(parameters, 1, 2)
        x = rows
        w = parameters
        return np.exp(x @ w)
    """

    def __init__(self, ir: IR, wrt_order: Sequence[int], spelling: Spelling) -> None:
        self.ir, self.spelling, self._wrt_order = ir, spelling, wrt_order
        self.program = recover_arrays(ir, wrt_order)
        self._operations = list(dict.fromkeys(x.op for x in self.program.computations()))
        reserved = rf"value|value_and_grad|rows|parameters|TABLE|len|sum|zip|[xtic]\d+|layer\d+|{spelling.reserved}"
        self.functions = FunctionNames(reserved)
        for op in self._operations:
            if not spelling.language.has(op):
                self.functions.of(op)
        taken = {*self.functions.names.values(), *dir(builtins), *keyword.kwlist, *reserved.split("|")}
        self._names = Names(taken)
        self._expressions = Expressions(spelling.module, spelling.language, self.functions)
        self._results = Results(spelling.module, self._expressions)
        self._texts = self._expressions.texts
        self._texts[self.program.rows], self._texts[self.program.parameters] = Text("rows"), Text("parameters")
        self._uses = Counter(x.array for x in self.program.accesses())
        self._uses.update(x.value.source for x in self.program.arrays if isinstance(x.value, Gathered | View))
        self._roles: dict[Array, Role] = {}
        self._views: dict[tuple[Expression, ...], str] = {}  # the names of parts of the parameters, by their elements
        self._labels = Labels(ir, self.program.arrays)
        self._n_temporaries = 0
        self.constants: list[str] = []  # the lines that define arrays of constants

    def module(self) -> str:
        """The text of the module."""
        spelling = self.spelling
        function = [short for line in self.function() for short in wrap_line(line)]
        if any(map(selectors, self._operations)):
            function[:0] = spelling.choice_decorators
        language = spelling.language
        operations = [[op] if language.has(op) else primitives_of(op) for op in self._operations]
        primitives = dict.fromkeys(chain.from_iterable(operations))
        called = [op for op in primitives if op not in language.templates and op is not ops.weighted_sum]
        names = self.functions.names
        imports = sorted({line for op in called for line in spelling.imports(op, names.get(op, op.name))})
        constants = [short for line in self.constants for short in wrap_line(line)]
        begin = [*docstring(self.ir, self._wrt_order, spelling.note), "", *spelling.header, *imports]
        parts = ["\n".join(begin), *spelling.helpers, "\n".join(constants)]
        return "\n\n\n".join(filter(None, [*parts, *map("\n".join, [*self._composites(), function])])) + "\n"

    def definitions(self) -> str:
        """The text of the functions and constants alone, without imports."""
        function = self.function()  # which defines constants
        return "\n".join([*self.constants, *map("\n".join, self._composites()), *function])

    def _composites(self) -> list[list[str]]:
        """The functions of composed operations."""
        names, own = self.functions, self.spelling.functions
        composed = [op for op in self._operations if not (op.is_primitive or self.spelling.language.has(op))]
        functions = [
            [f"def {names.of(op)}(x0):", *indent([*own[op]])]
            if op in own
            else rule_lines(op, names.of(op), names, language=self.spelling.language)
            for op in composed
        ]
        has_dot = any(ops.weighted_sum in primitives_of(op) for op in composed)
        return [*([[f"def {names.of(ops.weighted_sum)}(*x):", *indent([*DOT])]] if has_dot else []), *functions]

    def function(self) -> list[str]:
        """The lines of the function, `value_and_grad`, or `value`."""
        program = self.program
        given = [("rows", 2, len(self.ir.inputs)), ("parameters", 1, len(self.ir.parameters))]
        reading = ", ".join([self.spelling.reading.format(*x) for x in given])
        lines = [*([f"rows, parameters = {reading}"] if reading != "rows, parameters" else []), *self._take_apart()]
        for block in program.values:
            for access in filter(None, block.accesses):
                self._name_constants(access.array)
        values = set(toposort(*self.ir.values))
        totals = [array for array in program.arrays if isinstance(array.value, Computation) and array.value.is_total]
        results = {array for array in program.arrays if array.root in totals}
        forward, backward = list[str](), list[str]()
        for array in program.arrays:
            if array not in self._texts and array not in results:
                found = self._statement(array)
                is_forward = not backward and (not array.members or not values.isdisjoint(array.members))
                (forward if is_forward else backward).extend(found)
        if program.gradient is None:
            result = self._results.each(program.values, len(self.ir.values))
            body = ["# forward", *forward] if forward else []
            return ["def value(rows, parameters):", *indent([*lines, *body, f"return {result}"])]
        backward += self._totals(program.gradient)
        for array in program.arrays:
            if array in results and array not in self._texts:
                backward += self._statement(array)
        has_equations = any("  # (" in line for line in (*forward, *backward))
        note = " (the numbers are those of equations in Bradbury's tutorial)" * has_equations
        lines += [f"# forward{note}", *forward] if forward else []
        lines += ["# backward", *backward, *self._return(program)]
        return ["def value_and_grad(rows, parameters):", *indent(lines)]

    def _return(self, program: ArrayProgram) -> list[str]:
        [value] = program.values[0].accesses
        assert value
        assert program.gradient is not None
        total, np, lines = self._results.total(value), self.spelling.module, list[str]()
        if len(total) > MAX_LINE // 2:
            name = self._names.new("total")
            lines, total = [f"{name} = {total}"], name
        begin = f"return {total}, "
        parts = self._results.flat(program.gradient) or [f"{np}.zeros(0)"]
        order = self._table(program.order, (len(program.order),)) if program.order else ""
        end = f"[{self._constant('i', order)}]" if order else ""  # the order of the parameters
        if len(parts) == 1:
            return [*lines, f"{begin}{parts[0]}{end}"]
        text = f"{begin}{np}.concatenate([{', '.join(parts)}]){end}"
        if len(text) <= MAX_JOINED_LINE:
            return [*lines, text]
        return [*lines, f"{begin}{np}.concatenate([", *[f"    {part}," for part in parts], f"]){end}"]

    def _take_apart(self) -> Iterator[str]:
        """The lines that take the rows and the parameters apart, columns of one matrix together."""
        given = (self.program.rows, self.program.parameters)
        groups: dict[Hashable, list[Array]] = {}
        for array in self.program.arrays:
            value = array.value
            if isinstance(value, View) and value.source in given:
                key: Hashable = "rows" if array.varies else array
                if value.strides != array.strides:
                    key = (value.source, value.start, array.shape[0], value.strides[0])
                groups.setdefault(key, []).append(array)
        counts = Counter[str]()
        for key, views in groups.items():
            names = [self._name_view(view, counts) for view in views]
            matrix = None
            if len(views) > 1 and key != "rows":
                counts["layer"] += 1
                matrix = self._names.new(f"layer{counts['layer']}")
                yield f"{matrix} = {self._expressions.matrix(views[0]).text}"
            texts = [self._expressions.view(view, matrix).text for view in views]
            line = f"{', '.join(names)} = {', '.join(texts)}"
            separate = (f"{name} = {text}" for name, text in zip(names, texts, strict=True))
            yield from separate if len(line) > MAX_JOINED_LINE else [line]
            self._texts.update(zip(views, map(Text, names), strict=True))
        for array in self.program.arrays:
            if isinstance(array.value, Gathered) and array.value.source in given:
                text = self._expression(array)
                self._texts[array] = Text(self._name_view(array, counts))
                yield f"{self._texts[array].text} = {text.text}"

    def _name_view(self, view: Array, counts: Counter[str]) -> str:
        """The name of a part of the rows or the parameters: W1, W2, ... and w1, w2, ... if they do not have labels."""
        if label := self._labels.of(view):
            self._roles[view] = label.role
            name = self._names.new(label.name)
        else:
            letter = "x" if view.varies else "W" if len(view.shape) > 1 else "w"
            counts[letter] += 1
            name = self._names.new(f"{letter}{counts[letter]}")
        self._views[tuple(view.members)] = name
        return name

    def _statement(self, array: Array) -> list[str]:
        """The line that computes an array; none if its expression is put where it is used."""
        text = self._expression(array)
        label = self._labels.of(array) if array.members else None
        is_named = label is not None and not label.is_of_inner_derivative
        if not is_named and (
            text.text.isidentifier() or (self._uses[array] <= 1 and len(text.text) <= MAX_JOINED_LINE)
        ):
            self._texts[array] = text
            return []
        if label:
            self._roles[array] = label.role
        self._n_temporaries += 0 if label else 1
        name = self._names.new(label.name if label else f"t{self._n_temporaries}")
        self._texts[array] = Text(name)
        self._expressions.conditions.pop(array, None)
        equation = find_equation(array, self._roles)
        return [f"{name} = {text.text}" + (f"  # {equation}" if equation else "")]

    def _expression(self, array: Array) -> Text:
        value = array.value
        if isinstance(value, Computation):
            for group in value.groups:
                for access in group.factors:
                    self._name_constants(access.array)
            return self._expressions.computation(array)
        if isinstance(value, Gathered):
            return self._expressions.gathered(array, self._constant("i", self._table(value.addresses, array.shape)))
        return self._expressions.view(array)

    def _totals(self, gradient: Sequence[Block]) -> Iterator[str]:
        """The lines that compute sums over rows; those of one matrix together."""
        for block in gradient:
            arrays = [access.array.root for access in block.accesses if access]
            new = [array for array in dict.fromkeys(arrays) if array not in self._texts]
            lines = []
            for array in new:
                text, label = self._expression(array), self._labels.of(array)
                view = self._views.get(tuple(array.members))
                name = self._names.new(f"d{view}" if view else label.name if label else "total")
                self._texts[array] = Text(name)
                lines.append((name, text.text, find_equation(array, self._roles)))
            joined = ", ".join([name for name, _, _ in lines]), ", ".join([text for _, text, _ in lines])
            if len(" = ".join(joined)) > MAX_JOINED_LINE:
                yield from (
                    f"{name} = {text}" + (f"  # {equation}" if equation else "") for name, text, equation in lines
                )
            elif lines:
                equations = "".join(dict.fromkeys([f"  # {equation}" for _, _, equation in lines if equation]))
                yield " = ".join(joined) + equations

    def _name_constants(self, array: Array) -> None:
        """Define an array of constants that a computation reads."""
        if isinstance(array.value, Constants) and array.shape and array not in self._texts:
            numbers = ", ".join(map(self.spelling.language.format_float, array.value.numbers))
            text = f"np.array([{numbers}])"
            self._texts[array] = Text(self._constant("c", text + _reshaped(array.shape)))

    def _constant(self, letter: str, text: str) -> str:
        """The name of a new constant of the module."""
        name = self._names.new(f"{letter}{len(self.constants) + 1}")
        self.constants.append(f"{name} = {text}")
        return name

    def _table(self, addresses: Sequence[int], shape: Shape) -> str:
        """The text of a table of addresses, of NumPy in any module, so that to import it does not compute."""
        found = find_strides([addresses], len(addresses))
        if found is None or found[0] != shape:
            return f"np.array({list(addresses)}){_reshaped(shape)}"
        terms = [str(addresses[0])] if addresses[0] else []
        for d, (size, stride) in enumerate(zip(shape, found[1][0], strict=True)):
            index = f"[:{', None' * (len(shape) - d - 1)}]" if d < len(shape) - 1 else ""
            terms.append((f"{stride} * " if stride != 1 else "") + f"np.arange({size}){index}")
        return " + ".join(terms)


def _reshaped(shape: Shape) -> str:
    return f".reshape({', '.join(map(str, shape))})" if len(shape) > 1 else ""


def primitives_of(op: Op) -> list[Op]:
    """The primitives that a composed operation consists of; the operation itself if it is one."""
    if op.is_primitive:
        return [op]
    formula = forward_formula(op, [f"x{i}" for i in range(op.arity or 0)])
    return [symbol.op for symbol in toposort(formula) if symbol.inputs]
