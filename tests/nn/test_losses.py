"""Losses: values and gradients, PyTorch's numbers, labels, and that gradient descent lowers them."""

import math
import random
import sys
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import pytest

from engine import Value, check_gradients, compile, exp, grad, ops, sigmoid, toposort
from engine.comparisons import record_comparisons
from nn import MLP, binary_cross_entropy, cross_entropy, fit, half_squared_error, hinge, mean_squared_error
from nn.losses import one_hot
from nn.training.objective import Loss
from tests.effort import count_calls
from tests.engine.compiler.backends import RUNNERS
from tests.nn.worked_networks import FIGURE_4, approx_12_digits, nodes_by_label

# Each loss with targets for one output or for three.
CASES: dict[str, tuple[Loss, list[Any]]] = {
    "half_squared_error": (half_squared_error, [0.25, [0.25, -1.0, 2.0]]),
    "mean_squared_error": (mean_squared_error, [0.25, [0.25, -1.0, 2.0]]),
    "binary_cross_entropy": (binary_cross_entropy, [0, 1, 0.25, [0, 1, 1], [0.5, 0.125, 1.0]]),
    "cross_entropy": (cross_entropy, [0, 2, [0, 1, 0], [0.25, 0.25, 0.5]]),
    "hinge": (hinge, [-1, [1], 0, 2, [0, 1, 0]]),
}
SAMPLES = [(loss, targets) for loss, many in CASES.values() for targets in many]
EVERY_SAMPLE = pytest.mark.parametrize(
    ("loss", "targets"), SAMPLES, ids=[f"{loss.__name__} {targets}" for loss, targets in SAMPLES]
)


def outputs_for(loss: Loss, targets: Any, numbers: list[float]) -> list[Value]:
    """Three outputs, or one if the targets are for one."""
    indexed = loss in (cross_entropy, hinge) and targets != -1
    n = len(targets) if isinstance(targets, list) else 3 if indexed else 1
    return [Value(number, f"a_{i}") for i, number in enumerate(numbers[:n], 1)]


# All losses


@EVERY_SAMPLE
def test_first_and_second_derivatives_are_central_differences(loss: Loss, targets: Any) -> None:
    for seed in range(5):
        rng = random.Random(seed)
        outputs = outputs_for(loss, targets, [rng.uniform(-2, 2) for _ in range(3)])
        E = loss(outputs, targets)
        assert all(check.agrees for check in check_gradients(E, outputs))
        for derivative in grad(E, outputs, create_graph=True):
            in_graph = [a for a in outputs if a in set(toposort(derivative))]
            assert all(check.agrees for check in check_gradients(derivative, in_graph))


@EVERY_SAMPLE
def test_the_error_is_labelled_e_and_number_targets_are_leaves_y(loss: Loss, targets: Any) -> None:
    outputs = outputs_for(loss, targets, [0.5, -0.25, 1.0])
    n = len(outputs)
    alone = n == 1 and not isinstance(targets, list)
    E = loss(outputs, targets)
    leaves = {node.label for node in toposort(E) if node.op is ops.variable}
    expected = ["y"] if alone else [f"y_{i}" for i in range(1, n + 1)]
    assert leaves == {*expected, *(output.label for output in outputs)}
    assert E.label == "E"


@EVERY_SAMPLE
def test_a_graph_built_for_one_sample_serves_another(loss: Loss, targets: Any) -> None:
    rng = random.Random(7)
    outputs = outputs_for(loss, targets, [0.5, 0.5, 0.5])
    with record_comparisons() as compared:
        E = loss(outputs, targets)
    assert not compared
    wanted = [node for node in toposort(E) if node.label.startswith("y")]
    wanted.sort(key=lambda y: y.label)
    for _ in range(5):
        for output in outputs:
            output.data = rng.uniform(-3, 3)
        others = [y.data for y in wanted]
        rng.shuffle(others)
        for y, number in zip(wanted, others, strict=True):
            y.data = number
        again = [Value(output.data) for output in outputs]
        fresh = loss(again, others)
        assert E.forward() == fresh.data
        assert grad(E, outputs) == grad(fresh, again)


