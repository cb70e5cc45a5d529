"""Python: a function of one row in the form of the paper's Section 5, which is executed or given as a module.

An executed function calls the Python function of each primitive. A module imports it as `FUNCTIONS` says, or from
`engine.TABLE`.

>>> import math
>>> from engine import TABLE, Value, compile, primitive
>>> fmod = primitive("fmod", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
>>> program = compile(fmod(Value(0.5, "x"), 0.2), backend="python")
>>> print(program.source.split("\\n\\n")[0])
from array import array
from engine import TABLE; fmod = TABLE['fmod']
>>> FUNCTIONS[fmod] = "math.fmod"
>>> print(program.source.split("\\n\\n")[0])
from array import array
from math import fmod
>>> del TABLE["fmod"], FUNCTIONS[fmod]
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine import ops
from engine._support.cached_property import CachedProperty
from engine.compiler.calls.batch import Batch
from engine.compiler.ir import IR, Derivative
from engine.compiler.straight_line import StraightLinePrinter, table_entry
from engine.compiler.targets import Target, register
from engine.graph import toposort
from engine.op import TABLE, Op
from engine.symbolic import codegen
from engine.symbolic.codegen import format_function, format_return, format_targets

PYTHON = codegen.PYTHON._replace(conditions={ops.greater: "{0} > {1}"})
_IN_MATH = (
    "exp log log1p expm1 log2 log10 sqrt erf erfc sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh"
)
FUNCTIONS = {TABLE[name]: f"math.{name}" for name in _IN_MATH.split()}
FUNCTIONS |= {ops.power: "math.pow", ops.absolute: "builtins.abs"}
# The others are those of engine.TABLE: Python's max and min do not propagate NaN, its hypot overflows to infinity, its
# floor returns an int, and its cbrt is new in Python 3.11.


# NumPy's complex numbers, durations and masked entries have a `__float__`, which drops what makes them no real numbers.
FLOATS = """\
def floats(numbers):
    for x in numbers:
        if getattr(getattr(x, "dtype", None), "kind", "f") not in "biuf" or getattr(x, "mask", False):
            raise TypeError(f"a real number is needed, not {x!r}")
    return array("d", numbers)"""


class PythonPrinter(StraightLinePrinter):
    """Generates a program for one row, or for the sums over rows."""

    language = PYTHON
    header = ("from array import array",)
    helpers = (FLOATS,)
    reading, read_parameters = "floats([{}])", "*parameters"

    def imports(self, op: Op) -> Iterator[str]:
        """The import of the function of a primitive, under its name in the text."""
        name = self.functions.of(op)
        if op not in FUNCTIONS:
            yield f"from engine import TABLE; {name} = {table_entry(op)}"
            return
        module, _, function = FUNCTIONS[op].rpartition(".")
        if (module, function) != ("builtins", name):
            yield f"from {module} import {function}" + (f" as {name}" if function != name else "")

    def sum_over(self) -> list[str]:
        """`sum_over(rows, parameters)`: the sums of the value and of the derivatives, as a list."""
        ir, results = self.ir, self.ir.results()
        order = toposort(*results)
        invariant, varying = ([x for x in order if (x in self.varying) is varies] for varies in (False, True))
        read_in_loop = {x for symbol in varying for x in symbol.inputs} - self.varying
        self.assign_text([*invariant, *varying], results, named=read_in_loop)
        invariant_lines, loop_lines = self.blocks(invariant, varying)
        lines = ["def sum_over(rows, parameters):", *self.unpack_parameters(), *invariant_lines]
        inputs = [self.text[x] for x in ir.inputs]
        value = ir.values[0]
        split = [Derivative(value, None) if value in self.varying else Derivative(None, value), *ir.derivatives]
        sums = [self.names.new(f"sum_{k}") if part.per_row is not None else "" for k, part in enumerate(split)]
        lines += [f"{name} = 0.0" for name in sums if name]
        for name, part in zip(sums, split, strict=True):
            if part.per_row is not None:
                loop_lines.append(f"{name} += {self.bare_text(part.per_row)}")
        lines += [f"for {format_targets(inputs) if inputs else '_'} in rows:"]
        lines += [f"    {line}" for line in loop_lines or ["pass"]]
        totals = []
        for name, part in zip(sums, split, strict=True):
            uniform = f"len(rows) * {self.text[part.per_batch]}" if part.per_batch is not None else ""
            totals.append(" + ".join(filter(None, (name, uniform))) or "0.0")
        return format_function(*lines, *format_return("[", totals))


def _generated_function(generate: Callable[[PythonPrinter], list[str]]) -> CachedProperty[Callable[..., Any]]:
    """A function of a `PythonExecutable`, which is generated and defined when it is first called."""

    def define(executable: PythonExecutable) -> Callable[..., Any]:
        printer = PythonPrinter(executable.ir)
        lines = generate(printer)
        scope: dict[str, Any] = {name: op.compute for op, name in printer.functions.names.items()}
        scope |= {"_nan": math.nan, "_inf": math.inf}
        exec("\n".join(lines), scope)
        function: Callable[..., Any] = scope[generate.__name__]
        return function

    return CachedProperty(define)


class PythonExecutable:
    """A program as Python functions, each of which is generated when it is first called."""

    _value = _generated_function(PythonPrinter.value)
    _value_and_grad = _generated_function(PythonPrinter.value_and_grad)
    _sum_over = _generated_function(PythonPrinter.sum_over)

    def __init__(self, ir: IR) -> None:
        self.ir = ir

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives."""
        result: tuple[float, list[float]] = self._value_and_grad(*row, parameters)
        return result

    def sum_over(self, batch: Batch, parameters: array[float], totals: array[float], threads: int) -> None:
        """Write the sums over all rows into `totals`, on one thread, since Python's lock admits only one."""
        totals[:] = array("d", self._sum_over(batch.tolist(), parameters))

    def each(self, batch: Batch, parameters: array[float], threads: int) -> array[float]:
        """The values of each row, on one thread."""
        run, values = self._value, array("d")
        for row in batch.tolist():
            values.extend(run(*row, parameters))
        return values


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The program as a module of Python."""
    return PythonPrinter(ir).module(wrt_order)


register(Target("python", printer=source, runner=PythonExecutable, preference=1))
