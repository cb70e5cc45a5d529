"""Every command that the README shows, but for the two that set everything up: `.ci/run` runs those."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PREFIX = ".venv/bin/python -m "
SHELL_BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in SHELL_BLOCKS for line in block.splitlines() if line.startswith(PREFIX)]
# What takes long is shortened, by options that its --help shows.
SHORTER = {
    "demos.digits": ["--epochs", "1"],
    "demos.moons": ["--epochs", "5"],
    "demos.regression": ["--epochs", "5"],
}


def test_commands_are_found() -> None:
    assert len(COMMANDS) > 15
    assert f"{PREFIX}demos.step fig4" in [command.partition("  ")[0] for command in COMMANDS]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_runs(line: str, tmp_path: Path) -> None:
    module, *options = shlex.split(line.removeprefix(PREFIX), comments=True)
    if module.startswith("tests"):
        pytest.skip("benchmarks and what runs tests are no part of the tests")
    notes = "from engine import Value\nx = Value(1.5, 'x')\nloss = x * x\n"
    (tmp_path / "notes.py").write_text(notes, encoding="utf-8")
    options = [str(tmp_path / option) if ".py" in option or option.endswith(".html") else option for option in options]
    if module in ("demos.pictures",):
        options += ["--help"]  # it writes into the tree; tests of its own hold that against a fresh run
    if module in SHORTER:
        options += [*SHORTER[module], "--out", str(tmp_path)]
    command = [sys.executable, "-m", module, *options]
    run = subprocess.run(command, cwd=ROOT, input="q\n", capture_output=True, encoding="utf-8", timeout=120)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
