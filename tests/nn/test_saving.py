"""Networks that are saved and loaded: the same to the last bit, on any Python."""

import json
import math
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import TABLE, Op, Value, operation, sigmoid
from nn import MLP, Layer, ModelFileError, Neuron, load, save
from tests.nn.stored_network import STORED, STORED_OUTPUTS, STORED_X

ROOT = Path(__file__).parents[2]


def outputs(model: MLP, x: list[float]) -> list[str]:
    """The outputs of a network for x, to the last bit."""
    given = model(x)
    return [value.data.hex() for value in (given if isinstance(given, list) else [given])]


def bits(model: MLP) -> list[str]:
    return [parameter.data.hex() for parameter in model.parameters()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "network.json"


@pytest.fixture
def swish() -> Iterator[Op]:
    """An operation of a user."""
    yield operation("swish", "swish", lambda x: x * sigmoid(x), lambda z, x: z + sigmoid(x) * (1.0 - z))
    TABLE.pop("swish", None)


# Round trips

NETWORKS = [
    MLP(2, [3, 1]),
    MLP(1, [1]),
    MLP(3, [4, 2], "tanh", "sigmoid"),
    MLP(2, [3, 3, 3], "softplus", "relu", bias=False),
    MLP(2, [2, 2, 1], "leaky_relu"),
    MLP(30, [20, 10], "sigmoid"),
]


@pytest.mark.parametrize("model", NETWORKS, ids=repr)
def test_a_network_comes_back_the_same_to_the_last_bit(path: Path, model: MLP) -> None:
    save(model, path)
    again = load(path)
    assert repr(again) == repr(model)
    assert bits(again) == bits(model)
    assert [p.label for p in again.parameters()] == [p.label for p in model.parameters()]
    x = [math.sin(j) for j in range(model.sizes[0])]
    assert outputs(again, x) == outputs(model, x)


def test_numbers_at_the_ends_of_the_floats_come_back(path: Path) -> None:
    numbers = [5e-324, -0.0, 1.7976931348623157e308, 0.1 + 0.2, 1 / 3, 1e16, -1e-5]
    model = MLP(6, [1])
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = number
    save(model, path)
    assert bits(load(path)) == [number.hex() for number in numbers]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=13, max_size=13))
