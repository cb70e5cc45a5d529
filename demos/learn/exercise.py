"""An exercise: a graph in formulas, whose numbers are drawn, and questions about it. Read from a TOML file."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from demos.paper.examples import figure_4
from engine import Value, forward, ops, toposort
from engine._support.checks import check_choice
from engine._support.safe_files import read_bounded
from engine._support.suggestions import did_you_mean
from engine.symbolic.parser import evaluate_formula, parse_formula
from viz.questions.asking import KINDS
from viz.questions.question import Question
from viz.questions.subject import Subject

FOLDER = Path(__file__).parent / "exercises"
SUFFIX = ".toml"
MAX_BYTES = 100_000
KEYS = ("title", "text", "graph", "drawing", "figure", "numbers", "questions")
SIGNS = ("any", "positive", "negative")
Numbers = Mapping[str, float]
_ALLOWED: dict[str, Any] = {"rate": (int, float), "edge": int, "forms": list}  # types of keys; all others are text
_TYPES = {str: "text in quotes", (int, float): "a number", int: "a whole number", list: "a list of texts in quotes"}
_CONSTANT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Exercise:
    """An exercise.

    Attributes:
        name: The name of its file.
        title: Its title.
        text: The text in front of it.
        graph: Its formulas, such as "a = {c}*x": {c} is a constant on an arrow. Empty for the network of Figure 4.
        drawing: A drawing of the graph in text; "" where the formulas show it.
        figure: The number of the paper's figure that shows this graph; 0 for none.
        signs: For leaves and constants, "positive", "negative", or a formula of other leaves, such as "-w*x".
        questions: The kind and the fields of each question.

    >>> exercise = load("chain")
    >>> exercise.graph, exercise.drawn
    (('a = {c}*x', 'y = {d}*a'), ['c', 'd', 'x'])
    >>> [question.text for question in exercise.ask({"c": 3, "d": 2, "x": 1.5})][:2]
    ['a = 3x, with x = 1.5. What is a?', 'y = 2a, with a = 4.5. What is y?']
    """

    name: str
    title: str
    text: str
    graph: tuple[str, ...]
    drawing: str
    figure: int
    signs: Mapping[str, str]
    questions: tuple[Mapping[str, Any], ...]

    @cached_property
    def constants(self) -> list[str]:
        """The names in braces."""
        return list(dict.fromkeys(name for line in self.graph for name in _CONSTANT.findall(line)))

    @cached_property
    def leaves(self) -> list[str]:
        """The names of numbers: of constants, leaves, and of leaves in questions."""
        constants = dict.fromkeys(self.constants, 1.5)
        leaves = [node.label for node in toposort(self._build(constants)) if not node.inputs]
        wanted = [question["wanted_at"] for question in self.questions if "wanted_at" in question]
        return list(dict.fromkeys([*constants, *filter(None, leaves), *wanted]))

    @cached_property
    def drawn(self) -> list[str]:
        """The names of the numbers that are drawn, and not computed."""
        return [name for name in self.leaves if self.signs.get(name, "any") in SIGNS]

    def _build(self, numbers: Numbers) -> Value:
        """The output, with these constants; leaves have any number."""
        if not self.graph:
            return figure_4().output
        lines = (_CONSTANT.sub(lambda name: f"({numbers[name[1]]!r})", line) for line in self.graph)
        try:
            return parse_formula("\n".join(lines), {x: numbers[x] for x in numbers if x not in self.constants})
        except ValueError as error:
            raise ValueError(f"{self.name}, graph: {error}") from error

    def build(self, numbers: Numbers) -> Subject:
        """The graph with these numbers of its constants and leaves, recorded.

        Raises DomainError if a value or a derivative is not finite.
        """
        output = self._build(numbers)
        leaves = {node.label: node for node in toposort(output) if node.op is ops.variable}
        for name, leaf in leaves.items():
            if name in numbers:
                leaf.data = numbers[name]
        for name, leaf in leaves.items():
            if name not in numbers:
                leaf.data = self._computed(name, {x: leaves[x].data for x in leaves if x != name})
        forward(output)
        return Subject.of(output)

    def _computed(self, name: str, leaves: Numbers) -> float:
        """The number of a leaf that is a formula of others."""
        try:
            return evaluate_formula(self.signs[name], leaves)
        except ValueError as error:
            possible = f"choose from {', '.join(SIGNS)}, or a formula of other leaves"
            raise ValueError(f"{self.name}, numbers: {name} = {self.signs[name]!r}: {possible} ({error})") from error

    def ask(self, numbers: Numbers) -> list[Question[Any]]:
        """The questions about the graph with these numbers. Raises ValueError for one that the graph does not allow."""
        subject = self.build(numbers)
        return [self._question(subject, numbers, given) for given in self.questions]

    def try_out(self, numbers: Numbers) -> list[Question[Any]]:
        """The questions, each of which is worked, so that whatever is wrong with one is a ValueError here."""
        questions = self.ask(numbers)
        for given, question in zip(self.questions, questions, strict=True):
            with self._errors(given):
                question.worked()
                question.hints()
        return questions

    def _question(self, subject: Subject, numbers: Numbers, given: Mapping[str, Any]) -> Question[Any]:
        details = dict(given)
        kind = KINDS[details.pop("kind")]
        if "wanted_at" in details:
            details["wanted_at"] = numbers[details["wanted_at"]]
        with self._errors(given):
            for key in details.keys() & {"node", "input", "leaf"}:
                subject.find(details[key])
            return kind(subject=subject, **details)

    @contextmanager
    def _errors(self, given: Mapping[str, Any]) -> Iterator[None]:
        """Errors name the question."""
        try:
            yield
        except (ValueError, TypeError) as error:
            says = ", ".join(f"{key} = {x!r}" for key, x in given.items())
            number = self.questions.index(given) + 1
            raise ValueError(f"{self.name}, question {number} ({says}): {error}") from error


def load(name: str) -> Exercise:
    """The exercise of that name, or in that file. Raises ValueError, which says what is wrong, or OSError."""
    if name.endswith(SUFFIX):
        return parse(Path(name).stem, read_bounded(Path(name), MAX_BYTES))
    check_choice(name, names(), "exercise")
    return parse(name, read_bounded(_paths()[name], MAX_BYTES))


def names() -> list[str]:
    """The names of the exercises, in their order: that of the numbers with which the files begin.

    >>> names()[:2]
    ['multiplication', 'chain']
    """
    return list(_paths())


def numbered_names() -> str:
    """The names, each after its number."""
    return ", ".join(f"{number} {name}" for number, name in enumerate(names(), 1))


def find(given: str) -> str:
    """The name of an exercise, given that, its beginning, or its number; the path of a file. Raises ValueError.

    >>> find("3"), find("soft"), find("chain")
    ('two_paths', 'softmax', 'chain')
    >>> find("t")
    Traceback (most recent call last):
    ...
    ValueError: 't' may be two_paths or tanh
    """
    if given.endswith(SUFFIX):
        return str(Path(given).expanduser().absolute())
    known = names()
    if given.isdecimal() and 1 <= int(given) <= len(known):
        return known[int(given) - 1]
    found = [name for name in known if name == given] or [name for name in known if given and name.startswith(given)]
    if len(found) > 1:
        raise ValueError(f"{given!r} may be {' or '.join(found)}")
    if not found:
        hint = did_you_mean(given, known) or f"; choose from {numbered_names()}"
        raise ValueError(f"unknown exercise {given!r:.40}{hint}")
    return found[0]


def _paths() -> dict[str, Path]:
    return {path.stem.partition("_")[2]: path for path in sorted(FOLDER.glob(f"*_*{SUFFIX}"))}


def parse(name: str, text: str) -> Exercise:
    """The exercise in the text of a file. Raises ValueError, which says what is wrong."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # the extra `learn`
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the exercise {name} is not TOML: {error}") from None
    if unknown := content.keys() - KEYS:
        raise ValueError(f"the exercise {name} has the unknown key {min(unknown)!r}; choose from {', '.join(KEYS)}")
    questions = tuple(content.get("questions", ()))
    for i, question in enumerate(questions, 1):
        check_choice(question.get("kind"), KINDS, "kind of question", f" (the exercise {name}, question {i})")
        _check_keys(f"the exercise {name}, question {i}", question)
    content.setdefault("drawing", "")
    for key in ("title", "text", "drawing"):
        if not isinstance(content.get(key), str):
            raise ValueError(f"the exercise {name} lacks its {key}")
    figure, drawing = content.get("figure", 0), content["drawing"].strip("\n")
    if figure not in range(5):
        raise ValueError(f"the exercise {name} has figure = {figure!r:.40}; the paper's graphs are Figures 1 to 4")
    if "graph" not in content and figure != 4:
        raise ValueError(f'the exercise {name} lacks its graph: graph = ["y = w*x"], or figure = 4')
    if not questions:
        raise ValueError(f"the exercise {name} lacks its questions, each of which begins with [[questions]]")
    graph, signs = content.get("graph", []), content.get("numbers", {})
    if not isinstance(graph, list) or not all(isinstance(line, str) for line in graph):
        raise ValueError(f"the exercise {name}: its graph must be a list of formulas in quotes, not {graph!r:.60}")
    exercise = Exercise(
        name, content["title"], content["text"].strip(), tuple(graph), drawing, figure, signs, questions
    )
    leaves = exercise.leaves
    for leaf, sign in signs.items():
        check_choice(leaf, leaves, "number", f" (the exercise {name}, numbers)")
        if not isinstance(sign, str):
            raise ValueError(f"{name}, numbers: {leaf} must be {', '.join(SIGNS)} or a formula in quotes, not {sign!r}")
    return exercise


def keys_of(kind: str) -> dict[str, bool]:
    """The keys of a kind of question beside `kind`, and whether it needs them.

    >>> keys_of("formula")
    {'node': True, 'input': False, 'forms': False}
    """
    known = [field for field in fields(KINDS[kind]) if field.init and field.name != "subject"]
    return {field.name: field.default is MISSING and field.default_factory is MISSING for field in known}


def _check_keys(where: str, question: Mapping[str, Any]) -> None:
    """Raise ValueError unless a question has the keys that its kind needs, and no others."""
    known = keys_of(question["kind"])
    of_its_kind = f"a question of kind {question['kind']!r}"
    for key, given in question.items():
        if key != "kind" and key not in known:
            raise ValueError(
                f"{where}: {of_its_kind} does not take {key!r}; its keys are {', '.join(['kind', *known])}"
            )
        allowed = _ALLOWED.get(key, str)
        if not isinstance(given, allowed) or isinstance(given, bool):
            raise ValueError(f"{where}: {key} = {given!r:.60} must be {_TYPES[allowed]}")
    for key, is_needed in known.items():
        if is_needed and key not in question:
            raise ValueError(f"{where}: {of_its_kind} lacks {key!r}; its keys are {', '.join(['kind', *known])}")
