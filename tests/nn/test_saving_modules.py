"""Modules that are not an `MLP` in files: the caller gives the class, and the file the parameters by name."""

import json
import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import Value
from nn import MLP, Layer, ModelFileError, Module, Neuron, fit, half_squared_error, load, save
from nn.saving.entries import MAX_BRACKETS_AND_COLONS
from tests.effort import count_calls
from tests.nn.small_task import INPUTS, parameter_data


class Line(Module):
    """z = w x + b."""

    def __init__(self, w: float = 0.1, b: float = -1e-300) -> None:
        self.b, self.w = Value(b), Value(w)

    def parameters(self) -> list[Value]:
        return [self.w, self.b]

    def __call__(self, inputs: list[Value]) -> Value:
        return self.w * inputs[0] + self.b


class Residual(Module):
    """x + body(x), times a gain by name."""

    def __init__(self, seed: int = 0) -> None:
        self.gains = {"out": Value(random.Random(seed).random())}
        self.body = MLP(2, [3, 1], "tanh", rng=random.Random(seed))

    def parameters(self) -> list[Value]:
        return [*self.gains.values(), *self.body.parameters()]

    def __call__(self, inputs: list[Value]) -> Value:
        z = self.body(inputs)
        assert isinstance(z, Value)
        return self.gains["out"] * (z + inputs[0])


