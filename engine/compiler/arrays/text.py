"""The text of a computation on arrays: operands with the axes that it needs, products of matrices, and sums.

A dimension is a number, as in `Computation`, or ROWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from engine import ops
from engine.compiler.arrays.program import Access, Array, Computation, Constants, Group
from engine.compiler.arrays.sequences import Shape
from engine.compiler.arrays.views import AxisRange, find_axes
from engine.op import Op
from engine.symbolic.codegen import FunctionNames, Language

ROWS = -1
ROWS_LETTER, LETTERS = "n", "ijklmopqrstuvw"  # of dimensions in einsum
ATOM, PRODUCT, NEGATION, SUM = 4, 3, 2, 1  # what binds more tightly has a higher number

LEVELS = {ops.add: SUM, ops.subtract: SUM, ops.multiply: PRODUCT, ops.divide: PRODUCT, ops.negate: NEGATION}


class Text(NamedTuple):
    """An expression, and how tightly its outermost operation binds."""

    text: str
    level: int = ATOM

    @property
    def atom(self) -> str:
        """The expression as an operand of any operation."""
        return self.text if self.level == ATOM else f"({self.text})"


class Operand(NamedTuple):
    """An array as an expression, and the dimensions of its axes."""

    text: Text
    axes: tuple[int, ...]

    def arranged(self, dimensions: Sequence[int]) -> Text:
        """The array with its axes in this order, to be broadcast along the dimensions that it does not have."""
        text, wanted = self.text, [d for d in dimensions if d in self.axes]
        if wanted != list(self.axes):
            order = [self.axes.index(d) for d in wanted]
            turned = ".T" if order == [1, 0] else f".transpose({', '.join(map(str, order))})"
            text = Text(text.atom + turned)
        first = next((i for i, d in enumerate(dimensions) if d in self.axes), len(dimensions))
        return add_index(text, [":" if d in self.axes else "None" for d in dimensions[first:]])


def add_index(text: Text, index: list[str]) -> Text:
    """The element or the part of an array, without `:` at the end of the index."""
    while index and index[-1] == ":":
        index.pop()
    return Text(f"{text.atom}[{', '.join(index)}]") if index else text


def format_slice(range_: AxisRange, size: int, length: int) -> str:
    """A range of `size` indices along an axis of this length.

    >>> [format_slice(AxisRange(*x), 2, 4) for x in [(0, 0, 1), (2, 0, 1), (1, 0, 2), (1, 0, -1), (3, None)]]
    [':2', '2:', '1::2', '1::-1', '3']
    """
    first, dimension, step = range_
    if dimension is None:
        return str(first)
    end = first + step * (size - 1) + (1 if step > 0 else -1)
    start, stop = str(first or ""), str(end)
    if step > 0 and end + step > length:
        stop = ""
    elif step < 0:
        start, stop = "" if first == length - 1 else str(first), "" if end < 0 else stop
    return f"{start}:{stop}" + (f":{step}" if step != 1 else "")


class Expressions:
    """Writes computations.

    Attributes:
        texts: The name of each array, or its expression.
    """

    def __init__(self, module: str, language: Language, functions: FunctionNames) -> None:
        self.texts: dict[Array, Text] = {}
        self._np, self._language, self._functions = module, language, functions

    def operand(self, access: Access, sizes: Shape) -> Operand:
        """An access as an expression."""
        array = access.array
        if isinstance(array.value, Constants) and not array.shape:
            return Operand(self.number(array.value.numbers[0]), ())
        ranges = find_axes(access, sizes, array.shape, array.strides)
        assert ranges is not None, "accesses are along axes, see Views"
        index, axes = ([":"], [ROWS]) if array.varies else ([], [])
        for found, length in zip(ranges, array.shape, strict=True):
            index.append(format_slice(found, sizes[found.dimension] if found.dimension is not None else 1, length))
            if found.dimension is not None:
                axes.append(found.dimension)
        return Operand(add_index(self.texts[array], index), tuple(axes))

    def number(self, number: float) -> Text:
        """A constant."""
        return Text(self._language.format_float(number), NEGATION if number < 0.0 else ATOM)

    def computation(self, array: Array) -> Text:
        """The expression of an array that is computed."""
        value = array.value
        assert isinstance(value, Computation)
        n = len(array.shape)
        dimensions = [*([ROWS] if array.varies else []), *range(n)]
        operands = []
        for group in value.groups:
            factors = [self.operand(access, (*array.shape, *group.shape)) for access in group.factors]
            if value.is_reduction:
                operands.append(self._reduce(value, group, factors, dimensions, n))
            else:
                operands += factors
        texts = [operand.arranged(dimensions) for operand in operands]
        if value.is_reduction and value.op is ops.add:
            return join_sum(texts)
        if not value.is_reduction:
            return self._operation(value.op, [x.atom for x in texts])
        total = texts[0]
        for text in texts[1:]:
            total = self._operation(value.op, [total.atom, text.atom])
        return total

    def _operation(self, op: Op, inputs: list[str]) -> Text:
        language = self._language
        if op in language.templates:
            return Text(language.apply(op, inputs), LEVELS.get(op, ATOM))
        return Text(language.apply(op, inputs, "" if op in language.functions else self._functions.of(op)))

    def _reduce(
        self, value: Computation, group: Group, factors: list[Operand], dimensions: Sequence[int], n: int
    ) -> Operand:
        """The sum of the products of a group, or its extreme, over the dimensions beyond the first n, and of rows."""
        summed = [*([ROWS] if value.is_total else []), *range(n, n + len(group.shape))]
        if value.op is not ops.add:
            name = "max" if value.op is ops.maximum else "min"
            return reduce_axes(factors[0], summed, name)
        present = {d for factor in factors for d in factor.axes}
        times = prod([size for d, size in enumerate(group.shape, n) if d not in present])
        if len(factors) == 1:
            found = reduce_axes(factors[0], summed, "sum")
        else:
            found = self._contract(*factors, summed, dimensions)
        count = "len(rows)" if value.is_total and ROWS not in present else ""
        for scale in filter(None, (str(float(times)) if times != 1 else "", count)):
            found = Operand(Text(f"{scale} * {found.text.atom}", PRODUCT), found.axes)
        return found

    def _contract(self, a: Operand, b: Operand, summed: Sequence[int], dimensions: Sequence[int]) -> Operand:
        """The sum of the products of two operands over their common dimensions among those that are summed."""
        a = reduce_axes(a, [d for d in summed if d not in b.axes], "sum")
        b = reduce_axes(b, [d for d in summed if d not in a.axes], "sum")
        inner = [d for d in summed if d in a.axes and d in b.axes]
        outer = [d for d in dimensions if d in a.axes or d in b.axes]
        if not inner:
            return Operand(multiply(a.arranged(outer), b.arranged(outer)), tuple(outer))
        both = [d for d in outer if d in a.axes and d in b.axes]
        if len(inner) == 1:
            for x, y in ((a, b), (b, a)):
                left = [d for d in outer if d in x.axes and d not in both]
                right = [d for d in outer if d in y.axes and d not in both]
                is_matrix = len(right) <= 1 if not both else len(left) == len(right) == 1
                if is_matrix and outer == [*both, *left, *right]:
                    rows, columns = x.arranged([*both, *left, *inner]), y.arranged([*both, *inner, *right])
                    return Operand(Text(f"{rows.atom} @ {columns.atom}", PRODUCT), tuple(outer))
        letters = dict(zip(sorted({*a.axes, *b.axes} - {ROWS}), LETTERS, strict=False)) | {ROWS: ROWS_LETTER}
        indices = ["".join([letters[d] for d in axes]) for axes in (a.axes, b.axes, outer)]
        subscripts = f"{indices[0]},{indices[1]}->{indices[2]}"
        text = f'{self._np}.einsum("{subscripts}", {a.text.text}, {b.text.text}, optimize=True)'
        return Operand(Text(text), tuple(outer))


def reduce_axes(operand: Operand, dimensions: Sequence[int], method: str) -> Operand:
    """The sum, or an extreme, of an array over those of these dimensions that it has."""
    axes = [i for i, d in enumerate(operand.axes) if d in dimensions]
    if not axes:
        return operand
    rest = tuple([d for d in operand.axes if d not in dimensions])
    which = "" if not rest else str(axes[0]) if len(axes) == 1 else repr(tuple(axes))
    return Operand(Text(f"{operand.text.atom}.{method}({which})"), rest)


def multiply(x: Text, y: Text) -> Text:
    """The product of two expressions; that with -1 is -x."""
    for factor, other in ((x, y), (y, x)):
        if factor.text == "-1.0":
            return Text(f"-{other.atom}", NEGATION)
    return Text(f"{x.atom} * {y.atom}", PRODUCT)


def join_sum(terms: Sequence[Text]) -> Text:
    """The sum of expressions."""
    first, *rest = sorted(terms, key=lambda term: term.level == NEGATION)
    text = first.text
    for term in rest:
        is_negative = term.level == NEGATION
        text += f" - {term.text[1:]}" if is_negative else f" + {term.text if term.level >= PRODUCT else term.atom}"
    return Text(text, SUM) if rest else first
