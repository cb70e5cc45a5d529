"""Branches that are not taken: floats, graphs of derivatives and compiled programs agree on them.

The reference is a graph in which every `where` is replaced, at the numbers in question, by the branch that it takes.
"""

from __future__ import annotations

import gc
import math
import random
import re
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import engine
from engine import (
    TABLE,
    DomainError,
    NamedGraph,
    Op,
    Value,
    count_paths,
    detect_anomaly,
    dot,
    exp,
    explain,
    grad,
    greater,
    jvp,
    log,
    negate,
    operation,
    paths,
    sqrt,
    toposort,
    where,
)
from engine.guards import ALWAYS_MET, NEVER_MET, Guard, Guards
from engine.ops import constant
from engine.sweep import Condition
from nn import binary_cross_entropy, cross_entropy, hinge
from nn.training.diagnose import describe_nonfinite
from nn.training.objective import SampleGraph
from tests import by_night
from tests.engine.compiler.backends import RUNNERS
from viz import Stepper, backpropagation_table, draw

Numbers = Sequence[float]
every_runner = pytest.mark.parametrize("backend", RUNNERS)
UNARY: list[Callable[[Any], Any]] = [sqrt, log, abs, exp, lambda x: x * x, negate]
DIRECTION = [1.0, 0.5, 0.25]
POINTS = [0.0, -1.0, 1.0, 2.0, -0.5, 0.5]


class BranchingRecipe:
    """The recipe of a random graph: an operation for each step, and the indices of its inputs among earlier results."""

    def __init__(self, rng: random.Random, n_leaves: int = 3) -> None:
        self.steps: list[tuple[Any, list[int]]] = []
        for n in range(n_leaves, n_leaves + rng.randint(3, 20)):
            near = range(max(0, n - 6), n)
            picks = [rng.choice(near) if rng.random() < 0.8 else rng.randrange(n) for _ in range(4)]
            op = rng.choice(["where", "where", rng.choice(UNARY), "divide", "multiply", "add"])
            self.steps.append((op, picks))

    def build(self, leaves: Sequence[Value], only_taken: bool) -> Value:
        """The graph; with `only_taken`, of the branches that are taken alone, and nothing else is computed."""
        made = list(leaves)

        def at(n: int) -> Value:
            if n < len(leaves):
                return leaves[n]
            if n not in known:
                known[n] = self._made(*self.steps[n - len(leaves)], at, only_taken)
            return known[n]

        known: dict[int, Value] = {}
        return at(len(made) + len(self.steps) - 1)

    @staticmethod
    def _made(op: Any, picks: list[int], at: Callable[[int], Value], only_taken: bool) -> Any:
        a, b, c, d = picks
        if op == "where" and only_taken:
            return at(c) if at(a).data > at(b).data else at(d)
        if op == "where":
            return where(greater(at(a), at(b)), at(c), at(d))
        if callable(op):
            return op(at(a))
        x, y = at(a), at(b)
        return x / y if op == "divide" else x * y if op == "multiply" else x + y


def combined(slopes: Sequence[Any]) -> Any:
    """One number of a gradient, to be differentiated again."""
    return slopes[0] * DIRECTION[0] + slopes[1] * DIRECTION[1] + slopes[2] * DIRECTION[2]


def reference(recipe: BranchingRecipe, second: bool, at: Numbers) -> tuple[float, list[float]] | None:
    """The value and the gradient of the taken branches, or of a combination of derivatives; None if not finite."""
    leaves = [Value(x) for x in at]
    try:
        y = recipe.build(leaves, only_taken=True)
        if second:
            y = combined(grad(y, leaves, create_graph=True))
        found = y.data, grad(y, leaves)
    except DomainError:
        return None
    return found if all(map(math.isfinite, [found[0], *found[1]])) else None


def near(found: tuple[float, list[float]], expected: tuple[float, list[float]]) -> bool:
    pairs = zip([found[0], *found[1]], [expected[0], *expected[1]], strict=True)
    return all(x == y or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12) for x, y in pairs)


