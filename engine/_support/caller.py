"""The line of the user's own code that is running: the innermost frame outside of this project's packages."""

from __future__ import annotations

import os
import sys
import warnings
from types import FrameType

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
LIBRARY_FOLDERS = tuple(os.path.join(_ROOT, package, "") for package in ("engine", "nn", "viz"))


def users_frame() -> FrameType:
    """The innermost frame whose code is not this project's own."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(LIBRARY_FOLDERS):
        frame = frame.f_back
    return frame


def warn_user(text: str, category: type[Warning]) -> None:
    """Give a warning at the line of the user's own code that is running."""
    frame = users_frame()
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    warnings.warn_explicit(text, category, frame.f_code.co_filename, frame.f_lineno, registry=registry)


def is_notebook_cell(path: str) -> bool:
    """Whether a file is the temporary one of a notebook's cell, whose name means nothing to the user."""
    return os.path.basename(os.path.dirname(path)).startswith("ipykernel_")


def is_interactive(path: str) -> bool:
    """Whether the code of a file was typed, at a prompt or into a notebook's cell.

    >>> is_interactive("<stdin>"), is_interactive("/tmp/ipykernel_7/1.py"), is_interactive("notes.py")
    (True, True, False)
    """
    return path == "<stdin>" or path.startswith(("<python-input", "<ipython-input")) or is_notebook_cell(path)
