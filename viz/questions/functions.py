"""Functions of one input, and those that are mistaken for each other."""

from __future__ import annotations

from engine import TABLE, Op, ops

MISTAKEN_FOR = {"sigmoid": "tanh", "tanh": "sigmoid", "relu": "sigmoid", "sin": "cos", "cos": "sin", "exp": "log"}


def is_function(op: Op) -> bool:
    """Whether an operation is a function of one input, other than a sign.

    >>> is_function(ops.tanh), is_function(ops.negate), is_function(ops.multiply)
    (True, False, False)
    """
    return op.arity == 1 and op is not ops.negate


def other_function(op: Op) -> Op:
    """The function that an operation is mistaken for, or itself."""
    return TABLE[MISTAKEN_FOR[op.name]] if op.name in MISTAKEN_FOR else op
