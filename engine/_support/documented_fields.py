"""`help` and editors on the fields of tuples."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import Any, TypeVar, cast

T = TypeVar("T", bound=type[Any])
_ATTRIBUTES = re.compile(r"^Attributes:\n((?: {4,}.*\n?)+)", re.MULTILINE)
_FIELDS = re.compile(r"^ {4}([\w, ]+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def document_fields(kind: T) -> T:
    """Give the fields of a NamedTuple their lines below "Attributes:", and plain types in its signature.

    Without it, `help` calls the fields "Alias for field number 0", and their types ForwardRef('float').

    >>> from engine import Path
    >>> Path.product.__doc__
    'Their product: the contribution of this path to the derivative.'
    """
    section = _ATTRIBUTES.search(cleandoc(kind.__doc__ or ""))
    for names, text in _FIELDS.findall(section[1] if section else ""):
        for name in names.split(", "):
            vars(kind)[name].__doc__ = " ".join(text.split())
    new: Any = cast(Any, kind).__new__
    new.__annotations__ = {name: getattr(of, "__forward_arg__", of) for name, of in new.__annotations__.items()}
    return kind
