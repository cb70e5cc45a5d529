"""Tables 1, 2 and 3 for any network, derived from its graph.

Table 1 is `viz.math.backpropagation_table`, Table 2 its matrix form (`viz.math.matrix_form`), with the numbers of
`nn.matrix` beside those of the graph. Table 3 is a picture, which illustrates four equations of Section 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from demos.cli import format_count
from demos.paper.checks import Pair
from demos.paper.equations.catalogue import EQUATIONS
from demos.paper.equations.instances import HAS_NUMPY, NO_NUMPY, NetworkInstance
from demos.paper.errata.misprints import ERRATA
from demos.paper.examples import Network
from engine import Op
from engine.analysis.named_graph import activation_derivative
from engine.labels import Role, parse_label
from engine.symbolic.expression import Expression
from nn.activations import activations
from viz.math.backpropagation_table import BackpropagationTable, TableRow, backpropagation_table
from viz.math.equations import equal, matrix_of, matrix_shape, numeral, numerals, symbol
from viz.math.formulas import format_formula
from viz.math.matrix_form import label_indices, to_matrix_form
from viz.math.numbers_put_in import rebuild, with_squares
from viz.math.sheet import Cell, Sheet

TABLE_2_COLUMNS = ("ID", "Variable", "Matrix form", "Shape", "NumPy", "Index form", "Graph")


def sheets(number: str, instance: NetworkInstance) -> list[Sheet]:
    """Table 1, 2 or 3 with the numbers of a network."""
    if number == "1":
        return table_1(instance)
    return [table_2(instance) if number == "2" else table_3()]


def errata_note(number: str) -> str:
    """A line on the errata of a table of the paper.

    >>> errata_note("3")
    '  see errata D17: python -m demos.paper errata D17'
    """
    ids = [erratum.id for erratum in ERRATA if f"Table {number}" in erratum.where]
    return f"  see errata {', '.join(ids)}: python -m demos.paper errata {ids[0]}"


def table_1(instance: NetworkInstance) -> list[Sheet]:
    """Table 1 in general, with one row for each of the 2K + 1 steps, and with the numbers of every unit."""
    table = backpropagation_table(instance.E)
    general = table.general(f"Table 1 in general: backpropagation through {format_count(instance.K, 'layer')}")
    return [general, table.sheet(f"Table 1 with numbers: {instance.name}")]


def table_2(instance: NetworkInstance) -> Sheet:
    """Table 2: each row of Table 1 in matrix form, beside its index form, and the numbers of both."""
    table = backpropagation_table(instance.E)
    general = table.general()
    rows: list[list[Cell]] = []
    for (head, variables, _, _, equations), (_, block) in zip(general.rows, table.blocks(), strict=True):
        if head == ["Targets"]:
            continue
        equation, variable = equations[0], variables[0]
        assert isinstance(equation, Expression)
        assert isinstance(variable, Expression)
        matrix = to_matrix_form(variable)
        n_rows = instance.network.sizes[_layer(block)[1]] if len(label_indices(variable.name)) == 2 else len(block)
        shape = n_rows, len(block) // n_rows
        rows.append(
            [
                head,
                [matrix],
                [to_matrix_form(equation)],
                ["scalar"] if shape == (1, 1) else [matrix_shape(*shape)],
                [_array(_numpy_gradient(instance, block), shape)] if HAS_NUMPY else [NO_NUMPY],
                [equation],
                [_array([row.number for row in block], shape)],
            ]
        )
    return Sheet(
        f"Table 2: backpropagation in matrix form, with the numbers of {instance.name}",
        TABLE_2_COLUMNS,
        rows,
        general.short,
    )


def table_3() -> Sheet:
    """The equations that Table 3 illustrates: forward propagation, S1 to S4."""
    rows: list[list[Cell]] = []
    for i in range(1, 5):
        equation = EQUATIONS[f"S{i}"]
        assert equation.formula is not None
        rows.append([[f"S{i}"], [equation.formula.inputs[0]], [equation.formula]])
    return Sheet(
        "Table 3: forward propagation (in the paper, the picture of Figure 5)", ("Number", "Node", "Equation"), rows
    )


def activation_rules(network: Network) -> Iterator[str]:
    """The derivatives σ' of the network's activations, which the paper does not write out, by their rules."""
    hidden = [network.activation] if len(network.weights) > 1 else []
    for name in dict.fromkeys([*hidden, network.output_activation]):
        function = activations()[name]
        if function is not None:
            yield f"  {format_formula(_activation_rule(function))}"


def _activation_rule(function: Op) -> Expression:
    """The equation σ'(a) = σ(a)(1 − σ(a)), or tanh'(a) = 1 − tanh²(a)."""
    inputs = [symbol("a"), *map(numeral, function.defaults)]
    value, square = function(*inputs), symbol(f"{function.symbol}²(a)")

    def make(formula: Expression, inputs: tuple[Expression, ...]) -> Expression:
        return square if formula is value**2.0 else formula.builder.make(formula.op, inputs)

    rule = rebuild(with_squares(function.local_derivative(0, value, inputs)), lambda leaf: leaf, make)
    return equal(activation_derivative(function)(*inputs), rule)


def only_step(sheet: Sheet, step: int) -> Sheet:
    """The rows of one step. Raises ValueError if the table does not have it."""
    by_step: dict[str, list[Sequence[Cell]]] = {}
    name = ""
    for row in sheet.rows:
        name = str(row[0][0]) if row[0] else name
        by_step.setdefault(name, []).append(row)
    if str(step) not in by_step:
        last = max(int(name) for name in by_step if name.isdecimal())
        raise ValueError(f"the table has steps 1 to {last}, not {step}")
    return replace(sheet, rows=by_step[str(step)])


def derivative_pairs(instance: NetworkInstance) -> Iterator[Pair]:
    """Every derivative of Table 1 beside that of `backward()`, and with NumPy, those of Table 2 beside Table 1."""
    table: BackpropagationTable = backpropagation_table(instance.E)
    for _, block in table.blocks():
        for row in block:
            label = row.variable.label
            yield Pair(instance.name, f"∂E_n/∂{label}", row.number, row.variable.grad, scale=instance.scale[label])
        if HAS_NUMPY and _layer(block)[0] is not Role.TARGET:
            for row, entry in zip(block, _numpy_gradient(instance, block), strict=True):
                name = f"∂E_n/∂{row.variable.label}, matrix form"
                yield Pair(instance.name, name, entry, row.number, scale=instance.scale[row.variable.label])


def _layer(block: list[TableRow]) -> tuple[Role, int]:
    """The role and the layer of the variables of a block; inputs are in layer 0."""
    label = parse_label(block[0].variable.label)
    assert label is not None
    return label.role, int(label.layer or 0)


def _numpy_gradient(instance: NetworkInstance, block: list[TableRow]) -> list[float]:
    """The entries of the gradient with respect to these variables, row by row, from `nn.matrix`."""
    role, k = _layer(block)
    gradients = instance.matrix_gradients()
    arrays = {
        Role.WEIGHTED_SUM: gradients.delta,
        Role.UNIT: gradients.z,
        Role.INPUT: gradients.z,
        Role.WEIGHT: gradients.weights,
    }
    array = arrays[role][k]
    entries: list[float] = array.ravel().tolist()
    return entries


def _array(entries: list[float], shape: tuple[int, int]) -> Expression:
    """The scalar, the column vector or the matrix with these entries, row by row."""
    rows = [numerals(*entries[i : i + shape[1]]) for i in range(0, len(entries), shape[1])]
    return rows[0][0] if shape == (1, 1) else matrix_of(*rows)
