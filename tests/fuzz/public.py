"""Everything that the packages offer, found by their names, and arguments that fit its signature, or nearly.

A new function, class or method is found without being named here. A class needs an entry in `SPECIMENS`, which makes an
object of it, only if a test says so.
"""

from __future__ import annotations

import importlib
import inspect
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

import engine
import nn
import viz
from engine import NamedGraph, Value, check_gradients, ops, paths
from nn import MLP, SGD, Adam, AdamW, History, Layer, Module, Neuron, Optimizer
from nn.matrix import MatrixMLP
from tests.fuzz.inputs import anything, floats, labels, text
from viz import Drawing, Film, LivePage, Stepper, backpropagation_table, live
from viz.math.backpropagation_table import BackpropagationTable
from viz.math.sheet import Sheet
from viz.questions.question import Question

PACKAGES = [engine, nn, viz]
ROOT = Path(engine.__file__).parent.parent
MODULES = ["engine.symbolic.parser", "nn.schedules"]  # which the README names, and no package imports
MORE = [MatrixMLP]
RESULTS = [engine.Program, BackpropagationTable, Sheet, Question, LivePage]  # what one is given, and does not make


def graph() -> Value:
    """A small network with all that drawings and tables look for: units, weights, a bias, a constant, a stranger."""
    x, w, b = Value(0.5, "x_1"), Value(-1.0, "w_11^(1)"), Value(0.25, "b_1^(1)")
    a: Value = engine.dot([w], [x], b)
    z = a.sigmoid()
    engine.label(**{"a_1^(1)": a, "z_1^(1)": z})
    output = (z - 0.25) ** 2 / 2 + x.exp().log()
    output.label = "E"
    return output


def _network() -> MLP:
    return MLP(2, [2, 1], activation="tanh", rng=random.Random(0))


def _program() -> engine.Program:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    return engine.compile(w * x * x, [x], [x, w], backend="python")


# What `copy` and `pickle` call, not people; `__init__` is tried with the class.
OF_COPIES = ("__init__", "__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")

# Functions that make an object of a class.
SPECIMENS: dict[type, Callable[[], Any]] = {
    Value: graph,
    engine.Op: lambda: ops.sigmoid,
    engine.Path: lambda: next(paths(y := graph(), y)),
    engine.GradientCheck: lambda: check_gradients(graph())[0],
    NamedGraph: lambda: NamedGraph(graph()),
    engine.Program: _program,
    MLP: _network,
    Layer: lambda: _network().layers[0],
    Neuron: lambda: _network().layers[0].neurons[0],
    Module: Module,
    SGD: lambda: SGD(_network().parameters()),
    Adam: lambda: Adam(_network().parameters()),
    AdamW: lambda: AdamW(_network().parameters()),
    Optimizer: lambda: SGD(_network().parameters(), momentum=0.5),
    History: lambda: History([0.5, 0.25], {"accuracy": [0.5, 1.0]}),
    Drawing: lambda: Drawing("digraph { x -> y }", "dot"),
    Stepper: lambda: Stepper(graph()),
    Film: lambda: Film(graph()),
    LivePage: lambda: live(graph()),
    MatrixMLP: lambda: MatrixMLP([[[0.5, -0.25], [0.75, 1.0]], [[1.25, -0.375]]]),
    BackpropagationTable: lambda: backpropagation_table(graph()),
    Sheet: lambda: backpropagation_table(graph()).sheet(),
    Question: lambda: Stepper(graph()).quiz(),
}


class Target(NamedTuple):
    """Something public that can be called; `owner` makes the object whose method it is."""

    name: str
    function: Callable[..., Any]
    owner: Callable[[], Any] | None = None

    def bound(self) -> Callable[..., Any]:
        """The function to be called, or the method of an object made anew."""
        if self.owner is None:
            return self.function
        method: Callable[..., Any] = getattr(self.owner(), self.name.rpartition(".")[2])
        return method


def public() -> Iterator[tuple[str, Any]]:
    """Every public name with its object."""
    for package in PACKAGES:
        for name in package.__all__:
            yield f"{package.__name__}.{name}", getattr(package, name)
    for module in map(importlib.import_module, MODULES):
        for name, found in vars(module).items():
            if not name.startswith("_") and getattr(found, "__module__", "") == module.__name__ and callable(found):
                yield f"{module.__name__}.{name}", found
    yield from ((f"{kind.__module__}.{kind.__name__}", kind) for kind in (*MORE, *RESULTS))


