"""The shell for stepping through a graph, with commands as in pdb and gdb.

Each command is a method, whose docstring is its help, that calls a method of `viz.stepping.stepper.Stepper`. Those that
move and those that show stand in `move_commands` and `look_commands`; `command_loop` reads and runs all.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from viz.math.formulas import format_number
from viz.questions.kinds.signs import SignQuestion
from viz.questions.question import Attempt, Question
from viz.questions.separation import redrawn
from viz.questions.wording import numbers_of, relation
from viz.stepping import arguments
from viz.stepping.command_loop import CommandLoop
from viz.stepping.look_commands import LookCommands
from viz.stepping.overview import overview
from viz.stepping.quiz import Quiz, StepQuestion, whole_question

if TYPE_CHECKING:
    from viz.stepping.stepper import Stepper

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
    """A shell on a stepper. `stdin` and `stdout` may be any text streams.

    Attributes:
        quiz: The quiz that goes on; None if none does.
    """

    prompt = "(step) "
    aliases = ALIASES
    how_to_answer = HOW_TO_ANSWER

    def __init__(self, stepper: Stepper, stdin: IO[str] | None = None, stdout: IO[str] | None = None) -> None:
        super().__init__(stepper, stdin, stdout)
        self.quiz: Quiz | None = None
        self.is_explained = False  # how to answer
        self._n_redrawn = 0

    def commands(self) -> list[str]:
        """The long names of all commands; `view` only where the views differ."""
        return [name for name in super().commands() if name != "view" or self.stepper.has_two_views]

    def overview(self) -> str:
        """Six commands to begin with, and all commands in groups."""
        return overview(self.commands(), ALIASES)

    def onecmd(self, line: str) -> bool:
        """Take the line as the answer to a question, or run it as a command, and return whether it ends the shell."""
        text = line.strip()
        if self.attempt and text in ("q", "quit", "exit") and not self.attempt.question.can_read(text):
            self.drop_question()
            self.say("the quiz has ended; q again leaves")
            return False
        return super().onecmd(line)

    def do_set(self, arg: str) -> None:
        """set NODE VALUE, set NODE=VALUE,...: give leaves other values, and record all steps again."""
        numbers = arguments.parse_assignments(arg, "set", self.stepper.known_values())
        self.stepper.set_all(numbers)
        known = [f"{self._name(self.stepper.find(name))} = {format_number(x)}" for name, x in numbers.items()]
        self.say(f"now {', '.join(known)}; all steps are recorded again")
        self._move(self.stepper)

    # Practising

    def do_quiz(self, arg: str) -> None:
        """quiz [k]: be asked for the numbers of the next 5 steps (k steps), until q; then each step is done."""
        self._ask_next(Quiz.of(self.stepper, arguments.parse_integer(arg) if arg else None))

    def _ask_next(self, quiz: Quiz) -> None:
        """Ask about the next step; the first step backward, ∂y/∂y = 1, is done without a question."""
        question = quiz.next(self.stepper)
        self.drop_question()
        self.quiz = quiz
        if question.step_number - 1 != self.stepper.position:
            self._move(self.stepper.goto(question.step_number - 1))
        self.ask(question)

    def drop_question(self) -> None:
        """Close the question without a score, and the quiz."""
        super().drop_question()
        self.quiz = None

    def ask(self, question: Question[Any]) -> None:
        """Open a question, and say once how to answer."""
        super().ask(question)
        if not self.is_explained:
            self.say(HOW_TO_ANSWER)
        self.is_explained = True

    def question_text(self, is_repeated: bool = False) -> str:
        """The open question, and which of the quiz it is."""
        text = super().question_text(is_repeated)
        return f"{self.quiz.place}: {text}" if self.quiz and text else text

    def count(self, attempt: Attempt) -> None:
        """Add the score of a question to the points."""
        super().count(attempt)
        if self.quiz:
            self.quiz.points += attempt.score

    def say_reason(self, question: Question[Any]) -> None:
        """Say why, unless the step says it, which is shown next."""
        if self.quiz is None or question is not self.quiz.question:
            super().say_reason(question)

    def closed(self, question: Question[Any]) -> bool:
        """Do the step that the question was about, with the graph's own numbers, and ask the next."""
        quiz = self.quiz
        self.drop_question()
        if quiz is None:
            return False
        if question is not quiz.question:
            self.say("and with the numbers of the graph:")
        self._move(self.stepper.goto(quiz.question.step_number))
        if quiz.is_over:
            on = "; quiz asks on" if self.stepper.position < len(self.stepper.steps) else ""
            self.say(f"the quiz is over: {format_number(quiz.points)} of {quiz.n_questions} points{on}")
        else:
            self.say("")
            self._ask_next(quiz)
        return False

    def do_again(self, arg: str) -> None:
        """again: ask the question, or the one before, with other numbers, on a copy, which p and others then show."""
        question = self.attempt.question if self.attempt else self.last
        if not isinstance(question, StepQuestion):
            raise ValueError("no question was asked yet; quiz asks one")
        drawn = redrawn(question.total if isinstance(question, SignQuestion) else question, self._n_redrawn)
        other = whole_question(drawn.subject, question.node) if isinstance(question, SignQuestion) else drawn
        self._n_redrawn += 1
        self.show_copy(other.subject.root, other.step_number - 1)
        changed = [
            relation(other.subject, node)
            for node, before in zip(other.subject.view.names, question.subject.view.names, strict=True)
            if relation(other.subject, node) != relation(question.subject, before)
        ]
        numbers = ", ".join(
            text for text in [*changed, numbers_of(other.subject, drawn.inputs)] if text not in other.text
        )
        if numbers:
            self.say(f"with other numbers: {numbers}")
        self.ask(other)
