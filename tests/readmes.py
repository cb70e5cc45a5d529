"""The READMEs, and the commands that they show, in blocks and in the middle of sentences."""

from __future__ import annotations

import re
import shlex
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
FOLDERS = ("engine", "nn", "viz", "demos", "tests")
READMES = ["README.md", *(f"{folder}/README.md" for folder in FOLDERS), "engine/compiler/README.md"]
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8") for name in [*READMES, "engine/OPERATIONS.md", "engine/CHANGES.md"]
}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
PROGRAMS = ("python", "python3", "pip", "pathgrad", "jupyter", "mutmut")


class Command(NamedTuple):
    """A command: its program, with `python -m` the module, and its arguments."""

    program: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return shlex.join([self.program, *self.arguments])


def parse_line(line: str) -> list[Command]:
    """The commands of a line, which may have variables before it and a comment behind it.

    >>> [str(command) for command in parse_line("A=1 .venv/bin/python -m pytest -k x && pathgrad live 'x'  # a page")]
    ['pytest -k x', 'pathgrad live x']
    """
    words = shlex.split(line, comments=True)
    found: list[Command] = []
    while words:
        end = words.index("&&") if "&&" in words else len(words)
        command, words = words[:end], words[end + 1 :]
        while re.fullmatch(r"[A-Z_]+=.*", command[0]):
            command = command[1:]
        program, *arguments = command
        program = PurePosixPath(program).name
        if program in ("python", "python3") and arguments[:1] == ["-m"]:
            program, arguments = arguments[1], arguments[2:]
        found.append(Command(program, tuple(arguments)))
    return found


def block_lines(page: str) -> list[str]:
    """The lines of the shell blocks of a page, without those of "Two commands", which `.ci/run` runs."""
    text = re.sub(r"^## Two commands$.*?(?=^## )", "", page, flags=re.DOTALL | re.MULTILINE)
    return [line for language, block in BLOCK.findall(text) if language == "sh" for line in block.splitlines()]


def span_lines(page: str) -> list[str]:
    """The commands between backticks.

    >>> span_lines("Run `.venv/bin/pip install x`, or `python -m demos`; `pip` alone is a word, `x = 1` an assignment.")
    ['.venv/bin/pip install x', 'python -m demos']
    """
    start = re.compile(rf"(?:\.venv/bin/)?(?:{'|'.join(PROGRAMS)}) \S")
    return [span for span in SPAN.findall(BLOCK.sub("", page)) if start.match(span)]
