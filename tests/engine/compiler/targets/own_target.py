"""The target of the file c99.py in this folder, while it is known as if the file were in the package."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.compiler import targets

FILE = Path(__file__).with_name("c99.py")


@contextmanager
def own_target() -> Iterator[None]:
    """A context in which the target "c99" is known."""
    path: Any = targets.__path__
    path.append(str(FILE.parent))
    try:
        yield
    finally:
        path.remove(str(FILE.parent))
        targets.TARGETS.pop("c99", None)
        sys.modules.pop("engine.compiler.targets.c99", None)
