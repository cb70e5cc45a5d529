"""The command `pathgrad`, also `python -m pathgrad`."""

import importlib
import sys


def main() -> None:
    """Run the command, and exit with its status. Errors and Ctrl-C are one line while its modules are imported, too."""
    try:
        command = importlib.import_module("viz.__main__")
    except ImportError as error:
        sys.exit(f"pathgrad cannot start: {error}")
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)  # as `viz._ctrl_c.STOPPED`
    command.main()


if __name__ == "__main__":
    main()