@EVERY_SAMPLE
def test_targets_that_are_values_give_the_same_error(loss: Loss, targets: Any) -> None:
    outputs = outputs_for(loss, targets, [0.5, -0.25, 1.0])
    n = len(outputs)
    numbers = targets if isinstance(targets, list) else [targets] if n == 1 else one_hot(targets, n)
    values = [Value(number) for number in numbers]
    expected, E = loss(outputs, targets), loss(outputs, values)
    assert E.data == expected.data
    assert grad(E, outputs) == grad(expected, outputs)
    if n == 1:
        assert loss(outputs[0], values[0]).data == expected.data


@EVERY_SAMPLE
def test_a_numpy_row_or_number_does_as_well(loss: Loss, targets: Any) -> None:
    outputs = outputs_for(loss, targets, [0.5, -0.25, 1.0])
    same = np.array(targets) if isinstance(targets, list) else np.float64(targets)
    assert loss(outputs, same).data == loss(outputs, targets).data


# PyTorch's numbers


def torch_loss(loss: Loss, outputs: Any, targets: Any, torch: Any) -> Any:
    """The same error by PyTorch, for its tensor of outputs."""
    wanted = torch.tensor(targets, dtype=torch.float64 if isinstance(targets, list) else None)
    functions = torch.nn.functional
    if loss is mean_squared_error:
        return functions.mse_loss(outputs, wanted.to(torch.float64).reshape(outputs.shape))
    if loss is half_squared_error:
        return functions.mse_loss(outputs, wanted.to(torch.float64).reshape(outputs.shape), reduction="sum") / 2
    if loss is binary_cross_entropy:
        return functions.binary_cross_entropy_with_logits(outputs, wanted.to(torch.float64).reshape(outputs.shape))
    if loss is cross_entropy:
        return functions.cross_entropy(outputs, wanted)
    if len(outputs) == 1:
        return torch.relu(1.0 - wanted * outputs).sum()
    index = wanted.argmax() if isinstance(targets, list) else wanted
    return functions.multi_margin_loss(outputs, index) * len(outputs)