@pytest.mark.thorough
@every_runner
def test_random_graphs_agree_with_the_branches_taken(backend: str) -> None:
    tried, wrong = 0, []
    graphs = by_night(40 if backend == "python" else 20, 150)  # LLVM compiles them slowly
    for seed in range(graphs):
        rng = random.Random(seed)
        recipe = BranchingRecipe(rng)
        leaves = [Value(rng.uniform(0.1, 3.0)) for _ in range(3)]
        try:
            y = recipe.build(leaves, only_taken=False)
            outputs = [y, combined(grad(y, leaves, create_graph=True)), jvp(y, leaves, DIRECTION, create_graph=True)]
        except DomainError:
            continue
        for second, output in enumerate(outputs):
            if output.op is constant:
                continue
            program = engine.compile(output, leaves, backend=backend)
            for _ in range(6):
                at = [rng.choice(POINTS) for _ in range(3)]
                expected = reference(recipe, bool(second), at)
                if expected is not None:
                    tried += 1
                    if not near(program.value_and_grad(*at), expected):
                        wrong.append((seed, second, at))
    assert tried > 3 * graphs
    assert not wrong


@pytest.mark.thorough
def test_random_graphs_of_values_agree_with_the_branches_taken() -> None:
    tried = 0
    for seed in range(400):
        rng = random.Random(seed)
        recipe, at = BranchingRecipe(rng), [rng.choice(POINTS) for _ in range(3)]
        expected = reference(recipe, False, at)
        if expected is None:
            continue
        leaves = [Value(x) for x in at]
        try:
            y = recipe.build(leaves, only_taken=False)
        except DomainError:  # of a branch that is not taken: the engine computes both
            continue
        tried += 1
        assert near((y.data, grad(y, leaves)), expected), seed
        assert near((y.data, [jvp(y, x, 1.0) for x in leaves]), expected), seed
        try:
            slopes = [x.data for x in grad(y, leaves, create_graph=True)]
            tangents = [jvp(y, x, 1.0, create_graph=True).data for x in leaves]
        except DomainError as error:
            if "branch of where" not in str(error):
                raise
        else:
            assert near((y.data, slopes), expected), seed
            assert near((y.data, tangents), expected), seed
    assert tried > 100


X_0 = [  # graphs of x, the point, and the derivative there
    (lambda x: where(greater(x, 0.0), x.sqrt(), x), 0.0, 1.0),
    (lambda x: where(greater(x, 0.0), x.sqrt(), 0.0), 0.0, 0.0),
    (lambda x: where(greater(x, 1.0), x.sqrt(), where(greater(x, 0.5), 1.0 / x, 3.0 * x)), 0.0, 3.0),
    (lambda x: where(greater(x, 0.0), where(greater(x, 1.0), x.log(), x.sqrt()), -x), 0.0, -1.0),
]


def shared(x: Any) -> Any:
    s, c = x.sqrt(), greater(x, 0.0)
    return where(c, s, x) + where(c, 2.0 * s, x)


def decided_by_its_own_root(x: Any) -> Any:
    s = x.sqrt()
    return where(greater(s, 0.5), s, x)


CASES = [*X_0, (shared, 0.0, 2.0), (decided_by_its_own_root, 0.0, 1.0)]


@pytest.mark.parametrize(("make", "at", "slope"), CASES)
def test_a_branch_without_a_derivative_is_not_entered(make: Callable[[Any], Any], at: float, slope: float) -> None:
    x = Value(at, "x")
    y = make(Value(0.7))  # somewhere else, for the programs
    leaf = next(node for node in toposort(y) if not node.inputs and node.op is not constant)
    for backend in RUNNERS:
        assert engine.compile(y, [leaf], backend=backend).value_and_grad(at)[1] == [slope], backend
    try:
        y = make(x)
    except DomainError:  # log at 0: the engine computes both branches
        return
    assert grad(y, [x]) == [slope]
    y.backward()
    assert x.grad == slope


@every_runner
def test_below_the_domain_of_the_other_branch(backend: str) -> None:
    x = Value(1.0, "x")
    program = engine.compile(where(greater(x, 0.0), x.sqrt(), x), [x], backend=backend)
    assert program.value_and_grad(0.0) == (0.0, [1.0])
    assert program.value_and_grad(-1.0) == (-1.0, [1.0])
    assert program.value_and_grad(4.0) == (2.0, [0.25])
    total, slopes = program.sum_over([[0.0], [-1.0], [4.0]])
    assert (total, list(slopes)) == (1.0, [2.25])
    program.check([[0.0], [-1.0], [4.0]])


@every_runner
def test_the_second_derivative_on_the_other_side(backend: str) -> None:
    x = Value(4.0, "x")
    [first] = grad(where(greater(x, 0.0), x * x.sqrt(), x), [x], create_graph=True)
    assert first.data == 3.0
    program = engine.compile(first, [x], backend=backend)
    assert near(program.value_and_grad(4.0), (3.0, [0.375]))
    assert program.value_and_grad(0.0) == (1.0, [0.0])
    assert program.value_and_grad(-1.0) == (1.0, [0.0])


