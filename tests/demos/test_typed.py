"""Options and files of the demos, as somebody may type them: a demo does what it is asked, or says what is wrong."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demos import __main__ as listing
from demos import regression, step
from demos.mistakes import __main__ as mistakes
from demos.paper import __main__ as paper
from tests import share
from tests.commands import exit_status
from tests.fuzz.inputs import floats, text
from tests.fuzz.outcomes import outcome
from viz.command import cli

MAINS: dict[str, Callable[[list[str]], int]] = {
    "list": listing.main,
    "mistakes": mistakes.main,
    "paper": paper.main,
    "regression": regression.main,
    "step": step.main,
    "pathgrad": cli.main,
}
OPTIONS = "eq table figure errata 38 1 D5 --x --y --w --sizes --rate --steps --step --activation --output none --digits"
OPTIONS += " --seed --as --out --network --set --html x=1.5 x= =1 fig2 draw live explain check --view --local x*y"
options = st.sampled_from([*OPTIONS.split(), "x.py:y", ".", "nan", "1e999", "2;3", "-1", "--"])


def ends_well(main: Callable[[list[str]], int], arguments: list[str]) -> None:
    """Run a demo: it ends with 0, 1 or 2, and says something if it does not end well."""
    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO("n\nq\n"))
        try:
            status: Any = outcome(main, arguments)
        except SystemExit as stopped:
            status = stopped.code
    assert status in (0, 1, 2), (arguments, status)
    assert status == 0 or said.getvalue().strip()
    assert "Traceback" not in said.getvalue()


@pytest.mark.parametrize("name", MAINS)
@settings(max_examples=share(0.15), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(arguments=st.lists(options | text | floats.map(str), min_size=1, max_size=4))
def test_options_of_a_demo_are_done_or_refused(
    name: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name == "regression":
        arguments = ["--epochs", "many", *arguments]  # refused, whatever else is given
    if not any("/" in argument for argument in arguments):
        ends_well(MAINS[name], arguments)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | floats | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "weights"]) | text, inner),
    max_leaves=6,
)


@settings(max_examples=share(0.5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.dictionaries(st.sampled_from(["x", "y", "weights"]), json_values, min_size=2)
    | json_values
    | st.binary(max_size=40)
)
def test_a_file_of_a_network_is_shown_or_refused(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    ends_well(paper.main, ["descent", "--network", str(path)])


@pytest.mark.parametrize(
    "program",
    ["y = 1/0", "raise SystemExit(3)", "import no_such_module", "y = (", "y = 3", "def f(: pass", "assert False, 'no'"],
)
def test_a_file_that_cannot_be_run_is_reported_in_one_line(
    program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.py").write_text(program)
    assert exit_status(step.main, [f"{tmp_path}/notes.py:y"]) == 2
    said = capsys.readouterr().err
    assert "notes.py" in said.splitlines()[-1]
    assert "Traceback" not in said
