"""How a library of arrays is used: all that differs between modules for NumPy and for JAX."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import copysign, isfinite
from types import MappingProxyType
from typing import NamedTuple

from engine import ops
from engine.op import TABLE, Op
from engine.symbolic.codegen import ARITHMETIC, Language, indent

SAME_NAME = "exp log log1p expm1 log2 log10 sqrt cbrt hypot sin cos tan sinh cosh tanh abs floor maximum minimum power"
INVERSES = "sin cos tan tan2 sinh cosh tanh"
LARGEST = {"float64": sys.float_info.max, "float32": (2.0 - 2.0**-23) * 2.0**127}  # floats of each dtype


# The function of each module that reads an argument, given how the library finds out whether its numbers are real.
FLOATS = """\
def floats(numbers, dimensions, length):
{}
        raise TypeError(f"real numbers are needed, none of them masked, not {{numbers!r}}")
    numbers = {}
    if numbers.ndim != dimensions or numbers.shape[-1] != length:
        where = "in each row " * (dimensions - 1)
        raise ValueError(f"{{length}} numbers {{where}}are needed, not the shape {{numbers.shape}}")
    return numbers"""


class Loops:
    """How loops are written in Python, and what is done in them to the elements of arrays."""

    keeps_results = False  # apart from the array in which it is, until the next iteration has read it

    def set(self, array: str, index: str, value: str) -> str:
        """The statement that gives an element of an array a value."""
        return f"{array}[{index}] = {value}"

    def add(self, array: str, index: str, value: str) -> str:
        """The statement that adds to an element."""
        return f"{array}[{index}] += {value}"

    def loop(self, name: str, n: int, backward: bool, state: Mapping[str, str], lines: Sequence[str]) -> list[str]:
        """A loop over n iterations t, which has a name in some libraries, and gives the arrays of its state others."""
        iterations = f"reversed(range({n}))" if backward else f"range({n})"
        return [f"for t in {iterations}:", *indent([*lines])]


class Spelling(NamedTuple):
    """How a library of arrays is used.

    Attributes:
        module: Its name in the text.
        language: How it writes numbers and operations.
        header: The imports of each module.
        helpers: Functions that it begins with: `floats` reads an argument as an array of floats, of so many dimensions,
            the last of this length.
        imports: The statements that make the function of a primitive available, given it and its name in the text.
        choice_decorators: Decorators of a function that computes both branches of a choice.
        note: A sentence of the module's docstring.
        reserved: Other names in the text.
        functions: The lines of functions of x0 for composed operations that it computes faster otherwise.
        loops: How it writes loops.
        templates_in: For a dtype, the templates of primitives that would be computed in another.
    """

    module: str
    language: Language
    header: Sequence[str]
    helpers: Sequence[str]
    imports: Callable[[Op, str], Iterable[str]]
    choice_decorators: Sequence[str] = ()
    note: str = ""
    reserved: str = ""
    functions: Mapping[Op, Sequence[str]] = MappingProxyType({})
    loops: Loops = Loops()
    templates_in: Mapping[str, Mapping[Op, str]] = MappingProxyType({})


def array_language(module: str, templates: Mapping[Op, str] = MappingProxyType({})) -> Language:
    """The language of a library that has NumPy's functions, under this name in the text, and these further operators.

    >>> array_language("jnp").apply(ops.greater, ["x", "0.0"]), array_language("np").format_float(-float("inf"))
    ('jnp.where(x > 0.0, 1.0, 0.0)', '-np.inf')
    """

    def format_float(number: float) -> str:
        return repr(number) if isfinite(number) else f"{'-' * (number < 0.0)}{module}.{abs(number)!r}"

    same = {TABLE[name]: f"{module}.{name}" for name in SAME_NAME.split()}
    inverse = {TABLE[f"a{name}"]: f"{module}.arc{name}" for name in INVERSES.split()}
    return Language(
        {**ARITHMETIC, **templates, ops.greater: module + ".where({0} > {1}, 1.0, 0.0)"},
        {**same, **inverse, ops.where: f"{module}.where"},
        format_float,
        {ops.greater: "{0} > {1}"},
    )


def in_dtype(spelling: Spelling, dtype: str) -> Spelling:
    """A spelling for arrays of a dtype, whose largest float stands for that of float64.

    >>> spelling = Spelling("np", array_language("np"), (), (), lambda op, name: ())
    >>> in_dtype(spelling, "float32").language.format_float(sys.float_info.max)
    '3.4028234663852886e+38'
    """
    language, largest = spelling.language, LARGEST[dtype]
    templates = {**language.templates, **spelling.templates_in.get(dtype, {})}

    def format_float(number: float) -> str:
        return language.format_float(copysign(largest, number) if abs(number) == sys.float_info.max else number)

    return spelling._replace(language=language._replace(templates=templates, format_float=format_float))
