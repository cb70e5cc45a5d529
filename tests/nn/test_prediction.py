"""`predict`: numbers in, the model's outputs as numbers, for a row or rows; compiled as `fit` compiles."""

import math
import random
import re
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from engine import DomainError, Value
from nn import MLP, Layer, Module, Neuron, fit, half_squared_error
from nn.prediction import MAX_SEPARATE_ROWS
from nn.training import buffers, runner
from tests.nn.small_task import parameter_data

RNG = random.Random(0)
FEW = [[RNG.uniform(-2, 2), RNG.uniform(-2, 2)] for _ in range(3)]
MANY = [[RNG.uniform(-2, 2), RNG.uniform(-2, 2)] for _ in range(4 * MAX_SEPARATE_ROWS)]


def network(*sizes: int) -> MLP:
    return MLP(2, sizes, "tanh", rng=random.Random(0))


def called(model: Callable[[Any], Any], rows: Sequence[Any]) -> list[Any]:
    """The outputs as the model itself gives them, a row at a time."""
    outputs = [model([Value(x) for x in row]) for row in rows]
    return [[z.data for z in given] if isinstance(given, list) else given.data for given in outputs]


@pytest.mark.parametrize("rows", [FEW, MANY, MANY[: MAX_SEPARATE_ROWS + 1]], ids=len)
@pytest.mark.parametrize("sizes", [(3, 1), (3, 2)], ids=["one output", "two outputs"])
def test_rows_give_what_the_network_gives_for_each(sizes: tuple[int, ...], rows: list[list[float]]) -> None:
    model = network(*sizes)
    predicted = model.predict(rows)
    assert np.array(predicted) == pytest.approx(np.array(called(model, rows)), rel=1e-13)
    if len(rows) == len(FEW):
        assert predicted == called(model, rows), "to the bit"


@pytest.mark.parametrize("row", [[0.5, -1], (0.5, -1), array("d", [0.5, -1]), [np.float32(0.5), True - 2]], ids=repr)
def test_one_row_gives_a_number_or_a_list(row: Any) -> None:
    one, two = network(3, 1), network(3, 2)
    assert one.predict(row) == called(one, [[0.5, -1.0]])[0]
    assert two.predict(row) == called(two, [[0.5, -1.0]])[0]
    assert type(one.predict(row)) is float


def test_one_row_in_a_list_gives_one_result_in_a_list() -> None:
    assert network(3, 1).predict([[0.5, -1.0]]) == called(network(3, 1), [[0.5, -1.0]])


@pytest.mark.parametrize("rows", [FEW, MANY], ids=len)
def test_arrays_give_arrays_of_scikit_learns_shapes(rows: list[list[float]]) -> None:
    one, two = network(3, 1).predict(np.array(rows)), network(3, 2).predict(np.array(rows))
    assert (one.shape, one.dtype, two.shape) == ((len(rows),), np.dtype(float), (len(rows), 2))
    assert one.tolist() == network(3, 1).predict(rows)
    assert two.tolist() == network(3, 2).predict(rows)
    assert network(3, 2).predict(np.array(rows[0])).shape == (2,)
    assert type(network(3, 1).predict(np.array(rows[0]))) is float


def test_without_numpy_an_array_of_another_kind_gives_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.array(FEW)
    monkeypatch.setattr(buffers, "_numpy", lambda: None)
    assert network(3, 1).predict(rows) == called(network(3, 1), FEW)


def test_a_network_of_one_input_takes_rows_of_one_number() -> None:
    line = MLP(1, [1], rng=random.Random(0))
    assert line.predict([[1.0], [2.0]]) == called(line, [[1.0], [2.0]])
    assert line.predict([2.0]) == line.predict(2.0) == called(line, [[2.0]])[0]
    for flat in ([1.0, 2.0, 3.0], np.array([1.0, 2.0, 3.0])):
        with pytest.raises(
            ValueError, match=re.escape("takes 1 inputs, 3 were given; a flat list is one row; several")
        ):
            line.predict(flat)


def test_neurons_and_layers_predict_too() -> None:
    for part in (Neuron(2), Layer(2, 3)):
        assert part.predict(FEW) == called(part, FEW)
        assert np.array(part.predict(MANY)) == pytest.approx(np.array(called(part, MANY)), rel=1e-13)


def test_parameters_that_change_count_at_once() -> None:
    model = network(3, 1)
    before = model.predict(MANY)
    fit(model, half_squared_error, FEW, [5.0, 5.0, 5.0], epochs=3)
    after = model.predict(MANY)
    assert after == pytest.approx(called(model, MANY), rel=1e-13)
    assert after != before


def test_predicting_leaves_the_network_as_it_was() -> None:
    model = network(3, 1)
    for p in model.parameters():
        p.grad = 0.25
    before = parameter_data(model)
    model.predict(MANY)
    assert parameter_data(model) == before
    assert {p.grad for p in model.parameters()} == {0.25}


