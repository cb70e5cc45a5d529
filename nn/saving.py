"""Networks in files: readable JSON, written whole or not at all (`engine._support.safe_files`), and checked when read.

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

A number is written with the digits of its `repr`, which give the same float again on every machine: a network that is
loaded computes the same as the saved one, bit for bit (if e^x and the like come from the same C library). Loading does
not run any code from the file; operations are found by name in the table.
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
from engine._support.printable_text import make_printable
from engine._support.real_numbers import as_float
from engine._support.safe_files import FilePath, read_bounded, write_atomically
from nn.activations import Activation, check_activation
from nn.layers import MLP

FORMAT, VERSION = "pathgrad MLP", 1
LINEAR = "linear"  # the one activation that is not an operation
KEYS = ("format", "version", "sizes", "activations", "bias", "parameters")
MAX_BYTES = 64 * 2**20
MAX_PARAMETERS, MAX_UNITS = 1_000_000, 100_000  # which take about two seconds each, and 300 MB together
MAX_BRACKETS_AND_COLONS = 100  # a network has 10; more could nest deeply, or fill the memory with empty lists
MAX_DIGITS = 20  # of an integer; to convert a long one is slow


class ModelFileError(ValueError):
    """A network cannot be loaded from a file, or saved to a path: the message says why.

    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile() as file:
    ...     load(file.name)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    nn.saving.ModelFileError: ... cannot be loaded as a network: it is empty
    """


def save(model: MLP, path: FilePath) -> None:
    """Save a network to a JSON file: its sizes, activations and parameters, at full precision.

    An existing file stays as it is until the new one is complete, even after an error or a crash. Missing folders are
    made. An activation is saved by its name in the table of operations.
    Raises, before anything is written, TypeError for anything but an `MLP` (this format does not hold what a subclass
    adds) or a parameter that is not a number, and ValueError for an activation that is not in the table or a parameter
    that is not finite; OSError and `ModelFileError` if the path cannot be written to.

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
    checks.type_error_unless(type(model) is MLP, "only an MLP can be saved", model)
    text = _to_text(model)
    try:
        write_atomically(path, text)
    except ValueError as problem:
        raise ModelFileError(f"a network cannot be saved as {os.fsdecode(path)}: {problem}") from problem


def load(
    path: FilePath,
    *,
    most_bytes: int = MAX_BYTES,
    most_parameters: int = MAX_PARAMETERS,
    most_units: int = MAX_UNITS,
) -> MLP:
    """Load a network that `save` wrote. Operations of your own that it uses must have been declared before.

    The file need not be trusted: code in it is not run, a file above `most_bytes` is not read, and no network with more
    parameters or units than `most_parameters` and `most_units` is made; raise these limits for a larger network of your
    own. Raises OSError if the file cannot be read, and `ModelFileError` if it does not hold a network within them.
    """
    most_bytes = checks.check_positive_int(most_bytes, "most_bytes must be at least 1")
    most_parameters = checks.check_positive_int(most_parameters, "most_parameters must be at least 1")
    most_units = checks.check_positive_int(most_units, "most_units must be at least 1")
    try:
        text = read_bounded(path, most_bytes)
        n_entries = text.count(",") + 1  # each unit may be a layer, with its size and its activation
        if n_entries > most_parameters + 2 * most_units + len(KEYS):
            limits = f"most_parameters is {most_parameters:,}, and most_units is {most_units:,}"
            raise ValueError(f"it has {n_entries:,} entries, but {limits}")
        return _build_network(_parse(text), most_parameters, most_units)
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(f"{os.fsdecode(path)} cannot be loaded as a network: {problem}") from problem


# From a network to text


def _to_text(model: MLP) -> str:
    sizes, bias = [int(size) for size in model.sizes], bool(model.bias)  # they may be NumPy's numbers
    given, needed = len(model.parameters()), _number_of_parameters(sizes, bias)
    if given != needed:
        raise ValueError(f"{model!r} has {needed} parameters, but {given} were found in its layers")
    names, lines = [], []
    for k, (below, layer) in enumerate(zip(sizes, model.layers, strict=False), 1):
        activation = layer.neurons[0].activation
        names.append(_activation_name(activation, k))
        for i, neuron in enumerate(layer.neurons, 1):
            if (len(neuron.w), neuron.b is not None, neuron.activation) != (below, bias, activation):
                raise ValueError(
                    f"the network cannot be saved: unit {i} of layer {k} differs from its layer in its inputs, its bias"
                    " or its activation, which this format cannot represent"
                )
            lines.append(", ".join(map(_format_parameter, neuron.parameters())))
    header = {"format": FORMAT, "version": VERSION, "sizes": sizes, "activations": names, "bias": bias}
    entries = [f'"{key}": {json.dumps(value)}' for key, value in header.items()]
    numbers = ",\n    ".join(lines)
    return "{\n  " + ",\n  ".join([*entries, f'"parameters": [\n    {numbers}\n  ]']) + "\n}\n"


