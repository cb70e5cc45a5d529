"""`python -m demos.paper`: the paper's examples, equations, tables, figures and misprints, from real graphs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout

from demos.cli import run_program
from demos.paper.cli import (
    build_parser,
    check_use,
    check_which,
    choose_examples,
    describe_unused,
    escape_negative_numbers,
    fill_defaults,
)
from demos.paper.commands import PARTS, Commands
from demos.paper.options import OptionError
from engine._support.typed_commands import python_command
from viz import DrawingError
from viz.command.program import describe_unwritten
from viz.math.ascii import AsciiStream, can_print_formulas
from viz.math.formats import FORMATS

COMMANDS: dict[str, Callable[[Commands], None]] = {
    "summary": Commands.summary,
    "all": Commands.all,
    **{part.name: part.show for part in PARTS},
    "eq": Commands.eq,
    "table": Commands.table,
    "figure": Commands.figures,
}


def main(arguments: list[str] | None = None) -> int:
    """Show a part; 0 if all numbers agree, 1 if some do not or a picture cannot be drawn, 2 for bad options."""
    parser = build_parser()
    options = parser.parse_intermixed_args(escape_negative_numbers(sys.argv[1:] if arguments is None else arguments))
    try:
        check_which(options)
        check_use(options)
        examples = choose_examples(options)
    except ValueError as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"{error.filename} cannot be read: {error.strerror}")
    unused = describe_unused(options, examples)
    fill_defaults(options)
    commands, problem = Commands(options, examples), ""
    try:
        is_printable = can_print_formulas(sys.stdout) or FORMATS[options.style].is_source
        with redirect_stdout(sys.stdout if is_printable else AsciiStream(sys.stdout)):
            COMMANDS[options.part](commands)
            if unused:
                print(unused)
    except OptionError as error:
        parser.error(str(error))
    except DrawingError as error:
        problem = f"The figures could not be drawn. {error}"
    except BrokenPipeError:
        raise
    except ArithmeticError as error:
        problem = f"This network's numbers are too large or too small to compute with: {error}"
    except ValueError as error:
        problem = f"This network cannot be shown: {error}"
    except OSError as error:
        problem = describe_unwritten(error)
    wrong = commands.agreement.wrong
    if wrong and not problem:
        verdict = "1 number DISAGREES, and is" if wrong == 1 else f"{wrong} numbers DISAGREE, and are"
        where = f": {python_command('demos.paper all')}" if options.part == "summary" else "."
        problem = f"{verdict} marked with ✗{where}"
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if options.part in ("summary", "all"):
        print(f"All {commands.agreement.compared:,} numbers that were computed in two ways agree.")
    return 0


if __name__ == "__main__":
    run_program(main)
