"""The base class of the parts of a network, and the conversion of numbers to `Value`s."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn, TypeVar

from engine import Value
from engine._support.other_names import explain_other_names
from engine._support.real_numbers import as_float, to_iterable, to_lists

INSTEAD_OF_MODULES = {
    "forward predict": "call the network, net([1.0, 2.0])",
    "backward": "call it on the loss, loss.backward()",
    "fit": "nn.fit(net, loss, inputs, targets) trains it",
    "train eval": "it computes the same in training and afterwards",
    "state_dict load_state_dict": "nn.save(net, path) writes it, and nn.load(path) reads it",
    "weight weights bias biases named_parameters": "net.parameters() is a list of them all, each with its label",
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

    def zero_grad(self) -> None:
        """Set the `grad` of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0


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


def as_values(numbers: Iterable[Value | float], letter: str) -> list[Value]:
    """Numbers as leaves, of which the j-th (from 1) is labelled letter_j; a `Value` is returned as it is.

    Raises TypeError, which gives the label, for other types, and ValueError for a number above the largest float.

    >>> as_values([1.5, Value(2.0)], "x")
    [Value(data=1.5, grad=0.0, label='x_1'), Value(data=2.0, grad=0.0)]
    >>> as_values([1.5, None], "x")
    Traceback (most recent call last):
    ...
    TypeError: x_2 is None, of type NoneType: a number or a Value is needed
    """
    entries = to_iterable(numbers, letter, f"a list of numbers or Values {letter}_1, {letter}_2, ... is needed")
    return [x if isinstance(x, Value) else _make_leaf(x, f"{letter}_{j}") for j, x in enumerate(entries, 1)]


def _make_leaf(number: float, label: str) -> Value:
    hint = "; several samples are given one at a time" if isinstance(number, Iterable) else ""
    return Value(as_float(number, f"{label} is", f"a number or a Value is needed{hint}"), label)


def as_list(numbers: Value | float | Sequence[Value | float]) -> list[Value | float]:
    """One number or several, as a list. Raises TypeError for text, and for types without an order."""
    if isinstance(numbers, (Value, int, float)):
        return [numbers]
    entries = to_lists(numbers, "the list of numbers")
    needs = "a number or a list of numbers is needed"
    return list(to_iterable(entries, "the list", needs)) if isinstance(entries, Iterable) else [entries]
