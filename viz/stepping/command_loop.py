"""The loop behind a prompt: it reads lines, runs each as a command, and prints errors instead of raising them.

A command is a method `do_name` of a subclass of `CommandLoop`; its docstring is its help.
"""

from __future__ import annotations

import cmd
import shutil
import sys
from collections.abc import Mapping
from typing import IO, Any

from engine._support.suggestions import did_you_mean
from viz.drawing.dot_program import DrawingError
from viz.math.ascii import can_print_formulas, transliterate
from viz.stepping import prompt, terminal


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

    def toolbar(self) -> str:
        """The line below the prompt, where the terminal has one."""
        return self.status().partition("\n")[0]

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

    def printable(self, text: str) -> str:
        """The text, in ASCII if that is all that can be shown."""
        return text if can_print_formulas(self.stdout) else transliterate(text)

    def say(self, text: str) -> None:
        """Print, in ASCII if that is all that can be shown; at a terminal, wrapped and in colours."""
        text = self.printable(text)
        if self.stdout.isatty():
            text = terminal.wrap(text, shutil.get_terminal_size().columns)
        self._print(text)

    def say_table(self, text: str, in_blue: str = "") -> None:
        """Print a table; at a terminal, its head is repeated, and lines are cut off rather than wrapped.

        `in_blue` is the head of a column of derivatives.
        """
        lines = self.printable(text).split("\n")
        if self.stdout.isatty():
            columns, rows = shutil.get_terminal_size()
            lines = terminal.fit_table(
                lines, columns, rows - 2, self.printable("…")
            )  # below it stand the prompt and perhaps a bar
        if terminal.has_colours(self.stdout):
            lines = terminal.colour_column(lines, in_blue)
        self._print("\n".join(lines))

    def _print(self, text: str) -> None:
        print(terminal.colour(text) if terminal.has_colours(self.stdout) else text, file=self.stdout)
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
        self.say(self.explain(name) if name else self.overview())

    def explain(self, command: str) -> str:
        """The help for one command."""
        help = getattr(self, f"do_{command}").__doc__
        return f"  {help or f'{command} (its help is a docstring, which python -OO removes)'}"

    def overview(self) -> str:
        """The help for all commands."""
        return "\n".join(map(self.explain, self.commands()))

    def do_quit(self, arg: str) -> bool:
        """q, quit: leave, as does the end of the input (Ctrl-D)."""
        return True

    def completenames(self, text: str, *ignored: Any) -> list[str]:
        """The commands that begin with the text."""
        return sorted(name for name in {*self.commands(), *self.aliases} if name.startswith(text))

    def completedefault(self, text: str, *ignored: Any) -> list[str]:
        """The names of nodes that begin with the text."""
        return sorted(name for name in self.node_names() if name.startswith(text))
