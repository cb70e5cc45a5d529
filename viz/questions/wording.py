"""The formulas in questions, hints and worked answers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from engine import NamedGraph, Value, ops, toposort
from engine.graph import depends_on
from engine.symbolic.expression import Expression
from engine.symbolic.held import has_held_result
from engine.symbolic.parser import parse_formula
from engine.symbolic.rewrites import equals
from viz.math.equations import equal, numeral, partial, plus, symbol, times
from viz.math.formulas import DEFAULT_DIGITS, format_formula, format_number
from viz.math.numbers_put_in import MAX_DIGITS, computed_line, evaluate, opened_rule, put_in_numbers
from viz.questions.subject import Subject
from viz.stepping.recording import Step

BLANK = "__"
MAX_GIVEN = 12  # values, and equations, in a question about derivatives: of more values, those that it needs


def relation(subject: Subject, node: Value) -> str:
    """The equation that a node is made by.

    >>> subject = Subject.of(2 * Value(1.5, "x"))
    >>> relation(subject, subject.root)
    'y = 2x'
    """
    return f"{subject.name(node)} = {subject.narration.relation(node)}"


def relation_with_blank(subject: Subject, node: Value) -> str:
    """The equation in numbers, with a blank for that of the last input."""
    inputs = [x for x in subject.view.inputs(node) if x in subject.view.names]
    numbers = {subject.view.names[x]: format_number(x.data) for x in inputs}
    numbers |= {subject.view.names[inputs[-1]]: BLANK}
    return f"{subject.name(node)} = {format_formula(subject.view.graph.relation(node), short=numbers)}"


def change(before: float, after: float) -> str:
    """The way that a number goes, as far as it is written; with more digits if hardly any are left.

    >>> change(1 / 3, 2 / 3), change(1.0, 1 - 2e-7), change(0.0, 0.0)
    ('goes up from 0.333333 to 0.666667, by 0.333334', 'goes down from 1 to 0.9999998, by 2·10⁻⁷', 'stays at 0')
    """
    if after == before:
        return f"stays at {format_number(before)}"
    for digits in range(DEFAULT_DIGITS, MAX_DIGITS + 1):
        first, last = (float(f"{x:.{digits}g}") for x in (before, after))
        if math.isclose(last - first, after - before, rel_tol=0.01):
            break
    ends = f"from {format_number(first, digits)} to {format_number(last, digits)}"
    return f"goes {'up' if after > before else 'down'} {ends}, by {format_number(abs(last - first))}"


def numbers_of(subject: Subject, nodes: Sequence[Value]) -> str:
    """The values of nodes: x = 1.5, w = 2."""
    return ", ".join(f"{subject.name(node)} = {format_number(node.data)}" for node in nodes)


def equation_with_values(subject: Subject, nodes: Sequence[Value], values: Sequence[Value]) -> str:
    """The equations of nodes, and the values in them."""
    relations = ", ".join(relation(subject, node) for node in nodes)
    return ", with ".join(filter(None, [relations, numbers_of(subject, values)]))


def values_at(subject: Subject, node: Value) -> list[Value]:
    """The nodes in the equation of a node, and that node, if its rule is written in it."""
    nodes = [*subject.view.inputs(node), *([node] if node.op.activation else [])]
    return [node for node in nodes if node in subject.view.names]


def given(subject: Subject, steps: Sequence[Step]) -> str:
    """The equations of the nodes where steps begin, unless these are many, and the values in them, or those needed.

    >>> subject = Subject.of(Value(1.5, "w") * Value(2.5, "x"))
    >>> given(subject, [subject.edge("y", "x")])
    'y = wx, with w = 1.5, x = 2.5'
    """
    nodes = dict.fromkeys(step.node for step in steps)
    values = dict.fromkeys(x for node in nodes for x in values_at(subject, node))
    if len(values) > MAX_GIVEN:
        values = dict.fromkeys(x for step in steps for x in needed_values(subject, step))
    return equation_with_values(subject, [*nodes] if len(nodes) <= MAX_GIVEN else [], [*values])


def needed_values(subject: Subject, step: Step) -> list[Value]:
    """The nodes in the local derivative of a step, with its rule opened."""
    return [subject.by_name[x.name] for x in toposort(_local_formula(subject, step)) if x.name]


def edge_name(subject: Subject, step: Step) -> str:
    """The edge of a backward step, with its number if several join the same two nodes, as in x · x."""
    return edge_between(subject.name(step.node), subject.name(step.target), *subject.steps.edge_number(step))


def edge_between(node: str, x: str, number: int, n_edges: int) -> str:
    """One of `n_edges` edges between two nodes.

    >>> edge_between("y", "x", 1, 1), edge_between("y", "x", 1, 2)
    ('the edge from y back to x', 'edge 1 of 2 from y back to x')
    """
    which = "the edge" if n_edges == 1 else f"edge {number} of {n_edges}"
    return f"{which} from {node} back to {x}"


def path_name(subject: Subject, step: Step) -> str:
    """The paths that end with a backward step, by its node, or where several edges join the two nodes, by the edge."""
    _, n_edges = subject.steps.edge_number(step)
    if n_edges > 1:
        return edge_name(subject, step)
    return path_through(subject.name(step.node), step.node is subject.root)


def path_through(node: str, is_output: bool) -> str:
    """The path whose edge to the end begins at a node.

    >>> path_through("a", False), path_through("y", True)
    ('the path through a', 'the path straight from y')
    """
    return f"the path straight from {node}" if is_output else f"the path through {node}"


def upstream(subject: Subject, step: Step) -> str:
    """The derivative that is passed back along an edge: ∂y/∂a = 2."""
    return f"{subject.derivative(step.node)} = {format_number(step.upstream)}"


def local_name(subject: Subject, step: Step) -> str:
    """The name of a local derivative: ∂a/∂x. Where that would be a sum over edges, it names the edge."""
    name = f"∂{subject.name(step.node)}/∂{subject.name(step.target)}"
    _, n_edges = subject.steps.edge_number(step)
    is_whole = n_edges == 1 and (step.node is not subject.root or step.n_terms == 1)
    return name if is_whole else f"{name} along {edge_name(subject, step)} alone"


def written(subject: Subject, formula: Expression) -> str:
    """A formula in the names of the subject."""
    return subject.narration.format(formula, "text")


def local_rule(subject: Subject, step: Step) -> str:
    """The local derivative in names, with the rule opened: z · (1 − z)."""
    return written(subject, _local_formula(subject, step))


def typed_form(subject: Subject, form: str) -> str:
    """A typed formula in names, in numbers, and its result.

    >>> typed_form(Subject.of(2 * Value(1.5, "x")), "x + x")
    'x + x = 1.5 + 1.5 = 3'
    """
    numbers = _numbers(subject)
    root = parse_formula(form, numbers)
    formula = NamedGraph(root).relation(root)
    in_numbers = put_in_numbers(formula, numbers, DEFAULT_DIGITS, root.data)
    return " = ".join(dict.fromkeys([format_formula(formula), in_numbers, format_number(root.data)]))


def local_equation(subject: Subject, step: Step) -> str:
    """The local derivative in names, with the rule opened, with the numbers put in, and as a number.

    >>> subject = Subject.of(Value(0.5, "a").sigmoid())
    >>> local_equation(subject, subject.edge("y", "a"))
    "∂y/∂a = σ'(a) = y · (1 − y) = 0.622459 · 0.377541 = 0.235004"
    """
    formula, local = _local_formula(subject, step), step.local_derivative
    numbers = [put_in_numbers(formula, _numbers(subject), DEFAULT_DIGITS, local)] if formula.inputs else []
    sides = local_in_names(subject, step) or [local_name(subject, step)]
    return " = ".join(dict.fromkeys([*sides, *numbers, format_number(local)])) + explained(subject, step)


def explained(subject: Subject, step: Step) -> str:
    """The meaning of [a > 0] where it stands in the local derivative: a clause to be added; else nothing.

    >>> subject = Subject.of(Value(0.5, "a").relu())
    >>> explained(subject, subject.edge("y", "a"))
    ', where [a > 0] is 1 if a > 0, else 0'
    """
    formulas = [subject.view.local_derivative(step.node, step.index), _opened(subject, step)]
    nodes = [x for formula in formulas if formula is not None for x in toposort(formula)]
    brackets = dict.fromkeys(written(subject, x) for x in nodes if x.op in (ops.greater, equals))
    return "".join(f", where {bracket} is 1 if {bracket[1:-1]}, else 0" for bracket in brackets)


def local_in_names(subject: Subject, step: Step) -> list[str]:
    """The local derivative, its formula, and the rule opened; nothing if it is a number."""
    formula = subject.view.local_derivative(step.node, step.index)
    opened = _opened(subject, step)
    if formula.is_constant:
        return []
    sides = [written(subject, x) for x in (formula, opened) if x is not None]
    return [local_name(subject, step), *sides]


def moved(subject: Subject, step: Step) -> list[str]:
    """A line with the value of the node of an edge, before and after its input goes up by about 1 %, and a blank.

    Nothing where the node changes in another way if the input goes down, as at a kink or the end of a domain, and where
    derivatives take a part of it for a constant, as `stop_gradient` has it.
    """
    names, x, numbers = subject.view.names, step.target, _numbers(subject)
    relation, before = subject.view.graph.relation(step.node), step.node.data
    if _has_held(toposort(relation)):
        return []
    move = 10.0 ** (math.floor(math.log10(abs(x.data))) - 2) if x.data else 0.01
    try:
        after, below = (evaluate(relation, numbers | {names[x]: x.data + by}) for by in (move, -move))
    except (ArithmeticError, ValueError):
        return []
    if not math.isclose(after - before, before - below, rel_tol=0.1, abs_tol=1e-12 * abs(before)):
        return []
    change = f"from {format_number(before)} to {format_number(after)}"
    x_moves = f"if {subject.name(x)} goes up by {format_number(move)}"
    return [f"{x_moves}, {subject.name(step.node)} goes {change}: that is {BLANK} for each 1"]


def is_moved_where_held(step: Step) -> bool:
    """Whether the input of a step changes the node by a result, too, that derivatives take for a constant."""
    return _has_held(depends_on([step.target], toposort(step.node)))


def _has_held(nodes: Iterable[Value] | Iterable[Expression]) -> bool:
    return any(has_held_result(node.op, len(node.inputs)) for node in nodes)


def _numbers(subject: Subject) -> dict[str, float]:
    return {name: node.data for node, name in subject.view.names.items()}


def _opened(subject: Subject, step: Step) -> Expression | None:
    """The local derivative with the rule of each activation function opened; None if it does not have any."""
    local = subject.view.local_derivative(step.node, step.index)
    return next(iter(opened_rule(subject.view.graph, step.node, local)), None)


def _local_formula(subject: Subject, step: Step) -> Expression:
    opened = _opened(subject, step)
    return subject.view.local_derivative(step.node, step.index) if opened is None else opened


def product_in_names(subject: Subject, step: Step) -> Expression:
    """The contribution of an edge: ∂y/∂a · 3; from the output y, 3 alone."""
    local = subject.view.local_derivative(step.node, step.index)
    return local if step.node is subject.root else times(_derivative(subject, step.node), local)


def product_in_numbers(subject: Subject, step: Step, is_blank: bool = False) -> Expression:
    """The contribution of an edge in numbers; with a blank for the local derivative."""
    local = symbol(BLANK) if is_blank else numeral(step.local_derivative)
    return local if step.node is subject.root else times(numeral(step.upstream), local)


def total_in_names(subject: Subject, steps: Sequence[Step]) -> Expression:
    """The sum of contributions."""
    return plus(*(product_in_names(subject, step) for step in steps))


def total_in_numbers(subject: Subject, steps: Sequence[Step], has_blank: bool = False) -> Expression:
    """The sum of contributions in numbers; with a blank in the last."""
    return plus(*(product_in_numbers(subject, step, has_blank and step is steps[-1]) for step in steps))


def total_equation(subject: Subject, steps: Sequence[Step]) -> str:
    """The derivative with respect to the target of these steps, which are all that lead to it: names, numbers, result.

    >>> x = Value(3.0, "x")
    >>> a = 2 * x
    >>> a.label = "a"
    >>> subject = Subject.of(a + x * x, "all")
    >>> total_equation(subject, subject.steps.steps_to(subject.find("x")))
    '∂y/∂x = ∂y/∂#1 · x + ∂y/∂#1 · x + ∂y/∂a · 2 = 1 · 3 + 1 · 3 + 1 · 2 = 8'
    """
    names = written(subject, equal(_derivative(subject, steps[-1].target), total_in_names(subject, steps)))
    return f"{names} = {computed_line(total_in_numbers(subject, steps), steps[-1].result)}"


def value_equation(subject: Subject, node: Value) -> str:
    """The value of a node: names, numbers, result.

    >>> subject = Subject.of(2 * Value(1.5, "x"))
    >>> value_equation(subject, subject.root)
    'y = 2x = 2 · 1.5 = 3'
    """
    numbers = put_in_numbers(subject.view.graph.relation(node), _numbers(subject), DEFAULT_DIGITS, node.data)
    return " = ".join(dict.fromkeys([relation(subject, node), numbers, format_number(node.data)]))


def contribution_lines(subject: Subject, step: Step) -> list[str]:
    """The local derivative of a step, and its product with the upstream gradient."""
    names = written(subject, product_in_names(subject, step))
    line = computed_line(product_in_numbers(subject, step), step.contribution)
    return [local_equation(subject, step), names if names == line else f"{names} = {line}"]


def _derivative(subject: Subject, node: Value) -> Expression:
    names = subject.view.names
    return partial(symbol(names[subject.root]), symbol(names[node]))
