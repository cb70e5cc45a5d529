"""Modules of functions on arrays, in Python: the program of an IR for all rows at once.

A module has `value_and_grad(rows, parameters)`: the sum of the value over the rows, and the sums of its derivatives, in
the order of `wrt`. Without a gradient it has `value(rows, parameters)`: the values of each row, of the shape (rows,) or
(rows, outputs). `rows` has the shape (rows, inputs).

`ArrayPrinter` needs a `Spelling`, which has all that differs between NumPy and JAX.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from engine import ops
from engine.compiler.arrays.loops.carried import find_loops
from engine.compiler.arrays.loops.function import LoopFunction
from engine.compiler.arrays.printed.function import ArrayFunction
from engine.compiler.arrays.printed.lines import docstring, wrap_line
from engine.compiler.arrays.printed.spelling import Spelling
from engine.compiler.branches import selectors
from engine.compiler.ir import IR
from engine.graph import toposort
from engine.op import Op
from engine.symbolic.codegen import indent
from engine.symbolic.specialize import forward_formula, rule_lines

DOT = "n = len(x) // 2", "return sum([u * v for u, v in zip(x[:n], x[n:])], *x[2 * n :])"


class ArrayPrinter:
    """Generates the module of a program.

    >>> from engine import Value, dot
    >>> from engine.compiler.ir import build_ir
    >>> from engine.compiler.targets.numpy import NUMPY_SPELLING
    >>> w, x = [Value(0.5, "w_1"), Value(0.25, "w_2")], [Value(1.0, "x_1"), Value(2.0, "x_2")]
    >>> ir = build_ir([dot(w, x).exp()], x, w, gradient=False)
    >>> print(ArrayPrinter(ir, [], NUMPY_SPELLING).definitions())
    def value(rows, parameters):
        rows, parameters = floats(rows, 2, 2), floats(parameters, 1, 2)
        x = rows
        w = parameters
        return np.exp(x @ w)
    """

    def __init__(self, ir: IR, wrt_order: Sequence[int], spelling: Spelling) -> None:
        self.ir, self.spelling, self._wrt_order = ir, spelling, wrt_order
        wrt = [ir.wrt[i] for i in wrt_order] if ir.has_gradient else ir.slopes
        bodies = find_loops(ir, wrt)
        self._function: ArrayFunction | LoopFunction
        self._function = LoopFunction(ir, bodies, wrt, spelling) if bodies else ArrayFunction(ir, wrt_order, spelling)
        self._operations, self.functions = self._function.operations, self._function.statements.functions

    @property
    def numbers_per_row(self) -> int:
        """How many numbers of each row are in the arrays of the function."""
        return self._function.numbers_per_row

    def module(self) -> str:
        """The text of the module."""
        spelling = self.spelling
        function = [short for line in self._function.lines() for short in wrap_line(line)]
        if any(map(selectors, self._operations)):
            function[:0] = spelling.choice_decorators
        language = spelling.language
        operations = [[op] if language.has(op) else primitives_of(op) for op in self._operations]
        primitives = dict.fromkeys(chain.from_iterable(operations))
        called = [op for op in primitives if op not in language.templates and op is not ops.weighted_sum]
        names = self.functions.names
        imports = sorted({line for op in called for line in spelling.imports(op, names.get(op, op.name))})
        constants = [short for line in self._function.statements.constants for short in wrap_line(line)]
        end = spelling.header.index("") + 1  # of the standard library
        installed = sorted({*spelling.header[end:], *imports}, key=lambda line: ("=" in line, "from " in line, line))
        begin = [*docstring(self.ir, self._wrt_order, spelling.note), "", *spelling.header[:end], *installed]
        parts = ["\n".join(begin), *spelling.helpers, "\n".join(constants)]
        return "\n\n\n".join(filter(None, [*parts, *map("\n".join, [*self._composites(), function])])) + "\n"

    def definitions(self) -> str:
        """The text of the functions and constants alone, without imports."""
        function = self._function.lines()  # which defines constants
        return "\n".join([*self._function.statements.constants, *map("\n".join, self._composites()), *function])

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


def primitives_of(op: Op) -> list[Op]:
    """The primitives that a composed operation consists of; the operation itself if it is one."""
    if op.is_primitive:
        return [op]
    formula = forward_formula(op, [f"x{i}" for i in range(op.arity or 0)])
    return [symbol.op for symbol in toposort(formula) if symbol.inputs]
