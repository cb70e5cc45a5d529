"""Ctrl-C while `pathgrad`, `python -m viz` or a demo imports its modules: the program ends at once, in one line.

It comes before all other imports, during which Ctrl-C would give a traceback, or be swallowed by a module that catches
all errors of an import. Where it is ignored, as under nohup, or handled by others, it stays so.
"""

from __future__ import annotations

import os
import signal
import sys

STOPPED = 130  # the exit status after Ctrl-C, as in shells


def stop(*_: object) -> None:
    """End the program, which does not have anything to clean up yet: the handler of Ctrl-C up to `run_program`."""
    try:
        os.write(2, b"stopped\n")
    finally:
        os._exit(STOPPED)


def _is_own_program() -> bool:
    """Whether `python -m` imports a package of this project to run it, or the command `pathgrad` imports `viz`.

    A program of the user's has something to clean up, whatever its name is.
    """
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    typed, arguments = getattr(sys, "orig_argv", []), getattr(sys, "argv", [])  # not all Pythons in programs have them
    if arguments[:1] == ["-m"] and len(typed) >= len(arguments):
        name = typed[-len(arguments)].removeprefix("-m").partition(".")[0]
        file = getattr(sys.modules.get(name), "__file__", None)
        return name in ("viz", "demos") and file is not None and _is_same(file, root, name, "__init__.py")
    frame = sys._getframe()
    while frame.f_back and (frame.f_code.co_name, frame.f_globals.get("__package__")) != ("main", "pathgrad"):
        frame = frame.f_back
    folders = ("pathgrad", os.path.join("viz", "top-level", "pathgrad"))  # installed; in a clone
    return any(_is_same(frame.f_code.co_filename, root, folder, "__main__.py") for folder in folders)


def _is_same(file: str, *parts: str) -> bool:
    return os.path.realpath(file) == os.path.realpath(os.path.join(*parts))


if _is_own_program() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, stop)
