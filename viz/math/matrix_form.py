"""The matrix form of a table of backpropagation: the paper's Table 2 out of its Table 1, for any graph.

Vectors and matrices are found as those of compiled programs are, by `engine.compiler.arrays`: formulas that are alike
become one array. Labels give the names: a_1^(2), a_2^(2), ... is 𝐚⁽²⁾. Vectors are columns, and derivatives have the
shape of the variable:

    Σ_j w_ij z_j = 𝐖 𝐳        Σ_j δ_j w_ji = 𝐖ᵀ 𝛅        w_i δ σ'(a_i) = (δ 𝐰) ∘ σ'(𝐚)        δ_i z_j = 𝛅 𝐳ᵀ
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine import NamedGraph, Value, ops
from engine.compiler.arrays.families import Member
from engine.compiler.arrays.program import Access, Array, Computation, Constants, Given, Group, Kind
from engine.compiler.arrays.recovery import Recovery
from engine.compiler.arrays.views import find_axes
from engine.compiler.sequences import Shape
from engine.graph import toposort
from engine.labels import parse_label
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written
from viz.math.equations import defines, equal, matrix_shape, numeral, partial, symbol, transposed
from viz.math.matrix_products import NotMatrixError, Operand, contract, oriented
from viz.math.numbers_put_in import rebuild
from viz.math.sheet import Cell
from viz.math.table_index_form import check_distinct
from viz.math.table_rows import TableRow

MATRIX_COLUMNS = ("Step", "Variable", "Shape", "Matrix form")


class MatrixRow(NamedTuple):
    """The derivative with respect to a scalar, a vector or a matrix.

    Attributes:
        variable: Its symbol.
        shape: Its shape; () of a scalar.
        equation: The derivative by the chain rule, and in matrix form.
        rows: The row of each of its elements.
    """

    variable: Expression
    shape: Shape
    equation: Expression
    rows: tuple[TableRow, ...]

    @property
    def cells(self) -> list[Cell]:
        """Those of `MATRIX_COLUMNS` but the first; a number has the shape 1 × 1."""
        n_rows, n_columns = (*self.shape, 1, 1)[:2]
        return [[self.variable], [matrix_shape(n_rows, n_columns)], [self.equation]]


class MatrixForm:
    """The matrix form of the rows of a table. Raises ValueError if two nodes have one label.

    A row whose derivative is not a product of vectors and matrices, such as the entry of a matrix of which other
    entries are constants, stays a scalar.
    """

    def __init__(self, graph: NamedGraph, rows: Sequence[TableRow], parameters: Iterable[Value]) -> None:
        deltas = [row.delta.name for row in rows if row.delta is not None]
        check_distinct([*graph.names.values(), *deltas], "matrix form")
        self._graph = graph
        self._builder = ExpressionBuilder(as_written, expand=False)
        self._formula_of: dict[str, Expression] = {}  # of nodes and deltas, by their names
        self._name_of: dict[Expression, str] = {}
        inputs, weights = self._make_leaves(set(parameters))
        for node in graph.nodes:
            if node.inputs:
                self._define(graph.names[node], self._expand(graph.relation(node)))
        self._derivatives: dict[Value, Expression] = {}
        for row in sorted(rows, key=lambda row: (row.step is None, row.step or 0)):
            self._derivatives[row.variable] = derivative = self._expand(row.derivative)
            if row.delta is not None:
                self._define(row.delta.name, derivative)
        parts: dict[Member, Hashable] = {
            formula: _family(name) for formula, name in self._name_of.items() if formula.inputs
        }
        for row in rows:
            formula = self._derivatives[row.variable]
            if formula.inputs:
                parts.setdefault(formula, ("∂", _family(graph.names[row.variable])))
        given = [Array((len(leaves),), False, Given(""), leaves) for leaves in (inputs, weights)]
        results = [x for x in [*self._formula_of.values(), *self._derivatives.values()] if x.inputs]
        self._recovery = Recovery(given, results, parts=parts)
        self._array_of: dict[Expression, Array] = {}  # not of those that are only elements of others
        for array in self._recovery.views.arrays:
            for member in array.members:
                self._array_of.setdefault(member, array)
        self._names: dict[Array, Expression] = {}
        for array in self._recovery.views.arrays:
            names = [self._name_of.get(member, "") for member in array.members]
            if names and (name := _common_name(names, len(array.shape))):
                self._names[array] = symbol(name)

    def _make_leaves(self, parameters: set[Value]) -> tuple[list[Expression], list[Expression]]:
        """Symbols for the leaves that are not parameters, and for those that are, in the order of their first use."""
        leaves: tuple[list[Expression], list[Expression]] = [], []
        nodes = {name: node for node, name in self._graph.names.items()}
        relations = [self._graph.relation(node) for node in self._graph.nodes if node.inputs]
        for name in [leaf.name for relation in relations for leaf in toposort(relation)]:
            if name in nodes and not nodes[name].inputs and name not in self._formula_of:
                made = self._builder.symbol(name)
                leaves[nodes[name] in parameters].append(made)
                self._define(name, made)
        return leaves

    def _define(self, name: str, formula: Expression) -> None:
        self._formula_of[name] = formula
        self._name_of.setdefault(formula, name)

    def _expand(self, formula: Expression) -> Expression:
        """A formula with the formulas of named nodes and deltas in place of their names."""

        def leaf(x: Expression) -> Expression:
            return self._builder.constant(x.value) if x.is_constant else self._formula_of[x.name]

        return rebuild(formula, leaf, lambda x, inputs: self._builder.make(x.op, inputs))

    def rows(self, block: Sequence[TableRow]) -> list[MatrixRow]:
        """The rows of a block in matrix form: one if its variables are one array, as those of a layer are."""
        arrays: dict[Array | None, list[TableRow]] = {}
        for row in block:
            arrays.setdefault(self._array_of.get(self._formula_of[self._graph.names[row.variable]]), []).append(row)
        found = []
        for array, rows in arrays.items():
            try:
                found.append(self._matrix_row(array, rows))
            except NotMatrixError:
                found += [self._scalar_row(row) for row in rows]
        return found

    def _matrix_row(self, array: Array | None, rows: Sequence[TableRow]) -> MatrixRow:
        if array is None:
            raise NotMatrixError
        by_name = {self._graph.names[row.variable]: row for row in rows}
        names = [self._name_of[member] for member in array.members]
        if sorted(by_name) != sorted(names) or array not in self._names:
            raise NotMatrixError
        in_order = [by_name[name] for name in names]
        variable = self._names[array]
        formula = self._side([self._derivatives[row.variable] for row in in_order], array.shape, in_order[0].derivative)
        left = partial(self._graph.symbol_of(self._graph.outputs[0]), variable)
        equation = equal(left, *self._chain(variable, array.shape, rows), formula)
        deltas = [row.delta.name for row in in_order if row.delta is not None]
        if delta := _common_name(deltas, len(array.shape)) if deltas else None:
            equation = defines(equation, symbol(delta))
        return MatrixRow(variable, array.shape, equation, tuple(rows))

    def _scalar_row(self, row: TableRow) -> MatrixRow:
        variable = self._graph.symbol_of(row.variable)
        left = partial(self._graph.symbol_of(self._graph.outputs[0]), variable)
        equation = equal(left, row.derivative)
        return MatrixRow(variable, (), equation if row.delta is None else defines(equation, row.delta), (row,))

    def _chain(self, variable: Expression, shape: Shape, rows: Sequence[TableRow]) -> list[Expression]:
        """The chain rule ∂E/∂a ∂a/∂z, or (∂a/∂z)ᵀ ∂E/∂a if a is a vector; none by a matrix, or where E reads z."""
        output = self._graph.outputs[0]
        readers = {term.reader for row in rows for term in row.terms}
        found = [self._array_of.get(self._formula_of[self._graph.names[z]]) for z in readers]
        arrays = [array for array in dict.fromkeys(found) if array in self._names]
        if len(shape) > 1 or output in readers or len(arrays) < len(set(found)):
            return []
        terms = []
        for array in arrays:
            reader = self._names[array]
            upstream, local = partial(self._graph.symbol_of(output), reader), partial(reader, variable)
            terms.append(transposed(local) * upstream if array.shape else upstream * local)
        return [functools.reduce(operator.add, terms)]

    def _side(self, derivatives: Sequence[Expression], shape: Shape, first: Expression) -> Expression:
        """Derivatives, in the order of their variable, as one formula; `first` is the first of them."""
        if derivatives[0].is_constant:
            if len(set(derivatives)) > 1:
                raise NotMatrixError
            return numeral(derivatives[0].value)
        array = self._array_of.get(derivatives[0])
        if array is None or [*array.members] != [*derivatives] or array.shape != shape:
            raise NotMatrixError
        return self._names[array] if not first.inputs else self._computation(array)

    def _axes(self, access: Access, sizes: Shape) -> tuple[int, ...]:
        """The dimensions that are the axes of an array, all of which is accessed."""
        array = access.array
        ranges = find_axes(access, sizes, array.shape, array.strides)
        axes = [x.dimension for x in ranges or () if x.dimension is not None and x.step == 1]
        if len(axes) < len(array.shape) or any(sizes[d] != n for d, n in zip(axes, array.shape, strict=True)):
            raise NotMatrixError
        return tuple(axes)

    def _factors(self, access: Access, sizes: Shape, *, opened: bool) -> list[Operand]:
        """An access as an operand, or that of a product that does not have a name, as its factors if it is `opened`."""
        array = access.array
        if isinstance(array.value, Constants):
            if array.shape:
                raise NotMatrixError
            return [Operand(numeral(array.value.numbers[0]), ())]
        axes = self._axes(access, sizes)
        if array in self._names:
            return [Operand(self._names[array], axes)]
        value = array.value
        if opened and isinstance(value, Computation) and value.op is ops.multiply:
            inner = [x for y in accesses(value) for x in self._factors(y, array.shape, opened=True)]
            return [Operand(x.formula, tuple([axes[d] for d in x.axes])) for x in inner]
        return [Operand(self._computation(array), axes)]

    def _computation(self, array: Array) -> Expression:
        """The formula of an array."""
        value, dimensions = array.value, tuple(range(len(array.shape)))
        if not isinstance(value, Computation) or value.kind is Kind.SCAN or len(dimensions) > 2:
            raise NotMatrixError
        if value.op is ops.multiply or (value.is_reduction and value.op is ops.add):
            groups = value.groups if value.is_reduction else (Group((), accesses(value)),)
            terms = [oriented(self._product(group, array.shape), dimensions) for group in groups]
            return functools.reduce(operator.add, terms)
        if value.is_reduction:
            raise NotMatrixError
        operands = [x for y in accesses(value) for x in self._factors(y, array.shape, opened=False)]
        if any(x.axes not in ((), dimensions) for x in operands):
            raise NotMatrixError
        if value.op is ops.divide and operands[1].axes:
            raise NotMatrixError
        return self._builder.make(value.op, tuple([x.formula for x in operands]))

    def _product(self, group: Group, shape: Shape) -> Operand:
        """The product of factors, summed over at most one dimension, as a product of matrices."""
        sizes = (*shape, *group.shape)

        def product(opened: bool) -> Operand:
            factors = [x for access in group.factors for x in self._factors(access, sizes, opened=opened)]
            return contract(factors, sizes, len(shape))

        try:
            return product(opened=False)
        except NotMatrixError:
            return product(opened=True)


def accesses(value: Computation) -> tuple[Access, ...]:
    """The operands of a computation."""
    return tuple([access for group in value.groups for access in group.factors])


def _family(name: str) -> Hashable:
    label = parse_label(name)
    return label.family if label else name


def _common_name(names: Sequence[str], n_dimensions: int) -> str | None:
    """The symbol of an array: z_bold^(2) for z_1^(2), z_2^(2), and W_bold^(2) for w_11^(2), ...; None for others.

    >>> _common_name(["x_1", "x_2"], 1), _common_name(["x_2", "x_1"], 1), _common_name(["x_1", "y_2"], 1)
    ('x_bold', None, None)
    """
    if n_dimensions == 0:
        return names[0] or None
    labels = [label for label in map(parse_label, names) if label]
    if len(labels) < len(names) or any(label.family != labels[0].family for label in labels):
        return None
    for is_split in (False, True):  # x_11 is unit 11, but w_11 leads to unit 1 from unit 1
        indices = [label.index_list(is_split) for label in labels]
        if all(len(index) == n_dimensions and all(map(str.isdecimal, index)) for index in indices):
            numbers = [tuple(map(int, index)) for index in indices]
            if numbers == sorted(set(numbers)):
                letter = labels[0].letter.upper() if n_dimensions > 1 else labels[0].letter
                return str(replace(labels[0], letter=letter, bold=True, subscript=()))
    return None
