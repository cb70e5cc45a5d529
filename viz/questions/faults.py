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

MAX_NAMED = 3  # contributions to a sum that may be missing, and edges of a node that are taken for one another


def _missing(k: int) -> Fault:
    return Fault(
        "a path is missing: add its contribution",
        "total",
        lambda rules, steps: rules.without(steps, k),
        f"{{paths[{k}]}} is missing: add its contribution",
    )


IN_SUMS = (
    *(_missing(k) for k in range(MAX_NAMED)),
    Fault(
        "the last contribution has overwritten the others: they are added up",
        "total",
        lambda rules, steps: rules.contribution(steps[-1]),
    ),
    Fault(
        "that is one path only: add the others",
        "total",
        lambda rules, steps: rules.first_of_many(steps),
        "that is {paths[0]} only: add the others",
    ),
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
    "{unfinished} is passed on too early, before all contributions to it have arrived",
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


def other_function(op: Op) -> Op:
    """The function that an operation is mistaken for, or itself."""
    return TABLE[OTHERS[op.name]] if op.name in OTHERS else op


def _another_rule(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return Rules.rule(rules, other_function(op), z, inputs, i)


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


def _of_another_input(distance: int) -> Fault:
    return Fault(
        "the local derivative is taken with respect to another input",
        "local",
        lambda rules, step: rules.other_local(step, distance),
        f"the local derivative is taken with respect to {{others[{distance}]}}, not {{x}}",
    )


IN_RULES = (
    Fault(
        "that has the function itself in place of its derivative, as σ in place of σ'",
        "rule",
        _function,
        "{f} itself stands in the place of its derivative {f}'",
    ),
    Fault(
        "that has the input in place of the output, in which the rule of the function is written",
        "rule",
        _input_for_output,
        "{a} stands in the place of {z}: the rule of {f}' is written in its output",
    ),
    Fault(
        "that is the function's derivative at its output: it is taken at its input",
        "rule",
        _output_for_input,
        "that is {f}' at {z}: it is taken at {a}",
    ),
    Fault(
        "that is the rule of another function, as that of tanh is for that of σ",
        "rule",
        _another_rule,
        "that is the rule of {g}', not of {f}'",
    ),
    Fault("the factor 2 of the square is missing: the derivative of x² is 2x", "rule", _without_two),
    Fault("the ½ in front of the square is missing", "rule", _without_half),
    Fault("that is the slope on the other side of the kink", "rule", _other_side),
)
SIGN = Fault("the sign is wrong", "local", lambda rules, step: -step.local_derivative)
OF_OTHER_EDGES = (
    *(_of_another_input(distance) for distance in range(1, MAX_NAMED + 1)),
    Fault(
        "the indices of a weight are swapped",
        "local",
        lambda rules, step: rules.swapped_local(step),
        "the indices of a weight are swapped: {swapped} is taken for {weight}",
    ),
)
IN_LOCALS = (
    *OF_OTHER_EDGES,
    SIGN,
    Fault(
        "that is upside down, the reciprocal of the local derivative",
        "local",
        lambda rules, step: 1.0 / step.local_derivative,
    ),
    Fault(
        "that has the value of the node in place of its derivative",
        "local",
        lambda rules, step: step.node.data,
        "that has the value of {node} in place of its derivative",
    ),
    Fault(
        "that is the sum over all edges between the two nodes: each is a path of its own",
        "local",
        lambda rules, step: rules.parallel_locals(step),
    ),
    *IN_RULES,
)

# A value in place of a derivative

_VALUE = "that is the value of the node, not a derivative", "that is the value of {x}, not a derivative"
VALUE_FOR_LOCAL, VALUE_FOR_TERM = (
    Fault(_VALUE[0], rule, lambda rules, step: rules.target_value(step), _VALUE[1])
    for rule in ("local", "contribution")
)
VALUES_FOR_TOTAL = (
    Fault(_VALUE[0], "total", lambda rules, steps: rules.target_value(steps[0]), _VALUE[1]),
    Fault(
        "that is the value of the output, not a derivative",
        "total",
        lambda rules, steps: rules.root_value(),
        "that is the value of {y}, not a derivative",
    ),
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
        lambda rules, op, inputs: other_function(op)(*inputs),
    ),
    Fault("that is the derivative of the function, not its value", "operate", _derivative),
    Fault("that is 2 times the number, not its square", "operate", _operations({ops.power: lambda x, y: x * y})),
    Fault("a division is missing", "operate", _operations({ops.divide: lambda x, y: x})),
)
