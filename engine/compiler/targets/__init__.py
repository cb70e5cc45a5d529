"""Targets of compilation: the languages in which a program is printed, and the ways in which it is run.

A target is one file, or one folder, which registers itself. In this package it is found by its name and imported when
it is first asked for; one of your own is there once its file is imported. This one prints formulas as they are:

>>> from engine import Value, compile
>>> def listed(ir, order):
...     return "; ".join(map(repr, ir.results()))
>>> register(Target("listed", printer=listed))
>>> x = Value(1.5, "x")
>>> compile(x.exp() * 2.0, [x]).source_for("listed")
'multiply(exp(x0), 2.0); multiply(2.0, exp(x0))'
>>> del TARGETS["listed"]

`Program.source_for` offers the printers, `compile` and `nn.fit` the runners, and "auto" takes the most preferred of the
runners that can run. `engine.compiler.ir` says what a target is given.

How the primitives of the table are spelled stands in the file of the target. A primitive of a user's own has no
spelling until it is given one, as the docstrings of `python`, `numpy` and `llvm` show. Until then these three call its
Python function, and the last two, which it slows down, log so once; other targets raise `unsupported_operation`.
"""

from __future__ import annotations

import logging
import pkgutil
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol

from engine.compiler.batch import Batch
from engine.compiler.ir import IR
from engine.op import Op

_logger = logging.getLogger("engine.compile")
_logged: set[object] = set()  # what was said once


class Executable(Protocol):
    """Formulas that can be run. What Python cannot compute raises an ArithmeticError or a ValueError."""

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives, those by parameters first."""

    def sum_over(self, rows: Batch, parameters: array[float], totals: array[float], threads: int) -> None:
        """The sums of the value and of the derivatives over all rows, into `totals`."""

    def each(self, rows: Batch, parameters: array[float]) -> list[float]:
        """The values of each row, one row after the other."""


Printer = Callable[[IR, Sequence[int]], str]
Runner = Callable[[IR], Executable]


@dataclass(frozen=True)
class Target:
    """What programs are compiled to.

    Attributes:
        name: The word by which it is asked for, and the name of its file.
        printer: The text of a program, made from its formulas and from the places that its derivatives have among those
            of the formulas; None if it has no text.
        runner: Its formulas, ready to run; None if it is only printed.
        missing: What it needs to run and does not find, with the way to get it; "" if nothing.
        preference: "auto" takes the highest that can run, and never one of 0.
    """

    name: str
    printer: Printer | None = None
    runner: Runner | None = None
    missing: Callable[[], str] = str
    preference: int = 0


TARGETS: dict[str, Target] = {}  # those that were asked for


def register(target: Target) -> None:
    """Make a target known by its name."""
    TARGETS[target.name] = target


def runners() -> list[str]:
    """The names of the targets that run programs, the most preferred last."""
    return [target.name for target in _all() if target.runner]


def runner(name: str) -> tuple[str, Runner]:
    """The name and the runner of a target; of "auto", those of the most preferred that can run.

    Raises ValueError if there is no runner of this name, or if it does not find what it needs.

    >>> runner("python")[0]
    'python'
    """
    if name != "auto":
        target = _find(name)
        if target is None or target.runner is None:
            raise ValueError(f"there is no backend {name!r}; possible are {', '.join(['auto', *runners()])}")
        if missing := target.missing():
            raise ValueError(f"the backend {name!r} needs {missing}")
        return name, target.runner
    missed: dict[str, str] = {}
    for target in reversed(_all()):
        if target.runner and target.preference:
            if missing := target.missing():
                missed[target.name] = missing
                continue
            for other, needed in missed.items():
                _log_once(other, f"compiled to {target.name}; {other} would be faster, and needs {needed}")
            return target.name, target.runner
    raise ValueError(f"no backend can run here: {', '.join(f'{other} needs {missed[other]}' for other in missed)}")


def printer(name: str) -> Printer:
    """The printer of a target. Raises ValueError if there is none of this name."""
    target = _find(name)
    if target is None or target.printer is None:
        *others, last = [target.name for target in _all() if target.printer]
        raise ValueError(f"source is written for {', '.join(others)} or {last}, not for {name!r}")
    return target.printer


def unsupported_operation(target: str, op: Op) -> ValueError:
    """The error of a target that cannot print a primitive, and calls no Python."""
    hint = "declare it by engine.operation, with a rule over other operations, or spell it in the file of the target"
    return ValueError(f"the target {target!r} has no spelling of the operation {op.name!r}: {hint}")


def log_python_fallback(target: str, op: Op) -> None:
    """Log, once, that a target has no spelling of a primitive and calls its Python function, one number at a time."""
    slow = "its Python function is called for one number at a time, which is slow"
    hint = f"engine.compiler.targets.{target} says how to give it one"
    _log_once((target, op), f"{target} has no spelling of the operation {op.name!r}: {slow}; {hint}")


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
    return sorted(TARGETS.values(), key=lambda target: (target.preference, target.name))


@cache
def _files(path: tuple[str, ...]) -> list[str]:
    return [module.name for module in pkgutil.iter_modules(path)]