def targets() -> list[Target]:
    """Every function, class and method that is public, once."""
    found: dict[int, Target] = {}
    for name, thing in public():
        if isinstance(thing, type):
            if not issubclass(thing, BaseException):
                if thing not in RESULTS:
                    found[id(thing)] = Target(name, thing)
                for word, method in methods(thing):
                    found.setdefault(id(method), Target(f"{name}.{word}", method, specimen(thing)))
        elif callable(thing):
            found[id(thing)] = Target(name, thing)
    return list(found.values())


def specimen(kind: type) -> Callable[[], Any]:
    """The function that makes an object of the class: that of the table, or the class itself."""
    return SPECIMENS.get(kind, kind)


def methods(kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods that our own sources define, operators too."""
    for name in dir(kind):
        method = getattr(kind, name, None)
        if inspect.isfunction(method) and (not name.startswith("_") or name.endswith("__")) and _is_ours(method):
            yield name, method


def _is_ours(method: Any) -> bool:
    written = Path(method.__code__.co_filename)  # "<string>" for what a dataclass makes
    return ROOT in written.parents and method.__name__ not in OF_COPIES


# What fits a parameter, by the words of its annotation; the first that is found there counts.
_VALUES = st.builds(Value, floats, labels) | st.builds(graph)
_FITTING: list[tuple[str, st.SearchStrategy[Any]]] = [
    ("Callable[[], Value", st.just(graph)),
    ("Callable", st.sampled_from([lambda *x: x[0], lambda *x: 0.5, lambda *x: None, lambda *x: sum(x)])),
    ("Mapping", st.dictionaries(labels, floats | _VALUES, max_size=3)),
    ("Path", st.sampled_from(["x.svg", "new/x.dot", "x", "x.json", "", ".", "x\0", "y" * 300, "x.svg/y.svg"])),
    ("MLP", st.builds(_network)),
    ("Stepper", st.builds(lambda: Stepper(graph()))),
    ("Sequence[Value", st.lists(_VALUES, max_size=3)),
    ("Iterable[Value", st.lists(_VALUES, max_size=3)),
    ("Value", _VALUES),
    ("Expression", st.builds(lambda: NamedGraph(y := graph()).relation(y))),
    ("list[list", st.lists(st.lists(floats, max_size=3), max_size=3)),
    ("Sequence[float", st.lists(floats, max_size=3)),
    ("Sequence[int", st.lists(st.integers(1, 3), max_size=3)),
    ("Iterable[str", st.lists(labels, max_size=3)),
    ("bool", st.booleans()),
    ("int", st.integers(0, 4)),
    ("float", floats),
    ("str", text | st.sampled_from(["svg", "dot", "LR", "TB", "relu", "tanh", "sgd", "x", "E", "python", "latex"])),
]


def fitting(parameter: inspect.Parameter) -> st.SearchStrategy[Any]:
    """Arguments for a parameter."""
    annotation = str(parameter.annotation)
    return next((strategy for word, strategy in _FITTING if word in annotation), anything)


@st.composite
def calls(draw: st.DrawFn, function: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments for a call: of the right kinds, but for some that are anything; sometimes one too few or too many."""
    wildness = draw(st.sampled_from([0.0, 0.0, 0.3, 1.0]))
    positional: list[Any] = []
    named: dict[str, Any] = {}

    def argument(parameter: inspect.Parameter) -> Any:
        is_wild = wildness and draw(st.floats(0, 1)) < wildness
        return draw(anything if is_wild else fitting(parameter))

    for parameter in inspect.signature(function).parameters.values():
        is_left_out = parameter.default is not parameter.empty and draw(st.booleans())
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += [argument(parameter) for _ in range(draw(st.integers(0, 3)))]
        elif parameter.kind is parameter.VAR_KEYWORD:
            named |= draw(st.dictionaries(text, _VALUES | anything, max_size=2))
        elif parameter.kind is parameter.KEYWORD_ONLY or named:
            if not is_left_out:
                named[parameter.name] = argument(parameter)
        elif is_left_out:
            named = named | {}
            break
        else:
            positional.append(argument(parameter))
    if wildness == 1.0 and draw(st.integers(0, 9)) == 0:
        positional = positional[1:] if draw(st.booleans()) else [*positional, draw(anything)]
    return positional, named
