"""Optimizers: PyTorch's rules, checked by worked numbers and by PyTorch; the same bits for every type of sequence."""

import random
import re
from array import array
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

from engine import Value
from nn import MLP, SGD, Adam, AdamW, Optimizer, half_squared_error
from nn.schedules import linear
from nn.training import buffers
from nn.training.buffers import SquareRoot, UpdateRule

Make = Callable[[list[Value]], Optimizer]

# One parameter that begins at 1, its derivatives in three steps, and its numbers by the update rules that PyTorch
# documents, computed with 50 digits.
GRADIENTS = [0.5, -1.0, 2.0]
WORKED: dict[str, tuple[Make, list[float]]] = {
    "sgd": (lambda p: SGD(p, 0.1), [0.95, 1.05, 0.85]),
    "momentum": (lambda p: SGD(p, 0.1, momentum=0.9), [0.95, 1.005, 0.8545]),
    "decay": (lambda p: SGD(p, 0.1, weight_decay=0.1), [0.94, 1.0306, 0.820294]),
    "both": (lambda p: SGD(p, 0.1, momentum=0.9, weight_decay=0.1), [0.94, 0.9766, 0.799774]),
    "adam": (lambda p: Adam(p, 0.1), [0.900000001999999960, 0.936610354240565602, 0.894644792718104773]),
    "adam decay": (
        lambda p: Adam(p, 0.1, weight_decay=0.1),
        [0.900000001666666638, 0.925263519445606393, 0.877617260804932774],
    ),
    "adam other": (
        lambda p: Adam(p, 0.1, betas=(0.5, 0.75), eps=0.01),
        [0.901960784313725490, 0.961930477714178166, 0.898514621482193496],
    ),
    "adamw": (lambda p: AdamW(p, 0.1), [0.899000001999999960, 0.934711354238565603, 0.891811081361866208]),
    "adamw other": (
        lambda p: AdamW(p, 0.1, betas=(0.5, 0.75), eps=0.01, weight_decay=0.5),
        [0.851960784313725490, 0.869332438498491892, 0.762449960341582628],
    ),
}
EVERY_RULE = pytest.mark.parametrize("make", [make for make, _ in WORKED.values()], ids=list(WORKED))


# The rules


@pytest.mark.parametrize(("make", "expected"), WORKED.values(), ids=list(WORKED))
def test_three_steps_give_the_worked_numbers(make: Make, expected: list[float]) -> None:
    p = Value(1.0)
    optimizer, seen = make([p]), []
    for p.grad in GRADIENTS:
        optimizer.step()
        seen.append(p.data)
    assert seen == pytest.approx(expected, rel=1e-14)
    assert optimizer.steps == 3


@pytest.mark.parametrize(
    ("name", "ours", "settings"),
    [
        ("SGD", SGD, {"lr": 0.05}),
        ("SGD", SGD, {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.01}),
        ("Adam", Adam, {}),
        ("Adam", Adam, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-4, "weight_decay": 0.01}),
        ("AdamW", AdamW, {}),
        ("AdamW", AdamW, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-4, "weight_decay": 0.1}),
    ],
    ids=str,
)
def test_a_hundred_steps_equal_pytorchs(name: str, ours: Callable[..., Optimizer], settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    rng = random.Random(0)
    start = [rng.uniform(-2, 2) for _ in range(7)]
    theirs = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    reference = getattr(torch.optim, name)([theirs], **({"lr": 0.01} if name == "SGD" else {}) | settings)
    values = [Value(number) for number in start]
    optimizer = ours(values, **settings)
    for _ in range(100):
        gradient = [rng.gauss(0, 1) * 10 ** rng.uniform(-6, 2) for _ in start]
        theirs.grad = torch.tensor(gradient, dtype=torch.float64)
        reference.step()
        for value, derivative in zip(values, gradient, strict=True):
            value.grad = derivative
        optimizer.step()
    assert [value.data for value in values] == pytest.approx(theirs.tolist(), rel=1e-12)


@pytest.mark.parametrize("kind", [list, np.array], ids=["floats", "arrays"])
def test_adamw_is_pytorchs_formula_step_by_step(kind: Callable[[list[float]], Any]) -> None:
    """PyTorch's text, with a schedule: p ← p - γ λ p, then m, v, m̂, v̂, and p ← p - γ m̂ / (√v̂ + ε)."""
    rng = np.random.default_rng(0)
    p = rng.uniform(-2, 2, 7)
    m, v, parameters = 0.0 * p, 0.0 * p, kind(p.tolist())
    optimizer = AdamW([Value(0.0) for _ in p], linear(0.1, 0.01, 40), (0.8, 0.9), 1e-4, 0.3)
    for t in range(1, 51):
        gradient = rng.normal(size=7) * 10 ** rng.uniform(-6, 2, 7)
        rate = max(0.1 - 0.09 * (t - 1) / 40, 0.01)
        p = p - rate * 0.3 * p
        m, v = 0.8 * m + 0.2 * gradient, 0.9 * v + 0.1 * gradient**2
        p = p - rate * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-4)
        optimizer.update(parameters, kind(gradient.tolist()))
        assert np.asarray(parameters) == pytest.approx(p, rel=1e-12)


