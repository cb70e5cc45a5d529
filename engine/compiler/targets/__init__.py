"""Targets of compilation: the languages in which programs are generated, and the backends that run them.

A target may have a printer, which generates the text of a program, and a runner, which makes an `Executable` of it; if
it has a runner, it is a backend. `Program.source_for` uses the printers, `compile` and `nn.fit` the runners.

A target is one file, or one folder, which registers itself. Those in this package are found by the file's name, and
imported when they are first asked for; your own is registered when you import it.

Both are given an `IR` (`engine.compiler.ir`), which is made of formulas, which are expressions:

- `ir.values` are the outputs. The i-th member of `wrt` has the derivative `ir.derivatives[wrt_order[i]]`, a sum of none
  to two `terms`; several outputs do not have derivatives, and `wrt_order` is empty.
- An operation has an `op` and `inputs`. A leaf does not have inputs: it is a constant, with `is_constant` and a
  `value`, or it is one of `ir.inputs` and `ir.parameters`, with a `name`.
- Operations composed of others, such as sigmoid, are whole. `expand_operations` gives formulas of primitives alone, and
  `engine.symbolic.specialize.forward_formula` the rule of one operation, to be printed as a function.
- `dot` is `ops.weighted_sum` of w₁, …, wₙ, x₁, …, xₙ, and, if their number is odd, a bias, which the sum starts from.
- `engine.symbolic.codegen` has `ARITHMETIC`, which most languages share, and `Language`, for the other spellings.

The file of a target says how the primitives of the table are written in its language. The docstrings of `python`,
`numpy`, `llvm` and `jax` show how to add a user's primitive; otherwise these targets call its Python function, which is
slow in `numpy` and `llvm` and therefore logged once. `jax` and others raise `unsupported_operation`.
"""

from __future__ import annotations

import logging
import pkgutil
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

from engine._support import checks
from engine.compiler.calls.arrays import Shape
from engine.compiler.calls.batch import Batch
from engine.compiler.calls.results import PointResults
from engine.compiler.ir import IR
from engine.op import Op

_logger = logging.getLogger("engine.compile")
_logged: set[object] = set()  # subjects of messages that are logged once


