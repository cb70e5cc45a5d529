"""Models in files: readable JSON, written whole or not at all (`engine._support.safe_files`), and checked when read.

The file of a network, an `MLP`, says its shape (`nn.saving.networks`):

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

That of another module names its parameters (`nn.saving.modules`); who loads it gives the class:

    {
      "format": "pathgrad module", "version": 1,
      "class": "Line",
      "parameters": {                      as in `module.named_parameters()`
        "w": 0.5,
        "b": -0.25
      }
    }

A number is written with the digits of its `repr`, which give the same float again on every machine: a network that is
loaded computes the same as the saved one, bit for bit (if e^x and the like come from the same C library). Loading does
not run any code from the file; operations are found by name in the table.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar, overload

from engine._support import checks
from engine._support.safe_files import FilePath, read_bounded, write_atomically
from nn.layers import MLP
from nn.module import Module
from nn.saving import modules, networks
from nn.saving.entries import parse

MAX_BYTES = 64 * 2**20
MAX_PARAMETERS, MAX_UNITS = 1_000_000, 100_000  # which take about two seconds each, and 300 MB together

M = TypeVar("M", bound=Module)


class ModelFileError(ValueError):
    """A model cannot be loaded from a file, or saved to a path: the message says why.

    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile() as file:
    ...     load(file.name)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    nn.saving.ModelFileError: ... cannot be loaded as a network: it is empty
    """


def save(model: Module, path: FilePath) -> None:
    """Save a network, or another module, to a JSON file at full precision.

    Of an `MLP` the file has the sizes, activations and parameters; an activation is saved by its name in the table of
    operations. Of any other `Module`, one of your own too, it has the name of the class, and the parameters by the
    names of `named_parameters()`; what else the class needs, it makes itself.
    An existing file stays as it is until the new one is complete, even after an error or a crash. Missing folders are
    made.
    Raises, before anything is written, TypeError for anything but a `Module` or a parameter that is not a number, and
    ValueError for an activation that is not in the table, a parameter that is not finite, two of the same name or a
    module that lists none; OSError and `ModelFileError` if the path cannot be written to.

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
    checks.check_instance(model, Module, "only a Module, such as an MLP, can be saved")
    text = networks.network_to_text(model) if type(model) is MLP else modules.module_to_text(model)
    try:
        write_atomically(path, text)
    except ValueError as problem:
        raise ModelFileError(f"a network cannot be saved as {os.fsdecode(path)}: {problem}") from problem


@overload
def load(path: FilePath, *, most_bytes: int = ..., most_parameters: int = ..., most_units: int = ...) -> MLP: ...
@overload
def load(
    path: FilePath, make: Callable[[], M], *, most_bytes: int = ..., most_parameters: int = ..., most_units: int = ...
) -> M: ...
def load(
    path: FilePath,
    make: Callable[[], Module] | None = None,
    *,
    most_bytes: int = MAX_BYTES,
    most_parameters: int = MAX_PARAMETERS,
    most_units: int = MAX_UNITS,
) -> Module:
    """Load a network that `save` wrote, or a module of the class `make`.

    An `MLP` is loaded by its path alone; operations of your own that it uses must have been declared before. For any
    other module, `make` is its class, or a function that makes one of the same shape, and is called without arguments:
    `load(path, lambda: Line(degree=3))`. The names of the class and of all parameters must be those in the file.
    The file need not be trusted: code in it is not run, a file above `most_bytes` is not read, and no network with more
    parameters or units than `most_parameters` and `most_units` is made; raise these limits for a larger network of your
    own. Raises OSError if the file cannot be read, `ModelFileError` if it does not hold a network within them or a
    module of this class, and TypeError if `make` does not make a `Module`.

    >>> from tempfile import TemporaryDirectory
    >>> from nn import Layer
    >>> layer = Layer(2, 2)
    >>> with TemporaryDirectory() as folder:
    ...     save(layer, f"{folder}/layer.json")
    ...     again = load(f"{folder}/layer.json", lambda: Layer(2, 2))
    >>> again.predict([1.5, -0.5]) == layer.predict([1.5, -0.5])
    True
    """
    most_bytes = checks.check_positive_int(most_bytes, "most_bytes must be at least 1")
    most_parameters = checks.check_positive_int(most_parameters, "most_parameters must be at least 1")
    most_units = checks.check_positive_int(most_units, "most_units must be at least 1")
    module = None if make is None else modules.make_module(make)
    try:
        text = read_bounded(path, most_bytes)
        modules.check_class_is_given(text, module)
        n_entries = text.count(",") + 1  # each unit may be a layer, with its size and its activation
        if n_entries > most_parameters + 2 * most_units + len(networks.KEYS):
            limits = f"most_parameters is {most_parameters:,}, and most_units is {most_units:,}"
            raise ValueError(f"it has {n_entries:,} entries, but {limits}")
        if module is None:
            return networks.build_network(parse(text), most_parameters, most_units)
        modules.fill_module(module, parse(text, most_parameters), most_parameters)
        return module
    except (ValueError, RecursionError) as problem:
        kind = "network" if module is None else type(module).__name__
        raise ModelFileError(f"{os.fsdecode(path)} cannot be loaded as a {kind}: {problem}") from problem
