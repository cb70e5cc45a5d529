"""Programs that show what the project does; each runs as `python -m demos.NAME` from the root of a clone."""

import os
import signal
import sys
from contextlib import suppress

STOPPED = 130  # the exit status after Ctrl-C, as shells have it


def stop(*_: object) -> None:
    """End the program at once, in one line. What a signal does as long as there is nothing to be tidied up."""
    with suppress(OSError):
        os.write(2, b"stopped\n")
    os._exit(STOPPED)


# `python -m demos.NAME` imports this package first, before the demo and all that the demo imports. Ctrl-C meanwhile
# would give a traceback, or be swallowed by a module that tries several ways to import another. Where it is ignored, as
# under nohup, it stays so.
if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, stop)