def test_without_decay_adamw_is_adam_to_the_bit() -> None:
    assert updates(lambda p: AdamW(p, 0.1, weight_decay=0.0), [1.0] * 5) == updates(lambda p: Adam(p, 0.1), [1.0] * 5)


def test_the_defaults_are_pytorchs() -> None:
    sgd, adam, decoupled = SGD([Value(1.0)]), Adam([Value(1.0)]), AdamW([Value(1.0)])
    assert (sgd.lr, sgd.momentum, sgd.weight_decay) == (0.01, 0.0, 0.0)
    assert (adam.lr, adam.betas, adam.eps, adam.weight_decay) == (0.001, (0.9, 0.999), 1e-8, 0.0)
    assert vars(decoupled) == vars(adam) | {"parameters": decoupled.parameters, "weight_decay": 0.01}


def test_eq_31_a_step_of_sgd_is_the_papers() -> None:
    network = MLP(2, [3, 1], "tanh", rng=random.Random(0))
    E = half_squared_error(network([1.5, -0.5]), 0.25)
    E.backward()
    expected = [w.data - 0.5 * w.grad for w in network.parameters()]
    SGD(network.parameters(), lr=0.5).step()
    assert [w.data for w in network.parameters()] == expected


@EVERY_RULE
def test_descent_reaches_the_minimum(make: Make) -> None:
    x, y = Value(1.0), Value(-1.0)
    E = (x - 0.3) ** 2 + 10 * (y - 0.1) ** 2 / 8 + 0.5
    optimizer = make([x, y])
    optimizer.lr = linear(0.1, 0.0, 400)
    if isinstance(optimizer, AdamW):
        optimizer.weight_decay = 0.0  # the decay that is decoupled is not the gradient of anything
    for _ in range(400):
        optimizer.zero_grad()
        E.forward()
        E.backward()
        optimizer.step()
    decay = getattr(optimizer, "weight_decay", 0.0)  # is the gradient of decay/2 (x² + y²)
    assert (x.data, y.data) == pytest.approx((0.6 / (2 + decay), 0.25 / (2.5 + decay)), abs=1e-4)


# Types of sequences


KINDS: dict[str, Callable[[list[float]], Any]] = {
    "array": lambda numbers: array("d", numbers),
    "memoryview": lambda numbers: memoryview(bytearray(array("d", numbers).tobytes())).cast("d"),
    "numpy": np.array,
    "every second of numpy": lambda numbers: np.repeat(np.array(numbers), 2)[::2],
}


def updates(make: Make, parameters: Any, kind: Callable[[list[float]], Any] = list, steps: int = 20) -> list[str]:
    """The parameters, to the last bit, after some steps with derivatives of all magnitudes."""
    rng = random.Random(1)
    optimizer = make([Value(0.0) for _ in parameters])
    for _ in range(steps):
        gradient = [rng.gauss(0, 1) * 10.0 ** rng.randint(-200, 200) for _ in range(len(parameters))]
        gradient[:3] = [0.0, -0.0, float("inf")]
        optimizer.update(parameters, kind(gradient))
    return [repr(float(number)) for number in parameters]


@EVERY_RULE
@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_sequence_comes_to_the_bits_of_a_list(make: Make, kind: Callable[[list[float]], Any]) -> None:
    rng = random.Random(2)
    start = [rng.uniform(-1, 1) for _ in range(50)]
    expected = updates(make, list(start))
    assert updates(make, kind(start), kind) == expected
    assert updates(make, kind(start)) == expected, "a list of derivatives"


