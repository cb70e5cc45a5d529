"""NumPy: a module of Python whose arguments are two arrays, the rows, of shape (rows, inputs), and the parameters.

NumPy has most primitives of the table. The Python function of any other is called for one number at a time, unless
a function of NumPy or of another library is named for it:

>>> import math
>>> from engine import TABLE, Value, compile, primitive
>>> fmod = primitive("fmod", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
>>> NUMPY.functions[fmod] = "np.fmod"
>>> x = Value(0.5, "x")
>>> text = compile([fmod(x, 0.2)], [x], backend="python").source_for("numpy")
>>> print(text[text.index("def value"):])
def value(rows, parameters):
    rows, parameters = floats(rows, 2, 1), floats(parameters, 1, 0)
    x = rows[:, 0]
    return np.fmod(x, 0.2)
<BLANKLINE>
>>> del TABLE["fmod"], NUMPY.functions[fmod]
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from engine import ops
from engine._support import checks
from engine._support.cached_property import CachedProperty
from engine._support.typed_commands import install_command
from engine.compiler.arrays.printed.module import ArrayPrinter
from engine.compiler.arrays.printed.spelling import FLOATS, LARGEST, Spelling, array_language, in_dtype
from engine.compiler.calls.batch import Batch
from engine.compiler.ir import IR
from engine.compiler.straight_line import table_entry
from engine.compiler.targets import Target, log_python_fallback, register
from engine.op import Op
from engine.symbolic.codegen import UNCHANGED

NUMPY = array_language("np", UNCHANGED)
NUMPY.functions[ops.power] = "np.float_power"  # np.power may take the root instead, which is NaN at -inf
# σ(x) is e/(1 + e) to the last bits: fewer arrays than by the rule, which is for floats, and no choice.
SIGMOID = "e = np.exp(np.minimum(x0, 80.0))", "return e / (1.0 + e)"
MAX_NUMBERS = 2**24  # in memory at once, unless a row alone has more: rows are computed in blocks
PYTHONS = {ops.erf: "math.erf", ops.erfc: "math.erfc"}  # which NumPy does not have: called for one number at a time


ARE_REAL = """\
    numbers = numbers if type(numbers) is np.ndarray else np.ma.asanyarray(numbers)
    are_real = numbers.dtype.kind == "O" and all(isinstance(x, Real) for x in numbers.flat)
    if np.ma.is_masked(numbers) or not (are_real or numbers.dtype.kind in "biuf"):"""


def imports(op: Op) -> Iterator[str]:
    """The import statement for the function of a primitive, if it is not NumPy's."""
    module = NUMPY.functions.get(op, "").rpartition(".")[0]
    if module not in ("", "np"):
        yield f"import {module}"


def define(op: Op, name: str) -> Iterator[str]:
    """The statement that makes the function of a primitive available, which may be a vectorized one of Python."""
    if op in NUMPY.functions:
        yield from imports(op)
    elif op in PYTHONS:
        yield f"import math; {name} = np.vectorize({PYTHONS[op]}, otypes=[float])"
    else:
        log_python_fallback("numpy", op)
        yield f"from engine import TABLE; {name} = np.vectorize({table_entry(op)}, otypes=[float])"


