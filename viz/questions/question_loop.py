"""A shell that asks questions: it takes lines as answers, gives hints, and keeps the score."""

from __future__ import annotations

from abc import abstractmethod
from typing import IO, Any, ClassVar

from viz.math.formulas import format_number
from viz.questions.question import Attempt, Question
from viz.stepping.command_loop import CommandLoop

SHOW = ("?", "skip")  # while a question is open
REPEAT = ("", "h", "help")


class QuestionLoop(CommandLoop):
    """A shell that asks questions. `stdin` and `stdout` may be any text streams.

    Attributes:
        attempt: The question that is open, and what was answered to it; None if none is.
        last: The question before.
        points: The sum of the scores.
        n_asked: The number of questions that were asked to their end.
    """

    how_to_answer: ClassVar[str] = ""

    def __init__(self, stdin: IO[str] | None = None, stdout: IO[str] | None = None) -> None:
        super().__init__(stdin, stdout)
        self.attempt: Attempt | None = None
        self.last: Question[Any] | None = None
        self.points = 0.0
        self.n_asked = 0
        self._said: set[str] = set()  # the tolerances, which are said once, and where a question is said again

    @abstractmethod
    def closed(self, question: Question[Any]) -> bool:
        """Go on after a question that was answered or shown, and return whether the shell ends."""

    def ask(self, question: Question[Any]) -> None:
        """Open a question."""
        self.attempt = Attempt(question)
        self.say(self.question_text())

    def question_text(self, is_repeated: bool = False) -> str:
        """The open question, and how exact an answer must be, unless that was said before."""
        if self.attempt is None:
            return ""
        question = self.attempt.question
        if not question.tolerance or (question.tolerance in self._said and not is_repeated):
            return question.text
        self._said.add(question.tolerance)
        return f"{question.text} ({question.tolerance}.)"

    def onecmd(self, line: str) -> bool:
        """Take the line as an answer, or run it as a command, and return whether it ends the shell."""
        text = line.strip()
        if self.attempt is None:
            return super().onecmd(line)
        if text and self.attempt.question.can_read(text):  # also where a node is named as a command
            return self._answer(text, self.attempt)
        if text in SHOW:
            self.attempt.show()
            return self._close(self.attempt)
        if text in REPEAT:
            self.say(self.question_text(is_repeated=True))
            if text == "help":
                self.say(self.how_to_answer)
            return False
        if self._is_command(text):
            return super().onecmd(line)
        return self._answer(text, self.attempt)

    def _is_command(self, text: str) -> bool:
        word = text.partition(" ")[0]
        return word in self.aliases or word in self.commands() or word.startswith(("?", "!"))

    def _answer(self, text: str, attempt: Attempt) -> bool:
        try:
            reply = attempt.check(text)
        except (ValueError, TypeError, ArithmeticError) as error:
            self.say(f"*** {error}\nThe question still stands; hint helps, ? shows the answer.")
            return False
        self.say(reply.text)
        if reply.is_right:
            return self._close(attempt)
        if attempt.n_tries == 1:
            self.say("Try again; hint helps, ? shows the answer.")
        return False

    def _close(self, attempt: Attempt) -> bool:
        """Say why, and the points."""
        self.attempt, self.last = None, attempt.question
        self.count(attempt)
        self.say_reason(attempt.question)
        self.say(f"  {format_number(attempt.score)} of 1 point; {self.score()}")
        return self.closed(attempt.question)

    def count(self, attempt: Attempt) -> None:
        """Add the score of a question to the points."""
        self.points += attempt.score
        self.n_asked += 1

    def score(self) -> str:
        """The points of all questions."""
        if not self.n_asked:
            return "no question was answered yet"
        return f"{format_number(self.points)} of {self.n_asked} in all"

    def say_reason(self, question: Question[Any]) -> None:
        """Say why an answer is right."""
        self.say_worked(question)

    def say_worked(self, question: Question[Any]) -> None:
        """Say the worked answer."""
        for line in question.worked():
            self.say(f"  {line}")

    def do_hint(self, arg: str) -> None:
        """hint: help with the question, a little more each time; each hint costs 1/4 point."""
        if self.attempt is None:
            raise ValueError("no question is open")
        self.say(f"  {self.attempt.hint()}")

    def do_why(self, arg: str) -> None:
        """why: show the worked answer to the question before, once more."""
        if self.last is None:
            raise ValueError("no question was answered yet")
        self.say(self.last.text)
        self.say_worked(self.last)

    def do_score(self, arg: str) -> None:
        """score: show the points."""
        self.say(self.score())
