"""The faults that answers are compared with: each puts another function in place of one of the `Rules`.

Where a fault changes nothing, as the factor of a square in a sum, it gives the right number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine import TABLE, Op, ops
from viz.questions.rules import Fault, Inputs, Rules

# Functions that are mistaken for each other.
OTHERS = {"sigmoid": "tanh", "tanh": "sigmoid", "relu": "sigmoid", "sin": "cos", "cos": "sin", "exp": "log"}
KINKED = ("relu", "leaky_relu", "abs")  # functions with a kink at 0


def is_function(op: Op) -> bool:
    """Whether an operation is a function of one input, other than a sign.

    >>> is_function(ops.tanh), is_function(ops.negate), is_function(ops.multiply)
    (True, False, False)
    """
    return op.arity == 1 and op is not ops.negate


# The sum rule

IN_SUMS = (
    Fault(
        "the last contribution has overwritten the others: they are added up",
        "total",
        lambda rules, steps: rules.contribution(steps[-1]),
    ),
    Fault("that is one path only: add the others", "total", lambda rules, steps: rules.contribution(steps[0])),
    Fault(
        "the sum rule adds contributions, it does not multiply them",
        "total",
        lambda rules, steps: rules.product(steps),
    ),
)
TOO_EARLY = Fault(
    "a derivative is passed on too early, before all contributions to it have arrived",
    "upstream",
    lambda rules, step: rules.first_term(step),
)

# The chain rule

IN_PRODUCTS = (
    Fault("the upstream gradient is missing: multiply by it", "contribution", lambda rules, step: rules.local(step)),
    Fault(
        "that is the upstream gradient alone: multiply it by the local derivative",
        "contribution",
        lambda rules, step: rules.passed_back(step),
    ),
    Fault(
        "the chain rule multiplies along a path, it does not add",
        "contribution",
        lambda rules, step: rules.upstream(step) + rules.local(step),
    ),
)
UPSTREAM_INCLUDED = Fault(
    "the upstream gradient is in it: the question is about the local derivative alone",
    "local",
    lambda rules, step: step.contribution,
)
TOTAL_FOR_TERM = Fault(
    "that is the sum of all contributions: the question is about one of them",
    "contribution",
    lambda rules, step: rules.gradient(step),
)

# The local derivative


def _function(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return z if is_function(op) else Rules.rule(rules, op, z, inputs, i)


def _input_for_output(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return Rules.rule(rules, op, inputs[0] if is_function(op) else z, inputs, i)


def _output_for_input(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return Rules.rule(rules, op, op(z), [z], i) if is_function(op) else Rules.rule(rules, op, z, inputs, i)


def _other_function(op: Op) -> Op:
    return TABLE[OTHERS[op.name]] if op.name in OTHERS else op


def _another_rule(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return Rules.rule(rules, _other_function(op), z, inputs, i)


def _without_two(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    derivative = Rules.rule(rules, op, z, inputs, i)
    is_base = op is ops.power and i == 0
    return ops.where(inputs[1] - 2.0, derivative, derivative / 2.0) if is_base else derivative  # of x^2 alone


def _without_half(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    derivative = Rules.rule(rules, op, z, inputs, i)
    is_numerator = op is ops.divide and i == 0
    return ops.where(inputs[1] - 2.0, derivative, 1.0) if is_numerator else derivative  # of x / 2 alone


def _other_side(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    """The slope on the other side of the kink at 0; at the kink, that above it."""
    if op.name in KINKED:
        inputs = [ops.where(inputs[0], -inputs[0], 1.0), *inputs[1:]]
        z = op(*inputs)
    return Rules.rule(rules, op, z, inputs, i)


_ANOTHER_INPUT = "that is the derivative with respect to another input"

IN_RULES = (
    Fault("that has the function itself in place of its derivative, as σ in place of σ'", "rule", _function),
    Fault("that has a in place of z: the rule is written in the output of the function", "rule", _input_for_output),
    Fault("that is the function's derivative at its output z: it is taken at its input a", "rule", _output_for_input),
    Fault("that is the rule of another function, as 1 − z² of tanh is for z(1 − z) of σ", "rule", _another_rule),
    Fault("the factor 2 of the square is missing: the derivative of x² is 2x", "rule", _without_two),
    Fault("the ½ in front of the square is missing", "rule", _without_half),
    Fault("that is the slope on the other side of the kink", "rule", _other_side),
)
SIGN = Fault("the sign is wrong", "local", lambda rules, step: -step.local_derivative)
IN_LOCALS = (
    SIGN,
    Fault(
        "that is upside down, the reciprocal of the local derivative",
        "local",
        lambda rules, step: 1.0 / step.local_derivative,
    ),
    Fault("that has the value of the node in place of its derivative", "local", lambda rules, step: step.node.data),
    Fault(_ANOTHER_INPUT, "local", lambda rules, step: rules.other_local(step, 1)),
    Fault(_ANOTHER_INPUT, "local", lambda rules, step: rules.other_local(step, 2)),
    Fault(
        "that is the sum over all edges between the two nodes: each is a path of its own",
        "local",
        lambda rules, step: rules.parallel_locals(step),
    ),
    *IN_RULES,
)

# Values


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
        "that is a sum where the formula has a product",
        "operate",
        _operations({ops.multiply: lambda x, y: x + y, ops.weighted_sum: lambda *inputs: sum(inputs)}),
    ),
    Fault("that is a product where the formula has a sum", "operate", _operations({ops.add: lambda x, y: x * y})),
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
        "the function is missing: that is the number that it is taken of",
        "operate",
        _operations(dict.fromkeys(_FUNCTIONS, lambda x: x)),
    ),
    Fault(
        "that is the value of another function",
        "operate",
        lambda rules, op, inputs: _other_function(op)(*inputs),
    ),
    Fault("that is the derivative of the function, not its value", "operate", _derivative),
    Fault("that is 2 times the number, not its square", "operate", _operations({ops.power: lambda x, y: x * y})),
    Fault("a division is missing", "operate", _operations({ops.divide: lambda x, y: x})),
)
