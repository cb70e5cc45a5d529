"""The file of a module that is not an `MLP`: the name of its class, and its parameters by name."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable
from reprlib import repr as abridged
from typing import Any

from engine import Value
from engine._support import checks
from nn.module import Module
from nn.saving import networks
from nn.saving.entries import check_entry, check_header, check_limit, format_file, format_parameter

FORMAT, VERSION = "pathgrad module", 1
KEYS = ("format", "version", "class", "parameters")
MAX_BEGINNING = 100  # characters within which a file that `save` wrote says its format


def module_to_text(module: Module) -> str:
    """The text of the file of a module. Raises ValueError and TypeError for a parameter that cannot be saved."""
    header = {"format": FORMAT, "version": VERSION, "class": type(module).__name__}
    named = _parameters_of(module).items()
    return format_file(header, ("{", "}"), [f"{json.dumps(name)}: {format_parameter(p)}" for name, p in named])


def make_module(make: Callable[[], Module]) -> Module:
    """The module that a class, or a function, makes. Raises TypeError if it needs arguments, or makes anything else."""
    name = getattr(make, "__name__", "the class")
    fits = callable(make) and not isinstance(make, Module)
    checks.type_error_unless(fits, "the class of the module is needed, as in load(path, Line)", make)
    try:
        inspect.signature(make).bind()
    except TypeError as error:
        hint = f"give a function that makes it, such as lambda: {name}(3)"
        raise TypeError(f"load calls {name}() without arguments: {error}; {hint}") from error
    except ValueError:
        pass  # some types that are written in C do not tell their arguments
    module = make()
    checks.check_instance(module, Module, f"{name}() must return a Module")
    return module


def check_class_is_given(text: str, module: Module | None) -> None:
    """Raise ValueError if a file is of the format that needs a class and none is given, or the other way round."""
    beginning = text[:MAX_BEGINNING]
    if module is None and f'"{FORMAT}"' in beginning:
        raise ValueError("it holds a module that is not an MLP: give its class, load(path, Line)")
    if module is not None and f'"{networks.FORMAT}"' in beginning:
        raise ValueError("it holds an MLP, which is loaded by its path alone: load(path)")


def fill_module(module: Module, file: Any, most_parameters: int) -> None:
    """Set the parameters of a module to those in a file. Raises ValueError for a wrong entry; then nothing changes."""
    check_header(file, FORMAT, VERSION, KEYS)
    _, _, class_name, numbers = (file[key] for key in KEYS)
    own = type(module).__name__
    check_entry(class_name == own, "class", class_name, f"{own!r}, the class that was given")
    check_entry(type(numbers) is dict, "parameters", numbers, "numbers by name")
    check_limit(len(numbers), "parameters", most_parameters)
    named = _parameters_of(module)
    for name in (*named, *numbers):
        if name not in numbers or name not in named:
            shapes = f"the {own} that was made has {len(named):,} parameters, and the file {len(numbers):,}"
            problem = "lacks the parameter" if name in named else "has the unknown parameter"
            raise ValueError(f"it {problem} {abridged(name)}; {shapes}")
    for name, number in numbers.items():
        fits = type(number) in (float, int) and math.isfinite(number)
        check_entry(fits, name, number, "a finite number")
    for name, parameter in named.items():
        parameter.data = float(numbers[name])


def _parameters_of(module: Module) -> dict[str, Value]:
    """The parameters by name. Raises ValueError without any, as where `parameters()` was not written."""
    named = dict(module.named_parameters())
    if not named:
        needs = "its parameters() must return all Values that training changes"
        raise ValueError(f"{type(module).__name__} has no parameters: {needs}")
    return named
