"""The faults in values that answers are compared with, as those of `faults` in derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine import TABLE, Op, ops
from viz.questions.functions import is_function, other_function
from viz.questions.rules import Fault, Inputs, Rules


def _operations(changed: Mapping[Op, Callable[..., float]]) -> Callable[[Rules, Op, Inputs], float]:
    """Other functions in place of some operations."""
    return lambda rules, op, inputs: changed[op](*inputs) if op in changed else op(*inputs)


def _derivative(rules: Rules, op: Op, inputs: Inputs) -> float:
    z = op(*inputs)
    return Rules.rule(rules, op, z, inputs, 0) if is_function(op) else z


_FUNCTIONS = [op for op in TABLE.values() if is_function(op)]
IN_VALUES = (
    Fault("the sign is wrong", "value", lambda rules, node: -node.data),
    Fault(
        "you added where the formula has a product",
        "operate",
        _operations({ops.multiply: lambda x, y: x + y, ops.weighted_sum: lambda *inputs: sum(inputs)}),
    ),
    Fault("you multiplied where the formula has a sum", "operate", _operations({ops.add: lambda x, y: x * y})),
    Fault(
        "a term of the sum is missing",
        "operate",
        _operations(
            {
                ops.add: lambda x, y: x,
                ops.subtract: lambda x, y: x,
                ops.weighted_sum: lambda *inputs: inputs[0] * inputs[len(inputs) // 2],
            }
        ),
    ),
    Fault(
        "a sign within the formula is wrong",
        "operate",
        _operations({ops.subtract: lambda x, y: x + y, ops.add: lambda x, y: x - y, ops.negate: lambda x: x}),
    ),
    Fault(
        "the function is missing: apply it to this number",
        "operate",
        _operations(dict.fromkeys(_FUNCTIONS, lambda x: x)),
    ),
    Fault("you applied another function", "operate", lambda rules, op, inputs: other_function(op)(*inputs)),
    Fault("you used the derivative of the function in place of its value", "operate", _derivative),
    Fault(
        "you multiplied by the exponent: x² is x · x, not 2 · x",
        "operate",
        _operations({ops.power: lambda x, y: x * y}),
    ),
    Fault("a division is missing", "operate", _operations({ops.divide: lambda x, y: x})),
)
