"""Products of scalars, columns and matrices, given the dimensions that are their axes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import NamedTuple

from engine import ops
from engine.compiler.sequences import Shape
from engine.labels import Label, parse_label
from engine.symbolic.expression import Expression
from viz.math.equations import hadamard, numeral, symbol, transposed


class NotMatrixError(ValueError):
    """A formula that is not written with products of vectors and matrices."""


class Operand(NamedTuple):
    """A scalar, a column or a matrix, and the dimensions of a computation that are its rows and columns."""

    formula: Expression
    axes: tuple[int, ...]


def contract(factors: Sequence[Operand], sizes: Shape, n: int) -> Operand:
    """The product of factors, summed over the dimensions from number n on: W z, W^T δ, w^T z, or δ z^T."""
    times = numeral(prod([size for d, size in enumerate(sizes) if d >= n and all(d not in x.axes for x in factors)]))
    factors = [Operand(times * factors[0].formula, factors[0].axes), *factors[1:]] if times.value > 1.0 else factors
    inner = {d for x in factors for d in x.axes if d >= n}
    if len(inner) > 1:
        raise NotMatrixError
    by_axes: dict[frozenset[int], Operand] = {}
    rest = []
    for x in factors:
        axes = frozenset(x.axes)
        if inner and axes == inner and len(factors) == 2:
            rest.append(x)
        elif axes in by_axes:
            by_axes[axes] = multiply(by_axes[axes], x)
        else:
            by_axes[axes] = x
    rest += by_axes.values()
    for d in inner:
        summed = sorted((x for x in rest if d in x.axes), key=lambda x: -len(x.axes))  # the matrix first
        if len(summed) != 2:
            raise NotMatrixError
        rest = [product_of_matrices(summed[0], summed[1], d), *(x for x in rest if d not in x.axes)]
    return functools.reduce(multiply, sorted(rest, key=lambda x: bool(x.axes)))


def product_of_matrices(a: Operand, b: Operand, inner: int) -> Operand:
    """The product of a matrix and a vector, or of two of either, summed over a dimension that both have."""
    left, right = ([d for d in x.axes if d != inner] for x in (a, b))
    if {*left} & {*right}:
        raise NotMatrixError
    product = oriented(a, (*left, inner)) if left else transposed_of(a.formula)
    return Operand(product * oriented(b, (inner, *right)), (*left, *right))


def multiply(x: Operand, y: Operand) -> Operand:
    """The product of two operands: with a scalar, element by element, or the outer product of two vectors."""
    if not x.axes or not y.axes:
        scalar, other = (x, y) if not x.axes else (y, x)
        return Operand(scalar.formula * other.formula, other.axes)
    if set(x.axes) == set(y.axes):
        if y.formula.op is ops.multiply and x.formula.op is not ops.multiply:
            x, y = y, x  # a product of matrices first, as in the paper's (39)
        return Operand(hadamard(x.formula, oriented(y, x.axes)), x.axes)
    if len(x.axes) == len(y.axes) == 1:
        column, row = sorted((x, y), key=lambda operand: operand.axes)
        return Operand(column.formula * transposed_of(row.formula), (*column.axes, *row.axes))
    raise NotMatrixError


def oriented(operand: Operand, axes: tuple[int, ...]) -> Expression:
    """The formula of an operand with its axes in this order."""
    if operand.axes == axes:
        return operand.formula
    if operand.axes != axes[::-1]:
        raise NotMatrixError
    return transposed_of(operand.formula)


def transposed_of(formula: Expression) -> Expression:
    """The transpose, which is a label for a symbol: W_bold^{(2)T}."""
    label = parse_label(formula.name) if not formula.inputs else None
    if label is None:
        return transposed(formula)
    return symbol(str(replace(label, superscript=(*label.superscript, Label("T")))))
