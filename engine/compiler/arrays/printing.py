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
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod
from typing import NamedTuple

from engine.compiler.arrays.names import find_equation, find_label
from engine.compiler.arrays.program import Access, Array, ArrayProgram, Block, Computation, Constants, Gathered, View
from engine.compiler.arrays.recovery import recover_arrays
from engine.compiler.arrays.sequences import find_strides, strides_of
from engine.compiler.arrays.text import ROWS, Expressions, Operand, Text, add_index
from engine.compiler.branches import has_choices
from engine.compiler.ir import IR
from engine.compiler.naming import Names
from engine.graph import toposort
from engine.labels import Role
from engine.op import Op
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written
from engine.symbolic.codegen import FunctionNames, Language, indent
from engine.symbolic.specialize import forward_formula, rule_lines

MAX_LINE = 100  # characters of an expression into which another is put


class Spelling(NamedTuple):
    """How a library of arrays is used.

    Attributes:
        module: Its name in the text.
        language: How it writes numbers and operations.
        header: The imports of each module.
        helpers: Functions that it begins with.
        reading: The text that converts the argument at {} to an array of floats.
        imports: The statements that make the function of a primitive available, given it and its name in the text.
        choice_decorators: Decorators of a function that computes both branches of a choice.
        reserved: Other names in the text.
    """

    module: str
    language: Language
    header: Sequence[str]
    helpers: Sequence[str]
    reading: str
    imports: Callable[[Op, str], Iterable[str]]
    choice_decorators: Sequence[str] = ()
    reserved: str = ""