class Own(Module):
    """A module whose graph is made by a function of the caller."""

    def __init__(self, function: Callable[[list[Value]], Any]) -> None:
        self.function = function

    def __call__(self, inputs: list[Value]) -> Any:
        return self.function(inputs)


GRAPHS: dict[str, Callable[[list[Value]], Any]] = {
    "compares": lambda x: x[0] * 2 if x[0] > x[1] else x[1] - 1,
    "sorts by data": lambda x: sorted([x[0] * 1, x[1] * 1], key=lambda v: v.data),
    "reads data": lambda x: x[0] * abs(x[1].data),
    "ignores an input": lambda x: x[1].exp(),
    "does not compute": lambda x: [x[1], x[0]],
    "is constant": lambda x: Value(3.0),
    "repeats": lambda x: [z := x[0] * x[1], z],
}


@pytest.mark.parametrize("function", GRAPHS.values(), ids=GRAPHS)
def test_a_model_of_any_graph_gives_what_it_gives_when_called(function: Callable[[list[Value]], Any]) -> None:
    model = Own(function)
    assert np.array(model.predict(MANY)) == pytest.approx(np.array(called(model, MANY)), rel=1e-13)
    assert model.predict(FEW) == called(model, FEW)


def test_many_rows_are_compiled_and_few_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[type] = []
    for kind in (runner.GraphRunner, runner.ProgramRunner):

        def noted(self: Any, *given: Any, kind: Any = kind, start: Any = kind.__init__) -> None:
            made.append(kind)
            start(self, *given)

        monkeypatch.setattr(kind, "__init__", noted)
    network(3, 1).predict(FEW)
    network(3, 1).predict(MANY)
    Own(GRAPHS["compares"]).predict(MANY)
    assert [kind.__name__ for kind in made] == ["GraphRunner", "ProgramRunner", "GraphRunner"]


@pytest.mark.parametrize("rows", [FEW, MANY], ids=len)
def test_an_undefined_output_names_the_row(rows: list[list[float]]) -> None:
    positive = [[abs(x), abs(y)] for x, y in rows]
    positive[2][1] = -1.0
    with pytest.raises(DomainError, match=re.escape("inputs[2]: log(x_2 = -1.0) is not finite")):
        Own(lambda x: x[1].log() * x[0]).predict(positive)


REFUSED: list[tuple[Any, type[Exception], str]] = [
    ([[1.0, 2.0], [1.0]], ValueError, "inputs[1] has length 1, but inputs[0] has length 2"),
    ([[1.0, 2.0], 3.0], ValueError, "inputs[1] has length 1, but inputs[0] has length 2"),
    ([1.0, 2.0, 3.0], ValueError, "takes 2 inputs, 3 were given; a flat list is one row"),
    ([[1.0, 2.0, 3.0]] * 2, ValueError, "takes 2 inputs, 3 were given"),
    ([[1.0, 2.0, 3.0]] * 100, ValueError, "takes 2 inputs, 3 were given"),
    ([], ValueError, "inputs is empty"),
    (np.zeros((0, 2)), ValueError, "inputs is empty"),
    ([[]], ValueError, "inputs[0] is empty"),
    ([1.0, math.nan], ValueError, "inputs[1] is nan: a finite number is needed"),
    ([[1.0, 2.0], [1.0, math.inf]], ValueError, "inputs[1][1] is inf: a finite number is needed"),
    (["1", "2"], TypeError, "inputs[0] is '1', of type str"),
    ("12", TypeError, "inputs is '12', of type str: a finite number is needed"),
    ([[[1.0, 2.0]]], TypeError, "inputs[0][0] is [1.0, 2.0], of type list"),
    ({1.0: 2.0}, TypeError, "of type dict"),
    (None, TypeError, "inputs is None"),
]


@pytest.mark.parametrize(("inputs", "error", "message"), REFUSED, ids=[f"{given!r:.40}" for given, _, _ in REFUSED])
def test_inputs_that_do_not_fit_are_named(inputs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        network(3, 1).predict(inputs)


def test_a_parameter_that_is_not_a_number_is_named() -> None:
    model = network(3, 1)
    data: Any = None
    model.parameters()[0].data = data
    for rows in (FEW, MANY):
        with pytest.raises(TypeError, match=re.escape("w_11^(1).data is None, of type NoneType: it must be a number")):
            model.predict(rows)


def test_an_output_that_overflows_is_infinite() -> None:
    for rows in (FEW, MANY):
        first, *rest = Own(lambda x: x[0] * 1e308 * 1e308).predict(rows)
        assert math.isinf(first)
        assert all(map(math.isinf, rest))


def test_a_module_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError, match=r"the model must be callable and have parameters\(\)"):
        Module().predict([1.0])


def test_a_model_that_does_not_return_values_is_refused() -> None:
    for wrong in (lambda x: x[0].data, lambda x: np.array([1.0]), lambda x: np.array([[x[0]]]), lambda x: np.array([])):
        with pytest.raises(TypeError, match="a model must return a Value, or a list or an array of them, not"):
            Own(wrong).predict(FEW)
