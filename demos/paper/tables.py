"""Tables 1, 2 and 3 for any network, derived from its graph.

Table 1 is `viz.math.backpropagation_table`, Table 2 its matrix form (`viz.math.matrix_form`), with the numbers of
`nn.matrix` beside those of the graph. Table 3 is a picture, which illustrates four equations of Section 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from demos.cli import format_count
from demos.paper.checks import Pair
from demos.paper.equations.catalogue import EQUATIONS
from demos.paper.equations.instances import HAS_NUMPY, NO_NUMPY, NetworkInstance
from demos.paper.errata.misprints import ERRATA
from demos.paper.examples import Network
from engine import Op
from engine._support.typed_commands import python_command
from engine.analysis.named_graph import activation_derivative
from engine.labels import Role, parse_label
from engine.symbolic.expression import Expression
from nn.activations import activations
from viz.math.backpropagation_table import BackpropagationTable, backpropagation_table
from viz.math.equations import equal, matrix_of, matrix_shape, numeral, numerals, partial, symbol
from viz.math.formulas import format_formula
from viz.math.numbers_put_in import rebuild, with_squares
from viz.math.sheet import Cell, Sheet
from viz.math.table_rows import TableRow

TABLE_1_COLUMNS = ("Step", "Var", "Local Relationship", "Local Derivative", "Backpropagated Derivative")
TABLE_2_COLUMNS = ("ID", "Derivative", "Matrix Forms", "Shape", "NumPy", "Index form", "Graph")
# The steps or rows of a table that an erratum names: "Table 1, steps 5 and 7", "Table 2, rows 3 to 7".
_STEPS = re.compile(r"Table (\d)(?:, (?:step|row)s? (\d)(?: (and|to) (\d))?)?")


def sheets(number: str, instance: NetworkInstance, step: int | None = None) -> list[Sheet]:
    """Table 1, 2 or 3 with the numbers of a network, or one step of it. Raises ValueError for a step it lacks."""
    if number == "3":
        return [table_3()]
    found = table_1(instance) if number == "1" else [table_2(instance)]
    return found if step is None else [_only_step(sheet, step) for sheet in found]


def errata_of_table(number: str) -> dict[str, set[int]]:
    """The errata of a table of the paper, each with the steps or rows that it is about; none if it is about all.

    >>> errata_of_table("1")
    {'D18': {7}, 'D19': {5, 7}, 'D28': set()}
    """
    found: dict[str, set[int]] = {}
    for erratum in ERRATA:
        for table, first, between, last in _STEPS.findall(erratum.where):
            if table == number:
                steps = [int(step) for step in (first, last) if step]
                found[erratum.id] = set(range(steps[0], steps[1] + 1)) if between == "to" else set(steps)
    return found


def errata_note(number: str, step: int | None = None) -> str:
    """A line on the errata of a table of the paper, or of one step of it; "" if there are not any.

    >>> errata_note("1", 5)  # doctest: +ELLIPSIS
    '  see errata D19: ... -m demos.paper errata D19'
    """
    ids = [erratum for erratum, steps in errata_of_table(number).items() if step is None or step in steps]
    return f"  see errata {', '.join(ids)}: {python_command(f'demos.paper errata {ids[0]}')}" if ids else ""


def table_1(instance: NetworkInstance) -> list[Sheet]:
    """Table 1 in general, with one row for each of the 2K + 1 steps, and with the numbers of every unit."""
    table = _numbered_table(instance)
    title = "Table 1: Backpropagation Step-by-step"
    general = table.general(f"{title}, in general, through {format_count(instance.K, 'layer')}")
    concrete = table.sheet(f"{title}, with the numbers of {instance.name}")
    errata = errata_of_table("1")
    return [
        replace(
            sheet,
            columns=TABLE_1_COLUMNS,
            rows=[[_head(row[0], errata if sheet is general else {}), *row[1:]] for row in sheet.rows],
        )
        for sheet in (general, concrete)
    ]


def _numbered_table(instance: NetworkInstance) -> BackpropagationTable:
    """The table with the paper's steps: 1 is z^(K), 2 is a^(K), ... Without σ, z is a, and its step is left out."""
    table = backpropagation_table(instance.E)
    rows = [row if row.step is None else replace(row, kind=str(_step(row, instance.K))) for row in table.rows]
    return replace(table, rows=tuple(rows))


