"""The graph of named nodes: merged nodes, and the local derivatives between named ones."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine import DomainError, NamedGraph, Value, grad, label, leaky_relu, sigmoid, toposort
from engine.analysis.named_graph import activation_derivative
from engine.ops import constant
from engine.symbolic.codegen import FunctionNames, assignments
from engine.symbolic.expression import Expression
from tests import share
from tests.engine.compiler.agreement import largest_magnitude
from tests.engine.recipes import RECIPES, Recipe, follow
from tests.nn.worked_networks import FIGURE_4, UNEQUAL, WorkedNetwork, nodes_by_label


def written(formula: Expression) -> list[str]:
    """A formula as lines of Python, without temporaries for symbols."""
    return assignments(formula, iter(f"t{i}" for i in range(100)), FunctionNames())


def derivatives(graph: NamedGraph, node: Value) -> dict[str, float]:
    return {graph.names[edge.input]: edge.local_derivative for edge in graph.edges(node)}


def cut(graph: NamedGraph, node: Value) -> tuple[dict[Value, float], float]:
    """The local derivatives of a named node by `grad`, of a copy on fresh leaves.

    Also returns the largest intermediate number, since sums in another order round relative to that.
    """
    leaves = {x: Value(x.data) for x in graph.nodes if x is not node}
    copies = dict(leaves)
    for u in graph.operations(node):
        copies[u] = u.op(*[x.data if x.op is constant else copies[x] for x in u.inputs])
    reached = [x for x, leaf in leaves.items() if leaf in toposort(copies[node])]
    derivatives = dict(zip(reached, grad(copies[node], [leaves[x] for x in reached]), strict=True))
    return derivatives, largest_magnitude(copies[node])


# The merged graph


def test_figure_2_without_its_unlabelled_product() -> None:
    x = Value(1.5, "x")
    a_1, a_2 = 3 * x, -x
    y = 2 * a_1 + a_2
    label(a_1=a_1, a_2=a_2, y=y)
    graph = NamedGraph(y)
    assert graph.outputs == (y,)
    assert graph.nodes == [x, a_1, a_2, y]
    assert derivatives(graph, y) == {"a_1": 2.0, "a_2": 1.0}
    assert (derivatives(graph, a_1), derivatives(graph, a_2)) == ({"x": 3.0}, {"x": -1.0})
    assert graph.edges(x) == ()
    assert len(graph.operations(y)) == 2
    assert graph.operations(x) == []


def test_half_a_squared_difference_is_one_step() -> None:
    z, y = Value(0.75, "z"), Value(0.25, "y")
    E = (z - y) ** 2 / 2
    E.label = "E"
    graph = NamedGraph(E)
    assert derivatives(graph, E) == {"z": 0.5, "y": -0.5}
    formulas = graph.formulas(E)
    assert list(formulas) == [z, y]
    assert written(formulas[z]) == ["z - y"]
    assert written(formulas[y]) == ["-(z - y)"]
    assert repr(graph.relation(E)) == "divide(power(subtract(z, y), 2.0), 2.0)"


def test_the_relation_of_a_leaf_is_its_name() -> None:
    x = Value(1.5, "x")
    graph = NamedGraph(x)
    assert (repr(graph.relation(x)), graph.formulas(x), graph.edges(x)) == ("x", {}, ())


def test_the_derivative_of_an_activation_is_written_as_such() -> None:
    a = Value(0.5, "a")
    z = a.sigmoid()
    assert [repr(formula) for formula in NamedGraph(z).formulas(z).values()] == ["sigmoid'(a)"]
    assert derivatives(NamedGraph(z), z) == {"a": z.data * (1 - z.data)}


def test_a_node_that_two_named_nodes_use_is_part_of_both() -> None:
    x = Value(3.0, "x")
    shared = x * x
    p, q = shared + 1, 2 * shared
    y = p * q
    label(p=p, q=q, y=y)
    graph = NamedGraph(y)
    assert graph.nodes == [x, p, q, y]
    assert shared in graph.operations(p)
    assert shared in graph.operations(q)
    assert (derivatives(graph, p), derivatives(graph, q)) == ({"x": 6.0}, {"x": 12.0})
    assert derivatives(graph, y) == {"p": 18.0, "q": 10.0}


def test_unlabelled_paths_between_two_named_nodes_are_added_up() -> None:
    x = Value(0.5, "x")
    a = x.exp()
    y = a * x + a
    graph = NamedGraph(y)
    assert derivatives(graph, y) == {"x": pytest.approx(grad(y, [x])[0])}


# Names


def test_two_nodes_of_one_label_stay_two() -> None:
    first, second = Value(2.0, "a"), Value(5.0, "a")
    y = first * second
    graph = NamedGraph(y)
    assert graph.nodes == [first, second, y]
    assert [(edge.input, edge.local_derivative) for edge in graph.edges(y)] == [(first, 5.0), (second, 2.0)]


def test_a_label_takes_precedence_over_a_given_name() -> None:
    x = Value(1.5, "x")
    a = 3 * x
    y = a + 1
    graph = NamedGraph(y, names={"other": x, "a_1": a, "y": y, "no value": 3})
    assert graph.names == {x: "x", a: "a_1", y: "y"}
    assert derivatives(graph, y) == {"a_1": 1.0}


def test_variables_and_outputs_without_a_name_get_one() -> None:
    x = Value(1.5)
    y = 3 * x
    assert NamedGraph(y).names == {x: "1.5", y: "output"}
    assert NamedGraph(x).names == {x: "1.5"}


def test_several_outputs_share_one_graph() -> None:
    x = Value(1.5, "x")
    a = 3 * x
    y, z = a * a, a + 1
    label(a=a, y=y, z=z)
    graph = NamedGraph([y, z])
    assert graph.outputs == (y, z)
    assert graph.nodes == [x, a, y, z]
    assert (derivatives(graph, y), derivatives(graph, z)) == ({"a": 9.0}, {"a": 1.0})


def test_a_constant_is_not_a_node() -> None:
    x = Value(1.5, "x")
    y = 3 * x + 4
    graph = NamedGraph(y)
    assert graph.nodes == [x, y]
    assert repr(graph.relation(y)) == "add(multiply(3.0, x), 4.0)"


# Numbers


@pytest.mark.parametrize("example", [FIGURE_4, UNEQUAL], ids=["Figure 4", "unequal layers"])
def test_derivatives_equal_grad_of_a_network_cut_at_its_names(example: WorkedNetwork) -> None:
    E = example.build()
    graph = NamedGraph(E)
    assert set(graph.nodes) == set(nodes_by_label(E).values())
    for node in graph.nodes:
        if node.inputs:
            assert dict(graph.edges(node)) == pytest.approx(cut(graph, node)[0], rel=1e-14)


@settings(max_examples=share(1.5))
@given(RECIPES, st.sets(st.integers(0, 20)))
def test_derivatives_equal_grad_of_random_graphs_cut_at_names(recipe: Recipe, named: set[int]) -> None:
    y, _ = follow(recipe, [2.0, Value(0.7), Value(-1.3), Value(2.1)], limit=1e3)
    assume(isinstance(y, Value) and y.op is not constant)
    nodes = [node for node in toposort(y) if node.inputs]
    for i in named & set(range(len(nodes))):
        nodes[i].label = f"a_{i}"
    graph = NamedGraph(y)
    for node in graph.nodes:
        if node.inputs:
            try:
                expected, largest = cut(graph, node)
            except DomainError:  # such as the derivative of a root of 0
                with pytest.raises(DomainError):
                    dict(graph.edges(node))
            else:
                found = dict.fromkeys(expected, 0.0) | dict(graph.edges(node))
                assert found == pytest.approx(expected, rel=0, abs=1e-13 * largest, nan_ok=True)


def test_a_chain_of_20_000_unlabelled_nodes_is_one_edge() -> None:
    x = y = Value(1.0, "x")
    for _ in range(10_000):
        y = -(y + 1)
    graph = NamedGraph(y)
    assert graph.nodes == [x, y]
    assert derivatives(graph, y) == {"x": 1.0}
    [formula] = graph.formulas(y).values()
    assert formula.is_constant
    assert formula.value == 1.0


def test_a_derivative_without_a_value_is_a_domain_error() -> None:
    x = Value(0.0, "x")
    y = 3 * x.sqrt()
    with pytest.raises(DomainError, match=r"the derivative of sqrt\(x = 0.0\) is not finite"):
        NamedGraph(y).edges(y)


# Its methods


def test_inputs_of_a_named_node_are_named_nodes_in_order() -> None:
    x, y = Value(1.5, "x"), Value(2.0, "y")
    a = (y * 3) - x
    z = a.tanh() * x
    label(a=a, z=z)
    graph = NamedGraph(z)
    assert (graph.inputs(z), graph.inputs(a), graph.inputs(x)) == ([x, a], [y, x], [])


def test_labelled_nodes_are_those_that_were_given_their_names() -> None:
    x, nameless = Value(1.5, "x"), Value(2.0)
    y = x * nameless
    assert NamedGraph(y).labelled == {x}
    assert NamedGraph(y, names={"y": y}).labelled == {x, y}


def test_the_formula_of_an_edge_is_an_expression_if_constant_too() -> None:
    x = Value(1.5, "x")
    double = x + x
    product = x * double
    graph = NamedGraph([double, product], names={"d": double})
    assert repr(graph.edge_formula(double, 0)) == "1.0"
    assert repr(graph.edge_formula(product, 0)) == "d"
    assert repr(graph.edge_formula(product, 1)) == "x"
    assert isinstance(graph.edge_formula(double, 1), Expression)


def test_a_node_of_another_graph_is_an_error_that_names_it() -> None:
    x = Value(1.5, "x")
    with pytest.raises(ValueError, match=r"Value\(data=2.0, grad=0.0, label='y'\) is not a node of this graph"):
        NamedGraph(x * x).edges(Value(2.0, "y"))


def test_a_node_has_a_symbol_only_if_it_has_a_name() -> None:
    x = Value(1.5, "x")
    square = x * x
    graph = NamedGraph(square + 1)
    assert graph.symbol_of(x) is graph.symbol("x")
    with pytest.raises(ValueError, match=r"Value\(data=2.25, grad=0.0\) is not a named node of this graph"):
        graph.symbol_of(square)


def test_wrong_types_of_names_and_outputs_are_errors() -> None:
    x = Value(1.5, "x")
    names: Any = ["x"]
    numbered: Any = {1: x}
    output: Any = 3.0
    with pytest.raises(TypeError, match=r"mapping from names to nodes, such as locals\(\), not \['x'\]"):
        NamedGraph(x, names=names)
    with pytest.raises(TypeError, match="the names in names must be text, not 1 of type int"):
        NamedGraph(x, names=numbered)
    with pytest.raises(TypeError, match=r"a graph is made of Values, not 3.0 of type float"):
        NamedGraph(output)


def test_activation_derivatives_are_computed_not_differentiated() -> None:
    prime = activation_derivative(sigmoid)
    assert activation_derivative(sigmoid) is prime
    assert (prime.name, prime.symbol, prime.arity) == ("sigmoid'", "σ'", 1)
    assert prime(0.0) == 0.25
    assert activation_derivative(leaky_relu)(-1.0, 0.1) == 0.1
    with pytest.raises(TypeError, match="σ' stands in a formula to be read"):
        prime.local_derivative(0, 0.25, [0.0])
