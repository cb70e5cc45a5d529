"""`named_parameters`: names like PyTorch's, in the order of `parameters()`."""

import random
from typing import Any

import pytest

from engine import Value
from nn import MLP, Layer, Module, Neuron


class Parts(Module):
    """Parameters wherever one may put them."""

    def __init__(self) -> None:
        self.scale = Value(1.0)
        self.pair = (Value(2.0), [Value(3.0)])
        self.by_name: dict[Any, Any] = {"a": Value(4.0), 7: Neuron(1, bias=False)}
        self.parent: Any = self
        self.again = self.scale
        self.words = "not a parameter"

    def parameters(self) -> list[Value]:
        return [self.by_name["a"], self.scale, *self.pair[1], self.pair[0], *self.by_name[7].parameters(), self.scale]


def test_names_lead_through_attributes_lists_and_keys() -> None:
    parts = Parts()
    named = parts.named_parameters()
    assert [name for name, _ in named] == ["by_name.a", "scale", "pair.1.0", "pair.0", "by_name.7.w.0"]
    assert [parameter for _, parameter in named] == [*dict.fromkeys(parts.parameters())]


def test_names_of_a_network_are_unique_and_in_order() -> None:
    network = MLP(3, [4, 2], rng=random.Random(0))
    named = network.named_parameters()
    assert [parameter for _, parameter in named] == network.parameters()
    assert len(dict(named)) == len(network.parameters()) == 26
    names = dict(named)
    assert names["layers.1.neurons.0.w.2"].label == "w_13^(2)"
    assert names["layers.0.neurons.3.b"].label == "b_4^(1)"
    assert [name for name, _ in Layer(1, 1, bias=False).named_parameters()] == ["neurons.0.w.0"]
    assert Module().named_parameters() == []


def test_names_lead_through_arrays() -> None:
    np = pytest.importorskip("numpy")

    class Matrix(Module):
        def __init__(self) -> None:
            self.w = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
            self.data = np.zeros(3)

        def parameters(self) -> list[Value]:
            return [*self.w.flat]

    assert [name for name, _ in Matrix().named_parameters()] == ["w.0.0", "w.0.1", "w.1.0", "w.1.1"]


def test_a_parameter_that_no_attribute_holds_has_its_position() -> None:
    hidden = [Value(1.0), Value(2.0)]

    class Closure(Module):
        def parameters(self) -> list[Value]:
            return hidden

    class Slots(Module):
        __slots__ = ("w",)

        def __init__(self) -> None:
            self.w = Value(1.0)

        def parameters(self) -> list[Value]:
            return [self.w]

    assert Closure().named_parameters() == [("parameters.0", hidden[0]), ("parameters.1", hidden[1])]
    assert [name for name, _ in Slots().named_parameters()] == ["parameters.0"]


def test_two_parameters_of_the_same_name_are_refused() -> None:
    class Ambiguous(Module):
        def __init__(self) -> None:
            self.d: Any = {"a.b": Value(1.0), "a": {"b": Value(2.0)}}

        def parameters(self) -> list[Value]:
            return [self.d["a.b"], self.d["a"]["b"]]

    with pytest.raises(ValueError, match=r"two parameters are named 'd\.a\.b', Value.*2\.0.* and Value.*1\.0"):
        Ambiguous().named_parameters()


def test_deep_lists_are_walked() -> None:
    class Deep(Module):
        def __init__(self) -> None:
            self.w: Any = Value(1.0)
            for _ in range(5000):
                self.w = [self.w]

        def parameters(self) -> list[Value]:
            w = self.w
            while isinstance(w, list):
                [w] = w
            return [w]

    [(name, _)] = Deep().named_parameters()
    assert name == "w" + ".0" * 5000
