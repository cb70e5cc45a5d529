"""The base class of the parts of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from engine import Value
from engine._support.other_names import explain_other_names
from nn.prediction import predict

INSTEAD_OF_MODULES = {
    "forward": "call the network, net([1.0, 2.0])",
    "backward": "call it on the loss, loss.backward()",
    "fit": "nn.fit(net, loss, inputs, targets) trains it",
    "train eval": "it computes the same in training and afterwards",
    "state_dict load_state_dict": "nn.save(net, path) writes it, and nn.load(path) reads it",
    "weight weights bias biases": "net.named_parameters() lists them all with their names",
}


class Module:
    """The base class of the parts of a network, which have parameters.

    >>> from nn import Neuron
    >>> neuron = Neuron(2)
    >>> len(neuron.parameters())
    3
    """

    def parameters(self) -> list[Value]:
        """The `Value`s that training changes, in a fixed order."""
        return []

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with their names, in the order of `parameters()`, each once.

        A name is the way to the parameter through attributes, lists, arrays and dictionaries, as in torch.nn.Module;
        one that is not found there is called "parameters.i", where i is its position, from 0.
        Raises ValueError if two have the same name, which happens if a key of a dictionary contains a dot.

        >>> from nn import MLP
        >>> [name for name, _ in MLP(2, [1]).named_parameters()]
        ['layers.0.neurons.0.w.0', 'layers.0.neurons.0.w.1', 'layers.0.neurons.0.b']
        """
        found = _names_of_values(self)
        parameters = dict.fromkeys(self.parameters())
        named = {found.get(p, f"parameters.{i}"): p for i, p in enumerate(parameters)}
        if len(named) < len(parameters):
            name, p = next((found[p], p) for p in parameters if p in found and named[found[p]] is not p)
            raise ValueError(
                f"two parameters are named {name!r}, {named[name]!r} and {p!r}: rename an attribute or key"
            )
        return [*named.items()]

    def zero_grad(self) -> None:
        """Set the `grad` of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def predict(self, inputs: Any) -> Any:
        """The outputs for one row of inputs, or for several rows, as numbers.

        The outputs of a row are a number if the network has one output, and otherwise a list of them. Those of an array
        of NumPy, or of a data frame, are an array: of shape (rows,), or (rows, outputs). They are outputs as training
        has them, such as logits, and not yet classes or probabilities. Many rows are computed by a compiled program,
        whose last digits may differ from those of `self(row)`.

        Raises ValueError for rows of another length, and for NaN, infinities and numbers above the largest float;
        TypeError for what is not a number; DomainError, which names the row, where an output is undefined.

        >>> from nn import Neuron
        >>> neuron = Neuron(2, activation="linear", init=lambda n_inputs, n_outputs, rng: 0.5)
        >>> neuron.predict([1.0, 2.0])
        1.5
        >>> neuron.predict([[1.0, 2.0], [3.0, 4.0]])
        [1.5, 3.5]
        """
        return predict(self, inputs)


def _names_of_values(module: Module) -> dict[Value, str]:
    """The name of each `Value` that a module holds: the first way to it through what `_held_by` lists."""
    names: dict[Value, str] = {}
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", module)]
    while waiting:
        name, part = waiting.pop()
        if isinstance(part, Value):
            names.setdefault(part, name)
        elif id(part) not in seen:
            seen.add(id(part))
            parts = [(f"{name}.{key}" if name else str(key), held) for key, held in _held_by(part)]
            waiting += reversed(parts)
    return names


def _held_by(part: Any) -> list[tuple[object, Any]]:
    """The parts of a module, a list, a tuple, an array of objects or a dictionary, by attribute, position or key."""
    if isinstance(part, Module):
        return [*getattr(part, "__dict__", {}).items()]
    if isinstance(part, Mapping):
        return [*part.items()]
    if getattr(getattr(part, "dtype", None), "kind", "") == "O":  # an array of objects
        part = part.tolist()
    return [*enumerate(part)] if isinstance(part, (list, tuple)) else []


explain_other_names(Module, INSTEAD_OF_MODULES)

Part = TypeVar("Part", bound=Module)
Output = TypeVar("Output")
Call = Callable[[Part, Sequence[Value | float]], Output]


def typed_as_one_list(call: Call[Part, Output]) -> Call[Part, Output]:
    """The method itself; to a type checker it takes one list, as one that overrides it may."""
    return call


def check_one_list(more: tuple[NoReturn, ...]) -> None:
    """Raise TypeError if a part of a network was called with more than its list of inputs."""
    if more:
        raise TypeError("a network takes one list: net([1.0, 2.0]), not net(1.0, 2.0)")