class ArrayPrinter:
    """Generates the module of a program.

    >>> from engine import Value, dot
    >>> from engine.compiler.ir import build_ir
    >>> from engine.compiler.targets.numpy import NUMPY_SPELLING
    >>> w, x = [Value(0.5, "w_1"), Value(0.25, "w_2")], [Value(1.0, "x_1"), Value(2.0, "x_2")]
    >>> ir = build_ir([dot(w, x).exp()], x, w, gradient=False)
    >>> print(*ArrayPrinter(ir, [], NUMPY_SPELLING).function(), sep="\\n")
    def value(rows, parameters):
        rows, parameters = floats(rows), floats(parameters)
        x = rows[:, 0:2]
        w = parameters[0:2]
        # forward
        return np.exp(x @ w)
    """

    def __init__(self, ir: IR, wrt_order: Sequence[int], spelling: Spelling) -> None:
        self.ir, self.spelling = ir, spelling
        self.program = recover_arrays(ir, wrt_order)
        self._operations = [x for x in dict.fromkeys(_operations(self.program))]
        reserved = f"value|value_and_grad|rows|parameters|TABLE|len|[xtic][0-9]+|{spelling.reserved}"
        self.functions = FunctionNames(reserved)
        for op in self._operations:
            if op not in spelling.language.templates and op not in spelling.language.functions:
                self.functions.of(op)
        taken = {*self.functions.names.values(), *dir(builtins), *keyword.kwlist, *reserved.split("|"), spelling.module}
        self._names = Names(taken)
        self._expressions = Expressions(spelling.module, spelling.language, self.functions)
        self._texts = self._expressions.texts
        self._texts[self.program.rows], self._texts[self.program.parameters] = Text("rows"), Text("parameters")
        self._uses = Counter(x.array for x in _accesses(self.program))
        self._uses.update(x.value.source for x in self.program.arrays if isinstance(x.value, Gathered | View))
        self._roles: dict[Array, Role] = {}
        self._view_of: dict[tuple[Expression, ...], str] = {}  # the names of views, by their elements
        self.constants: list[str] = []  # the lines that define arrays of constants

    def module(self) -> str:
        """The text of the module."""
        spelling = self.spelling
        function = self.function()
        symbols = [x for op in self._operations for x in _parts(op)]
        if has_choices(symbols):
            function[:0] = spelling.choice_decorators
        composites = [op for op in self._operations if not op.is_primitive]
        functions = [rule_lines(op, self.functions.of(op), self.functions, language=spelling.language) for op in composites]
        primitives = dict.fromkeys(x.op for x in symbols if x.inputs and x.op.is_primitive)
        text = "\n".join(["\n".join(lines) for lines in (self.constants, *functions, function)])
        imports = {line for op in primitives if op not in spelling.language.templates for line in self._imports(op)}
        imports |= {f"from math import {name} as _{name}" for name in ("inf", "nan") if f"_{name}" in text}
        parts = ["\n".join([*spelling.header, *sorted(imports)]), *spelling.helpers, "\n".join(self.constants)]
        return "\n\n\n".join(filter(None, [*parts, *map("\n".join, [*functions, function])])) + "\n"

    def _imports(self, op: Op) -> Iterable[str]:
        return self.spelling.imports(op, self.functions.names.get(op, op.name))

    def function(self) -> list[str]:
        """The lines of the function, `value_and_grad`, or `value`."""
        program, reading = self.program, self.spelling.reading
        lines = [f"rows, parameters = {reading.format('rows')}, {reading.format('parameters')}", *self._views()]
        forward, section = set(toposort(*self.ir.values)), ""
        for array in program.arrays:
            if array in self._texts:
                continue
            found = self._statement(array)
            if found:
                of = "forward" if not forward.isdisjoint(array.members) else "backward"
                if array.members and of != section:
                    section = of
                    lines.append(f"# {section}")
                lines += found
        if program.gradient is None:
            return ["def value(rows, parameters):", *indent([*lines, f"return {self._each(program.values)}"])]
        if section != "backward":
            lines.append("# backward")
        value = self._total(program.values[0])
        return [
            "def value_and_grad(rows, parameters):",
            *indent([*lines, f"return {value}, {self._flat(program.gradient)}"]),
        ]

    def _views(self) -> Iterator[str]:
        """The lines that take the rows and the parameters apart, columns of one matrix together."""
        given = (self.program.rows, self.program.parameters)
        groups: dict[object, list[Array]] = {}
        for array in self.program.arrays:
            if isinstance(array.value, View) and array.value.source in given:
                groups.setdefault(matrix_of(array) or array, []).append(array)
        unlabelled = Counter[str]()
        for views in groups.values():
            names = [self._name_view(view, unlabelled) for view in views]
            matrix = None
            if len(views) > 1:
                matrix = self._names.new("layer" if matrix_of(views[0]) else "")
                yield f"{matrix} = {self._matrix(views[0]).text}"
            texts = [self._view(view, matrix).text for view in views]
            yield f"{', '.join(names)} = {', '.join(texts)}"
            self._texts.update(zip(views, map(Text, names), strict=True))

    def _name_view(self, view: Array, unlabelled: Counter[str]) -> str:
        """The name of a part of the rows or the parameters: W1, W2, ... and w1, w2, ... if they do not have labels."""
        label = find_label(view, self.ir)
        if label:
            self._roles[view] = label.role
            name = self._names.new(label.name)
        else:
            letter = "x" if view.varies else "W" if len(view.shape) > 1 else "w"
            unlabelled[letter] += 1
            name = self._names.new(f"{letter}{unlabelled[letter]}")
        self._view_of[tuple(view.members)] = name
        return name

    def _view(self, view: Array, matrix: str | None = None) -> Text:
        """The expression of a view; `matrix` is the name of the matrix of which it is columns."""
        value = view.value
        assert isinstance(value, View)
        rows = [":"] if view.varies else []
        key = matrix_of(view)
        if key is None:
            last = value.first + prod(view.shape)
            length = prod(value.source.shape)
            part = "" if last == length else str(last)
            index = str(value.first) if not view.shape else f"{value.first or ''}:{part}"
            text = add_index(self._flat_array(value.source), [*rows, index])
            return self._reshape(text, view) if len(view.shape) > 1 else text
        first = value.first - value.start
        width = prod(view.shape[1:])
        index = str(first) if len(view.shape) == 1 else f"{first or ''}:{first + width if first + width < key[-1] else ''}"
        text = add_index(Text(matrix) if matrix else self._matrix(view), [*rows, ":", index])
        return self._reshape(text, view) if len(view.shape) > 2 else text

    def _matrix(self, view: Array) -> Text:
        """The expression of the matrix of which a view is columns."""
        value, rows = view.value, view.shape[0]
        assert isinstance(value, View)
        end, width = value.start + rows * value.strides[0], value.strides[0]
        part = f"{value.start or ''}:{end if end < prod(value.source.shape) else ''}"
        text = add_index(self._flat_array(value.source), [*([":"] if view.varies else []), part])
        sizes = (*([-1] if view.varies else []), rows, width)
        return Text(f"{text.atom}.reshape({', '.join(map(str, sizes))})")

    def _flat_array(self, array: Array) -> Text:
        """An array with its elements in one dimension, besides the rows."""
        text = self._texts[array]
        if len(array.shape) == 1:
            return text
        return Text(f"{text.atom}.reshape(-1, {prod(array.shape)})" if array.varies else f"{text.atom}.reshape(-1)")

    def _reshape(self, text: Text, array: Array) -> Text:
        sizes = (*([-1] if array.varies else []), *array.shape)
        return Text(f"{text.atom}.reshape({', '.join(map(str, sizes))})")

    def _statement(self, array: Array) -> list[str]:
        """The line that computes an array; none if its expression is put where it is used."""
        self._name_constants(array)
        value = array.value
        if isinstance(value, Computation):
            text = self._expressions.computation(array)
        elif isinstance(value, Gathered):
            index = self._table(value.addresses, array.shape)
            text = add_index(self._flat_array(value.source), [*([":"] if array.varies else []), index])
        else:
            text = self._view(array)
        label = find_label(array, self.ir) if array.members else None
        is_total = isinstance(value, Computation) and value.is_total
        is_named = label is not None and not label.name.startswith("d_")
        if not (is_named or is_total) and self._uses[array] <= 1 and len(text.text) <= MAX_LINE:
            self._texts[array] = text
            return []
        if label:
            self._roles[array] = label.role
        equation = find_equation(array, self._roles)
        preferred = label.name if label else ""
        if is_total and (view := self._view_of.get(tuple(array.members))):
            preferred = f"d{view}"
        name = self._names.new(preferred or ("total" if is_total else ""))
        self._texts[array] = Text(name)
        return [f"{name} = {text.text}" + (f"  # {equation}" if equation else "")]

    def _name_constants(self, array: Array) -> None:
        """Define the arrays of constants that a computation reads."""
        if isinstance(array.value, Computation):
            for group in array.value.groups:
                for access in group.factors:
                    constants = access.array
                    if isinstance(constants.value, Constants) and constants.shape and constants not in self._texts:
                        numbers = map(self.spelling.language.format_float, constants.value.numbers)
                        self._texts[constants] = Text(self._constant("c", f"[{', '.join(numbers)}]", constants.shape))

    def _constant(self, letter: str, numbers: str, shape: Sequence[int]) -> str:
        """The name of a new array of constants."""
        text = f"{self.spelling.module}.array({numbers})"
        if len(shape) > 1:
            text += f".reshape({', '.join(map(str, shape))})"
        name = self._names.new(f"{letter}{len(self.constants) + 1}")
        self.constants.append(f"{name} = {text}")
        return name

    def _table(self, addresses: Sequence[int], shape: Sequence[int]) -> str:
        """The name of a table of addresses."""
        found = find_strides([addresses], len(addresses))
        ...
        return self._constant("i", repr(list(addresses)), shape)

    def _total(self, block: Block) -> str:
        """The sum of a value over the rows."""
        operand = self._operand(block, 0)
        if ROWS in operand.axes:
            return f"{operand.text.atom}.sum()"
        return f"len(rows) * {operand.text.atom}"

    def _operand(self, block: Block, i: int) -> Operand:
        access = block.accesses[i]
        assert access is not None
        return self._expressions.operand(access, (block.n, block.widths[i]))

    def _flat(self, blocks: Sequence[Block]) -> str:
        """Results that do not vary from row to row, in one dimension."""
        np, parts, scalars = self.spelling.module, list[str](), list[str]()

        def end_scalars() -> None:
            if scalars:
                parts.append(f"{np}.array([{', '.join(scalars)}])")
                scalars.clear()

        for block in blocks:
            pieces = []
            for i, (access, width) in enumerate(zip(block.accesses, block.widths, strict=True)):
                if access is None:
                    pieces.append(Text(f"{np}.zeros({(block.n, width)})"))
                    continue
                operand = self._operand(block, i)
                shape = tuple([d for d, size in enumerate((block.n, width)) if size > 1])
                text = operand.arranged(shape)
                if operand.axes != shape and len(operand.axes) < len(shape):
                    text = Text(f"{np}.broadcast_to({text.text}, {(block.n, width)})")
                pieces.append(text)
            if block.n == 1 and block.widths == (1,) and block.accesses[0] is not None:
                scalars.append(pieces[0].text)
                continue
            end_scalars()
            if block.n == 1:
                parts += [piece.text for piece in pieces]
            elif len(pieces) == 1:
                parts.append(f"{pieces[0].atom}.reshape(-1)")
            else:
                parts.append(f"{np}.column_stack([{', '.join([piece.text for piece in pieces])}]).reshape(-1)")
        end_scalars()
        return parts[0] if len(parts) == 1 else f"{np}.concatenate([{', '.join(parts)}])" if parts else f"{np}.zeros(0)"

    def _each(self, blocks: Sequence[Block]) -> str:
        """Results of each row."""
        np, parts = self.spelling.module, []
        for block in blocks:
            pieces = []
            for i, width in enumerate(block.widths):
                operand = self._operand(block, i)
                text = operand.arranged([ROWS, 0, 1] if block.n > 1 else [ROWS, 1])
                sizes = ("len(rows)", *([str(block.n)] if block.n > 1 else []), str(width))
                wanted = {ROWS, *([0] if block.n > 1 else []), *([1] if width > 1 else [])}
                if set(operand.axes) != wanted:
                    text = Text(f"{np}.broadcast_to({text.text}, ({', '.join(sizes)}))")
                pieces.append(text.text)
            text_ = pieces[0] if len(pieces) == 1 else f"{np}.concatenate([{', '.join(pieces)}], axis=-1)"
            parts.append(f"{text_}.reshape(-1, {block.n * sum(block.widths)})" if block.n > 1 else text_)
        if len(self.ir.values) == 1:
            return f"{parts[0]}[:, 0]".replace("[:, None][:, 0]", "")
        return parts[0] if len(parts) == 1 else f"{np}.concatenate([{', '.join(parts)}], axis=1)"


def matrix_of(view: Array) -> tuple[Array, int, int, int] | None:
    """The matrix of which a view is columns: its array, its first address, and its shape; None for contiguous views."""
    value = view.value
    assert isinstance(value, View)
    if value.strides == strides_of(view.shape):
        return None
    return value.source, value.start, view.shape[0], value.strides[0]


def _accesses(program: ArrayProgram) -> Iterator[Access]:
    """All accesses of a program, those of its results included."""
    for array in program.arrays:
        if isinstance(array.value, Computation):
            for group in array.value.groups:
                yield from group.factors
    for block in (*program.values, *(program.gradient or ())):
        yield from filter(None, block.accesses)


def _operations(program: ArrayProgram) -> Iterator[Op]:
    for array in program.arrays:
        if isinstance(array.value, Computation):
            yield array.value.op


def _parts(op: Op) -> list[Expression]:
    """The formulas that a composed operation is computed by; the operation itself if it is a primitive."""
    builder = ExpressionBuilder(as_written, expand=False)
    names = [f"x{i}" for i in range(op.arity or 2)]
    return [builder.make(op, tuple(map(builder.symbol, names)))] if op.is_primitive else toposort(forward_formula(op, names))
