"""The program that lays out drawings: where it is missing, tests that need it are skipped, and one can hide it."""

from __future__ import annotations

import re
import subprocess
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import pytest

from viz import DrawingError
from viz.drawing import dot_program
from viz.drawing.drawing import FORMATS

# graphviz-pure estimates the widths of texts without their fonts, and says so.
ESTIMATE = re.compile(r"^(Warning: )+no (value for width of|hard-coded metrics for) .*\n", re.MULTILINE)


def _find_programs() -> dict[str, str]:
    programs = {}
    for format in FORMATS:
        with suppress(DrawingError):
            programs[format] = dot_program.find_program(format)
    return programs


PROGRAMS = _find_programs()  # those of this machine, by format; a test may put another in their place
_draw_once = lru_cache(1000)(dot_program.run_dot)


def run_dot_once(source: str, format: str) -> bytes:
    """Like `run_dot`, but what this machine's program has drawn is not drawn again: half of all pictures recur."""
    run = _draw_once if dot_program.find_program(format) == PROGRAMS.get(format) else dot_program.run_dot
    return run(source, format)


needs_dot = pytest.mark.skipif("svg" not in PROGRAMS, reason="neither `dot` of Graphviz nor graphviz-pure is installed")
# For PDF, and for tests that measure texts to a point.
needs_graphviz = pytest.mark.skipif("pdf" not in PROGRAMS, reason="the program `dot` of Graphviz is not installed")
every_format = pytest.mark.parametrize(
    "format", [pytest.param(format, marks=needs_graphviz if format == "pdf" else ()) for format in FORMATS]
)


def run_layout_program(source: str, format: str) -> str:
    """What the program prints for DOT text; it must succeed without a warning."""
    command = [dot_program.find_program(), f"-T{format}"]
    run = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
    assert (run.returncode, ESTIMATE.sub("", run.stderr.decode())) == (0, "")
    return run.stdout.decode()


@pytest.fixture
def no_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the program `dot` nor graphviz-pure, and no other program of the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "no programs"))
    monkeypatch.setattr(dot_program, "PORT", "no-port-of-graphviz")
