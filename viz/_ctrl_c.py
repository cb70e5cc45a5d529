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
    """Whether the program that runs is one of this project: python -m NAME, or the script `pathgrad`."""
    typed, arguments = getattr(sys, "orig_argv", []), getattr(sys, "argv", [])  # not all Pythons in programs have them
    program = typed[-len(arguments)] if 0 < len(arguments) <= len(typed) else ""
    name = os.path.basename(program.removeprefix("-m")).partition(".")[0]
    file = getattr(sys.modules.get(name), "__file__", None) or ""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return name in ("viz", "demos", "pathgrad") and os.path.abspath(file).startswith(root)


if _is_own_program() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, stop)