def _format_parameter(parameter: Value) -> str:
    problem = f"the network cannot be saved: {make_printable(parameter.label) or 'a parameter'} is"
    number = as_float(parameter.data, problem)
    if not math.isfinite(number):
        raise ValueError(f"{problem} {number}")
    return repr(number)


def _activation_name(activation: Any, layer: int) -> str:
    """The name by which `_find_activation` finds an activation again."""
    if isinstance(activation, Op) and TABLE.get(activation.name) is activation and activation.name != LINEAR:
        return activation.name
    if isinstance(activation, str) and (activation in TABLE or activation == LINEAR):
        return activation
    raise ValueError(
        f"the network cannot be saved: the activation of layer {layer}, {activation!r:.60}, is not in the table of"
        " operations, where loading looks it up by name; declare it by engine.operation(...)"
    )


# From text to a network


def _parse(text: str) -> Any:
    """Parse JSON. Raises ValueError for anything that a network's file does not contain, early, in little memory."""
    if not text.strip():
        raise ValueError("it is empty")
    if sum(map(text.count, "[{:")) > MAX_BRACKETS_AND_COLONS:
        why = "it is damaged, of another format, or of a newer version"
        raise ValueError(f"it has more lists and entries than the file of a network: {why}")
    try:
        return json.loads(
            text, object_pairs_hook=_check_unique_keys, parse_constant=_refuse_constant, parse_int=_parse_int
        )
    except json.JSONDecodeError as error:
        if not text[error.pos :].strip() or error.msg.startswith("Unterminated"):
            raise ValueError(f"it ends early, in line {text.count(chr(10)) + 1}: the file is incomplete") from error
        raise ValueError(f"it is not JSON: {error}") from error


def _check_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for key, entry in pairs:
        if key in entries:
            raise ValueError(f"the key {abridged(key)} appears twice")
        entries[key] = entry
    return entries


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"it contains {constant}, but the numbers of a network are finite")


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"it contains a whole number of {len(digits)} digits; at most {MAX_DIGITS} are read")
    return int(digits)


def _check_limit(n: int, unit: str, most: int) -> None:
    if n > most:
        raise ValueError(f"it has {n:,} {unit}, and most_{unit} is {most:,}")


def _build_network(file: Any, most_parameters: int, most_units: int) -> MLP:
    """Build the network that a file describes. Raises ValueError for a wrong entry, before a `Value` is made."""
    _check_header(file)
    sizes, names, bias, numbers = (file[key] for key in KEYS[2:])
    fits = type(sizes) is list and len(sizes) >= 2 and all(type(size) is int and size >= 1 for size in sizes)
    _check_entry(fits, "sizes", sizes, "a list of two or more whole numbers that are at least 1")
    _check_entry(type(bias) is bool, "bias", bias, "true or false")
    layers = len(sizes) - 1
    fits = type(names) is list and len(names) == layers
    _check_entry(fits, "activations", names, f"a list with a name for each of the {layers} layers")
    *hidden, output = map(_find_activation, names)
    _check_entry(type(numbers) is list, "parameters", numbers, "a list of numbers")
    needed = _number_of_parameters(sizes, bias)
    if len(numbers) != needed:
        units = f"layers of {abridged(sizes)} units, {'with' if bias else 'without'} biases,"
        raise ValueError(f'{units} need {needed:,} "parameters", but there are {len(numbers):,}')
    _check_limit(needed, "parameters", most_parameters)
    _check_limit(sum(sizes[1:]), "units", most_units)
    for i, number in enumerate(numbers, 1):
        if type(number) not in (float, int) or not math.isfinite(number):
            raise ValueError(f'number {i:,} of the "parameters" is {abridged(number)}, not a finite number')
    same = hidden[0] if len(set(hidden)) == 1 else hidden or "relu"
    model = MLP(sizes[0], sizes[1:], same, output, bias, rng=random.Random(0))
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = float(number)
    return model


def _check_entry(holds: bool, key: str, given: object, needs: str) -> None:
    if not holds:
        raise ValueError(f'"{key}" is {abridged(given)}, not {needs}')


def _check_header(file: Any) -> None:
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise ValueError(f'it is not a file of this library: it lacks the entry "format": "{FORMAT}"')
    version: Any = file.get("version")
    _check_entry(type(version) is int and version >= 1, "version", version, "a whole number that is at least 1")
    if version > VERSION:
        raise ValueError(f"it is of version {version}, and this library reads up to version {VERSION}: update it")
    for key in (*KEYS, *file):
        if key not in file or key not in KEYS:
            problem = "has the unknown key" if key in file else "lacks the key"
            raise ValueError(f"it {problem} {abridged(key)}; the keys are {', '.join(KEYS)}")


def _find_activation(name: Any) -> Activation:
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
