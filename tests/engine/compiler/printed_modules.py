"""Execution of printed programs."""

from typing import Any


def load_function(text: str, name: str = "value_and_grad") -> Any:
    """A function of a printed module, executed in a namespace of its own."""
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    return namespace[name]
