"""The text of a computation on arrays: operands with the axes that it needs, products of matrices, and sums.

A dimension is a number, as in `Computation`, or ROWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import prod
from typing import NamedTuple

from engine import ops
from engine.compiler.arrays.program import Access, Array, Computation, Constants, Gathered, Group, Kind, View
from engine.compiler.arrays.views import AxisRange, find_axes, format_slice
from engine.compiler.sequences import Shape
from engine.op import Op, Selected
from engine.symbolic.codegen import UNCHANGED, FunctionNames, Language

ROWS = -1
ROWS_LETTER, LETTERS = "n", "ijklmopqrstuvwxyz"  # of dimensions in einsum
ATOM, PRODUCT, NEGATION, SUM = 4, 3, 2, 1  # what binds more tightly has a higher number

ROOT = 0.5  # the exponent for which NumPy's ** takes the root, which differs from the power at -inf and -0.0
MIN_FACTOR, MAX_FACTOR = 1e-100, 1e100  # of constant factors that are multiplied with each other
ACCUMULATE: dict[Op, str] = {
    ops.add: "cumsum",
    ops.multiply: "cumprod",
    ops.maximum: "maximum.accumulate",
    ops.minimum: "minimum.accumulate",
}
LEVELS = {ops.add: SUM, ops.subtract: SUM, ops.multiply: PRODUCT, ops.divide: PRODUCT, ops.negate: NEGATION}


class Text(NamedTuple):
    """An expression, and how tightly its outermost operation binds.

    Attributes:
        number: Its number, if it is a constant.
        scaled: The number and the other expression whose product it is.
    """

    text: str
    level: int = ATOM
    number: float | None = None
    scaled: tuple[float, Text] | None = None

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


class Expressions:
    """Writes arrays and what computes them.

    Attributes:
        texts: The name of each array, or its expression.
        conditions: The expressions of comparisons as conditions of a choice.
    """

    def __init__(self, module: str, language: Language, functions: FunctionNames) -> None:
        self.texts: dict[Array, Text] = {}
        self.conditions: dict[Array, Text] = {}
        self._np, self._language, self._functions = module, language, functions

    def operand(self, access: Access, sizes: Shape, *, is_condition: bool = False) -> Operand:
        """An access as an expression; of a comparison, if it is a condition of a choice, as such."""
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
        text = self.texts[array]
        return Operand(add_index(self.conditions.get(array, text) if is_condition else text, index), tuple(axes))

    def number(self, number: float) -> Text:
        """A constant."""
        return Text(self._language.format_float(number), NEGATION if number < 0.0 else ATOM, number)

    def computation(self, array: Array) -> Text:
        """The expression of an array that is computed."""
        value, n = array.value, len(array.shape)
        assert isinstance(value, Computation)
        dimensions = [*([ROWS] if array.varies else []), *range(n)]
        if value.kind is Kind.ELEMENTWISE:
            accesses = [access for group in value.groups for access in group.factors]
            tested = self._tested(value.op, accesses)
            operands = [self.operand(x, array.shape, is_condition=i in tested) for i, x in enumerate(accesses)]
            texts = [operand.arranged(dimensions) for operand in operands]
            if value.op in self._language.conditions:
                condition = Text(self._language.conditions[value.op].format(*[x.atom for x in texts]), SUM)
                self.conditions[array] = self._complete(condition, operands, array)
            return self._complete(self._operation(value.op, texts), operands, array)
        if value.kind is Kind.SCAN:
            return self._scan(array, value)
        operands = [self._reduce(array, value, group) for group in value.groups]
        texts = [operand.arranged(dimensions) for operand in operands]
        if value.op is ops.add:
            return self._complete(join_sum(texts), operands, array)
        return self._complete(reduce(lambda x, y: self._operation(value.op, [x, y]), texts), operands, array)

    def _tested(self, op: Op, accesses: Sequence[Access]) -> set[int]:
        """The operands that may be conditions: those that select, and a factor of an array, where True counts as 1."""
        if op is not ops.multiply:
            return {x.by for x in op.edges if isinstance(x, Selected)}
        found = {i for i, x in enumerate(accesses) if x.array in self.conditions}
        return {i for i in found if accesses[1 - i].array.shape and 1 - i not in found}

    def _complete(self, text: Text, operands: Sequence[Operand], array: Array) -> Text:
        """An expression of operands, with the dimensions of its array along which all of them are the same."""
        present = {d for operand in operands for d in operand.axes}
        return text if present.issuperset(range(len(array.shape))) else self._broadcast(text, array.varies, array.shape)

    def _broadcast(self, text: Text, varies: bool, shape: Shape) -> Text:
        sizes = [*(["len(rows)"] if varies else []), *map(str, shape)]
        return Text(f"{self._np}.broadcast_to({text.text}, ({', '.join(sizes)},))")

    def _operation(self, op: Op, inputs: Sequence[Text]) -> Text:
        language = self._language
        if op is ops.multiply:
            return self._multiply(*inputs)
        if op in UNCHANGED and op in language.templates:
            return inputs[0]
        if op is ops.power and inputs[1].number not in (None, ROOT):
            return Text(f"{inputs[0].atom} ** {inputs[1].atom}", PRODUCT)
        if op in language.templates:
            is_sum = op in (ops.add, ops.subtract)
            texts = [
                x.text if is_sum and (x.level >= PRODUCT or (x.level == SUM and not i)) else x.atom
                for i, x in enumerate(inputs)
            ]
            return Text(language.apply(op, texts), LEVELS.get(op, ATOM))
        return Text(language.apply(op, [x.text for x in inputs], self._functions.of(op)))

    def _scan(self, array: Array, value: Computation) -> Text:
        """The operation on the first term, on the first two, and so on."""
        dimensions = [*([ROWS] if array.varies else []), *range(len(array.shape))]
        parts = []
        for group in value.groups:
            operand = self.operand(group.factors[0], (*array.outer, *group.shape))
            text = operand.arranged(dimensions)
            if not operand.axes or len(operand.axes) < len(dimensions) - (not group.shape):
                text = self._broadcast(text, array.varies, (*array.outer, *(group.shape or (1,))))
            parts.append(text.text)
        terms = parts[0] if len(parts) == 1 else f"{self._np}.concatenate([{', '.join(parts)}], axis=-1)"
        return Text(f"{self._np}.{ACCUMULATE[value.op]}({terms}, axis=-1)")

    def _multiply(self, x: Text, y: Text) -> Text:
        """The product of two expressions, which may be numbers, or a number times another."""
        number, other = (x.number, y) if x.number is not None else (y.number, x)
        if number is None:
            return Text(f"{x.atom} * {y.atom}", PRODUCT)
        if other.number is not None:
            return self.number(number * other.number)
        if other.scaled and MIN_FACTOR < abs(number * other.scaled[0]) < MAX_FACTOR:
            number, other = number * other.scaled[0], other.scaled[1]
        if number == 1.0:
            return other
        if number == -1.0:
            return Text(f"-{other.atom}", NEGATION, scaled=(number, other))
        return Text(f"{self.number(number).atom} * {other.atom}", PRODUCT, scaled=(number, other))

    def _reduce(self, array: Array, value: Computation, group: Group) -> Operand:
        """The sum of the products of a group, or its extreme, over its own dimensions, and for a total, the rows."""
        n = len(array.shape)
        factors = [self.operand(access, (*array.shape, *group.shape)) for access in group.factors]
        summed = [*([ROWS] if value.is_total else []), *range(n, n + len(group.shape))]
        if value.op is not ops.add:
            return reduce_axes(factors[0], summed, "max" if value.op is ops.maximum else "min")
        present = {d for factor in factors for d in factor.axes}
        if len(factors) == 1:
            found = reduce_axes(factors[0], summed, "sum")
        else:
            a, b = factors
            found = self._contract(a, b, summed)
        times = prod([size for d, size in enumerate(group.shape, n) if d not in present])
        counts = [Text("len(rows)")] if value.is_total and ROWS not in present else []
        for count in [*([self.number(float(times))] if times > 1 else []), *counts]:
            found = Operand(self._multiply(count, found.text), found.axes)
        return found

    def _contract(self, a: Operand, b: Operand, summed: Sequence[int]) -> Operand:
        """The products of two operands, summed over dimensions: a product of matrices if there is one."""
        a = reduce_axes(a, [d for d in summed if d not in b.axes], "sum")
        b = reduce_axes(b, [d for d in summed if d not in a.axes], "sum")
        inner = [d for d in summed if d in a.axes and d in b.axes]
        outer = sorted({*a.axes, *b.axes}.difference(summed))
        both = [d for d in outer if d in a.axes and d in b.axes]
        for x, y in ((a, b), (b, a)):
            left, right = ([d for d in outer if d in z.axes and d not in both] for z in (x, y))
            is_product = len(inner) == 1 and (len(left) == len(right) == 1 if both else len(right) <= 1)
            if is_product and outer == [*both, *left, *right]:
                rows, columns = x.arranged([*both, *left, *inner]), y.arranged([*both, *inner, *right])
                return Operand(Text(f"{rows.atom} @ {columns.atom}", PRODUCT), tuple(outer))
        if not inner or both == outer:
            longer = max(a.axes, b.axes, key=len)
            product = list(longer if {*a.axes, *b.axes} == set(longer) else [*outer, *inner])
            text = self._multiply(a.arranged(product), b.arranged(product))
            return reduce_axes(Operand(text, tuple(product)), inner, "sum")
        letters = {d: ROWS_LETTER if d == ROWS else LETTERS[d] for d in (*a.axes, *b.axes)}
        first, second, result = ("".join([letters[d] for d in axes]) for axes in (a.axes, b.axes, outer))
        inputs = f'"{first},{second}->{result}", {a.text.text}, {b.text.text}'
        return Operand(Text(f"{self._np}.einsum({inputs}, optimize=True)"), tuple(outer))

    def view(self, view: Array, matrix: str | None = None) -> Text:
        """The expression of a view; `matrix` is the name of the matrix, if it has one, of which it is columns."""
        value = view.value
        assert isinstance(value, View)
        rows = [":"] if view.varies else []
        if matrix is not None or value.strides != view.strides:
            first, width = value.first - value.start, prod(view.shape[1:])
            column = AxisRange(first) if len(view.shape) == 1 else AxisRange(first, 0, 1)
            index = format_slice(column, width, value.strides[0])
            text = add_index(Text(matrix) if matrix else self.matrix(view), [*rows, ":", index])
            return _reshape(text, view, view.shape) if len(view.shape) > 2 else text
        range_ = AxisRange(value.first, 0, 1) if view.shape else AxisRange(value.first)
        index = format_slice(range_, prod(view.shape), prod(value.source.shape))
        text = add_index(self._flat(value.source), [*rows, index])
        return _reshape(text, view, view.shape) if len(view.shape) > 1 else text

    def matrix(self, view: Array) -> Text:
        """The expression of the matrix of which a view is columns."""
        value = view.value
        assert isinstance(value, View)
        shape = (view.shape[0], value.strides[0])
        index = format_slice(AxisRange(value.start, 0, 1), prod(shape), prod(value.source.shape))
        text = add_index(self._flat(value.source), [*([":"] if view.varies else []), index])
        return _reshape(text, view, shape)

    def gathered(self, array: Array, table: str) -> Text:
        """The expression of gathered elements, given the name of the table of their addresses."""
        assert isinstance(array.value, Gathered)
        return add_index(self._flat(array.value.source), [*([":"] if array.varies else []), table])

    def _flat(self, array: Array) -> Text:
        """An array with one dimension besides the rows."""
        text = self.texts[array]
        if len(array.shape) == 1:
            return text
        return _reshape(text, array, (prod(array.shape),)) if array.varies else Text(f"{text.atom}.ravel()")


def _reshape(text: Text, array: Array, shape: Shape) -> Text:
    sizes = ", ".join(map(str, (*([-1] if array.varies else []), *shape)))
    return Text(f"{text.atom}.reshape({sizes})")


def reduce_axes(operand: Operand, dimensions: Sequence[int], method: str) -> Operand:
    """The sum, or an extreme, of an array over those of these dimensions that it has."""
    axes = [i for i, d in enumerate(operand.axes) if d in dimensions]
    if not axes:
        return operand
    rest = tuple([d for d in operand.axes if d not in dimensions])
    which = "" if not rest else str(axes[0]) if len(axes) == 1 else repr(tuple(axes))
    return Operand(Text(f"{operand.text.atom}.{method}({which})"), rest)


def join_sum(terms: Sequence[Text]) -> Text:
    """The sum of expressions, without those that are the number 0."""
    first, *rest = sorted(
        [term for term in terms if term.number != 0.0] or terms[:1], key=lambda term: term.level == NEGATION
    )
    text = first.text
    for term in rest:
        is_negative = term.level == NEGATION
        text += f" - {term.text[1:]}" if is_negative else f" + {term.text if term.level >= PRODUCT else term.atom}"
    return Text(text, SUM) if rest else first