def _step(row: TableRow, K: int) -> int:
    role, k = _layer([row])
    return 2 * (K - k) + (2 if role is Role.WEIGHTED_SUM else 1)


def _head(head: Cell, errata: Mapping[str, set[int]], equation: str = "(40)") -> Cell:
    """The name of a block of rows with the errata of its step, or with the remark that the paper lacks these rows."""
    if not head:
        return head
    name = str(head[0])
    if not name.isdecimal():
        return [f"{name.replace('(40)', equation)}, ours"]
    ids = [erratum for erratum, steps in errata.items() if int(name) in steps]
    return [name, f"see {', '.join(ids)}"] if ids else [name]


def table_2(instance: NetworkInstance) -> Sheet:
    """Table 2: each row of Table 1 in matrix form, beside its index form, and the numbers of both."""
    table, errata = _numbered_table(instance), errata_of_table("2")
    general = table.general()
    rows: list[list[Cell]] = []
    for (head, *_, [equation]), (_, block), (_, [matrix]) in zip(
        general.rows, table.blocks(), table.matrix_rows(), strict=True
    ):
        if head == ["Targets"]:
            continue
        n_rows, n_columns = (*matrix.shape, 1, 1)[:2]
        shape = n_rows, n_columns
        assert isinstance(equation, Expression)
        rows.append(
            [
                _head(head, errata, "(41)"),
                [partial(symbol("E_n"), matrix.variable)],
                [matrix.equation],
                [matrix_shape(*shape)] if matrix.shape else ["scalar"],
                [_array(_numpy_gradient(instance, block), shape)] if HAS_NUMPY else [NO_NUMPY],
                [equation],
                [_array([row.number for row in block], shape)],
            ]
        )
    return Sheet(
        f"Table 2: Backpropagation Equations in Matrix Form, with the numbers of {instance.name}",
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


def _only_step(sheet: Sheet, step: int) -> Sheet:
    """The rows of one step. Raises ValueError if the table does not have it."""
    by_step: dict[str, list[Sequence[Cell]]] = {}
    name = ""
    for row in sheet.rows:
        name = str(row[0][0]) if row[0] else name
        by_step.setdefault(name, []).append(row)
    if str(step) not in by_step:
        last = max(int(name) for name in by_step if name.isdecimal())
        if 1 <= step < last:
            raise ValueError(f"without σ, z is a, so that the table has step {step + 1}, of a, but not step {step}")
        raise ValueError(f"the table has steps 1 to {last}, not {step}")
    return replace(sheet, rows=by_step[str(step)])


def left_out_steps(instance: NetworkInstance) -> str:
    """A line on the steps that the table does not have; "" if it has all."""
    blocks = [int(name) for name, _ in _numbered_table(instance).blocks() if name.isdecimal()]
    steps = [step for step in range(1, 2 * instance.K + 2) if step not in blocks]
    names = ", ".join(map(str, steps))
    return f"  left out, since without σ, z is a: step{'s' * (len(steps) > 1)} {names}" if steps else ""


def derivative_pairs(instance: NetworkInstance, step: int | None = None) -> Iterator[Pair]:
    """Every derivative of Table 1, or of one step, beside that of backpropagation; with NumPy, Table 2's beside it."""
    for name, block in _numbered_table(instance).blocks():
        if step is not None and name != str(step):
            continue
        for row in block:
            label = row.variable.label
            yield Pair(instance.name, f"∂E_n/∂{label}", row.number, row.variable.grad, scale=instance.scale[label])
        if HAS_NUMPY and _layer(block)[0] is not Role.TARGET:
            for row, entry in zip(block, _numpy_gradient(instance, block), strict=True):
                label = f"∂E_n/∂{row.variable.label}, matrix form"
                yield Pair(instance.name, label, entry, row.number, scale=instance.scale[row.variable.label])


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
