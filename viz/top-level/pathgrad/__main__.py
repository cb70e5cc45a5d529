"""The command `pathgrad`, also `python -m pathgrad`."""

import importlib
import sys


def main() -> None:
    """Run the command, and exit with its status. Ctrl-C while its modules are imported ends it in one line too."""
    try:
        command = importlib.import_module("viz.__main__")
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)  # as `viz.command.program.STOPPED`
    command.main()


if __name__ == "__main__":
    main()
