"""A target in one file: formulas as S-expressions, with names for common subexpressions.

(let ((t0 (multiply x0 x0))) (gradient t0 (add x0 x0)))
"""

from collections import Counter
from collections.abc import Sequence

from engine import Op, ops
from engine.compiler.ir import IR, expand_operations
from engine.compiler.targets import Target, register, unsupported_operation
from engine.graph import toposort
from engine.symbolic.expression import Expression

NAMES = {op: op.name for op in vars(ops).values() if isinstance(op, Op) and op.is_primitive}


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The values, and the terms of each derivative."""
    new = expand_operations(ir.results())
    results = [new[value] for value in ir.values]
    derivatives = [[new[part] for part in ir.derivatives[i].terms] for i in wrt_order] if ir.has_gradient else []
    parts = toposort(*results, *(part for derivative in derivatives for part in derivative))
    uses = Counter(x for part in parts for x in part.inputs)
    text: dict[Expression, str] = {}
    lets: list[str] = []
    for part in parts:
        if part.is_constant:
            text[part] = repr(part.value)
        elif not part.inputs:
            text[part] = part.name
        elif part.op not in NAMES:
            raise unsupported_operation("s_expressions", part.op)
        else:
            text[part] = f"({' '.join([NAMES[part.op], *[text[x] for x in part.inputs]])})"
            if uses[part] > 1:
                lets.append(f"(t{len(lets)} {text[part]})")
                text[part] = f"t{len(lets) - 1}"
    gradient = [f"(sum {' '.join([text[part] for part in derivative])})" for derivative in derivatives]
    return f"(let ({' '.join(lets)}) ({' '.join([text[value] for value in results])}) ({' '.join(gradient)}))"


register(Target("s_expressions", printer=source))
