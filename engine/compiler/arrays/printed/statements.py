"""Statements that compute arrays: each with a name, unless its expression is put where it is used."""

from __future__ import annotations

import builtins
import keyword
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from itertools import product

from engine.compiler.arrays.printed.lines import MAX_LINE
from engine.compiler.arrays.printed.names import Labels, find_equation
from engine.compiler.arrays.printed.spelling import Spelling
from engine.compiler.arrays.printed.text import Expressions, Text
from engine.compiler.arrays.program import Access, Array, Block, Computation, Constants, Gathered, View
from engine.compiler.arrays.results import Results
from engine.compiler.naming import Names
from engine.compiler.sequences import Shape, strides_of
from engine.labels import Role
from engine.op import Op
from engine.symbolic.codegen import FunctionNames
from engine.symbolic.expression import Expression

MAX_JOINED_LINE = 100  # characters of an expression that is put into another, or of a line with several results


class Statements:
    """Writes the statements of a function, whose arguments are `rows` and `parameters`.

    Attributes:
        functions: The names of the functions that are called.
        names: All names in the text.
        texts: The name of each array, or its expression.
        expressions, results: They write expressions of arrays, and results one after another.
        constants: The lines that define arrays of constants.
        uses: How often each array is read.
    """

    def __init__(self, spelling: Spelling, operations: Iterable[Op], labels: Labels, reserved: str = "") -> None:
        own = r"value|value_and_grad|rows|parameters|TABLE|len|sum|zip|[xtic]\d+|layer\d+|"
        own += spelling.reserved + reserved
        self.functions = FunctionNames(own)
        for op in operations:
            if not spelling.language.has(op):
                self.functions.of(op)
        taken = {*self.functions.names.values(), *dir(builtins), *keyword.kwlist, *own.split("|")}
        self.names = Names(taken)
        self.expressions = Expressions(spelling.module, spelling.language, self.functions)
        self.results = Results(spelling.module, self.expressions)
        self.texts = self.expressions.texts
        self.constants: list[str] = []
        self.uses = Counter[Array]()
        self._spelling, self._labels = spelling, labels
        self._roles: dict[Array, Role] = {}
        self._views: dict[tuple[Expression, ...], str] = {}  # the names of parts of the parameters, by their elements
        self._counts = Counter[str]()
        self._n_temporaries = 0

    def reading(self, n_inputs: int, n_parameters: int) -> list[str]:
        """The line that reads the arguments."""
        return [f"rows, parameters = floats(rows, 2, {n_inputs}), floats(parameters, 1, {n_parameters})"]

    def count_uses(self, arrays: Sequence[Array], accesses: Iterable[Access]) -> None:
        """Count the uses of arrays by each other, and by further accesses."""
        self.uses.update(x.array for x in accesses)
        for array in arrays:
            self.uses.update(array.sources)

    def returned(self, value: Access, gradient: Sequence[Block], order: Sequence[int] | None) -> list[str]:
        """The lines that return the sum of the value, and the derivatives, which are brought into an order."""
        total, np, lines = self.results.total(value), self._spelling.module, list[str]()
        if len(total) > MAX_LINE // 2:
            name = self.names.new("total")
            lines, total = [f"{name} = {total}"], name
        begin = f"return {total}, "
        parts = self.results.flat(gradient) or [f"{np}.zeros(0)"]
        table = self.table(order, (len(order),)) if order else ""
        end = f"[{self.constant('i', table)}]" if order else ""  # the order of the parameters
        if len(parts) == 1:
            return [*lines, f"{begin}{parts[0]}{end}"]
        text = f"{begin}{np}.concatenate([{', '.join(parts)}]){end}"
        if len(text) <= MAX_JOINED_LINE:
            return [*lines, text]
        return [*lines, f"{begin}{np}.concatenate([", *[f"    {part}," for part in parts], f"]){end}"]

    def take_apart(self, given: Collection[Array], arrays: Sequence[Array]) -> Iterator[str]:
        """The lines that take the rows and the parameters apart, columns of one matrix together."""
        groups: dict[Hashable, list[Array]] = {}
        for array in arrays:
            value = array.value
            if isinstance(value, View) and value.source in given:
                key: Hashable = "rows" if array.varies else array if array.shape else "single parameters"
                if value.strides != array.strides:
                    key = (value.source, value.start, array.shape[0], value.strides[0])
                groups.setdefault(key, []).append(array)
        for key, views in groups.items():
            names = [self._name_view(view) for view in views]
            matrix = None
            if len(views) > 1 and isinstance(key, tuple):
                self._counts["layer"] += 1
                matrix = self.names.new(f"layer{self._counts['layer']}")
                yield f"{matrix} = {self.expressions.matrix(views[0]).text}"
            texts = [self.expressions.view(view, matrix).text for view in views]
            line = f"{', '.join(names)} = {', '.join(texts)}"
            separate = (f"{name} = {text}" for name, text in zip(names, texts, strict=True))
            yield from separate if len(line) > MAX_JOINED_LINE else [line]
            self.texts.update(zip(views, map(Text, names), strict=True))
        for array in arrays:
            if isinstance(array.value, Gathered) and array.value.source in given:
                text = self.expression(array)
                self.texts[array] = Text(self._name_view(array))
                yield f"{self.texts[array].text} = {text.text}"

    def _name_view(self, view: Array) -> str:
        """The name of a part of the rows or the parameters: W1, W2, ... and w1, w2, ... if they do not have labels."""
        if label := self._labels.of(view):
            self._roles[view] = label.role
            name = self.names.new(label.name)
        else:
            letter = "x" if view.varies else "W" if len(view.shape) > 1 else "w"
            self._counts[letter] += 1
            name = self.names.new(f"{letter}{self._counts[letter]}")
        self._views[tuple(view.members)] = name
        return name

    def statement(self, array: Array, name: str = "") -> list[str]:
        """The line that computes an array; none if its expression is put where it is used, unless there is a name."""
        text = self.expression(array)
        label = self._labels.of(array) if array.members else None
        is_named = bool(name) or (label is not None and not label.is_of_inner_derivative)
        if not is_named and (text.text.isidentifier() or (self.uses[array] <= 1 and len(text.text) <= MAX_JOINED_LINE)):
            self.texts[array] = text
            return []
        if label:
            self._roles[array] = label.role
        if not name:
            self._n_temporaries += 0 if label else 1
            name = self.names.new(label.name if label else f"t{self._n_temporaries}")
        self.texts[array] = Text(name)
        self.expressions.conditions.pop(array, None)
        equation = find_equation(array, self._roles)
        return [f"{name} = {text.text}" + (f"  # {equation}" if equation else "")]

    def expression(self, array: Array) -> Text:
        """The expression of an array."""
        value = array.value
        for source in array.sources:
            self.name_constants(source)
        if isinstance(value, Computation):
            return self.expressions.computation(array)
        if isinstance(value, Gathered):
            return self.expressions.gathered(array, self.constant("i", self.table(value.addresses, array.shape)))
        return self.expressions.view(array)

    def totals(self, gradient: Sequence[Block]) -> Iterator[str]:
        """The lines that compute sums over rows; those of one matrix together."""
        for block in gradient:
            arrays = [access.array.root for access in block.accesses if access]
            new = [array for array in dict.fromkeys(arrays) if array not in self.texts]
            lines = []
            for array in new:
                text, label = self.expression(array), self._labels.of(array)
                view = self._views.get(tuple(array.members))
                name = self.names.new(f"d{view}" if view else label.name if label else "total")
                self.texts[array] = Text(name)
                lines.append((name, text.text, find_equation(array, self._roles)))
            joined = ", ".join([name for name, _, _ in lines]), ", ".join([text for _, text, _ in lines])
            if len(" = ".join(joined)) > MAX_JOINED_LINE:
                yield from (
                    f"{name} = {text}" + (f"  # {equation}" if equation else "") for name, text, equation in lines
                )
            elif lines:
                equations = "".join(dict.fromkeys([f"  # {equation}" for _, _, equation in lines if equation]))
                yield " = ".join(joined) + equations

    def name_constants(self, array: Array) -> None:
        """Define an array of constants that another array, or a result, reads."""
        if isinstance(array.value, Constants) and array.shape and array not in self.texts:
            numbers = ", ".join(map(self._spelling.language.format_float, array.value.numbers))
            text = f"np.array([{numbers}])"
            self.texts[array] = Text(self.constant("c", text + format_reshape(array.shape)))

    def constant(self, letter: str, text: str) -> str:
        """The name of a new constant of the module."""
        name = self.names.new(f"{letter}{len(self.constants) + 1}")
        self.constants.append(f"{name} = {text}")
        return name

    def table(self, addresses: Sequence[int], shape: Shape) -> str:
        """The text of a table of addresses, of NumPy in any module, so that to import it does not compute.

        It is a sum of tables for each dimension where that is shorter, as it is for some rows of a matrix.
        """
        plain = f"np.array({list(addresses)}){format_reshape(shape)}"
        first, terms = addresses[0], list[str]()
        offsets = [
            [addresses[i * stride] - first for i in range(size)]
            for size, stride in zip(shape, strides_of(shape), strict=True)
        ]
        if [first + sum(x) for x in product(*offsets)] != list(addresses):
            return plain
        for d, numbers in enumerate(offsets):
            step = numbers[1] if len(numbers) > 1 else 1
            if numbers == [step * i for i in range(len(numbers))]:
                term = (f"{step} * " if step != 1 else "") + f"np.arange({len(numbers)})"
            else:
                term, first = f"np.array({[first + x for x in numbers]})", 0
            terms.append(term + (f"[:{', None' * (len(shape) - d - 1)}]" if d < len(shape) - 1 else ""))
        return min(" + ".join([str(first)] * (first != 0) + terms), plain, key=len)


def format_reshape(shape: Shape) -> str:
    """The method that gives numbers in one dimension this shape."""
    return f".reshape({', '.join(map(str, shape))})" if len(shape) > 1 else ""