class Own(MLP):
    """A subclass, to which the format of an MLP does not apply."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "module.json"


def bits(module: Module) -> list[str]:
    return [parameter.data.hex() for parameter in module.parameters()]


MODULES: list[tuple[Module, Callable[[], Module]]] = [
    (Line(1 / 3), Line),
    (Residual(1), Residual),
    (Neuron(3), lambda: Neuron(3)),
    (Layer(2, 2), lambda: Layer(2, 2)),
    (Own(2, [3, 1]), lambda: Own(2, [3, 1])),
]


@pytest.mark.parametrize(("module", "make"), MODULES, ids=[type(module).__name__ for module, _ in MODULES])
def test_a_module_comes_back_the_same_to_the_bit(path: Path, module: Module, make: Callable[[], Module]) -> None:
    save(module, path)
    again = load(path, make)
    assert type(again) is type(module)
    assert again is not module
    assert bits(again) == bits(module)


def test_the_file_is_readable_and_names_every_parameter(path: Path) -> None:
    save(Line(0.5, 2.0), path)
    assert path.read_text() == (
        '{\n  "format": "pathgrad module",\n  "version": 1,\n  "class": "Line",\n'
        '  "parameters": {\n    "w": 0.5,\n    "b": 2.0\n  }\n}\n'
    )


def test_a_loaded_module_can_be_trained_and_saved_again(path: Path) -> None:
    save(Residual(1), path)
    module = load(path, Residual)
    fit(module, half_squared_error, INPUTS, [1.0] * 5, epochs=3, rng=random.Random(0))
    save(module, path)
    assert bits(load(path, Residual)) == bits(module) != bits(Residual(1))


def test_the_order_of_parameters_may_change_since_names_decide(path: Path) -> None:
    class Reordered(Line):
        def parameters(self) -> list[Value]:
            return [self.b, self.w]

    Reordered.__name__ = "Line"
    save(Line(0.5, 2.0), path)
    again = load(path, Reordered)
    assert (again.w.data, again.b.data) == (0.5, 2.0)


def test_a_large_module_is_loaded_within_its_limit(path: Path) -> None:
    layer = Layer(30, 30)
    save(layer, path)
    assert len(layer.parameters()) > MAX_BRACKETS_AND_COLONS
    assert bits(load(path, lambda: Layer(30, 30), most_parameters=930)) == bits(layer)
    with pytest.raises(ModelFileError, match="cannot be loaded as a Layer: it has 930 parameters, and most"):
        load(path, lambda: Layer(30, 30), most_parameters=929)


# Files that do not fit


def test_without_the_class_the_error_asks_for_it(path: Path) -> None:
    for module in (Line(), Layer(30, 30)):
        save(module, path)
        with pytest.raises(ModelFileError, match=r"it holds a module that is not an MLP: give its class, load\(path, "):
            load(path)


def test_an_mlp_is_loaded_without_a_class(path: Path) -> None:
    save(MLP(2, [1]), path)
    with pytest.raises(ModelFileError, match=r"it holds an MLP, which is loaded by its path alone"):
        load(path, Line)


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"version": 2}, "it is of version 2, and this library reads up to version 1"),
    ({"version": 0}, '"version" is 0, not a whole number that is at least 1'),
    ({"class": "Curve"}, "\"class\" is 'Curve', not 'Line', the class that was given"),
    ({"class": ["Line"]}, "\"class\" is ['Line'], not 'Line'"),
    ({"class": "x" * 10**6}, '"class" is \'xxxx'),
    ({"more": 1}, "it has the unknown key 'more'"),
    ({"parameters": [0.5, 2.0]}, '"parameters" is [0.5, 2.0], not numbers by name'),
    ({"parameters": None}, '"parameters" is None, not numbers by name'),
    ({"parameters": {"w": 0.5}}, "it lacks the parameter 'b'; the Line that was made has 2 parameters, and the file 1"),
    ({"parameters": {"w": 0.5, "b": 1.0, "c": 1.0}}, "it has the unknown parameter 'c'; the Line that was made has 2"),
    ({"parameters": {"w": "0.5", "b": 1.0}}, "\"w\" is '0.5', not a finite number"),
    ({"parameters": {"w": True, "b": 1.0}}, '"w" is True, not a finite number'),
    ({"parameters": {"w": {"w": 1.0}, "b": 1.0}}, "\"w\" is {'w': 1.0}, not a finite number"),
    ({"parameters": {"w": math.nan, "b": 1.0}}, "it contains NaN"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES, ids=[message for _, message in CHANGES])
def test_a_wrong_entry_is_named(path: Path, change: dict[str, Any], message: str) -> None:
    save(Line(0.5, 2.0), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    made: list[Line] = []

    def make() -> Line:
        made.append(Line())
        return made[0]

    make.__name__ = "Line"
    with pytest.raises(ModelFileError, match=re.escape(message)) as raised:
        load(path, make)
    assert len(str(raised.value)) < 500 + len(str(path))
    assert bits(made[0]) == bits(Line())


def test_a_name_given_twice_is_refused(path: Path) -> None:
    save(Line(), path)
    path.write_text(path.read_text().replace('"w"', '"b"'))
    with pytest.raises(ModelFileError, match="the key 'b' appears twice"):
        load(path, Line)


def test_a_truncated_file_is_refused_anywhere(path: Path) -> None:
    save(Line(), path)
    whole = path.read_bytes()
    for n_bytes in range(len(whole) - len("}\n") + 1):
        path.write_bytes(whole[:n_bytes])
        with pytest.raises(ModelFileError, match=r"file is incomplete|is empty|not JSON"):
            load(path, Line)


def test_a_hostile_file_of_many_names_is_refused_soon(path: Path) -> None:
    path.write_text("{" + ",".join(f'"{i}":1' for i in range(10**5)) + "}")

    def refuse() -> None:
        with pytest.raises(ModelFileError, match="it is not a file of this library"):
            load(path, Line)
        with pytest.raises(ModelFileError, match="it has more lists and entries than the file of a network"):
            load(path, Line, most_parameters=10**4, most_units=10**5)

    assert count_calls(refuse) < 3 * 10**5


# Classes that do not fit


class Unlisted(Module):
    """A module that holds parameters and does not list them."""

    def __init__(self) -> None:
        self.w = Value(0.5)


def test_a_module_without_parameters_is_not_saved(path: Path) -> None:
    for make in (Module, Unlisted):
        problem = f"{make.__name__} has no parameters: its parameters() must return all Values that training changes"
        with pytest.raises(ValueError, match=re.escape(problem)):
            save(make(), path)
        assert not path.exists()
        header = {"format": "pathgrad module", "version": 1, "class": make.__name__, "parameters": {}}
        path.write_text(json.dumps(header))
        with pytest.raises(ModelFileError, match=re.escape(problem)):
            load(path, make)
        path.unlink()


class Polynomial(Line):
    def __init__(self, degree: int) -> None:
        super().__init__()
        self.degree = degree


REFUSED: list[tuple[Any, str]] = [
    (
        Polynomial,
        r"load calls Polynomial() without arguments: missing a required argument: 'degree'; give a function th",
    ),
    (dict, "dict() must return a Module, not {} of type dict"),
    (Line(), "the class of the module is needed, as in load(path, Line), not <"),
    ("Line", "the class of the module is needed, as in load(path, Line), not 'Line' of type str"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_does_not_make_a_module_is_refused(path: Path, make: Any, message: str) -> None:
    save(Line(), path)
    with pytest.raises(TypeError, match=re.escape(message)):
        load(path, make)


def test_an_error_of_the_class_is_raised_as_it_is(path: Path) -> None:
    def fail() -> Line:
        raise ValueError("mine")

    save(Line(), path)
    with pytest.raises(ValueError, match=r"^mine$"):
        load(path, fail)


@pytest.mark.parametrize("number", [math.nan, math.inf, None])
def test_a_parameter_that_cannot_be_saved_keeps_the_old_file(path: Path, number: Any) -> None:
    save(Line(), path)
    old = path.read_text()
    line = Line()
    line.w.label, line.w.data = "slope", number
    with pytest.raises((ValueError, TypeError), match="the network cannot be saved: slope is"):
        save(line, path)
    assert path.read_text() == old
    assert parameter_data(load(path, Line)) == parameter_data(Line())
