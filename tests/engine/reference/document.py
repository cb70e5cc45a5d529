"""`engine/OPERATIONS.md`: the formulas of the table of operations, and the values and derivatives at the edges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import engine
from engine import TABLE, Op
from engine.op import Selected
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import display
from tests.engine.operations import MAX, TINY, boundary_points
from tests.engine.reference import cancellation
from tests.engine.reference.outcomes import Outcome, names, outcome
from tests.engine.reference.pytorch import DIFFERENCES, IN_GENERAL
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number

FILE = Path(engine.__file__).parent / "OPERATIONS.md"
ERROR = "error"

INTRODUCTION = f"""\
# The operations

*Written by `python -m tests.engine.reference --write` from the table in [`ops`](ops); a test holds it against a
fresh run.*

Every operation of the engine, with the rules that it is declared by: z is its output. [x > y] is 1 where x > y, and 0
elsewhere; [x = y] likewise. At a kink a derivative is a convention, and the one chosen is PyTorch's: in that of power,
log x counts as 0 at x = 0.

Then, operation by operation, its value and derivatives at the edges of its domain. There `max` is the largest float,
{format_number(MAX)}; `tiny` is the smallest above 0, {format_number(TINY, 1)}; `{ERROR}` stands for a `DomainError`,
which names the operation and its operands. A derivative is that with respect to a variable, with constants for the
other inputs. Numbers are rounded to six digits.
"""


def document() -> str:
    """The whole document as Markdown."""
    blocks = [INTRODUCTION, "## Formulas\n", table(formulas()), "## At the edges\n"]
    for op in TABLE.values():
        blocks += [f"### {op.name}\n", f"{_summary(op)}\n", table(_boundary_rows(op))]
    blocks += ["## Where a derivative loses its digits\n", f"{cancellation.IN_GENERAL}\n", table(_loss_rows())]
    blocks += [f"{cancellation.SECOND_DERIVATIVES}\n"]
    blocks += ["## Where PyTorch differs\n", f"{IN_GENERAL}\n", table(_differences())]
    return "\n".join(blocks)


def number(x: float | None) -> str:
    """A formatted number; special numbers are written by name.

    >>> number(-0.0), number(-1 / 3), number(None), number(5e-324), number(1e-300)
    ('−0', '−0.333333', 'error', 'tiny', '1·10⁻³⁰⁰')
    """
    if x is None:
        return ERROR
    if math.isnan(x):
        return "NaN"
    named = {math.inf: "∞", MAX: "max", TINY: "tiny"}
    if abs(x) in named:
        return named[x] if x > 0 else f"−{named[-x]}"
    return "−0" if x == 0.0 and math.copysign(1.0, x) < 0.0 else format_number(x)


def formulas() -> Iterator[Sequence[str]]:
    """The rows of the table of formulas: operation, z, local derivatives, needs."""
    yield "operation", "z", "local derivatives", "needs"
    for op in TABLE.values():
        builder = ExpressionBuilder(display, expand=False)
        inputs = [builder.symbol(name) for name in names(op)]
        value = [op(*inputs)] if op.is_primitive else [op(*inputs), op.forward(*inputs)]
        slopes = [op.local_derivative(i, builder.symbol("z"), inputs) for i in range(len(inputs))]
        texts = [format_formula(x if isinstance(x, Expression) else builder.constant(x)) for x in slopes]
        derivatives = (_derivative(op, i, text) for i, text in enumerate(texts))
        formula = " = ".join(dict.fromkeys(map(format_formula, value)))
        yield op.name, _code(formula), "<br>".join(map(_code, derivatives)), op.needs


def _derivative(op: Op, i: int, text: str) -> str:
    """∂z/∂x by its rule, and where there is a path back to x, if not always."""
    presence, slope = op.presence(i), _partial(names(op)[i])
    if isinstance(presence, Selected):
        return f"{slope} = {text} where {names(op)[presence.by]} is {'not 0' if presence.where else '0'}"
    return f"{slope} = {text}" if presence else f"{slope}: no path"


def _boundary_rows(op: Op) -> Iterator[Sequence[str]]:
    yield *map(label_to_unicode, names(op)), "z", *map(_partial, names(op))
    for point in boundary_points(op):
        found = outcome(op, point)
        yield tuple(map(number, (*found.point, found.value, *found.derivatives)))


def _differences() -> Iterator[Sequence[str]]:
    yield "derivative", "here", "PyTorch", "because"
    for name, point, by, theirs, reason in DIFFERENCES:
        op = TABLE[name]
        found: Outcome = outcome(op, point)
        what = f"{_partial(names(op)[by])} of {name}({', '.join(map(number, point))})"
        yield what, number(found.derivatives[by]), number(theirs), reason


def _loss_rows() -> Iterator[Sequence[str]]:
    yield "derivative", "here", "exactly", "relative error"
    for op, (x, derivative, exact, error) in cancellation.losses():
        yield f"{op.symbol}'({number(x)})", number(derivative), number(exact), number(float(f"{error:.1e}"))


def _summary(op: Op) -> str:
    """The operation's docstring up to its example."""
    return " ".join((op.__doc__ or "").partition(">>>")[0].split()) or "The weighted sum of `engine.dot`."


def _partial(name: str) -> str:
    return f"∂z/∂{label_to_unicode(name)}"


def _code(text: str) -> str:
    return f"`{text}`"


def table(rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; its first row is the heading."""
    heading, *rest = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in (heading, ["---"] * len(heading), *rest))
