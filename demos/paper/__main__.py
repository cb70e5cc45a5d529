"""`python -m demos.paper`: the paper's examples, equations, tables, figures and misprints, from real graphs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout

from demos.paper.options import check_which, network_of, parser, with_negative_numbers
from demos.paper.run import PARTS, Run
from demos.paper.summary import summary
from demos.running import as_program
from viz import DrawingError
from viz.math.ascii import AsciiStream, can_print_formulas
from viz.math.formats import FORMATS

SHOW: dict[str, Callable[[Run], None]] = {
    "summary": summary,
    "all": Run.all,
    **{part.name: part.show for part in PARTS},
    "eq": Run.eq,
    "table": Run.table,
    "figure": Run.figures,
}


def main(arguments: list[str] | None = None) -> int:
    """Run a part; 0 if all numbers agree, 1 if some do not or a picture cannot be drawn, 2 for bad options."""
    parsing = parser()
    options = parsing.parse_intermixed_args(with_negative_numbers(sys.argv[1:] if arguments is None else arguments))
    try:
        check_which(options)
        network = network_of(options)
    except (ValueError, OSError) as error:
        parsing.error(str(error))
    run = Run(options, network)
    try:
        is_shown = can_print_formulas(sys.stdout) or FORMATS[options.style].is_source
        with redirect_stdout(sys.stdout if is_shown else AsciiStream(sys.stdout)):
            SHOW[options.part](run)
    except DrawingError as error:
        print(f"The figures could not be drawn. {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        raise
    except ArithmeticError as error:
        print(f"This network's numbers are too large or too small to compute with: {error}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"This network cannot be shown: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Something could not be written: {error}", file=sys.stderr)
        return 1
    if run.tally.wrong:
        wrong = run.tally.wrong
        said = "1 number DISAGREES, and is" if wrong == 1 else f"{wrong} numbers DISAGREE, and are"
        where = ": python -m demos.paper all" if options.part == "summary" else "."
        print(f"{said} marked with ✗{where}", file=sys.stderr)
        return 1
    if options.part in ("summary", "all"):
        print(f"All {run.tally.compared:,} numbers that were computed in two ways agree.")
    return 0


if __name__ == "__main__":
    as_program(main)