@EVERY_RULE
def test_an_array_comes_to_the_same_bits_without_numpy(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    start = [0.1 * i for i in range(20)]
    expected = updates(make, array("d", start))
    monkeypatch.setattr(buffers, "_numpy", lambda: None)
    assert updates(make, array("d", start), lambda numbers: array("d", numbers)) == expected


@EVERY_RULE
def test_values_and_buffers_move_alike(make: Make) -> None:
    values = [Value(0.5), Value(-1.5)]
    buffer = array("d", [0.5, -1.5])
    by_values, by_buffer = make(values), make(values)
    for step in range(5):
        for i, value in enumerate(values):
            value.grad = step - 2.5 * i
        by_buffer.update(buffer, [value.grad for value in values])
        by_values.step()
    assert [value.data for value in values] == buffer.tolist()
    assert {type(value.data) for value in values} == {float}


@pytest.mark.parametrize("kind", [list, *KINDS.values()], ids=["list", *KINDS])
def test_the_gradient_is_only_read(kind: Callable[[list[float]], Any]) -> None:
    class Careless(Optimizer):
        def rule(self, lr: float, sqrt: SquareRoot) -> UpdateRule:
            def rule(p: float, g: float) -> tuple[float]:
                g *= 2.0  # in place, if it is an array
                p -= lr * g
                return (p,)

            return rule

    parameters, gradient = kind([1.0, 2.0]), kind([0.5, 0.25])
    Careless([Value(0.0), Value(0.0)], lr=1.0).update(parameters, gradient)
    assert (list(parameters), list(gradient)) == ([0.0, 1.5], [0.5, 0.25])


@pytest.mark.parametrize("kind", [list, *KINDS.values()], ids=["list", *KINDS])
def test_a_rule_may_remember_the_last_parameter_itself(kind: Callable[[list[float]], Any]) -> None:
    class TwoStepsBack(Optimizer):
        memories = 1

        def rule(self, lr: float, sqrt: SquareRoot) -> UpdateRule:
            return lambda p, last, g: (last + g, p)

    parameters = kind([1.0])
    optimizer = TwoStepsBack([Value(0.0)], lr=1.0)
    for expected in (10.0, 11.0, 20.0, 21.0):
        optimizer.update(parameters, kind([10.0]))
        assert list(parameters) == [expected]


def test_overflow_gives_infinity_without_a_warning() -> None:
    numbers = array("d", [1e308, 1.0])
    SGD([Value(0.0), Value(0.0)], lr=1e10).update(numbers, [-1e300, 0.0])
    assert numbers.tolist() == [float("inf"), 1.0]


# Settings


def test_a_schedule_is_asked_with_the_number_of_steps_before() -> None:
    asked: list[int] = []

    def schedule(step: int) -> float:
        asked.append(step)
        return 1.0 / (step + 1)

    p = Value(0.0)
    optimizer = SGD([p], lr=schedule)
    seen = []
    for _ in range(3):
        p.grad = -1.0
        optimizer.step()
        seen.append(p.data)
    assert asked == [0, 1, 2]
    assert seen == [1.0, 1.5, 1.5 + 1 / 3]


def test_settings_may_change_on_the_way() -> None:
    p = Value(0.0)
    optimizer = SGD([p], lr=1.0)
    p.grad = -1.0
    optimizer.step()
    optimizer.lr, optimizer.momentum = 0.5, 0.5
    optimizer.step()  # v = 1
    optimizer.step()  # v = 1.5
    assert p.data == 1.0 + 0.5 * 1.0 + 0.5 * 1.5


def test_zero_grad_clears_the_parameters() -> None:
    p = Value(2.0)
    (p * p).backward()
    SGD([p]).zero_grad()
    assert p.grad == 0.0


def test_a_generator_of_parameters_is_read_once_and_kept() -> None:
    values = [Value(1.0), Value(2.0)]
    assert SGD(value for value in values).parameters == values


def test_a_repr_shows_what_is_not_0() -> None:
    two = [Value(1.0), Value(2.0)]
    assert repr(SGD(two)) == "SGD(2 parameters, lr=0.01)"
    assert repr(SGD(two, 1, momentum=0.5)) == "SGD(2 parameters, lr=1, momentum=0.5)"
    assert repr(AdamW(two, 1)).startswith("AdamW(2 parameters, lr=1, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01")
    assert repr(Adam(two)) == "Adam(2 parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-08)"


# Refusals

X = Value(1.0, "x")
REFUSALS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: SGD([]), ValueError, "needs at least one parameter"),
    (lambda: SGD([X, X]), ValueError, "parameter 2, x, is given twice"),
    (
        lambda: SGD([X, X * X]),
        ValueError,
        "parameter 2 is computed by multiply from other nodes, but only leaves can be",
    ),
    (lambda: SGD([X, cast(Any, 1.0)]), TypeError, "parameter 2 must be a Value, not 1.0 of type float"),
    (lambda: Adam(cast(Any, MLP(1, [1]))), TypeError, "such as network.parameters(), not MLP(1, [1]"),
    (lambda: SGD([X], lr=-0.1), ValueError, "the learning rate is -0.1; it must be at least 0 and a finite number"),
    (lambda: SGD([X], lr=float("nan")), ValueError, "the learning rate is nan"),
    (lambda: SGD([X], lr=cast(Any, "fast")), TypeError, "the learning rate is 'fast', of type str"),
    (lambda: cast(Any, SGD)([X], learning_rate=1.0), TypeError, "SGD does not have a parameter 'learning_rate'; the"),
    (lambda: cast(Any, Adam)([X], beta=0.9), TypeError, "Adam does not have a parameter 'beta'; did you mean betas?"),
    (lambda: SGD([X], momentum=1.0), ValueError, "momentum is 1.0; it must be at least 0 and below 1"),
    (lambda: SGD([X], weight_decay=-1.0), ValueError, "weight_decay is -1.0; it must be at least 0"),
    (lambda: AdamW([X], weight_decay=-0.5), ValueError, "weight_decay is -0.5; it must be at least 0"),
    (lambda: cast(Any, AdamW)([X], decay=0.9), TypeError, "AdamW does not have a parameter 'decay'"),
    (lambda: Adam([X], betas=(0.9, 1.0)), ValueError, "the second of betas is 1.0; it must be at least 0 and below 1"),
    (lambda: Adam([X], betas=cast(Any, 0.9)), ValueError, "betas must be two numbers, such as (0.9, 0.999)"),
    (lambda: Adam([X], eps=0.0), ValueError, "eps is 0.0; it must be above 0"),
    (lambda: cast(Any, Optimizer)([X], 0.1), TypeError, "abstract class Optimizer"),
    (
        lambda: SGD([X], lr=lambda step: -1.0).step(),
        ValueError,
        "the learning rate of the schedule after 0 steps is -1.0; it must be at least 0",
    ),
]


