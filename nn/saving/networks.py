"""The file of an `MLP`: its shape, its activations, and its parameters in order."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from reprlib import repr as abridged
from typing import Any

from engine import TABLE, Op
from nn.activations import Activation, check_activation
from nn.layers import MLP
from nn.saving.entries import check_entry, check_header, check_limit, format_file, format_parameter

FORMAT, VERSION = "pathgrad MLP", 1
KEYS = ("format", "version", "sizes", "activations", "bias", "parameters")
LINEAR = "linear"  # the one activation that is not an operation


def network_to_text(model: MLP) -> str:
    """The text of the file of a network. Raises ValueError and TypeError for what it cannot represent."""
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
            lines.append(", ".join(map(format_parameter, neuron.parameters())))
    header = {"format": FORMAT, "version": VERSION, "sizes": sizes, "activations": names, "bias": bias}
    return format_file(header, ("[", "]"), lines)


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


def build_network(file: Any, most_parameters: int, most_units: int) -> MLP:
    """Build the network that a file describes. Raises ValueError for a wrong entry, before a `Value` is made."""
    check_header(file, FORMAT, VERSION, KEYS)
    sizes, names, bias, numbers = (file[key] for key in KEYS[2:])
    fits = type(sizes) is list and len(sizes) >= 2 and all(type(size) is int and size >= 1 for size in sizes)
    check_entry(fits, "sizes", sizes, "a list of two or more whole numbers that are at least 1")
    check_entry(type(bias) is bool, "bias", bias, "true or false")
    layers = len(sizes) - 1
    fits = type(names) is list and len(names) == layers
    check_entry(fits, "activations", names, f"a list with a name for each of the {layers} layers")
    *hidden, output = map(_find_activation, names)
    check_entry(type(numbers) is list, "parameters", numbers, "a list of numbers")
    needed = _number_of_parameters(sizes, bias)
    if len(numbers) != needed:
        units = f"layers of {abridged(sizes)} units, {'with' if bias else 'without'} biases,"
        raise ValueError(f'{units} need {needed:,} "parameters", but there are {len(numbers):,}')
    check_limit(needed, "parameters", most_parameters)
    check_limit(sum(sizes[1:]), "units", most_units)
    for i, number in enumerate(numbers, 1):
        if type(number) not in (float, int) or not math.isfinite(number):
            raise ValueError(f'number {i:,} of the "parameters" is {abridged(number)}, not a finite number')
    same = hidden[0] if len(set(hidden)) == 1 else hidden or "relu"
    model = MLP(sizes[0], sizes[1:], same, output, bias, rng=random.Random(0))
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = float(number)
    return model


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
