"""The shell for stepping through a graph, with commands as in pdb and gdb.

Each command is a method, whose docstring is its help, that calls a method of `viz.stepping.stepper.Stepper`. Those that
move and those that show stand in `move_commands` and `look_commands`; `command_loop` reads and runs all.
"""

from __future__ import annotations

from typing import Any

from viz.math.formulas import format_number
from viz.questions.numbers import NumberQuestion
from viz.questions.question import Question
from viz.questions.separation import redrawn
from viz.questions.wording import numbers_of
from viz.stepping import arguments
from viz.stepping.command_loop import CommandLoop
from viz.stepping.look_commands import LookCommands
from viz.stepping.overview import overview
from viz.stepping.recording import Step

HOW_TO_ANSWER = """\
  Answer with a number or a formula of nodes, such as 2*x. hint helps, for 1/4
  point; ? shows the answer; again asks with other numbers; q ends the quiz."""
ALIASES = {
    **CommandLoop.aliases,
    "n": "next", "s": "step", "r": "return", "rn": "prev", "rs": "back", "c": "continue", "cont": "continue",
    "rc": "rcontinue", "b": "break", "cl": "clear", "unt": "until", "j": "jump", "goto": "jump", "p": "print",
    "w": "where", "l": "list", "ll": "longlist", "u": "up", "d": "down", "previous": "prev", "restart": "first",
}  # fmt: skip


class Shell(LookCommands):
    """A shell on a stepper. `stdin` and `stdout` may be any text streams."""

    prompt = "(step) "
    aliases = ALIASES
    is_explained = False  # how to answer

    def commands(self) -> list[str]:
        """The long names of all commands; `view` only where the views differ."""
        return [name for name in super().commands() if name != "view" or self.stepper.has_two_views]

    def overview(self) -> str:
        """Six commands to begin with, and all commands in groups."""
        return overview(self.commands(), ALIASES)

    def onecmd(self, line: str) -> bool:
        """Take the line as the answer to a question, or run it as a command, and return whether it ends the shell."""
        if self.attempt is not None and line.strip() in ("q", "quit", "exit"):
            self.attempt, self.lastcmd = None, ""
            self.say("the quiz has ended; q again leaves")
            return False
        return super().onecmd(line)

    def do_set(self, arg: str) -> None:
        """set NODE VALUE, set NODE=VALUE,...: give leaves other values, and record all steps again."""
        numbers = arguments.parse_assignments(arg, "set", self.stepper.known_values())
        for name, number in numbers.items():
            self.stepper.set(name, number)
        known = [f"{self._name(self.stepper.find(name))} = {format_number(x)}" for name, x in numbers.items()]
        self.say(f"now {', '.join(known)}; all steps are recorded again")
        self._move(self.stepper)

    # Practising

    def do_quiz(self, arg: str) -> None:
        """quiz: ask for a number of the next step, to be typed as a number or a formula; then do the step."""
        question = self.stepper.quiz()
        self.attempt = None
        if question.step_number - 1 != self.stepper.position:
            self._move(self.stepper.goto(question.step_number - 1))
        self.ask(question)

    def ask(self, question: Question[Any]) -> None:
        """Open a question, and say once how to answer."""
        super().ask(question)
        if not self.is_explained:
            self.say(HOW_TO_ANSWER)
        self.is_explained = True

    def say_reason(self, question: Question[Any]) -> None:
        """Say why, unless the step says it, which is shown next."""
        if self._step_of(question) is None:
            super().say_reason(question)

    def _step_of(self, question: Question[Any]) -> Step | None:
        """The step that a question is about; None if it is about other numbers."""
        if isinstance(question, NumberQuestion) and question.subject.steps is self.stepper.steps:
            return self.stepper.steps[question.step_number - 1]
        return None

    def closed(self, question: Question[Any]) -> bool:
        """Do the step that the question was about, unless it had other numbers."""
        self.lastcmd = "quiz"  # an empty line asks the next one
        if step := self._step_of(question):
            self._move(self.stepper.goto(step.number))
        return False

    def do_again(self, arg: str) -> None:
        """again: ask the question, or the one before, with other numbers of the leaves, on a copy."""
        question = self.attempt.question if self.attempt else self.last
        if not isinstance(question, NumberQuestion):
            raise ValueError("no question was asked yet; quiz asks one")
        other = redrawn(question, self.n_asked)
        numbers = numbers_of(other.subject, other.inputs)
        if numbers not in other.text:
            self.say(f"with other numbers: {numbers}")
        self.ask(other)
