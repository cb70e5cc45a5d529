"""Programs that show what the project does; each runs as `python -m demos.NAME` from the root of a clone."""

import os
import signal
import sys
from contextlib import suppress


def stop(*_: object) -> None:
    """End the program at once, in one line: the handler of Ctrl-C while there is nothing to clean up."""
    with suppress(OSError):
        os.write(2, b"stopped\n")
    os._exit(130)  # as `viz.command.program.STOPPED`, which is not imported yet


# `python -m demos.NAME` imports this package before all others. Ctrl-C during the other imports would give a traceback,
# or be swallowed by a module that catches all errors of an import. Where it is ignored, as under nohup, it stays so.
if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, stop)
