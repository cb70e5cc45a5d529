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
from engine.compiler.arrays.printing import ArrayPrinter, Spelling
from engine.compiler.straight_line import table_entry
from engine.compiler.targets import Target, log_python_fallback, register
from engine.op import TABLE, Op
from engine.symbolic.codegen import ARITHMETIC, Language

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


def imports(op: Op, name: str = "") -> Iterator[str]:
    """The import of the function of a primitive, or its vectorized Python function."""
    module = NUMPY.functions.get(op, "").rpartition(".")[0]
    if module not in ("", "np"):
        yield f"import {module}"
    elif op in PYTHONS:
        yield f"import math; {name} = np.vectorize({PYTHONS[op]}, otypes=[float])"
    elif op not in NUMPY.functions:
        log_python_fallback("numpy", op)
        yield f"from engine import TABLE; {name} = np.vectorize({table_entry(op)}, otypes=[float])"


NUMPY_SPELLING = Spelling(
    "np",
    NUMPY,
    header=("from numbers import Real", "", "import numpy as np"),
    helpers=(FLOATS,),
    reading="floats({})",
    imports=imports,
    choice_decorators=('@np.errstate(all="ignore")',),
    reserved="np|floats|Real|isinstance|all|TypeError",
)


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The program as a module of Python that imports NumPy."""
    return ArrayPrinter(ir, wrt_order, NUMPY_SPELLING).module()


register(Target("numpy", printer=source))
