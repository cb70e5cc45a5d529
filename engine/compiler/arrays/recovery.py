"""The array program of an IR."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import count

from engine.compiler.arrays.families import Families, Member, Total
from engine.compiler.arrays.layout import Layout
from engine.compiler.arrays.program import Array, ArrayProgram, Constants
from engine.compiler.arrays.results import Place, find_blocks
from engine.compiler.arrays.views import Views
from engine.compiler.ir import IR
from engine.symbolic.expression import Expression

MAX_ROUNDS = 6  # in which families are divided into parts that are regular


def recover_arrays(ir: IR, wrt_order: Sequence[int] = ()) -> ArrayProgram:
    """The array program of an IR, with the derivatives, if it has any, in this order.

    >>> from engine import Value, dot
    >>> from engine.compiler.ir import build_ir
    >>> x, w = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0), Value(5.0), Value(6.0)]
    >>> ir = build_ir([dot(w[:2], x), dot(w[2:], x)], x, w, gradient=False)
    >>> program = recover_arrays(ir)
    >>> [array.shape for array in program.arrays]  # x, W, and W x
    [(2,), (2, 2), (2,)]
    """
    derivatives = [ir.derivatives[i] for i in wrt_order] if ir.has_gradient else []
    totals: list[Total] = [tuple(derivative.terms) for derivative in derivatives]
    parts: dict[Member, Hashable] = {}
    for _ in range(MAX_ROUNDS):
        families = Families(ir, ir.values, list(dict.fromkeys(filter(None, totals))), parts)
        layout = Layout(ir, families)
        if not layout.parts:
            break
        parts |= layout.parts
    of_total = {total: ir.wrt[i] for total, i in zip(reversed(totals), reversed(wrt_order), strict=False)}
    for array in layout.arrays:
        array.members = [of_total[x] if isinstance(x, tuple) else x for x in array.members]
    views = Views([layout.rows, layout.parameters], layout.arrays)

    numbers = [value.value for value in ir.values if value.is_constant]
    constants, addresses = Array((len(numbers),) if len(numbers) > 1 else (), False, Constants(tuple(numbers))), count()

    def place(result: Expression | Total) -> Place:
        if result == ():
            return None
        if isinstance(result, Expression) and result.is_constant:
            return constants, next(addresses)
        return layout.array_of[families.type_of[result]], layout.address_of[result]

    values = find_blocks([place(value) for value in ir.values], views)
    gradient = find_blocks([place(total) for total in totals], views) if ir.has_gradient else None
    return ArrayProgram(layout.rows, layout.parameters, views.arrays, values, gradient)
