"""NumPy: each input is an array with all rows."""

from __future__ import annotations

from engine import ops
from engine.codegen import ARITHMETIC, Language

_SAME = (ops.exp, ops.log, ops.log1p, ops.expm1, ops.sqrt, ops.absolute, ops.sin, ops.cos, ops.tan, ops.tanh)
NUMPY = Language(
    {**ARITHMETIC, ops.greater: "np.where({0} > {1}, 1.0, 0.0)", ops.where: "np.where({0}, {1}, {2})"},
    {op: f"np.{op.name}" for op in (*_SAME, ops.maximum, ops.minimum, ops.power)} | {ops.atan: "np.arctan"},
)
