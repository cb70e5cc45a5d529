"""Execution of generated modules."""

from typing import Any


def load_function(text: str, name: str = "value_and_grad") -> Any:
    """A function of a generated module, executed in a namespace of its own."""
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    return namespace[name]
