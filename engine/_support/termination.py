"""Signals that end the process, kept waiting while there is something to clean up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Their default action ends Python at once, without `finally`: a request to end, and the end of the terminal.
SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def termination_deferred(notify: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Let SIGTERM and SIGHUP take effect at the end of the context; `notify` is called when one arrives.

    Only where such a signal has its default action, for the other handlers are not a library's to replace, and only in
    the main thread, as Python allows. No program can defer SIGKILL.
    """
    arrived: list[int] = []

    def handle(number: int, _: object) -> None:
        arrived.append(number)
        notify()

    is_main = threading.current_thread() is threading.main_thread()
    deferred = [number for number in SIGNALS if is_main and signal.getsignal(number) is signal.SIG_DFL]
    try:
        for number in deferred:
            signal.signal(number, handle)
        yield
    finally:
        for number in deferred:
            signal.signal(number, signal.SIG_DFL)
        for number in arrived:
            signal.raise_signal(number)