def test_a_graph_of_derivatives_stays_right_on_the_other_side() -> None:
    x = Value(2.0, "x")
    [slope] = grad(where(greater(x, 0.0), x * x, 3.0 * x), [x], create_graph=True)
    assert slope.data == 4.0
    x.data = -1.0
    slope.forward()
    assert slope.data == 3.0


def test_the_error_in_a_branch_not_taken_says_how_to_guard_it() -> None:
    x = Value(0.0, "x")
    with pytest.raises(DomainError, match=r"sqrt\(x = 0.0\) .* in a branch of where that is not taken.* where\(c, x"):
        grad(where(greater(x, 0.0), x.sqrt(), x), [x], create_graph=True)
    guarded = where(greater(x, 0.0), where(greater(x, 0.0), x, 1.0).sqrt(), x)
    assert [slope.data for slope in grad(guarded, [x], create_graph=True)] == [1.0]
    with pytest.raises(DomainError, match=r"sqrt\(x = -1.0\) .* in a branch of where, guard the argument"):
        Value(-1.0, "x").sqrt()
    x.data = 4.0
    y = where(greater(x, 0.0), x.sqrt(), x)
    [slope] = grad(y, [x], create_graph=True)
    for number, output in ((-1.0, y), (0.0, slope)):
        x.data = number
        with pytest.raises(DomainError, match="in a branch of where, guard the argument"):
            output.forward()


def test_a_zero_that_was_computed_is_not_an_absent_edge() -> None:
    x = Value(0.0, "x")
    with pytest.raises(DomainError, match=r"the derivative of sqrt\(x = 0.0\)"):
        grad(x.sqrt() ** 2.0, [x])
    with pytest.raises(DomainError, match=r"the derivative of sqrt\(x = 0.0\)"):
        grad(x.sqrt().relu(), [x])


def test_below_a_comparison_an_infinite_derivative_is_no_error() -> None:
    x, b, u = Value(2.0, "x"), Value(-1.0, "b"), Value(3.0, "u")
    assert grad(b ** greater(x, 0.0) + x, [x]) == [1.0]
    assert grad(greater(u, u).sqrt() + u, [u]) == [1.0]
    assert [slope.data for slope in grad(greater(u, u).sqrt() + u, [u], create_graph=True)] == [1.0]
    for backend in RUNNERS:
        assert engine.compile(greater(u, u).sqrt() + u, [u], backend=backend).value_and_grad(3.0)[1] == [1.0]
    with pytest.raises(DomainError):  # the other edge of the same node leads to a variable
        grad((greater(u, u) * u).sqrt() + u, [u])


def test_edges_after_one_without_a_derivative_are_taken() -> None:
    x, b = Value(0.0, "x"), Value(3.0, "b")
    y = greater(x, 1.0) ** (0.5 * b)  # 0 to the power of b/2, whose derivative w.r.t. the base is infinite for b < 2
    assert y.data == 0.0
    b.data = 1.0
    y.forward()
    assert grad(y + b, [b, x]) == [1.0, 0.0]


@pytest.mark.parametrize("target", [0, [1.0, 0.0]])
def test_a_logit_of_minus_infinity_has_probability_0(target: Any) -> None:
    logits = [Value(0.0), Value(-math.inf)]
    E = cross_entropy(logits, target)
    assert (E.data, grad(E, logits)) == (0.0, [0.0, 0.0])
    wrong = cross_entropy([Value(0.0), Value(-math.inf)], 1)
    assert wrong.data == math.inf


def test_a_binary_logit_may_be_infinite_too() -> None:
    for logit, target in ((math.inf, 1), (-math.inf, 0)):
        a = Value(logit)
        E = binary_cross_entropy(a, target)
        assert (E.data, grad(E, [a])) == (0.0, [0.0])


def test_a_score_of_minus_infinity_loses() -> None:
    assert hinge([Value(0.0), Value(-math.inf)], 0).data == 0.0


def test_constant_and_linear_powers_differentiate_to_constants() -> None:
    for exponent in (0, 1):
        x = Value(1e-200, "x")
        slope = x**exponent
        for _ in range(3):
            [slope] = grad(slope, [x], create_graph=True)
        assert slope.data == 0.0