NUMPY_SPELLING = Spelling(
    "np",
    NUMPY,
    header=("from numbers import Real", "", "import numpy as np"),
    helpers=(FLOATS.format(ARE_REAL, "np.asarray(numbers, np.float64)"),),
    imports=define,
    choice_decorators=('@np.errstate(all="ignore")',),
    functions={ops.sigmoid: SIGMOID, ops.relu: ("return np.maximum(x0, 0.0)",)},
    reserved="np|floats|Real|isinstance|all|TypeError",
    templates_in={
        "float32": {
            ops.greater: "np.where({0} > {1}, np.float32(1.0), np.float32(0.0))",
            ops.power: "np.float32(np.float_power({0}, {1}))",
        }
    },
)


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The program as a module of Python that imports NumPy."""
    return ArrayPrinter(ir, wrt_order, NUMPY_SPELLING).module()


class NumPyExecutable:
    """A program as functions of arrays, each of which is generated when it is first called. NaN and infinity propagate.

    They call the Python functions of primitives that NumPy does not have, whether they are in the table or not.
    """

    def __init__(self, ir: IR, dtype: str = "float64") -> None:
        checks.check_choice(dtype, tuple(LARGEST), "dtype")
        self._ir, self._dtype, self._np = ir, dtype, import_module("numpy")

    @CachedProperty
    def _value_and_grad(self) -> Callable[..., list[Any]]:
        return self._define(self._ir)

    @CachedProperty
    def _value(self) -> Callable[..., list[Any]]:
        return self._define(replace(self._ir, has_gradient=False))

    def _define(self, ir: IR) -> Callable[..., list[Any]]:
        """The function of an IR, in which arrays of constants have the dtype: the results of each block of rows."""
        np, printer = self._np, ArrayPrinter(ir, range(len(ir.wrt)), in_dtype(NUMPY_SPELLING, self._dtype))
        number = np.dtype(self._dtype).type
        scope: dict[str, Any] = {"np": np, "floats": lambda numbers, *_: numbers}
        exec(printer.definitions(), scope)
        scope |= {name: x.astype(number) for name, x in scope.items() if getattr(x, "dtype", None) == np.float64}
        for op, name in printer.functions.names.items():
            if op.is_primitive and name not in scope:
                scope[name] = np.vectorize(_in_domain(op.compute), otypes=[number])
        for op in NUMPY.functions:
            exec("\n".join(imports(op)), scope)
        function = scope["value_and_grad" if ir.has_gradient else "value"]
        size = max(1, MAX_NUMBERS // max(1, printer.numbers_per_row))

        def run(rows: Any, parameters: Any) -> list[Any]:
            blocks = (rows[begin : begin + size] for begin in range(0, max(1, len(rows)), size))
            return [function(block.astype(self._dtype, copy=False), parameters) for block in blocks]

        return run

    def _run(self, function: Callable[..., list[Any]], rows: Any, parameters: array[float]) -> list[Any]:
        """The results of each block; an error of NumPy is not one of the formulas, and therefore no ValueError."""
        try:
            with self._np.errstate(all="ignore"):
                return function(rows, self._np.array(parameters, self._dtype))
        except ValueError as error:
            raise RuntimeError(f"NumPy cannot run the program: {error}") from error

    def _rows(self, batch: Batch) -> Any:
        return self._np.frombuffer(batch.view).reshape(batch.n, batch.width)

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives."""
        [(value, gradient)] = self._run(self._value_and_grad, self._np.array([row]), parameters)
        return float(value), gradient.tolist()

    def sum_over(self, batch: Batch, parameters: array[float], totals: array[float], threads: int) -> None:
        """Write the sums over all rows into `totals`, on the threads of NumPy's products of matrices."""
        results, found = self._run(self._value_and_grad, self._rows(batch), parameters), self._np.frombuffer(totals)
        with self._np.errstate(all="ignore"):
            found[0], found[1:] = map(sum, zip(*results, strict=True))

    def each(self, batch: Batch, parameters: array[float], threads: int) -> array[float]:
        """The values of each row, in row-major order."""
        results = self._run(self._value, self._rows(batch), parameters)
        return array("d", b"".join([values.astype(float).tobytes() for values in results]))


def _in_domain(compute: Callable[..., float]) -> Callable[..., float]:
    """A function of numbers whose ValueError, of `math` for example, is the ArithmeticError of its domain."""

    def run(*numbers: float) -> float:
        try:
            return compute(*numbers)
        except ValueError as error:
            raise ArithmeticError(str(error)) from error

    return run


def missing() -> str:
    """How to install NumPy; "" if it is installed."""
    return "" if find_spec("numpy") else f"numpy: {install_command('matrix')}"


register(Target("numpy", printer=source, runner=NumPyExecutable, missing=missing, options=("dtype",)))