def test_any_finite_parameters_come_back(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    model = MLP(2, [3, 1])
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = number
    save(model, path)
    assert bits(load(path)) == [number.hex() for number in numbers]


def test_numbers_of_other_types_are_saved_as_the_floats_they_are(path: Path) -> None:
    model = MLP(2, [1])
    given: list[Any] = [np.float64(0.1), np.float32(0.1), 2]
    for parameter, number in zip(model.parameters(), given, strict=True):
        parameter.data = number
    save(model, path)
    assert [p.data for p in load(path).parameters()] == [0.1, float(np.float32(0.1)), 2.0]


def test_sizes_of_other_types_are_saved_as_whole_numbers(path: Path) -> None:
    n: Any = np.int64(3)
    save(MLP(n, [n, 1], bias=bool(n)), path)
    assert load(path).sizes == [3, 3, 1]


def test_a_loaded_network_can_be_trained_and_saved_again(path: Path) -> None:
    save(MLP(2, [3, 1], "tanh", rng=random.Random(0)), path)
    first = path.read_bytes()
    model = load(path)
    save(model, path)
    assert path.read_bytes() == first
    output = model([1.0, 2.0])
    assert isinstance(output, Value)
    output.backward()
    assert any(p.grad for p in model.parameters())


def test_saving_leaves_the_network_and_the_random_module_alone(path: Path) -> None:
    model = MLP(2, [3, 1], rng=random.Random(0))
    before, state = bits(model), random.getstate()
    save(model, path)
    load(path)
    assert random.getstate() == state
    assert bits(model) == before


def test_each_layer_may_have_an_activation_of_its_own(path: Path) -> None:
    model = MLP(2, [3, 3, 1], activation=["tanh", "relu"], output_activation="sigmoid", rng=random.Random(0))
    save(model, path)
    assert json.loads(path.read_text())["activations"] == ["tanh", "relu", "sigmoid"]
    again = load(path)
    assert repr(again) == repr(model)
    assert outputs(again, [0.5, -0.5]) == outputs(model, [0.5, -0.5])


def test_an_operation_is_saved_by_its_name(path: Path) -> None:
    model = MLP(2, [3, 1], activation=TABLE["atan"], rng=random.Random(0))
    save(model, path)
    assert json.loads(path.read_text())["activations"] == ["atan", "linear"]
    assert outputs(load(path), [0.5, -0.5]) == outputs(model, [0.5, -0.5])


def test_a_users_operation_must_be_declared_before_loading(path: Path, swish: Op) -> None:
    model = MLP(2, [3, 1], activation=swish, rng=random.Random(0))
    save(model, path)
    assert outputs(load(path), [0.5, -0.5]) == outputs(model, [0.5, -0.5])
    del TABLE["swish"]
    with pytest.raises(ModelFileError, match=r"'swish' is not in the table.* must be declared.* before"):
        load(path)


def test_a_path_may_be_text_bytes_or_a_path(path: Path) -> None:
    model = MLP(1, [1])
    for form in (path, str(path), os.fsencode(path)):
        save(model, form)
        assert bits(load(form)) == bits(model)


def test_a_file_is_small_and_can_be_read_by_a_person(path: Path) -> None:
    model = MLP(2, [2, 1], "tanh")
    for i, parameter in enumerate(model.parameters()):
        parameter.data = i / 4
    save(model, path)
    assert path.read_text() == (
        "{\n"
        '  "format": "pathgrad MLP",\n'
        '  "version": 1,\n'
        '  "sizes": [2, 2, 1],\n'
        '  "activations": ["tanh", "linear"],\n'
        '  "bias": true,\n'
        '  "parameters": [\n'
        "    0.0, 0.25, 0.5,\n"
        "    0.75, 1.0, 1.25,\n"
        "    1.5, 1.75, 2.0\n"
        "  ]\n"
        "}\n"
    )


# Versions: of the file, and of Python


def test_a_file_of_version_1_can_be_read() -> None:
    model = load(STORED)
    assert repr(model) == "MLP(2, [3, 2, 1], activation='leaky_relu', output_activation='linear')"
    assert outputs(model, STORED_X) == STORED_OUTPUTS


def pythons() -> list[str]:
    """The paths of other Pythons, from 3.10 on, that start on this machine."""
    there = [shutil.which(f"python3.{minor}") for minor in range(10, 16)]
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    there += [str(path) for path in installed.glob("3.*/bin/python")]
    wanted = "import sys; sys.exit(not sys.version_info >= (3, 10))"
    return [path for path in there if path and not subprocess.run([path, "-c", wanted], capture_output=True).returncode]


@pytest.mark.thorough
def test_another_python_computes_the_same_bits() -> None:
    others = pythons()
    if not others:
        pytest.skip("there is no other Python here")
    program = f"from nn import load; print(load({str(STORED)!r})({STORED_X}).data.hex(), end='')"
    for python in others:
        # -I -S: without installed packages; -B: without writing bytecode
        command = [python, "-I", "-S", "-B", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}"]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert ([ran.stdout], ran.stderr) == (STORED_OUTPUTS, ""), python


# What cannot be saved


@pytest.mark.parametrize("model", [None, {"sizes": [2, 1]}, MLP], ids=repr)
def test_only_a_module_can_be_saved(path: Path, model: Any) -> None:
    needs = rf"only a Module, such as an MLP, can be saved, not .* of type {type(model).__name__}"
    with pytest.raises(TypeError, match=needs):
        save(model, path)
    assert not path.exists()


def operation_not_in_the_table() -> Op:
    op = operation("fleeting", "f", lambda x: x * x, lambda z, x: 2.0 * x)
    del TABLE["fleeting"]
    return op


@pytest.mark.parametrize(
    "activation",
    [lambda a: a * a, Value.__neg__, operation_not_in_the_table()],
    ids=["a function", "a method", "no longer in the table"],
)
def test_a_function_cannot_be_saved_and_the_old_file_stays(path: Path, activation: Any) -> None:
    path.write_text("old")
    with pytest.raises(ValueError, match=r"the activation of layer 1, .*, is not in the table of operations"):
        save(MLP(2, [3, 1], activation=activation), path)
    assert path.read_text() == "old"


def test_the_method_of_an_operation_is_saved_by_its_name(path: Path) -> None:
    model = MLP(2, [3, 3, 1], activation=[Value.tanh, Value.sin], rng=random.Random(0))
    save(model, path)
    again = load(path)
    assert repr(again) == repr(model) == "MLP(2, [3, 3, 1], activation=['tanh', sin], output_activation='linear')"
    assert outputs(again, [0.5, -1.0]) == outputs(model, [0.5, -1.0])


def test_a_unit_that_differs_from_its_layer_is_not_saved(path: Path) -> None:
    changes: list[Callable[[Layer], object]] = [
        lambda layer: layer.neurons.__setitem__(1, Neuron(2, activation="relu")),
        lambda layer: layer.neurons[2].w.append(layer.neurons[0].w.pop()),
    ]
    for change in changes:
        model = MLP(2, [3, 1], activation="tanh")
        change(model.layers[0])
        with pytest.raises(
            ValueError, match=r"unit [123] of layer 1 differs from its layer in its inputs, its bias or its act"
        ):
            save(model, path)
        assert not path.exists()


def test_a_tilde_in_a_path_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    model = MLP(1, [1])
    save(model, "~/network.json")
    assert (tmp_path / "network.json").is_file()
    assert bits(load("~/network.json")) == bits(model)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_parameter_that_is_not_finite_cannot_be_saved(path: Path, number: float) -> None:
    path.write_text("old")
    model = MLP(2, [3, 1])
    model.layers[0].neurons[1].w[0].data = number
    with pytest.raises(ValueError, match=rf"cannot be saved: w_21\^\(1\) is {number}"):
        save(model, path)
    assert path.read_text() == "old"


@pytest.mark.parametrize("data", ["1", None, 1j, np.complex64(1), np.timedelta64(1, "ns"), 10**400])
def test_a_parameter_that_is_not_a_number_cannot_be_saved(path: Path, data: Any) -> None:
    model = MLP(2, [3, 1])
    model.layers[0].neurons[1].w[0].data = data
    with pytest.raises((TypeError, ValueError), match=r"cannot be saved: w_21\^\(1\) is "):
        save(model, path)
    assert not path.exists()


def test_a_network_that_has_lost_weights_cannot_be_saved(path: Path) -> None:
    model = MLP(2, [3, 1])
    model.layers[0].neurons[1].w.pop()
    with pytest.raises(ValueError, match=r"has 13 parameters, but 12 were found"):
        save(model, path)
    assert not path.exists()


@pytest.mark.parametrize("use", [lambda path: save(MLP(1, [1]), path), load], ids=["save", "load"])
def test_a_path_of_another_type_is_refused(use: Callable[[Any], object]) -> None:
    for path in (1, None, 1.5):
        with pytest.raises(TypeError, match=r"expected str, bytes or os\.PathLike"):
            use(path)


def test_a_folder_cannot_be_saved_to(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"a network cannot be saved as .*: .* is a folder"):
        save(MLP(1, [1]), tmp_path)


def test_an_interrupted_save_leaves_the_old_network_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = MLP(2, [3, 1], rng=random.Random(0))
    save(old, path)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    for moment in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, moment, interrupt)
            with pytest.raises(KeyboardInterrupt):
                save(MLP(20, [30, 1], rng=random.Random(1)), path)
        assert bits(load(path)) == bits(old)
        assert os.listdir(path.parent) == [path.name]
