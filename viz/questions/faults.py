"""The faults in derivatives that answers are compared with: each puts another function in place of one of the `Rules`.

Where a fault changes nothing, as the factor of a square in a sum, it gives the right number. The sentence of each
follows "it looks as if": it says the mistake, and after a colon what is right, unless that is clear.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import Op, ops
from viz.questions.functions import is_function, other_function
from viz.questions.rules import Fault, Inputs, Rules

KINKED = ("relu", "leaky_relu", "abs")  # functions with a kink at 0

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
        "the last contribution has overwritten the others: add them up",
        "total",
        lambda rules, steps: rules.contribution(steps[-1]),
    ),
    Fault(
        "you counted one path only: add the others",
        "total",
        lambda rules, steps: rules.first_of_many(steps),
        "you counted {paths[0]} only: add the others",
    ),
    Fault(
        "you multiplied the contributions of the paths: across paths, add",
        "total",
        lambda rules, steps: rules.product(steps),
    ),
)
TOO_EARLY = Fault(
    "a derivative is passed on too early: first add up all contributions to it",
    "upstream",
    lambda rules, step: rules.first_term(step),
    "{unfinished} is passed on too early: first add up all contributions to it",
)

# The chain rule

IN_PRODUCTS = (
    Fault("the upstream gradient is missing: multiply by it", "contribution", lambda rules, step: rules.local(step)),
    Fault(
        "the local derivative is missing: multiply the upstream gradient by it",
        "contribution",
        lambda rules, step: rules.passed_back(step),
    ),
    Fault(
        "you added the upstream gradient and the local derivative: along a path, multiply",
        "contribution",
        lambda rules, step: rules.upstream(step) + rules.local(step),
    ),
)
UPSTREAM_INCLUDED = Fault(
    "the upstream gradient is multiplied in: only the local derivative is asked",
    "local",
    lambda rules, step: step.contribution,
)
TOTAL_FOR_TERM = Fault(
    "you added up all contributions: one of them is asked", "contribution", lambda rules, step: rules.gradient(step)
)

# One path, or the derivative that is passed back


def _on_path(k: int, says: str, named: str, term: Callable[[Rules, Any], float]) -> Fault:
    """The fault of another term in place of the contribution number k."""
    return Fault(says, "total", lambda rules, steps: rules.others(steps, k) + term(rules, steps[k]), named)


def _on_one_of_several(k: int, says: str, named: str, term: Callable[[Rules, Any], float]) -> Fault:
    """That, where there are several contributions."""
    return Fault(
        f"one term is wrong: {says}",
        "total",
        lambda rules, steps: rules.without(steps, k) + term(rules, steps[k]),
        f"one term is wrong: on {{paths[{k}]}}, {named}",
    )


IN_TERMS = (
    *(
        Fault(
            "you used the derivative of another node: go on with the chain rule, and add the other paths",
            "total",
            lambda rules, steps, k=k: rules.upstream_of_several(steps, k),
            f"you used {{upstreams[{k}]}} alone: multiply it by {{locals[{k}]}}, and add the other paths",
        )
        for k in range(MAX_NAMED)
    ),
    *(
        _on_one_of_several(
            k,
            "the local derivative is missing in it",
            "the local derivative is missing",
            lambda rules, step: rules.passed_back(step),
        )
        for k in range(MAX_NAMED)
    ),
    *(
        _on_one_of_several(
            k,
            "you used the input in place of the local derivative in it",
            f"you used {{x}} in place of {{locals[{k}]}}",
            lambda rules, step: rules.upstream(step) * rules.target_value(step),
        )
        for k in range(MAX_NAMED)
    ),
    *(
        _on_path(
            k,
            "you used the derivative before in place of the upstream gradient: a function is left out",
            f"you used {{before[{k}]}} in place of {{upstreams[{k}]}}",
            lambda rules, step: rules.upstream_before(step) * rules.local(step),
        )
        for k in range(MAX_NAMED)
    ),
    *(
        _on_path(
            k,
            "you used a local derivative in place of the upstream gradient: multiply along the whole path",
            f"you used {{locals_before[{k}]}} in place of {{upstreams[{k}]}}",
            lambda rules, step: rules.local_before(step) * rules.local(step),
        )
        for k in range(MAX_NAMED)
    ),
)

# The local derivative


def _function(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return z if is_function(op) else Rules.rule(rules, op, z, inputs, i)


def _input_for_output(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return Rules.rule(rules, op, inputs[0] if is_function(op) else z, inputs, i)


def _output_for_input(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return Rules.rule(rules, op, op(z), [z], i) if is_function(op) else Rules.rule(rules, op, z, inputs, i)


def _another_rule(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    return Rules.rule(rules, other_function(op), z, inputs, i)


def _without_two(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    derivative = Rules.rule(rules, op, z, inputs, i)
    is_base = op is ops.power and i == 0
    return ops.where(inputs[1] - 2.0, derivative, derivative / 2.0) if is_base else derivative  # of x^2 alone


def _same_exponent(rules: Rules, op: Op, z: float, inputs: Inputs, i: int) -> float:
    derivative = Rules.rule(rules, op, z, inputs, i)
    return derivative * inputs[0] if op is ops.power and i == 0 else derivative


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
        "you used the local derivative with respect to another input",
        "local",
        lambda rules, step: rules.other_local(step, distance),
        f"you used {{others[{distance}]}} in place of {{local}}",
    )


IN_RULES = (
    Fault(
        "you used the function in place of its derivative",
        "rule",
        _function,
        "you used {f} in place of its derivative {f}'",
    ),
    Fault(
        "you used a function's input in place of its output",
        "rule",
        _input_for_output,
        "you used {a} in place of {z}: {f}' is computed from the output of {f}",
    ),
    Fault(
        "you took the derivative of a function at its output: take it at its input",
        "rule",
        _output_for_input,
        "you took {f}' at {z}: take it at {a}",
    ),
    Fault(
        "you used the rule of another function",
        "rule",
        _another_rule,
        "you used the rule of {g}' in place of that of {f}'",
    ),
    Fault("the factor 2 of the square is missing: the derivative of x² is 2x", "rule", _without_two),
    Fault("the exponent is not lowered by 1: the derivative of x² is 2x, not 2x²", "rule", _same_exponent),
    Fault("the ½ in front of the square is missing: its derivative has it too", "rule", _without_half),
    Fault("you used the slope on the other side of the kink: look at the sign of the input", "rule", _other_side),
)
INPUT_FOR_LOCAL = Fault(
    "you used the input in place of the local derivative",
    "local",
    lambda rules, step: rules.target_value(step),
    "you used {x} in place of {local}",
)
SIGN = Fault("the sign is wrong", "local", lambda rules, step: -step.local_derivative)
OF_OTHER_EDGES = (
    *(_of_another_input(distance) for distance in range(1, MAX_NAMED + 1)),
    Fault(
        "the indices of a weight are swapped",
        "local",
        lambda rules, step: rules.swapped_local(step),
        "the indices of a weight are swapped: you used {swapped} in place of {weight}",
    ),
)
IN_LOCALS = (
    *OF_OTHER_EDGES,
    INPUT_FOR_LOCAL,
    SIGN,
    Fault(
        "the local derivative is upside down: its reciprocal is given",
        "local",
        lambda rules, step: 1.0 / step.local_derivative,
    ),
    Fault(
        "you used the value of a node in place of its derivative",
        "local",
        lambda rules, step: step.node.data,
        "you used {node} in place of {local}",
    ),
    Fault(
        "you added up all edges between the two nodes: each is a path of its own",
        "local",
        lambda rules, step: rules.parallel_locals(step),
    ),
    *IN_RULES,
)

# A value in place of a derivative

_VALUE = "you gave a value: a derivative is asked", "you gave the value of {x}: a derivative is asked"
VALUE_FOR_TERM = Fault(_VALUE[0], "contribution", lambda rules, step: rules.target_value(step), _VALUE[1])
VALUES_FOR_TOTAL = (
    Fault(_VALUE[0], "total", lambda rules, steps: rules.target_value(steps[0]), _VALUE[1]),
    Fault(
        _VALUE[0],
        "total",
        lambda rules, steps: steps[0].node.data,
        "you gave the value of {node}: a derivative is asked",
    ),
    Fault(
        "you gave the value of the output: a derivative is asked",
        "total",
        lambda rules, steps: rules.root_value(),
        "you gave the value of {y}: a derivative is asked",
    ),
)
