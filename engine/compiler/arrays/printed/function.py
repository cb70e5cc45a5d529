"""The function of a program in matrices, `value_and_grad` or `value`, one statement after another."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from engine.compiler.arrays.printed.names import Labels
from engine.compiler.arrays.printed.spelling import Spelling
from engine.compiler.arrays.printed.statements import Statements
from engine.compiler.arrays.printed.text import Text
from engine.compiler.arrays.program import Computation
from engine.compiler.arrays.recovery import recover_arrays
from engine.compiler.ir import IR
from engine.graph import toposort
from engine.symbolic.codegen import indent


class ArrayFunction:
    """The arrays of an IR, and the statements that compute them.

    Attributes:
        operations: Those that it computes.
        statements: They have the names in its text.
    """

    def __init__(self, ir: IR, wrt_order: Sequence[int], spelling: Spelling) -> None:
        self._ir, self._program = ir, recover_arrays(ir, wrt_order)
        program = self._program
        self.operations = list(dict.fromkeys(x.op for x in program.computations()))
        self.statements = Statements(spelling, self.operations, Labels(ir.node_of, ir.adjoints, program.arrays))
        self.statements.texts.update({program.rows: Text("rows"), program.parameters: Text("parameters")})
        blocks = (*program.values, *(program.gradient or ()))
        self.statements.count_uses(program.arrays, [x for block in blocks for x in block.accesses if x])

    @property
    def numbers_per_row(self) -> int:
        """How many numbers of each row are in the arrays."""
        return sum(prod(array.shape) for array in self._program.arrays if array.varies)

    def lines(self) -> list[str]:
        """The lines of the function."""
        program, statements = self._program, self.statements
        lines = statements.reading(len(self._ir.inputs), len(self._ir.parameters))
        lines += statements.take_apart((program.rows, program.parameters), program.arrays)
        for block in program.values:
            for access in filter(None, block.accesses):
                statements.name_constants(access.array)
        values = set(toposort(*self._ir.values))
        totals = [array for array in program.arrays if isinstance(array.value, Computation) and array.value.is_total]
        results = {array for array in program.arrays if array.root in totals}
        forward, backward = list[str](), list[str]()
        for array in program.arrays:
            if array not in statements.texts and array not in results:
                found = statements.statement(array)
                is_forward = not backward and (not array.members or not values.isdisjoint(array.members))
                (forward if is_forward else backward).extend(found)
        if program.gradient is None:
            result = statements.results.each(program.values, len(self._ir.values))
            body = ["# forward", *forward] if forward else []
            return ["def value(rows, parameters):", *indent([*lines, *body, f"return {result}"])]
        backward += statements.totals(program.gradient)
        for array in program.arrays:
            if array in results and array not in statements.texts:
                backward += statements.statement(array)
        has_equations = any("  # (" in line for line in (*forward, *backward))
        note = " (the numbers are those of equations in Bradbury's tutorial)" * has_equations
        lines += [f"# forward{note}", *forward] if forward else []
        [value] = program.values[0].accesses
        assert value
        lines += ["# backward", *backward, *statements.returned(value, program.gradient, program.order)]
        return ["def value_and_grad(rows, parameters):", *indent(lines)]
