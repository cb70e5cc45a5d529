"""The paper in a page of print: how the first derivative of each figure comes about, and which parts agree."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from demos.paper.cases import HAS_NUMPY, NO_NUMPY
from demos.paper.examples import figure_1, figure_2, figure_3, figure_4
from demos.paper.report import Report
from demos.paper.run import PAGE, PARTS, Part, Run
from demos.paper.tally import Tally


def summary(run: Run) -> None:
    """Print it, and draw the figures; what each part prints is left out, and counted."""
    for example in (figure_1(), figure_2(), figure_3(), figure_4(run.network)):
        print(*Report(example, run.bold).brief(), sep="\n", end="\n\n")
    print("The parts, and how many of their numbers come out the same in two ways:")
    for part in PARTS:
        print(f"  {part.name:<12}{part.about:<72}{_counted(run, part) or ''}".rstrip())
    if not HAS_NUMPY:
        print(f"  What is in matrix form was left out: it {NO_NUMPY}")
    print("To read one of them: python -m demos.paper examples; all of them: python -m demos.paper all\n")
    print(f"The figures, each beside its equations, to be opened in a browser: {run.options.out / PAGE}")


def _counted(run: Run, part: Part) -> Tally | None:
    """What a part has counted; None if it compares nothing."""
    whole, run.tally = run.tally, Tally()
    with redirect_stdout(io.StringIO()):
        part.show(run)
    found, run.tally = run.tally, whole
    whole.join(found)
    return found if found.compared else None
