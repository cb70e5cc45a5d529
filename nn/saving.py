"""Networks in files: JSON that a person can read, written whole or not at all, and believed only where it is right.

    {
      "format": "pathgrad MLP", "version": 1,
      "sizes": [2, 2, 1],                  N_0, the number of inputs, and then the units of each layer
      "activations": ["relu", "linear"],   of each layer
      "bias": true,
      "parameters": [                      in the order of `model.parameters()`, a line for each unit
        0.6888437030500962, 0.515908805880605, 0.0,
        ...
      ]
    }

A number is written with the digits of its `repr`, which make the very same float again on every machine: a network that
is loaded computes what the saved one did, bit for bit (where e^x and its kin come from the same C library). Loading
runs nothing that stands in the file; operations are found by name in the table.
"""

from __future__ import annotations

import json
import math
import os
import random
from itertools import pairwise
from reprlib import repr as abridged
from typing import Any

from engine import TABLE, Op, Value
from engine._support import checks
from engine._support.safe_files import FilePath, read_bounded, write_whole
from nn.activations import Activation, check_activation
from nn.layers import MLP

FORMAT, VERSION = "pathgrad MLP", 1
LINEAR = "linear"  # the one activation that is no operation: none at all
KEYS = ("format", "version", "sizes", "activations", "bias", "parameters")
MAX_BYTES = 64 * 2**20  # some 3 million parameters, whose `Value`s take ten times as much memory
MAX_BRACKETS_AND_COLONS = (
    100  # brackets and colons: a network has 10, so nothing nests deeply, and no empty lists fill the memory
)
MAX_DIGITS = 20  # of a whole number; Python takes its time with a long one


class ModelFileError(ValueError):
    """A file is no network that can be loaded, or a path is none to save one to: the message says which, and why.

    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile() as file:
    ...     load(file.name)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    nn.saving.ModelFileError: ... cannot be loaded as a network: it is empty
    """


def save(model: MLP, path: FilePath) -> None:
    """Save a network to a JSON file: its sizes, activations and parameters, at full precision.

    A file that is there already stays as it is until the new one is complete, whatever happens. Missing folders are
    made. An activation is saved by its name in the table of operations.
    Raises, before anything is written, TypeError for anything but an `MLP` (a class of your own has more to it than
    this format), and ValueError for an activation that is not in the table or a parameter that is not finite;
    OSError and `ModelFileError` if the path cannot be written to.

    >>> from tempfile import TemporaryDirectory
    >>> network = MLP(2, [3, 1], activation="tanh")
    >>> with TemporaryDirectory() as folder:
    ...     save(network, f"{folder}/network.json")
    ...     again = load(f"{folder}/network.json")
    >>> again
    MLP(2, [3, 1], activation='tanh', output_activation='linear')
    >>> again([1.5, -0.5]).data == network([1.5, -0.5]).data
    True
    """
    checks.type_error_unless(type(model) is MLP, "an MLP can be saved", model)
    text = _text(model)
    try:
        write_whole(path, text)
    except ValueError as problem:
        raise ModelFileError(f"no network can be saved as {os.fsdecode(path)}: {problem}") from problem


def load(path: FilePath, *, most_bytes: int = MAX_BYTES) -> MLP:
    """The network that `save` wrote. Operations of your own that it uses must have been declared before.

    A file need not be trusted: nothing in it is run, none above `most_bytes` is read, and none makes more parameters
    than it has numbers, one for every two bytes at the most. Raises OSError if it cannot be read, and `ModelFileError`
    if it is no network.
    """
    most_bytes = checks.whole(most_bytes, "most_bytes is at least 1")
    try:
        return _network(_parse(read_bounded(path, most_bytes)))
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(f"{os.fsdecode(path)} cannot be loaded as a network: {problem}") from problem


# From a network to text


def _text(model: MLP) -> str:
    sizes, bias = [int(size) for size in model.sizes], bool(model.bias)  # which may be of NumPy's types
    given, needed = len(model.parameters()), _number_of_parameters(sizes, bias)
    if given != needed:
        raise ValueError(f"{model!r} has {needed} parameters, but {given} were found in its layers")
    names, lines = [], []
    for k, (below, layer) in enumerate(zip(sizes, model.layers, strict=False), 1):
        activation = layer.neurons[0].activation
        names.append(_name(activation, k))
        for i, neuron in enumerate(layer.neurons, 1):
            if (len(neuron.w), neuron.b is not None, neuron.activation) != (below, bias, activation):
                raise ValueError(
                    f"the network cannot be saved: unit {i} of layer {k} has other inputs, another bias or another"
                    " activation than its layer, which the format does not know"
                )
            lines.append(", ".join(map(_digits, neuron.parameters())))
    header = {"format": FORMAT, "version": VERSION, "sizes": sizes, "activations": names, "bias": bias}
    entries = [f'"{key}": {json.dumps(value)}' for key, value in header.items()]
    numbers = ",\n    ".join(lines)
    return "{\n  " + ",\n  ".join([*entries, f'"parameters": [\n    {numbers}\n  ]']) + "\n}\n"


