"""A parser of typed formulas such as "x * y + sin(x)", which never runs them as code."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import count

from engine import ops
from engine._support import checks
from engine.graph import toposort
from engine.op import GUARD_THE_ARGUMENT, DomainError
from engine.symbolic.definitions import Definition, split_definitions
from engine.symbolic.grammar import evaluate_tree, parse_tokens
from engine.symbolic.names import NAME, to_label
from engine.symbolic.tokens import Names, Token, misread_names, tokenize, with_signs
from engine.value import Value

MAX_LENGTH = 10_000  # characters
DEFAULT_VALUES = (0.5, 1.5, 0.75, 2.0, 1.25, 3.0, 1.75, 2.5, 0.25, 2.25, 2.75, 1.0)


def parse_formula(text: str, values: Mapping[str, float | Value] | None = None) -> Value:
    """The graph of a formula in + - * / ** and the operations of the table; `values` are those of its variables.

    Signs and names may also be as they are printed: 2·x − √x, σ(x)², |a₁|, [a > 0], w₁₁⁽¹⁾x₁. `y = x*2` names the
    output. Several formulas, on lines of their own or with ; between them, name nodes for those that follow, the last
    of which is the output: `a = w*x; z = tanh(a); E = z^2/2`.
    Variables without a value get 0.5, 1.5, 0.75, 2, ... in the order of the formula; each is one leaf with its label.
    `pi` is π, unless it is given a value. ^ is read as a power.
    Raises ValueError, which shows the place or what to write, if the text is not a formula, or if a name looks like an
    operation or a product without its sign, and DomainError if a number in it or the result of an operation is not
    finite.

    >>> y = parse_formula("x*y + sin(x)", {"x": 0.0, "y": 2.0})
    >>> y.backward()
    >>> y.data, [(x.label, x.grad) for x in variables_of(y)]
    (0.0, [('x', 3.0), ('y', 0.0)])
    >>> [node.label for node in toposort(parse_formula("a = w*x; z = tanh(a)"))]
    ['w', 'x', 'a', 'z']
    >>> parse_formula("x*y + sinx")
    Traceback (most recent call last):
    ...
    ValueError: 'x*y + sinx' is not a formula: write x*y + sin(x), or give sinx a value
    >>> parse_formula("__import__('os')")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: unknown operation '__import__' in "__import__('os')"; choose from abs, acos, ...
    """
    _check_text(text)
    given = {name: x if isinstance(x, Value) else Value(x, name) for name, x in dict(values or {}).items()}
    numbers = default_values()
    names = Names({to_label(name): x for name, x in given.items()} | given, lambda name: Value(next(numbers), name))
    *definitions, last = split_definitions(text)
    defined = [_parse_definition(part, names, given) for part in definitions]
    output = _parse_definition(last, names, given)
    used = set(toposort(output))
    for x in defined:
        if x not in used:
            raise ValueError(f"{x.label} is defined in {text!r:.80}, but the last formula does not depend on it")
    return output


def _parse_definition(definition: Definition, names: Names, given: Collection[str]) -> Value:
    """The node of one formula, which becomes known by the name that it defines, if there is one."""
    text, name, start = definition
    if "=" in text[start:]:
        raise ValueError(f"{text!r:.80} is not a formula: {_equals_error(text)}")
    if not name:
        return _parse(text, start, names)
    label = definition.label
    if name in given or label in given:
        raise ValueError(f"{name} is the result of {text!r:.80}: it is computed, and cannot be given a value")
    if label in names.known:
        raise ValueError(f"{name} stands in a formula before {text!r:.80}: define each name once, before it is used")
    output = _parse(text, start, names)
    if output.label:
        raise ValueError(f"{text!r:.80} only gives {output.label} another name: write a formula after the =")
    if label in names.known:
        raise ValueError(f"{name} stands on both sides of = in {text!r:.80}: give the output a name of its own")
    output.label = label
    names.define(label, output)
    return output


def evaluate_formula(text: str, values: Mapping[str, float]) -> float:
    """The number of a formula in which only these names stand. Raises errors as `parse_formula` does.

    >>> evaluate_formula("1/2 + x²", {"x": 3.0})
    9.5
    >>> evaluate_formula("2*foo", {"x": 1.0})
    Traceback (most recent call last):
    ...
    ValueError: unknown name 'foo'; known names: x
    """
    _check_text(text)
    return _parse(text, 0, Names(values)).data


def default_values() -> Iterator[float]:
    """The values that variables get, one after the other, where none is given.

    >>> next(default_values())
    0.5
    """
    return (x + 3.0 * turn for turn in count() for x in DEFAULT_VALUES)


def variables_of(output: Value) -> Iterator[Value]:
    """The variables that a node is made from, sorted by name."""
    return iter(sorted((node for node in toposort(output) if node.op is ops.variable), key=lambda node: node.label))


def _check_text(text: str) -> None:
    checks.check_instance(text, str, "a formula is text such as 'x*y + sin(x)'")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a formula has at most {MAX_LENGTH} characters, not {len(text)}")


def _parse(text: str, start: int, names: Names) -> Value:
    if found := _bracket_error(text):
        raise ValueError(f"{text!r:.80} is not a formula: {found}")
    try:
        given = set(names.known)
        tokens = tokenize(text, start, names)
        advice = _advice(text, tokens, given, names)
        if advice and (misread := misread_names(tokens, given)):
            else_ = "" if names.new is None else f", or give {next(iter(misread))} a value"
            raise ValueError(f"{text!r:.80} is not a formula: write {advice:.200}{else_}")
        result = evaluate_tree(parse_tokens(text, tokens, advice))
    except RecursionError:  # the caller is near the recursion limit
        raise ValueError(f"{text!r:.80} is nested too deep") from None
    except DomainError as error:
        raise DomainError(str(error).removesuffix(GUARD_THE_ARGUMENT)) from None
    return result if isinstance(result, Value) else Value(result)


def _advice(text: str, tokens: list[Token], given: Collection[str], names: Names) -> str:
    """The formula with the signs and brackets that are meant, if it is one then; "" if it is not, or is the text."""
    written = with_signs(text, tokens, misread_names(tokens, given))
    if written == text:
        return ""
    try:
        parse_tokens(written, tokenize(written, tokens[0].at, names))
    except ValueError:
        return ""
    return written


def _equals_error(text: str) -> str:
    """A message about a = that does not only follow the name of the output, as in f(x) = x^2 or a = 3*x = 6."""
    left, right, *more = (side.strip() for side in text.split("="))
    name = NAME.match(left)
    example = f"{name[0] if name else 'y'} = {right}"
    try:
        parse_formula(example)
    except (ValueError, DomainError):
        example = "y = x*2"
    return f"write only one =, as in {example:.60}" if more else f"write only a name before the =, as in {example:.60}"


def _bracket_error(text: str) -> str:
    """A message about an unmatched bracket; empty if all match."""
    opened: list[int] = []
    for place, sign in enumerate(text, 1):
        if sign == "(":
            opened.append(place)
        elif sign == ")" and not opened:
            return f"the ) at character {place} closes nothing"
        elif sign == ")":
            opened.pop()
    if opened:
        return f"the ( at character {opened[-1]} is not closed"
    return "a | is not closed" if text.count("|") % 2 else ""
