"""How a library of arrays is used: all that differs between modules for NumPy and for JAX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from engine.op import Op
from engine.symbolic.codegen import Language


class Spelling(NamedTuple):
    """How a library of arrays is used.

    Attributes:
        module: Its name in the text.
        language: How it writes numbers and operations.
        header: The imports of each module.
        helpers: Functions that it begins with.
        reading: The text that reads the argument {0} as an array of floats, of {1} dimensions, the last of length {2}.
        imports: The statements that make the function of a primitive available, given it and its name in the text.
        choice_decorators: Decorators of a function that computes both branches of a choice.
        note: A sentence of the module's docstring.
        reserved: Other names in the text.
        functions: The lines of functions of x0 for composed operations that it computes faster otherwise.
    """

    module: str
    language: Language
    header: Sequence[str]
    helpers: Sequence[str]
    reading: str
    imports: Callable[[Op, str], Iterable[str]]
    choice_decorators: Sequence[str] = ()
    note: str = ""
    reserved: str = ""
    functions: Mapping[Op, Sequence[str]] = MappingProxyType({})