def test_a_tiny_base_with_an_exponent_near_0() -> None:
    x, q = Value(1e-310, "x"), Value(1e-3, "q")
    assert grad(x**q, [x]) == pytest.approx([4.897788193684461e306], rel=1e-12)
    for backend in RUNNERS:
        assert engine.compile(x**q, [x, q], [x], backend=backend).value_and_grad(1e-310, 1e-3)[1] == pytest.approx(
            [4.897788193684461e306], rel=1e-12
        )


def test_the_second_derivative_of_a_square_is_a_number() -> None:
    v = Value(1.5, "v")
    [first] = grad(v**2, [v], create_graph=True)
    [second] = grad(first, [v], create_graph=True)
    source = engine.compile([first, second], [v], backend="python").source
    assert "return [2.0 * v, 2.0]" in source


@pytest.mark.parametrize("exponent", [2, 3, 4, -1, -2, 0.5, 1.5])
def test_derivatives_of_a_constant_power_choose_nothing(exponent: float) -> None:
    v = Value(1.5, "v")
    derivatives = grad(v**exponent, [v], create_graph=True)
    for _ in range(2):
        derivatives += grad(derivatives[-1], [v], create_graph=True)
    program = engine.compile(derivatives, [v], backend="python").source.split("\n\n\n")[-1]
    assert " if " not in program


def test_paths_do_not_lead_into_a_branch_that_is_not_taken() -> None:
    x, c = Value(0.0, "x"), Value(1.0, "c")
    y = where(c, 3.0 * x, x.sqrt()) + greater(c, x)
    assert [path.product for path in paths(y, x)] == [3.0]
    assert (count_paths(y, x), count_paths(y, c)) == (1, 0)
    assert "0 paths" in repr(explain(y, c))
    assert explain(y, x).total == explain(y, x).gradient == 3.0


def test_a_drawing_has_an_arrow_without_a_derivative_there() -> None:
    c, a, b = Value(1.0, "c"), Value(2.0, "a"), Value(3.0, "b")
    source = draw(where(c, a, b), local_derivatives=True).source
    assert re.findall(r"(\w+) -> n4", source) == ["n1", "e1", "n3"]  # by way of the number on the arrow
    assert re.findall(r"e1 \[label=(\S+)|(\w+) -> e1", source) == [("1", ""), ("", "n2")]


def test_steps_and_tables_leave_out_nodes_without_a_path() -> None:
    x = Value(0.0, "x")
    y = where(greater(x, 0.0), x.sqrt(), 2.0 * x)
    y.label = "y"
    assert [step.contribution for step in Stepper(y).steps if step.input is not None] == [1.0, 2.0]
    [row] = backpropagation_table(y).rows
    assert row.number == 2.0


def test_a_formula_may_stand_below_many_choices() -> None:
    x = Value(0.5, "x")
    y = x * x
    for i in range(20):
        y = where(Value(1.0, f"c_{i}"), y.sin(), x)
    y.label = "y"
    [formula] = [slope for node, slope in NamedGraph(y).formulas(y).items() if node is x]
    assert any(part.op is where for part in toposort(formula))
    assert len(backpropagation_table(y).rows) == 1


def test_an_infinite_derivative_that_is_asked_for_is_an_error() -> None:
    u = Value(1.0, "u")
    g = greater(u, u)
    y = g.sqrt() + u
    for create_graph in (False, True):
        with pytest.raises(DomainError, match="the derivative of sqrt"):
            grad(y, [g, u], create_graph)
    assert grad(where(Value(0.0), u, 0.0).sqrt() + u, [u]) == [1.0]  # nor does a path lead on by the other branch


def test_a_rule_that_leaves_the_reals_is_a_domain_error() -> None:
    half = Op("half_power", "h", lambda x: x**2, [lambda z, x: 2.0 * x**0.5])
    with pytest.raises(DomainError, match=r"the derivative of half_power\(x = -1.0\)"):
        half(Value(-1.0, "x")).backward()


def test_looking_for_anomalies_does_not_enter_a_branch_either() -> None:
    x = Value(0.0, "x")
    guarded = Op("guarded", "g", lambda x: x * x, [lambda z, x: where(greater(x, 0.0), 1.0 / x, 0.0)])
    with detect_anomaly():
        assert grad(where(greater(x, 0.0), x.sqrt(), x), [x]) == [1.0]
        assert grad(guarded(x), [x]) == [0.0]


