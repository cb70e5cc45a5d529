"""The commands of `demos.applied`: every demo prints, draws, explains its options, and refuses what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from demos.applied.__main__ import list_demos, main
from engine._support.typed_commands import python_command
from tests import by_night, thorough_unless
from tests.commands import exit_status
from tests.demos.png_files import is_png

pytestmark = pytest.mark.once
# Those that take seconds have less to do by day.
SMALLER: dict[str, list[str]] = by_night(
    {
        "garch": ["--days", "200"],
        "identification": ["--samples", "20"],
        "pendulum": ["--seconds", "2"],
        "shooting": ["--steps", "1", "--lowest", "-0.5"],
    },
    {},
)
every_demo = pytest.mark.parametrize("name", list_demos())


@thorough_unless(lambda name: name in ("logistic", "robot"))
@every_demo
def test_a_demo_prints_a_table_and_draws(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, *SMALLER.get(name, []), "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    *table, last = printed.out.splitlines()
    assert len(table) > 2
    [drawn] = tmp_path.iterdir()
    assert last == f"Drawn in {drawn}"
    assert is_png(drawn)


@every_demo
def test_a_demo_explains_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(main, [name, "--help"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith(f"usage: {python_command(f'demos.applied {name}')} ")
    options = printed.partition("options:")[2]  # each of them is explained
    assert options.count(" by default") == options.count("; ") == options.count("--") - 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["nothing"], "'nothing' (choose from "),
        (["logistic", "--rows", "0"], "--rows: '0' is not an integer from 1 to "),
        (["logistic", "--seed", "-1"], "--seed: '-1' is not an integer from 0 to "),
    ],
)
def test_a_wrong_option_is_an_error(options: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(main, options) == 2
    assert complaint in capsys.readouterr().err


def test_without_a_name_the_demos_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" -m demos.applied ")[2].split()[0] for line in lines] == [*list_demos()]