@pytest.mark.parametrize(("attempt", "error", "message"), REFUSALS, ids=[message for _, _, message in REFUSALS])
def test_an_error_names_the_argument(attempt: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        attempt()


@pytest.mark.parametrize(("numbers", "gradient"), [([1.0], [1.0, 1.0]), ([1.0, 1.0], [1.0]), ([1.0] * 3, [1.0] * 3)])
def test_sequences_of_another_length_are_refused_unchanged(numbers: list[float], gradient: list[float]) -> None:
    optimizer, before = Adam([Value(0.0), Value(0.0)]), list(numbers)
    given = f"Adam has 2 parameters, but {len(numbers)} numbers and {len(gradient)} derivatives were given"
    with pytest.raises(ValueError, match=given):
        optimizer.update(numbers, gradient)
    assert (numbers, optimizer.steps) == (before, 0)


@pytest.mark.parametrize("numbers", [array("i", [1, 2]), np.array([1, 2]), np.ones(2, "f"), np.ones((2, 1))])
def test_buffers_of_something_else_than_doubles_are_refused(numbers: Any) -> None:
    optimizer = SGD([Value(0.0), Value(0.0)])
    with pytest.raises(TypeError, match="a flat sequence of doubles is needed, not"):
        optimizer.update(numbers, [1.0, 1.0])
    assert (np.array(numbers).ravel()[0], optimizer.steps) == (1, 0)


@pytest.mark.parametrize("kind", [list, *KINDS.values()], ids=["list", *KINDS])
def test_a_rule_that_omits_a_state_variable_is_refused(kind: Callable[[list[float]], Any]) -> None:
    class Forgetful(Optimizer):
        memories = 1

        def rule(self, lr: float, sqrt: SquareRoot) -> UpdateRule:
            return lambda p, v, g: (p - lr * g,)

    parameters = kind([1.0, 2.0])
    with pytest.raises(ValueError, match="shorter"):
        Forgetful([Value(0.0), Value(0.0)], lr=1.0).update(parameters, kind([1.0, 1.0]))
    assert list(parameters) == [1.0, 2.0]


@pytest.mark.parametrize("name", ["data", "grad"])
@EVERY_RULE
def test_a_parameter_that_was_set_to_none_is_named(make: Make, name: str) -> None:
    parameters = [Value(1.0, "v"), Value(2.0, "w")]
    optimizer = make(parameters)
    optimizer.step()
    setattr(parameters[1], name, None)
    v = parameters[0].data
    with pytest.raises(TypeError, match=rf"^w\.{name} is None, of type NoneType: it must be a number"):
        optimizer.step()
    assert (parameters[0].data, optimizer.steps) == (v, 1)


def test_a_derivative_of_another_type_changes_nothing() -> None:
    numbers = [1.0, 2.0]
    broken: Any = [0.5, None]
    with pytest.raises(TypeError):
        SGD([Value(0.0), Value(0.0)]).update(numbers, broken)
    assert numbers == [1.0, 2.0]


@pytest.mark.parametrize("rate", [10**400, np.longdouble("1e400"), np.timedelta64(1, "ns"), np.complex64(1)], ids=repr)
def test_a_learning_rate_that_is_not_a_float_is_refused(rate: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="the learning rate is "):
        SGD([X], lr=rate)
