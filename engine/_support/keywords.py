"""Keyword arguments of other names: an error that says what the parameter is called here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from engine._support.suggestions import did_you_mean

P = ParamSpec("P")
R = TypeVar("R")


def suggest_keywords(**instead: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: an unknown keyword is a TypeError with `instead` of it, or else the name that it looks like.

    >>> @suggest_keywords(learning_rate="lr=0.1 is the learning rate")
    ... def descend(lr):
    ...     return lr
    >>> descend(learning_rate=0.1)
    Traceback (most recent call last):
    ...
    TypeError: descend does not have a parameter 'learning_rate'; lr=0.1 is the learning rate
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        code = cast(Any, function).__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        known = [name for name in names if name != "self"]

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for name in kwargs:
                if name not in known:
                    hint = f"; {instead[name]}" if name in instead else did_you_mean(name, known)
                    hint = hint or f"; its parameters are {', '.join(known)}"
                    called = function.__qualname__.removesuffix(".__init__")
                    raise TypeError(f"{called} does not have a parameter {name!r}{hint}")
            return function(*args, **kwargs)

        return checked

    return decorate
