"""NumPy: a module of Python whose inputs are NumPy arrays, each with the values of one input for all rows.

NumPy has most primitives of the table. The Python function of any other is called for one number at a time, unless
a function of NumPy or of another library is named for it:

>>> import math
>>> from engine import TABLE, Value, compile, primitive
>>> fmod = primitive("fmod", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
>>> NUMPY.functions[fmod] = "np.fmod"
>>> x = Value(0.5, "x")
>>> text = compile([fmod(x, 0.2)], [x], backend="python").source_for("numpy")
>>> print(text[text.index("def value"):])
def value(x, parameters):
    x, = map(floats, [x])
    return [np.fmod(x, 0.2)]
<BLANKLINE>
>>> del TABLE["fmod"], NUMPY.functions[fmod]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import ops
from engine.compiler.ir import IR
from engine.compiler.straight_line import StraightLinePrinter
from engine.compiler.targets import Target, log_python_fallback, register
from engine.op import TABLE, Op
from engine.symbolic.codegen import ARITHMETIC, Language
from engine.symbolic.expression import Expression

_SAME_NAME = "exp log log1p expm1 log2 log10 sqrt cbrt hypot sin cos tan sinh cosh tanh abs floor maximum minimum power"
_INVERSES = "sin cos tan tan2 sinh cosh tanh"
NUMPY = Language(
    {**ARITHMETIC, ops.greater: "np.where({0} > {1}, 1.0, 0.0)", ops.where: "np.where({0}, {1}, {2})"},
    {TABLE[name]: f"np.{name}" for name in _SAME_NAME.split()}
    | {TABLE[f"a{name}"]: f"np.arc{name}" for name in _INVERSES.split()},
)
PYTHONS = {ops.erf: "math.erf", ops.erfc: "math.erfc"}  # which NumPy does not have: called for one number at a time


FLOATS = """\
def floats(numbers):
    numbers = np.ma.asanyarray(numbers)
    are_real = numbers.dtype.kind == "O" and all(isinstance(x, Real) for x in numbers.flat)
    if np.ma.is_masked(numbers) or not (are_real or numbers.dtype.kind in "biuf"):
        raise TypeError(f"real numbers are needed, none of them masked, not {numbers!r}")
    return np.asarray(numbers, np.float64)"""


class NumPyPrinter(StraightLinePrinter):
    """Generates a program for all rows at once."""

    language = NUMPY
    header = ("from numbers import Real", "", "import numpy as np")
    choice_decorators = ('@np.errstate(all="ignore")',)
    helpers = (FLOATS,)
    reading, read_parameters = "map(floats, [{}])", "parameters"

    def format_result(self, symbol: Expression, *, alone: bool) -> str:
        """The sum over all rows; a result that does not depend on the row is multiplied by their number."""
        if symbol in self.varying:
            return f"np.sum({self.bare_text(symbol)})"
        rows = self.text[self.ir.inputs[0]] if self.ir.inputs else ""
        return f"np.size({rows}) * {self.text[symbol]}" if rows else self.text[symbol]

    def imports(self, op: Op) -> Iterator[str]:
        """The module of a primitive's function, or its vectorized Python function."""
        if op in NUMPY.functions:
            yield from imports(op)
        elif op in PYTHONS:
            yield f"import math; {self.functions.of(op)} = np.vectorize({PYTHONS[op]}, otypes=[float])"
        else:
            log_python_fallback("numpy", op)
            name = self.functions.of(op)
            yield f"from engine import TABLE; {name} = np.vectorize({self.table_entry(op)}, otypes=[float])"


def imports(op: Op) -> Iterator[str]:
    """The import statement for the function of a primitive, if it is not NumPy's."""
    module = NUMPY.functions.get(op, "").rpartition(".")[0]
    if module not in ("", "np"):
        yield f"import {module}"


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The program as a module of Python that imports NumPy."""
    return NumPyPrinter(ir).module(wrt_order)


register(Target("numpy", printer=source))
