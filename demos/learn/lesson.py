"""A lesson at the terminal: it shows an example, worked, and then asks."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from typing import IO, Any

from demos.learn.drawing import Draws
from demos.learn.exercise import load, names
from demos.learn.progress import Progress
from engine._support.columns import align_columns
from viz.math.formulas import format_number
from viz.questions.question import Attempt, Question
from viz.questions.wording import numbers_of, relation
from viz.stepping.command_loop import CommandLoop

WIDTH = 80  # of texts, in wider terminals too
OPENINGS = (  # of each turn
    "First an example, worked. Try each line yourself before you press Enter.",
    "The same with other numbers. The last question is yours.",
    "Once more with other numbers. Now all questions are yours.",
)
WORKED, LAST_OPEN, ALL_OPEN = range(3)
HOW_TO_ANSWER = """\
Answer with a number, or with a formula of names, such as 2*x. For a formula the
computer computes. hint helps, and costs ¼ point; ? shows the answer, for no
point; h lists all commands, q leaves. Where you stand is kept."""


class Lesson(CommandLoop):
    """The shell of the exercises, which begins with the exercise `name`, where one stands in it."""

    aliases: Mapping[str, str] = {**CommandLoop.aliases, "?": "show", "skip": "show"}
    intro = ""

    def __init__(
        self, progress: Progress, name: str, stdin: IO[str] | None = None, stdout: IO[str] | None = None
    ) -> None:
        super().__init__(stdin, stdout)
        self.progress = progress
        self.is_explained = False
        self.attempt: Attempt | None = None  # the question that is open
        self.last: Question[Any] | None = None  # the one before
        self._load(name)

    def _load(self, name: str) -> None:
        self.exercise = load(name)
        self.draws = Draws(self.exercise)
        self.place = self.progress.place(name)
        self._draw()
        self.is_waiting = False  # for Enter, before the exercise begins

    def _draw(self) -> None:
        numbers = self.draws.numbers(self.place.seed, self.place.turn)
        self.questions = self.exercise.ask(numbers)
        self.place.question = min(self.place.question, len(self.questions) - 1)

    # What is shown

    def cmdloop(self, intro: Any = None) -> None:
        """Show where one stands, then read answers and commands."""
        self._say_exercise()
        self._say_question()
        super().cmdloop(intro)

    def status(self) -> str:
        """The number of the question."""
        return f"{self.exercise.title}: {self._number()}"

    def _number(self) -> str:
        return f"question {self.place.question + 1} of {len(self.questions)}"

    def _say_exercise(self) -> None:
        number, total = names().index(self.exercise.name) + 1, len(names())
        self.say(f"\n{number} of {total}. {self.exercise.title}\n")
        self._say_wrapped(self.exercise.text)
        self._say_turn()

    def _say_turn(self) -> None:
        subject = self.questions[0].subject
        made = [relation(subject, node) for node in subject.view.names if node.inputs]
        self.say(f"\n{OPENINGS[self.place.turn]}")
        self._say_wrapped(f"{', '.join(made)}; {numbers_of(subject, subject.leaves)}.", "  ")
        self.say("")

    def _say_question(self) -> None:
        """Ask the next question; where it is shown worked, wait for Enter."""
        question = self.questions[self.place.question]
        self.attempt = Attempt(question) if self._is_open() else None
        self.prompt = "> " if self.attempt else "Enter> "
        if self.attempt and not self.is_explained:
            self.say(HOW_TO_ANSWER)
            self.is_explained = True
        tolerance = f" ({question.tolerance}.)" if self.attempt and question.tolerance else ""
        self._say_wrapped(f"{self.place.question + 1}/{len(self.questions)}  {question.text}{tolerance}")

    def _is_open(self) -> bool:
        is_last = self.place.question == len(self.questions) - 1
        return self.place.turn == ALL_OPEN or (self.place.turn == LAST_OPEN and is_last)

    def _say_wrapped(self, text: str, indent: str = "") -> None:
        width = min(WIDTH, shutil.get_terminal_size().columns) - 1
        for paragraph in text.split("\n"):
            self.say("\n".join(textwrap.wrap(paragraph, width, initial_indent=indent, subsequent_indent=indent)))

    # Answers

    def onecmd(self, line: str) -> bool:
        """Take the line as an answer, or run it as a command, and return whether it ends the lesson."""
        text = line.strip()
        word = text.partition(" ")[0]
        question = self.questions[self.place.question]
        is_command = word in self.aliases or word in self.commands()
        if not text:
            return self._enter()
        if is_command and not question.can_read(text):
            return super().onecmd(line)
        try:
            reply = (self.attempt or Attempt(question)).check(text)
        except (ValueError, TypeError, ArithmeticError) as error:
            self.say(f"*** {error}")
            return False
        self._say_wrapped(reply.text, "    ")
        if reply.is_right or not self.attempt:
            return self._close()
        if self.attempt.n_tries == 1:
            self.say("    Try again; hint helps.")
        return False

    def _enter(self) -> bool:
        """Enter alone: go on where nothing is asked, else repeat the question."""
        if self.attempt:
            self._say_question_again()
            return False
        return self._close()

    def _say_question_again(self) -> None:
        attempt = self.attempt
        self._say_question()
        self.attempt = attempt

    def _close(self) -> bool:
        """Show the worked answer and the points, go on, and return whether there is nothing to go on to."""
        question = self.last = self.questions[self.place.question]
        for line in question.worked():
            self._say_wrapped(line, "    ")
        if self.attempt:
            self.place.points += self.attempt.score
            score = format_number(self.attempt.score)
            self.say(f"    {score} of 1 point, {self._points()} in this round")
        self.say("")
        self.place.question += 1
        has_more = self.place.question < len(self.questions) or self._next_turn()
        self.progress.save()
        if has_more:
            self._say_question()
        return not has_more

    def _points(self) -> str:
        n_asked = self.place.question + 1 if self.place.turn == ALL_OPEN else 1
        return f"{format_number(self.place.points)} of {n_asked}"

    def _next_turn(self) -> bool:
        """Go on to the next turn or the next exercise; whether there is one."""
        if self.place.turn < ALL_OPEN:
            self.progress.places[self.exercise.name] = self.place = replace(
                self.place, turn=self.place.turn + 1, question=0, points=0.0
            )
            self._draw()
            self._say_turn()
            return True
        points, n = self.place.points, len(self.questions)
        self.say(f"{self.exercise.title}: done, with {format_number(points)} of {n} points.\n")
        best = max(points, self.place.best)
        self.progress.places[self.exercise.name] = replace(
            self.place, seed=self.place.seed + 1, turn=WORKED, question=0, points=0.0, best=best
        )
        following = next_exercise(self.progress, self.exercise.name)
        if following is None:
            self.say("That was the last exercise. list shows your points, with python -m demos.learn list.")
            return False
        self._load(following)
        self._say_exercise()
        return True

    # Commands

    def do_hint(self, arg: str) -> None:
        """hint: help with the question, a little more each time; each costs ¼ point."""
        if not self.attempt:
            raise ValueError("nothing is asked yet: Enter shows the worked answer")
        self._say_wrapped(self.attempt.hint(), "    ")

    def do_show(self, arg: str) -> None:
        """?, show: show the worked answer, and go on, without a point."""
        if not self.attempt:
            raise ValueError("nothing is asked yet: Enter shows the worked answer")
        self.attempt.show()
        self._close()

    def do_why(self, arg: str) -> None:
        """why: show the worked answer to the question before once more."""
        if self.last is None:
            raise ValueError("there was no question before this one")
        self._say_wrapped(self.last.text)
        for line in self.last.worked():
            self._say_wrapped(line, "    ")

    def do_again(self, arg: str) -> None:
        """again: begin this round again, with other numbers."""
        self.place.seed, self.place.question, self.place.points = self.place.seed + 1, 0, 0.0
        self._draw()
        self._say_turn()
        self._say_question()

    def do_score(self, arg: str) -> None:
        """score: show the points of all exercises, and where you stand."""
        self.say(table(self.progress))

    def do_list(self, arg: str) -> None:
        """list: the same."""
        self.do_score(arg)

    def do_help(self, arg: str) -> None:
        """h, help [COMMAND]: repeat the question, and show all commands, or one."""
        super().do_help(arg)
        if not arg:
            self._say_question_again()


def next_exercise(progress: Progress, after: str = "") -> str | None:
    """The first exercise, from the one after `after` on, that is not done; None if all are.

    >>> next_exercise(Progress()), next_exercise(Progress(), "multiplication")
    ('multiplication', 'chain')
    """
    order = names()
    start = order.index(after) + 1 if after else 0
    return next((name for name in order[start:] + order[:start] if not progress.place(name).is_done), None)


def table(progress: Progress) -> str:
    """The exercises, with the points of those that are done, and where one stands in the others.

    >>> print(table(Progress()).split("\\n")[0])
    1   multiplication  One multiplication
    """
    rows = []
    for number, name in enumerate(names(), 1):
        place, exercise = progress.place(name), load(name)
        stands = f"done: {format_number(place.best)} of {len(exercise.questions)} points" if place.is_done else ""
        if place.is_begun:
            stands += f"{', ' if stands else ''}begun: round {place.turn + 1} of 3, question {place.question + 1}"
        rows.append((str(number), name, exercise.title, stands))
    return "\n".join(line.rstrip() for line in align_columns(rows))