@EVERY_SAMPLE
def test_values_and_gradients_are_pytorchs(loss: Loss, targets: Any) -> None:
    torch = pytest.importorskip("torch")
    rng = random.Random(3)
    for size in (1.0, 10.0, 1000.0):
        outputs = outputs_for(loss, targets, [rng.uniform(-size, size) for _ in range(3)])
        theirs = torch.tensor([output.data for output in outputs], dtype=torch.float64, requires_grad=True)
        reference = torch_loss(loss, theirs, targets, torch)
        reference.backward()
        E = loss(outputs, targets)
        assert E.data == pytest.approx(reference.item(), rel=1e-12, abs=1e-12)
        assert grad(E, outputs) == pytest.approx(theirs.grad.tolist(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("backend", [*RUNNERS, "numpy"])
def test_what_has_a_target_of_0_counts_0_if_infinite(backend: str) -> None:
    a, y = [Value(0.0), Value(1.0)], [Value(1.0), Value(0.0)]
    program = compile(cross_entropy(a, y), [*a, *y], [*a, *y], backend=backend)
    assert program.value_and_grad([0.0, -math.inf, 1.0, 0.0]) == (0.0, [0.0, 0.0, 0.0, sys.float_info.max])
    assert program.value_and_grad([1e308, -1e308, 1.0, 0.0]) == (0.0, [0.0, 0.0, 0.0, sys.float_info.max])
    loss, gradient = program.value_and_grad([2.0, 2.0, 0.25, 0.75])  # as large as each other
    assert (loss, gradient) == (pytest.approx(math.log(2.0)), [0.25, -0.25, loss, loss])
    margin = compile(hinge(a, y), [*a, *y], [*a, *y], backend=backend)
    assert margin.value_and_grad([0.0, -math.inf, 1.0, 0.0]) == (0.0, [0.0, 0.0, -1.0, 0.0])
    loss, gradient = margin.value_and_grad([-math.inf, 1.0, 1.0, 0.0])
    assert (loss, gradient[:2]) == (math.inf, [-1.0, 1.0])


@pytest.mark.parametrize("backend", [*RUNNERS, "numpy"])
def test_a_computed_target_of_0_of_a_masked_class_has_a_gradient(backend: str) -> None:
    a, t = [Value(0.0), Value(1.0), Value(2.0)], [Value(-1000.0), Value(0.0), Value(1.0)]
    program = compile(cross_entropy(a, softmax(t)), [*a, *t], t, backend=backend)
    of_others = grad(cross_entropy(a[1:], softmax(t[1:])), t[1:])
    for masked in (-math.inf, -1.7e308):
        _, found = program.value_and_grad([masked, 1.0, 2.0, -1000.0, 0.0, 1.0])
        assert found == [0.0, *map(pytest.approx, of_others)]
    binary = compile(binary_cross_entropy(a[0], sigmoid(t[0])), [a[0], t[0]], [t[0]], backend=backend)
    assert binary.value_and_grad([-math.inf, -1000.0]) == (0.0, [0.0])


# The paper's error


def test_half_squared_error_of_one_output() -> None:
    z = Value(0.75)
    E = half_squared_error(z, 0.25)
    assert E.data == (0.75 - 0.25) ** 2 / 2
    assert grad(E, [z]) == [0.75 - 0.25]


def test_half_squared_error_of_several_outputs_is_their_sum() -> None:
    z = [Value(1.0), Value(-2.0), Value(0.5)]
    E = half_squared_error(z, [0.0, 1.0, 0.5])
    assert E.data == (1.0 + 9.0 + 0.0) / 2
    assert grad(E, z) == [1.0, -3.0, 0.0]


def test_the_error_and_its_targets_have_labels() -> None:
    z = Value(0.75, "z")
    assert set(nodes_by_label(half_squared_error(z, 0.25))) == {"E", "z", "y"}
    assert set(nodes_by_label(half_squared_error([z], [0.25]))) == {"E", "z", "y_1"}
    assert set(nodes_by_label(half_squared_error([z, Value(1.0, "u")], (0.25, 2)))) == {"E", "z", "u", "y_1", "y_2"}


def test_targets_may_be_a_numpy_row() -> None:
    z = [Value(1.0, "z_1"), Value(-2.0, "z_2")]
    row: Any = np.array([0.0, 1.0])  # not a Sequence for type checkers
    E = half_squared_error(z, row)
    assert E.data == 5.0
    assert set(nodes_by_label(E)) == {"E", "z_1", "z_2", "y_1", "y_2"}


def test_a_target_that_is_a_value_keeps_its_label() -> None:
    z, y = Value(0.75, "z"), Value(0.25, "target")
    E = half_squared_error(z, y)
    assert set(nodes_by_label(E)) == {"E", "z", "target"}
    assert grad(E, [y]) == [-0.5]


def test_a_square_is_one_node_and_one_path() -> None:
    E = half_squared_error(Value(0.75), 0.25)
    assert [node.op for node in toposort(E) if node.inputs] == [ops.subtract, ops.power, ops.divide]


# Arguments


TWO, THREE = [Value(1.0), Value(2.0)], [Value(1.0), Value(2.0), Value(3.0)]


@pytest.mark.parametrize("loss", [loss for loss, _ in CASES.values()], ids=list(CASES))
def test_each_output_needs_a_target(loss: Loss) -> None:
    with pytest.raises(ValueError, match="2 outputs need as many targets, 1 were given"):
        loss(TWO, [1.0])
    with pytest.raises(ValueError, match="2 outputs need as many targets, 3 were given"):
        loss(TWO, [1.0, 0.0, 0.0])
    if loss in (cross_entropy, hinge):
        with pytest.raises(ValueError, match="2 outputs, but got one Value: make a class one-hot"):
            loss(TWO, Value(1.0))
    if loss is not cross_entropy:
        with pytest.raises(ValueError, match="1 output needs 1 target, 2 were given"):
            loss(Value(1.0), [1.0, 0.0])
    if loss not in (cross_entropy, hinge):
        with pytest.raises(ValueError, match="0 outputs need as many targets, 0 were given"):
            loss([], [])
        with pytest.raises(ValueError, match="2 outputs need as many targets, 1 were given"):
            loss(TWO, 1.0)


@pytest.mark.parametrize("loss", [loss for loss, _ in CASES.values()], ids=list(CASES))
def test_targets_that_are_values_may_have_any_number(loss: Loss) -> None:
    E = loss(THREE, [Value(7.0, "y_1"), Value(7.0, "y_2"), Value(7.0, "y_3")])
    assert math.isfinite(E.data)


# Gradient descent


def test_eq_31_two_steps_downhill_on_the_network_of_figure_4() -> None:
    E = FIGURE_4.build()
    nodes = nodes_by_label(E)
    weights = [node for label, node in nodes.items() if label.startswith("w")]
    errors = []
    for _ in range(2):
        E.zero_grad()
        E.backward()
        for w in weights:
            w.data -= 0.5 * w.grad
        errors.append(E.forward())
    assert errors == [approx_12_digits(0.0837925319797), approx_12_digits(0.0794044382280)]
    assert nodes["w_11^(1)"].data == approx_12_digits(0.466594433027)
    assert nodes["w_22^(2)"].data == approx_12_digits(0.648978722687)
    assert nodes["w_12^(3)"].data == approx_12_digits(-1.78194499077)


def test_a_small_training_loop_learns_xor() -> None:
    samples = [((-1, -1), -1), ((-1, 1), 1), ((1, -1), 1), ((1, 1), -1)]
    network = MLP(2, [4, 1], "tanh", rng=random.Random(0))

    def epoch(rate: float) -> float:
        total = 0.0
        for x, y in samples:
            E = half_squared_error(network(x), y)
            network.zero_grad()
            E.backward()
            for p in network.parameters():
                p.data -= rate * p.grad
            total += E.data
        return total

    before = epoch(0.0)
    for _ in range(150):
        after = epoch(0.1)
    assert before > 1.0
    assert after < 0.01


@pytest.mark.parametrize(("a", "y"), [(40.0, 1.0), (-40.0, 0.0)])
def test_binary_cross_entropy_does_not_cancel_for_large_logits(a: float, y: float) -> None:
    logit = Value(a, "a")
    E = binary_cross_entropy(logit, y)
    E.backward()
    assert E.data == pytest.approx(math.exp(-40.0), rel=1e-12)
    assert logit.grad == pytest.approx(math.copysign(math.exp(-40.0), -a), rel=1e-12)


def logistic(a: Value) -> Value:
    z: Value = 1 / (1 + exp(-a))
    return z


def softmax(scores: Sequence[Value]) -> list[Value]:
    total = sum(exp(a) for a in scores)
    return [exp(a) / total for a in scores]


def shifted_softmax(scores: Sequence[Value]) -> list[Value]:
    largest = max(scores, key=lambda a: a.data)
    return [exp(a - largest) / sum([exp(b - largest) for b in scores]) for a in scores]


A, B = Value(0.5, "a_1"), Value(-1.0, "a_2")
PROBABILITIES: dict[str, tuple[str, list[Value]]] = {
    "sigmoid": ("sigmoid", [A.sigmoid(), sigmoid(B)]),
    "logistic": ("sigmoid or softmax", [logistic(A), logistic(B)]),
    "the other logistic": ("sigmoid or softmax", [exp(a) / (exp(a) + 1.0) for a in (A, B)]),
    "softmax": ("sigmoid or softmax", softmax([A, B])),
    "shifted softmax": ("sigmoid or softmax", shifted_softmax([A, B])),
    "an MLP's": ("sigmoid", cast(Any, MLP(2, [2], output_activation="sigmoid"))([A, B])),
}


@pytest.mark.parametrize("loss", [binary_cross_entropy, cross_entropy])
@pytest.mark.parametrize("name", PROBABILITIES)
def test_probabilities_are_not_logits(loss: Any, name: str) -> None:
    function, outputs = PROBABILITIES[name]
    message = f"^{loss.__name__} takes .*, but (output 1|z_1.*) is a probability, the result of {function}: leave that"
    with pytest.raises(ValueError, match=message):
        loss(outputs, [1.0, 0.0])
    with pytest.raises(ValueError, match=f"the result of {function}: leave"):
        binary_cross_entropy(outputs[0], 1.0)


@pytest.mark.parametrize("name", PROBABILITIES)
def test_probabilities_may_be_scores(name: str) -> None:
    _, [p, q] = PROBABILITIES[name]
    hinge(p, 1)
    hinge([p, q], 0)
    cross_entropy([p, A], 0)
    cross_entropy([A, q, B], [0.0, 1.0, 0.0])


@pytest.mark.parametrize(
    "score",
    [A, A.tanh(), A * 2, -A.sigmoid(), A.sigmoid() / 2, A / B, 1 / exp(A), exp(A) / exp(B), exp(A) / (exp(B) + exp(-A)),
     2 / (1 + exp(A)), (exp(A) - 1) / (exp(A) + 1), 1 / (1 + A), A.softplus(), softmax([A, B])[0].log()],
)  # fmt: skip
def test_other_scores_are_logits(score: Value) -> None:
    binary_cross_entropy(score, 1.0)
    cross_entropy([score, score], 0)


def test_a_sum_of_shared_sums_is_searched_once() -> None:
    total = A + B
    for _ in range(200):
        total = total + total
    binary_cross_entropy(exp(A) / total, 1.0)


@pytest.mark.parametrize("numerator", [lambda a: a, lambda a: exp(2 * a)], ids=["a", "another power"])
def test_a_denominator_of_many_terms_is_searched_once(numerator: Any) -> None:
    def calls(n: int) -> int:
        scores = [Value(i / n) for i in range(n)]
        total = sum(exp(a) for a in scores)
        outputs = [numerator(a) / total for a in scores]
        return count_calls(lambda: binary_cross_entropy(outputs, [0.0] * n))

    assert calls(800) < 1.1 * 8 * calls(100)


def test_a_training_on_probabilities_is_refused() -> None:
    network = MLP(1, [1], output_activation="sigmoid")
    message = "takes logits, since σ is part of it, but z_1.* is a probability, the result of sigmoid: leave that out"
    with pytest.raises(ValueError, match=message):
        fit(network, binary_cross_entropy, [[0.0], [1.0]], [0.0, 0.0])


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (half_squared_error, [0.5, 2.0]),
        (mean_squared_error, [0.5, 2.0]),
        (binary_cross_entropy, [1.0, 0.0]),
        (cross_entropy, [1.0, 0.0]),
        (hinge, [1.0, 0.0]),
    ],
)
def test_targets_and_outputs_may_be_generators(loss: Callable[..., Value], targets: list[float]) -> None:
    def outputs() -> list[Value]:
        return [Value(1.5, "a_1"), Value(-0.5, "a_2")]

    expected = loss(outputs(), targets).data
    generator: Any = (y for y in targets)
    assert loss(outputs(), generator).data == expected
    assert loss(iter(outputs()), targets).data == expected


def test_one_target_may_come_from_a_generator() -> None:
    for loss in (half_squared_error, mean_squared_error, binary_cross_entropy, hinge):
        output: Any = iter([Value(1.5)])
        target: Any = iter([1.0])
        assert loss(output, target).data == loss(Value(1.5), 1.0).data
