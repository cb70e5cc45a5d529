"""The loop behind a prompt: it reads lines, runs each as a command, and prints errors instead of raising them.

A command is a method `do_name` of a subclass of `CommandLoop`; its docstring is its help.
"""

from __future__ import annotations

import cmd
import shutil
import sys
import textwrap
from collections.abc import Mapping
from typing import IO, Any

from engine._support.suggestions import did_you_mean
from viz.drawing.dot_program import DrawingError
from viz.math.ascii import can_print_formulas, transliterate
from viz.stepping import prompt


class CommandLoop(cmd.Cmd):
    """Reads lines and runs commands. `stdin` and `stdout` may be any text streams.

    `aliases` has the short names of commands.

    >>> import sys
    >>> CommandLoop(stdout=sys.stdout).onecmd("halp")
    *** unknown command 'halp'; did you mean help?
    False
    """

    aliases: Mapping[str, str] = {"h": "help", "?": "help", "q": "quit", "exit": "quit", "EOF": "quit"}
    intro = "h lists the commands, q leaves."

    def __init__(self, stdin: IO[str] | None = None, stdout: IO[str] | None = None) -> None:
        super().__init__(stdin=stdin, stdout=stdout)
        self.use_rawinput = stdin is None

    def status(self) -> str:
        """A text that is printed before the first command."""
        return ""

    def node_names(self) -> list[str]:
        """The names that complete the arguments of commands."""
        return []

    def cmdloop(self, intro: Any = None) -> None:
        """Read and run commands until `q` or the end of the input. Ctrl-C interrupts a command, not the loop.

        Raises OSError if commands are to be read from the standard input, and that is closed.
        """
        if self.use_rawinput and not sys.stdin:
            raise OSError("commands cannot be read, because the standard input is closed")
        self.say(self.intro if intro is None else intro)
        self.say(self.status())
        read = prompt.line_reader(self) if self.use_rawinput and sys.stdin.isatty() else self._read_line
        stop = False
        while not stop:
            try:
                stop = self.onecmd(read())
            except KeyboardInterrupt:
                self.say("interrupted; q leaves")
            except EOFError:
                self.say("")
                return

    def _read_line(self) -> str:
        if self.use_rawinput:
            return input(self.prompt)
        line = self.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")

    def onecmd(self, line: str) -> bool:
        """Run one command, and return whether it ends the loop. Errors are printed, not raised."""
        name, _, rest = line.strip().partition(" ")
        if name in self.aliases:
            line = f"{self.aliases[name]} {rest}".strip()
        try:
            return bool(super().onecmd(line))
        except (ValueError, TypeError, ArithmeticError, OSError, DrawingError) as error:
            self.say(f"*** {error}")
            return False

    def say(self, text: str) -> None:
        """Print, in ASCII if that is all that can be shown; lines that are too long for a terminal are wrapped."""
        text = text if can_print_formulas(self.stdout) else transliterate(text)
        if self.stdout.isatty():
            text = wrap(text, shutil.get_terminal_size().columns)
        print(text, file=self.stdout)
        self.stdout.flush()

    def default(self, line: str) -> None:
        """Print that the command is unknown."""
        word = line.split()[0]
        hint = did_you_mean(word, [*self.aliases, *self.commands()]) or "; h lists the commands"
        self.say(f"*** unknown command {word!r}{hint}")

    def commands(self) -> list[str]:
        """The long names of all commands."""
        return [name.removeprefix("do_") for name in dir(self) if name.startswith("do_")]

    def do_help(self, arg: str) -> None:
        """h, help [COMMAND]: show all commands, or one."""
        name = self.aliases.get(arg, arg)
        if name and name not in self.commands():
            raise ValueError(f"unknown command {arg!r}; h lists them")
        for command in [name] if name else self.commands():
            help = getattr(self, f"do_{command}").__doc__
            self.say(f"  {help or f'{command} (its help is a docstring, which python -OO removes)'}")

    def do_quit(self, arg: str) -> bool:
        """q, quit: leave, as does the end of the input (Ctrl-D)."""
        return True

    def completenames(self, text: str, *ignored: Any) -> list[str]:
        """The commands that begin with the text."""
        return sorted(name for name in {*self.commands(), *self.aliases} if name.startswith(text))

    def completedefault(self, text: str, *ignored: Any) -> list[str]:
        """The names of nodes that begin with the text."""
        return sorted(name for name in self.node_names() if name.startswith(text))


def wrap(text: str, width: int) -> str:
    """The text, with lines that are longer than the width wrapped at spaces and indented; other lines stay.

    >>> print(wrap("  x  = 2\\n  s, step [k]: do one step", 20))
      x  = 2
      s, step [k]: do
        one step
    """
    lines = []
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        parts = textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        lines += parts if len(line) > width else [line]
    return "\n".join(lines)