def test_training_errors_are_not_looked_for_in_unused_branches() -> None:
    x, w, c = Value(0.0, "x"), Value(1e-300, "w"), Value(0.0, "c")
    overflow = (w * 1e300).log() * 1e10
    for y in (overflow + where(greater(x, 0.0), x.sqrt(), x), overflow + where(c, w.sin(), 0.0)):
        order = toposort(y)
        graph = SampleGraph([], [y], y, order, [node for node in order if node.inputs])
        assert describe_nonfinite(graph).startswith("a derivative becomes inf at multiply(w = 1e-300, 1e+300)")


def test_a_program_explains_only_what_was_asked_for() -> None:
    x, q = Value(0.0, "x"), Value(0.75, "q")
    program = engine.compile(x**q, [q], backend="python")
    assert program.value_and_grad(0.5) == (0.0, [0.0])
    program.check([[0.5]])
    with pytest.raises(DomainError, match=r"the derivative of sqrt\(0.0\)"):
        engine.compile((q - 0.5).sqrt() * 1.0 + x**q, [q], backend="python").value_and_grad(0.5)


def test_operations_are_freed_when_nobody_has_them() -> None:
    kept = []
    for _ in range(20):
        op = operation("short_lived", "s", lambda x: x * x, lambda z, x: 2.0 * x)
        kept.append(weakref.ref(op))
        del TABLE["short_lived"], op
    gc.collect()
    assert not any(reference() for reference in kept)


# Guards alone


Links = dict[str, list[tuple[str, Condition | None]]]


def chain_of(*conditions: tuple[str, bool]) -> Links:
    links: Links = {}
    for i, (name, holds) in enumerate(conditions):
        links[f"n{i}"] = [(f"n{i + 1}", Condition(name, holds))]
    return links


def guards_of(order: list[str], links: Links) -> Guards:
    return Guards(order, lambda node: links.get(node, []), name_guard=lambda guard: f"g{len(guard)}")


def all_of(*conditions: tuple[str, bool]) -> frozenset[Condition]:
    return frozenset(Condition(*condition) for condition in conditions)


def test_a_guard_collects_the_conditions_of_a_path() -> None:
    guards = guards_of(["n2", "n1", "n0"], chain_of(("c", True), ("d", False)))
    assert guards.of("n0") == ALWAYS_MET
    assert guards.of("n2") == Guard({all_of(("c", True), ("d", False))})
    assert guards.of("stranger") == NEVER_MET


def test_opposite_conditions_on_one_path_exclude_each_other() -> None:
    assert guards_of(["n2", "n1", "n0"], chain_of(("c", True), ("c", False))).of("n2") == NEVER_MET


def test_paths_through_both_branches_are_merged() -> None:
    c, d = Condition("c", True), Condition("d", True)
    links: Links = {"y": [("a", c), ("b", c._replace(holds=False))], "a": [("x", d)], "b": [("x", d)], "x": []}
    assert guards_of(["x", "b", "a", "y"], links).of("x") == Guard({all_of(("d", True))})
    links["b"] = [("x", None)]
    assert guards_of(["x", "b", "a", "y"], links).of("x") == Guard(
        {all_of(("c", False)), all_of(("c", True), ("d", True))}
    )


def test_a_path_with_further_conditions_is_absorbed() -> None:
    c, d = Condition("c", True), Condition("d", True)
    links: Links = {"y": [("a", c), ("x", c)], "a": [("x", d)]}
    assert guards_of(["x", "a", "y"], links).of("x") == Guard({all_of(("c", True))})


def test_a_guard_of_many_conditions_gets_a_name() -> None:
    n = 40
    guards = guards_of([f"n{i}" for i in range(n, -1, -1)], chain_of(*[(f"c{i}", True) for i in range(n)]))
    assert all(len(conditions) <= 13 for i in range(n) for conditions in guards.of(f"n{i}"))


def test_networks_of_where_units_are_compiled_in_time() -> None:
    rng = random.Random(0)
    units = inputs = [Value(rng.uniform(-1.0, 1.0)) for _ in range(4)]
    weights: list[Value] = []
    for _ in range(4):
        rows = [[Value(rng.uniform(-1.0, 1.0)) for _ in units] for _ in range(by_night(6, 12))]
        weights += [w for row in rows for w in row]
        sums = [dot(row, units) for row in rows]
        units = [where(greater(a, 0.0), a, 0.0) for a in sums]
    y = dot([1.0] * len(units), units)
    for backend in RUNNERS:
        program = engine.compile(y, inputs, weights, backend=backend)
        found = program.value_and_grad(*[x.data for x in inputs])[1]
        assert found == pytest.approx(grad(y, weights), rel=1e-12)
