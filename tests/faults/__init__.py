"""What all tests of faults share: every demo as a program, and whether what it left behind is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import demos
from demos.__main__ import demos as listed
from tests.demos import is_png

FOLDER = Path(demos.__file__).parent
ROOT = FOLDER.parent
DEMOS = sorted(command.removeprefix("python -m ") for command, _ in listed())
TRAINING = ["--epochs", "1"]
# Take seconds, and run, print and write as others do: in the normal profile they are interrupted, no more.
SLOW = {"demos.digits", "demos.moons", "demos.regression", "demos.gallery", "demos.tour", "demos.worked"}
# Options that make a demo short, and what it reads.
OPTIONS = {"demos.digits": TRAINING, "demos.moons": TRAINING, "demos.regression": TRAINING, "demos.worked": ["--draw"]}


def draws(demo: str) -> bool:
    """Whether a demo has the option --out, by its own text or by way of `demos.cli.parser`."""
    name = demo.removeprefix("demos.")
    [path] = [path for path in (FOLDER / f"{name}.py", FOLDER / name / "__main__.py") if path.exists()]
    source = path.read_text(encoding="utf-8")
    return '"--out"' in source or f'parser("{name}"' in source


def command(demo: str, out: Path) -> list[str]:
    """How a demo is started, to draw into a folder."""
    options = ["--html", str(out / "step.html"), "fig2"] if demo == "demos.step" else OPTIONS.get(demo, [])
    return [sys.executable, "-m", demo, *options, *(["--out", str(out)] if draws(demo) else [])]


def started(arguments: list[str], **options: Any) -> subprocess.Popen[str]:
    """A program under way, with pipes for what it prints."""
    environment = os.environ | {"PYTHONUNBUFFERED": ""} | options.pop("env", {})
    streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(arguments, text=True, cwd=ROOT, env=environment, **(streams | options))


def is_one_message(text: str) -> bool:
    """Whether that is one line or none, and no traceback."""
    return "Traceback" not in text and "Exception" not in text and len(text.splitlines()) <= 1


def broken(folder: Path) -> list[str]:
    """The files of a folder that are not whole, and those that nobody asked for."""
    ends = {".svg": b"</svg>\n", ".html": b"</html>\n", ".dot": b"}\n", ".json": b"}\n", ".gif": b";"}
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file()
        and not (is_png(path) if path.suffix == ".png" else path.read_bytes().endswith(ends.get(path.suffix, b"?!")))
    ]