def _digits(parameter: Value) -> str:
    number = float(parameter.data)
    if not math.isfinite(number):
        raise ValueError(f"the network cannot be saved: {parameter.label or 'a parameter'} is {number}")
    return repr(number)


def _name(activation: Any, layer: int) -> str:
    """The name by which `_activation` finds an activation again."""
    if isinstance(activation, Op) and TABLE.get(activation.name) is activation and activation.name != LINEAR:
        return activation.name
    if isinstance(activation, str) and (activation in TABLE or activation == LINEAR):
        return activation
    raise ValueError(
        f"the network cannot be saved: the activation of layer {layer}, {activation!r:.60}, is not in the table of"
        f" operations, so that no name in a file could stand for it; declare it there, by engine.operation(...)"
    )


# From text to a network


def _parse(text: str) -> Any:
    """What a JSON text says. Raises ValueError for what no network's has, before it can take much time or memory."""
    if not text.strip():
        raise ValueError("it is empty")
    if sum(map(text.count, "[{:")) > MAX_BRACKETS_AND_COLONS:
        why = "it is damaged, foreign, or of a newer version"
        raise ValueError(f"it has more lists and entries than the file of a network: {why}")
    try:
        return json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_refuse, parse_int=_whole_number)
    except json.JSONDecodeError as error:
        if not text[error.pos :].strip() or error.msg.startswith("Unterminated"):
            raise ValueError(f"it breaks off in line {text.count(chr(10)) + 1}: something has cut it short") from error
        raise ValueError(f"it is not JSON: {error}") from error


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for key, entry in pairs:
        if key in entries:
            raise ValueError(f"the key {abridged(key)} is there twice")
        entries[key] = entry
    return entries


def _refuse(constant: str) -> None:
    raise ValueError(f"it holds {constant}, which is no number of a network")


def _whole_number(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"it holds a whole number of {len(digits)} digits")
    return int(digits)


def _network(file: Any) -> MLP:
    """The network that a file describes. Raises ValueError, before a single `Value` is made, where it is wrong."""
    _check_header(file)
    sizes, names, bias, numbers = (file[key] for key in KEYS[2:])
    fits = type(sizes) is list and len(sizes) >= 2 and all(type(size) is int and size >= 1 for size in sizes)
    _require(fits, "sizes", sizes, "a list of two whole numbers or more, from 1 on")
    _require(type(bias) is bool, "bias", bias, "true or false")
    layers = len(sizes) - 1
    fits = type(names) is list and len(names) == layers
    _require(fits, "activations", names, f"a list of a name for each of the {layers} layers")
    *hidden, output = map(_activation, names)
    _require(type(numbers) is list, "parameters", numbers, "a list of numbers")
    needed = _number_of_parameters(sizes, bias)
    if len(numbers) != needed:
        units = f"layers of {abridged(sizes)} units, {'with' if bias else 'without'} biases,"
        raise ValueError(f'{units} need {needed:,} "parameters", but there are {len(numbers):,}')
    for i, number in enumerate(numbers, 1):
        if type(number) not in (float, int) or not math.isfinite(number):
            raise ValueError(f'number {i:,} of the "parameters" is {abridged(number)}, not a finite number')
    same = hidden[0] if len(set(hidden)) == 1 else hidden or "relu"
    model = MLP(sizes[0], sizes[1:], same, output, bias, rng=random.Random(0))
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = float(number)
    return model


def _require(holds: bool, key: str, given: object, needs: str) -> None:
    if not holds:
        raise ValueError(f'"{key}" is {abridged(given)}, not {needs}')


def _check_header(file: Any) -> None:
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise ValueError(f'it is not a file of this library: it does not begin with {{"format": "{FORMAT}"')
    version: Any = file.get("version")
    _require(type(version) is int and version >= 1, "version", version, "a whole number from 1 on")
    if version > VERSION:
        raise ValueError(f"it is of version {version}, and this library reads up to version {VERSION}: update it")
    for key in (*KEYS, *file):
        if key not in file or key not in KEYS:
            problem = "has an unknown" if key in file else "has no"
            raise ValueError(f"it {problem} {abridged(key)}; its keys should be {', '.join(KEYS)}")


def _activation(name: Any) -> Activation:
    if name == LINEAR:
        return LINEAR
    op = TABLE.get(name) if isinstance(name, str) else None
    if op is None:
        raise ValueError(
            f"the activation {abridged(name)} is not in the table of operations; one of your own must be declared,"
            " by engine.operation(...), before the network is loaded"
        )
    return check_activation(op)


def _number_of_parameters(sizes: list[int], bias: bool) -> int:
    return sum((below + bias) * size for below, size in pairwise(sizes))