class Executable(Protocol):
    """A program that can be run. It may raise an ArithmeticError or a ValueError where a value is not defined."""

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives, those with respect to parameters first."""

    def sum_over(self, batch: Batch, parameters: array[float], totals: array[float], threads: int) -> None:
        """Write the sums of the value and of the derivatives over all rows into `totals`."""

    def each(self, batch: Batch, parameters: array[float], threads: int) -> array[float] | memoryview[float]:
        """The values of each row, in row-major order."""


class Point(Protocol):
    """Memory for one point, its inputs `x` and `results`, which stays in place."""

    x: memoryview[float]
    results: memoryview[float]

    def run(self, answer: object = None) -> Callable[[], Any]:
        """A function that computes `results` at `x`, and returns `answer`, or if that is None the first result."""


@runtime_checkable
class PointExecutable(Executable, Protocol):
    """An executable that can also make functions of one point, which take less time to call."""

    def point(self, parameters: array[float]) -> Point | None:
        """New memory for one point; None if this program, or this Python, cannot have it."""

    def at_point(
        self, parameters: array[float], layouts: Sequence[Sequence[Shape]], form: PointResults
    ) -> Callable[..., Any] | None:
        """A function that returns the results at one point, and NotImplemented for arguments that it does not take.

        These are of the shapes of a layout.
        """


@runtime_checkable
class SharedExecutable(Executable, Protocol):
    """An executable of one of several processes, which share the rows of sums: `sum_over` adds up over all of them."""

    def add_processes(self, sums: Any) -> Any:
        """A number, an array or nested lists, added up over all processes, which all have to call it."""


Printer = Callable[[IR, Sequence[int]], str]
ExecutableFactory = Callable[..., Executable]  # of an IR, and of options by name


@dataclass(frozen=True)
class Target:
    """A target of compilation.

    Attributes:
        name: The name by which users select it, and that of its file.
        printer: A function that generates the text of a program from its IR and `wrt_order`: `wrt_order[i]` is the
            index in `ir.derivatives` of the i-th member of `wrt`; it is empty if the IR does not have a gradient, as of
            several outputs. None if the target cannot generate text.
        runner: A function that makes an executable from an IR. None if the target only generates text.
        missing: A function that returns which dependency is missing and how to install it; "" if nothing is missing.
        keeps_code: A function that returns whether executables look for code of earlier processes, by the `digest` of
            an IR, which is not built before they need it.
        preference: "auto" takes the runner with the highest preference, and never one with the preference 0. Of those
            in this package, it knows the ones in `AUTOMATIC`.
        options: The options of `compile` that the runner takes by name, such as dtype.
    """

    name: str
    printer: Printer | None = None
    runner: ExecutableFactory | None = None
    missing: Callable[[], str] = str
    keeps_code: Callable[[], bool] = bool
    preference: int = 0
    options: Sequence[str] = ()


TARGETS: dict[str, Target] = {}  # registered so far
AUTOMATIC = ("python", "llvm")  # those in this package that "auto" chooses from; it does not import the others


def register(target: Target) -> None:
    """Register a target under its name. Raises TypeError or ValueError for what is not a target, or lacks its parts."""
    checks.check_instance(target, Target, "register takes a Target, such as Target('mine', printer=source)")
    if not isinstance(target.name, str) or not target.name.isidentifier() or target.name == "auto":
        raise ValueError(f"the name of a target is an identifier, other than 'auto', not {target.name!r:.60}")
    if target.printer is None and target.runner is None:
        raise ValueError(f"the target {target.name!r} needs a printer, for source_for, or a runner, for compile")
    TARGETS[target.name] = target


def runner_names() -> list[str]:
    """The names of the targets that run programs, the most preferred last."""
    return [target.name for target in _all() if target.runner]


def printer_names() -> list[str]:
    """The names of the targets that generate text, in the same order."""
    return [target.name for target in _all() if target.printer]


def find_runner(name: str, **options: Any) -> tuple[str, ExecutableFactory]:
    """The name and the runner of a target; for "auto", of the most preferred target that is installed.

    The "auto" of `nn.fit` is the engine if the samples cannot share a graph, else this one (see `nn.training.runner`).
    The runner is given the `options` that are not None. Raises ValueError for an unknown name, for a target whose
    dependency is missing, and for an option that a target does not have.

    >>> find_runner("python")[0]
    'python'
    >>> find_runner("python", dtype="float32")
    Traceback (most recent call last):
    ...
    ValueError: backend='python' does not take dtype='float32'; choose backend='jax' or 'numpy'
    """
    target = _find_backend(name)
    given = {option: value for option, value in options.items() if value is not None}
    assert target.runner
    for option, value in given.items():
        if option not in target.options:
            raise unknown_option(name, option, value)
    return target.name, partial(target.runner, **given) if given else target.runner


def unknown_option(backend: str, option: str, value: object) -> ValueError:
    """The error of a backend that does not have an option: it names those that do."""
    able = " or ".join(repr(other.name) for other in _all() if option in other.options)
    return ValueError(f"backend={backend!r} does not take {option}={value!r}; choose backend={able}")


def _find_backend(name: str) -> Target:
    if name != "auto":
        target = _find(name)
        if target is None or target.runner is None:
            raise ValueError(f"unknown backend {name!r}; choose from {', '.join(['auto', *runner_names()])}")
        if missing := target.missing():
            raise ValueError(f"the backend {name!r} needs {missing}")
        return target
    skipped: dict[str, str] = {}
    for name in AUTOMATIC:
        _find(name)
    for target in reversed(_by_preference()):
        if target.runner and target.preference:
            if missing := target.missing():
                skipped[target.name] = missing
                continue
            for other, needed in skipped.items():
                _log_once(other, f"compiled to {target.name}; {other} would be faster, and needs {needed}")
            return target
    needs = ", ".join(f"{other} needs {needed}" for other, needed in skipped.items())
    raise ValueError(f"every backend lacks a dependency: {needs}")


def find_printer(name: str) -> Printer:
    """The printer of a target. Raises ValueError for an unknown name, and for a target without a printer."""
    target = _find(name)
    if target is None or target.printer is None:
        problem = f"the target {name!r} is unknown or does not generate source"
        raise ValueError(f"{problem}; choose from {', '.join(printer_names())}")
    return target.printer


def unsupported_operation(target: str, op: Op) -> ValueError:
    """The error of a target that does not implement a primitive, and cannot call its Python function."""
    hint = "declare it by engine.operation, with a rule over other operations, or implement it in the target's file"
    return ValueError(f"the target {target!r} does not implement the operation {op.name!r}: {hint}")


def log_python_fallback(target: str, op: Op) -> None:
    """Log, once, that a target calls the Python function of a primitive that it does not implement."""
    slow = "its Python function is called for one number at a time, which is slow"
    hint = f"the docstring of engine.compiler.targets.{target} shows how to add it"
    _log_once((target, op), f"the target {target!r} does not implement the operation {op.name!r}: {slow}; {hint}")


def _log_once(subject: object, text: str) -> None:
    if subject not in _logged:
        _logged.add(subject)
        _logger.warning(text)


def _find(name: str) -> Target | None:
    if name not in TARGETS and name in _files(tuple(__path__)):
        import_module(f"{__name__}.{name}")
    return TARGETS.get(name)


def _all() -> list[Target]:
    """All targets, the most preferred last."""
    for name in _files(tuple(__path__)):
        _find(name)
    return _by_preference()


def _by_preference() -> list[Target]:
    """The targets that are registered, the most preferred last."""
    return sorted(TARGETS.values(), key=lambda target: (target.preference, target.name))


@cache
def _files(path: tuple[str, ...]) -> list[str]:
    return [module.name for module in pkgutil.iter_modules(path)]
