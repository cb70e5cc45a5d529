"""`python -m viz`: the command `pathgrad`."""

from typing import NoReturn

from viz.command import cli
from viz.command.program import run_program


def main() -> NoReturn:
    """Run the command, and exit with its status."""
    run_program(cli.main)


if __name__ == "__main__":
    main()
