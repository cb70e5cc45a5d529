"""Activation functions σ: a name, an operation of the table, or any function from a `Value` to a `Value`.

A network keeps an activation by its name if it has one, so that "tanh" and `engine.tanh` are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine import TABLE, Op, Value
from engine._support import checks

Activation = str | Op | Callable[[Value], Value]


def activations() -> dict[str, Op | None]:
    """The activations by name: "linear", and the operations of the table declared with `activation=True`.

    >>> activations()["tanh"], "linear" in activations(), "exp" in activations()
    (<operation tanh(x)>, True, False)
    """
    return {"linear": None} | {name: op for name, op in TABLE.items() if op.activation}


def activation_function(activation: Activation) -> Callable[[Value], Value] | None:
    """The function that an activation stands for; None for "linear". Raises ValueError for an unknown name.

    >>> activation_function("tanh")
    <operation tanh(x)>
    """
    if not isinstance(activation, str):
        return activation
    name, possible = activation, activations()
    hint = f"; {name} is an operation: declare it with activation=True, or give engine.TABLE[{name!r}] itself"
    checks.check_choice(name, possible, "activation", hint if name in TABLE else "")
    return possible[name]


def check_activation(activation: Activation) -> Activation:
    """Return the activation, by its name if it has one.

    Raises ValueError for an unknown name or an operation that does not take one input; TypeError for other types.

    >>> from engine import exp, tanh
    >>> check_activation(tanh), check_activation(Value.tanh), check_activation("linear"), check_activation(exp)
    ('tanh', 'tanh', 'linear', <operation exp(x)>)
    """
    if isinstance(activation, str):
        activation_function(activation)
        return activation
    name = getattr(activation, "__name__", "")
    if name in TABLE and activation is getattr(Value, name, None):  # the method of an operation stands for it
        activation = TABLE[name]
    if isinstance(activation, Op):
        arity = activation.arity or 0
        if not arity - len(activation.defaults) <= 1 <= arity:
            raise ValueError(f"{activation.name} is not an activation, because it does not take one input")
        return activation.name if activations().get(activation.name) is activation else activation
    needs = "an activation must be a name, an operation or a function from a Value to a Value"
    checks.type_error_unless(callable(activation) and not isinstance(activation, type), needs, activation)
    return activation


def check_activations(activation: Activation | Sequence[Activation]) -> Activation | list[Activation]:
    """Check one activation, or each of a list, as `check_activation` does.

    >>> check_activations("relu"), check_activations(("tanh", "sigmoid"))
    ('relu', ['tanh', 'sigmoid'])
    """
    if isinstance(activation, str) or not isinstance(activation, Sequence):
        return check_activation(activation)
    return [check_activation(one) for one in activation]


def activation_per_layer(hidden: Activation | list[Activation], output: Activation, layers: int) -> list[Activation]:
    """The activation of each layer. Raises ValueError for a list of another length than there are hidden layers.

    >>> activation_per_layer("relu", "linear", 3), activation_per_layer(["tanh", "sigmoid"], "linear", 3)
    (['relu', 'relu', 'linear'], ['tanh', 'sigmoid', 'linear'])
    """
    each = hidden if isinstance(hidden, list) else [hidden] * (layers - 1)
    if len(each) != layers - 1:
        given = f"{layers} layers, but activations for {len(each)} hidden layers"
        raise ValueError(f"{given}: there must be {layers - 1}, since output_activation is that of the last layer")
    return [*each, output]


def format_activation(activation: Activation | list[Activation]) -> str:
    """The activation as Python code: a name in quotes, an operation or a function by its own name.

    >>> from engine import exp
    >>> format_activation("tanh"), format_activation(["tanh", exp])
    ("'tanh'", "['tanh', exp]")
    """
    if isinstance(activation, list):
        return f"[{', '.join(map(format_activation, activation))}]"
    if isinstance(activation, Op):
        return activation.name
    return repr(activation) if isinstance(activation, str) else getattr(activation, "__qualname__", repr(activation))
