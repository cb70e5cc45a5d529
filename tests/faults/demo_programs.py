"""Every demo as a program, and a check that the files that it leaves are complete."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import demos
from demos.__main__ import find_demos
from tests import by_night
from tests.demos.png_files import is_png

FOLDER = Path(demos.__file__).parent
ROOT = FOLDER.parent
DEMOS = sorted(command.removeprefix("python -m ") for command, _ in find_demos())
TRAINING = ["--epochs", "1"]
# These take longest, and differ from others in nothing else: the normal profile interrupts them only.
SLOW = {"demos.applied", "demos.digits", "demos.gallery", "demos.moons", "demos.regression", "demos.tour"}
SLOW |= {"demos.pictures", "demos.scale", "demos.worked", "demos.xor"}
# Options with which a demo is shorter, or draws.
OPTIONS = {"demos.digits": TRAINING, "demos.moons": TRAINING, "demos.regression": TRAINING, "demos.worked": ["--draw"]}
OPTIONS |= {"demos.applied": ["logistic"], "demos.paper": by_night(["figure", "4"], [])}
OPTIONS |= {"demos.scale": ["--epochs", "1", "--rows", "64"]}


def has_out_option(demo: str) -> bool:
    """Whether a demo has the option --out, by the functions of `demos.cli` that it calls."""
    name = demo.removeprefix("demos.")
    sources = (path.read_text(encoding="utf-8") for path in [*FOLDER.glob(f"{name}.py"), *FOLDER.glob(f"{name}/*.py")])
    return bool(re.search(r"\b(add_out|training_parser|parse_folder)\b", "\n".join(sources)))


def command(demo: str, out: Path) -> list[str]:
    """The command that starts a demo, which draws into a folder."""
    options = ["--html", str(out / "step.html"), "fig2"] if demo == "demos.step" else OPTIONS.get(demo, [])
    return [sys.executable, "-m", demo, *options, *(["--out", str(out)] if has_out_option(demo) else [])]


def start(arguments: list[str], **options: Any) -> subprocess.Popen[str]:
    """Start a program with pipes for its output."""
    environment = os.environ | {"PYTHONUNBUFFERED": ""} | options.pop("env", {})
    streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(arguments, text=True, env=environment, **({"cwd": ROOT} | streams | options))


def is_one_message(text: str) -> bool:
    """Whether a text is at most one line, and not a traceback."""
    return "Traceback" not in text and "Exception" not in text and len(text.splitlines()) <= 1


def incomplete_files(folder: Path) -> list[str]:
    """The files of a folder that are incomplete or unexpected."""
    ends = {".svg": b"</svg>\n", ".html": b"</html>\n", ".dot": b"}\n", ".json": b"}\n", ".gif": b";"}
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file()
        and not (is_png(path) if path.suffix == ".png" else path.read_bytes().endswith(ends.get(path.suffix, b"?!")))
    ]
