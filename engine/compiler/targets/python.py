"""Python: a function of one row, to be read as the paper's Section 5, and to be run.

A program that runs calls the Python function of each primitive. One that is printed imports it: from `FUNCTIONS`, or
from `engine.TABLE`.

>>> import math
>>> from engine import TABLE, Value, compile, exp, primitive
>>> erf = primitive("erf", "erf", math.erf, lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x))
>>> program = compile(erf(Value(0.5, "x")), backend="python")
>>> print(program.source.split("\\n\\n")[0])
from engine import TABLE; erf = TABLE['erf']
from math import exp
>>> FUNCTIONS[erf] = "math.erf"
>>> print(program.source.split("\\n\\n")[0])
from math import erf
from math import exp
>>> del TABLE["erf"], FUNCTIONS[erf]
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from engine import ops
from engine.compiler.batch import Batch
from engine.compiler.ir import IR, Derivative
from engine.compiler.straight_line import StraightLinePrinter, function, returned, unpacked
from engine.compiler.targets import Target, register
from engine.graph import toposort
from engine.op import Op
from engine.symbolic import codegen
from engine.symbolic.codegen import FunctionNames
from engine.symbolic.expression import Expression

PYTHON = codegen.PYTHON._replace(conditions={ops.greater: "{0} > {1}"})
_IN_MATH = (ops.exp, ops.log, ops.log1p, ops.expm1, ops.sqrt, ops.sin, ops.cos, ops.tan, ops.atan, ops.tanh)
FUNCTIONS = {op: f"math.{op.name}" for op in _IN_MATH} | {ops.power: "math.pow", ops.absolute: "builtins.abs"}
# maximum and minimum are found in engine.TABLE: Python's own take NaN for a number


class PythonPrinter(StraightLinePrinter):
    """The text of a program for one row at a time, and for the sums over rows."""

    language = PYTHON

    def summed(self, symbol: Expression, *, alone: bool) -> str:
        """A result of the one row."""
        return self.bare_text(symbol) if alone else self.text[symbol]

    def imports(self, op: Op) -> Iterator[str]:
        """The function of a primitive, by the name that the text has for it."""
        name = self.functions.of(op)
        if op not in FUNCTIONS:
            yield f"from engine import TABLE; {name} = {self.from_table(op)}"
            return
        module, _, function = FUNCTIONS[op].rpartition(".")
        if (module, function) != ("builtins", name):
            yield f"from {module} import {function}" + (f" as {name}" if function != name else "")

    def sum_over(self) -> list[str]:
        """`sum_over(rows, parameters)`: a list of the sums of the value and of the derivatives."""
        ir, results = self.ir, self.ir.results()
        order = toposort(*results)
        fixed, varying = ([x for x in order if (x in self.rows) is varies] for varies in (False, True))
        self.write([*fixed, *varying], results, named={x for symbol in varying for x in symbol.inputs} - self.rows)
        unvarying, lines = self.blocks(fixed, varying)
        yielded = ["def sum_over(rows, parameters):", *self.parameters(), *unvarying]
        inputs = [self.text[x] for x in ir.inputs]
        value = ir.values[0]
        split = [Derivative(value, None) if value in self.rows else Derivative(None, value), *ir.derivatives]
        sums = [self.names.new(f"sum_{k}") if part.per_row is not None else "" for k, part in enumerate(split)]
        yielded += [f"{name} = 0.0" for name in sums if name]
        for name, part in zip(sums, split, strict=True):
            if part.per_row is not None:
                lines.append(f"{name} += {self.bare_text(part.per_row)}")
        yielded += [f"for {unpacked(inputs) if inputs else '_'} in rows:"]
        yielded += [f"    {line}" for line in lines or ["pass"]]
        totals = []
        for name, part in zip(sums, split, strict=True):
            once = f"len(rows) * {self.text[part.per_batch]}" if part.per_batch is not None else ""
            totals.append(" + ".join(filter(None, (name, once))) or "0.0")
        return function(*yielded, *returned("[", totals))


def define(lines: list[str], functions: FunctionNames) -> Callable[..., Any]:
    """The function that these lines define, with the operations that it calls in reach."""
    space: dict[str, Any] = {name: op.compute for op, name in functions.names.items()}
    space |= {"_nan": math.nan, "_inf": math.inf}
    exec("\n".join(lines), space)
    name = lines[0].partition("(")[0].removeprefix("def ")
    function: Callable[..., Any] = space[name]
    return function


class PythonExecutable:
    """Formulas as Python functions; `Program` says what they do."""

    def __init__(self, ir: IR) -> None:
        self._ir = ir

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives."""
        result: tuple[float, list[float]] = self._value_and_grad(*row, parameters)
        return result

    def sum_over(self, rows: Batch, parameters: array[float], totals: array[float], threads: int) -> None:
        """The sums over all rows; threads would wait for each other, so there is one."""
        totals[:] = array("d", self._sum_over(rows.tolist(), parameters))

    def each(self, rows: Batch, parameters: array[float]) -> list[float]:
        """The values of each row."""
        run = self._value
        return [value for row in rows.tolist() for value in run(*row, parameters)]

    @cached_property
    def _value_and_grad(self) -> Callable[..., Any]:
        return self._defined(PythonPrinter.value_and_grad)

    @cached_property
    def _sum_over(self) -> Callable[..., Any]:
        return self._defined(PythonPrinter.sum_over)

    @cached_property
    def _value(self) -> Callable[..., Any]:
        return self._defined(PythonPrinter.value)

    def _defined(self, lines: Callable[[PythonPrinter], list[str]]) -> Callable[..., Any]:
        printer = PythonPrinter(self._ir)
        return define(lines(printer), printer.functions)


def source(ir: IR, order: Sequence[int]) -> str:
    """The program as a module of Python."""
    return PythonPrinter(ir).module(order)


register(Target("python", printer=source, runner=PythonExecutable, preference=1))
