"""A target in one file: C, with a line for each operation.

`void program(const double *x, const double *p, double *values, double *derivatives)` computes the outputs, and the
derivatives of the first in the order of `wrt`, from the inputs x of one row and the parameters p.
"""

from collections.abc import Sequence

from engine import TABLE, Op, ops
from engine.compiler.ir import IR, expand_operations
from engine.compiler.targets import Target, register, unsupported_operation
from engine.graph import toposort
from engine.symbolic.codegen import ARITHMETIC, Language
from engine.symbolic.expression import Expression

IN_MATH = "exp log log1p expm1 log2 log10 sqrt cbrt hypot erf erfc floor sin cos tan asin acos atan atan2"
IN_MATH += " sinh cosh tanh asinh acosh atanh"
# The operands of an operation are names and numbers, since each has a line of its own: they do not need brackets.
C99 = Language(
    templates={
        **ARITHMETIC,
        ops.greater: "{0} > {1} ? 1.0 : 0.0",
        ops.where: "{0} != 0.0 ? {1} : {2}",
        ops.maximum: "{0} >= {1} || isnan({0}) ? {0} : {1}",  # C's fmax drops NaN
        ops.minimum: "{0} <= {1} || isnan({0}) ? {0} : {1}",
    },
    functions={TABLE[name]: name for name in IN_MATH.split()} | {ops.power: "pow", ops.absolute: "fabs"},
    format_float=lambda number: repr(number).replace("inf", "INFINITY").replace("nan", "NAN"),
)


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The program in C."""
    expanded = expand_operations(ir.results())  # the formulas in primitives alone, without sigmoid and its like
    leaves = {x.name: f"x[{i}]" for i, x in enumerate(ir.inputs)}
    leaves |= {p.name: f"p[{i}]" for i, p in enumerate(ir.parameters)}
    text: dict[Expression, str] = {}
    lines: list[str] = []
    for formula in toposort(*[expanded[result] for result in ir.results()]):
        if formula.is_constant:
            text[formula] = C99.format_float(formula.value)
        elif not formula.inputs:
            text[formula] = leaves[formula.name]
        else:
            text[formula] = f"t{len(lines)}"
            lines.append(f"const double t{len(lines)} = {apply(formula.op, [text[x] for x in formula.inputs])};")
    lines += [f"values[{i}] = {text[expanded[value]]};" for i, value in enumerate(ir.values)]
    for i, position in enumerate(wrt_order):
        terms = [text[expanded[term]] for term in ir.derivatives[position].terms]
        lines.append(f"derivatives[{i}] = {' + '.join(terms) or '0.0'};")
    head = "void program(const double *x, const double *p, double *values, double *derivatives) {"
    return "\n".join(["#include <math.h>\n", head, *[f"  {line}" for line in lines], "}\n"])


def apply(op: Op, inputs: list[str]) -> str:
    """An operation on operands that are texts."""
    if op is ops.weighted_sum:  # of w_1, ..., w_n, x_1, ..., x_n, and if their number is odd, of a bias
        n = len(inputs) // 2
        return " + ".join([*inputs[2 * n :], *map(" * ".join, zip(inputs[:n], inputs[n : 2 * n], strict=True))])
    if op not in C99.templates and op not in C99.functions:
        raise unsupported_operation("c99", op)
    return C99.apply(op, inputs)


register(Target("c99", printer=source))
