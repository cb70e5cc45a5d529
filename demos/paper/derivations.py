"""The derivatives of an example, written out: values, local derivatives, paths, sums over paths, checks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from demos.paper.checks import AgreementCount, format_mark
from demos.paper.examples import Example
from engine import NamedGraph, Path, Value, check_gradients, count_paths, paths, toposort
from engine.labels import short_labels
from viz.math.equations import numerals, times
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number

WIDTH = 100
MAX_PATHS = 64  # that are listed
MAX_LARGEST_PATHS = 8  # listed where there are more
DIGITS = 12
TOLERANCE = 1e-12  # for sums of the same products in another order


class Derivation:
    """The lines about one example; `agreement` counts its numbers that are computed in two ways."""

    def __init__(self, example: Example, bold: bool = False, digits: int = DIGITS) -> None:
        self.example = example
        self.graph = NamedGraph(example.output)
        self.short = short_labels(self.graph.names.values())
        self.bold = bold
        self.digits = digits
        self.agreement = AgreementCount()
        example.output.backward()

    def first_derivative(self) -> Iterator[str]:
        """The title, and the derivative with respect to the first leaf."""
        yield self._title()
        yield from self._derivative(self.example.leaves[0])

    def lines(self) -> Iterator[str]:
        """The whole derivation, from the values to the checks."""
        yield self._title()
        yield from self._forward()
        yield from self._local_derivatives()
        for x in self.example.leaves:
            yield from self._derivative(x)
        yield from self._differences()

    def _forward(self) -> Iterator[str]:
        yield "  Forward"
        leaves = [f"{self._name(x)} = {format_number(x.data, self.digits)}" for x in self.example.leaves]
        yield from _wrap(leaves)
        for node in self.graph.nodes:
            if node.inputs:
                relation = format_formula(self.graph.relation(node), short=self.short)
                yield f"    {self._name(node)} = {relation} = {format_number(node.data, self.digits)}"

    def _local_derivatives(self) -> Iterator[str]:
        yield "  Local derivatives"
        for node in self.graph.nodes:
            formulas = self.graph.formulas(node)
            places = {leaf: i for i, leaf in enumerate(toposort(self.graph.relation(node)))}  # as in the formula
            edges = sorted(self.graph.edges(node), key=lambda edge: places.get(self.graph.symbol_of(edge[0]), 0))
            for x, derivative in edges:
                text, value = format_formula(formulas[x], short=self.short), format_number(derivative, self.digits)
                between = "" if text == value else f" = {text}"
                yield f"    ∂{self._name(node)}/∂{self._name(x)}{between} = {value}"

    def _derivative(self, x: Value) -> Iterator[str]:
        """The chain rule along each path, the sum rule across them, and the result of backpropagation."""
        output = self.example.output
        yield f"  ∂{self._name(output)}/∂{self._name(x)}"
        count = count_paths(output, x, named=True)
        found = paths(output, x, named=True, largest_first=count > MAX_PATHS)
        listed = list(islice(found, count if count <= MAX_PATHS else MAX_LARGEST_PATHS))
        for path in listed:
            yield from self._path(path)
        if len(listed) < count:
            yield f"    … and {count - len(listed)} paths with smaller products"
            yield f"    {'backward()':<34}{format_number(x.grad, self.digits)}"
            return
        total = math.fsum(path.product for path in listed)
        agree = math.isclose(total, x.grad, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        self.agreement.add([agree])
        title = f"sum over {count} paths" if count > 1 else "the only path"
        computed = f"backward(): {format_number(x.grad, self.digits)} {format_mark(agree)}"
        yield f"    {title:<34}{format_number(total, self.digits):<20} {computed}"

    def _path(self, path: Path) -> Iterator[str]:
        names, product = " ← ".join(map(self._name, path.nodes)), format_number(path.product, self.digits)
        if len(path.nodes) > 2:
            factors = format_formula(times(*numerals(*path.local_derivatives)), digits=self.digits)
            equation = f"{factors} = {product}"
        else:
            factors, equation = "", product
        if len(names) <= 32 and len(equation) <= WIDTH - 38:
            yield f"    {names:<34}{equation}"
            return
        yield f"    {names}"
        if len(equation) <= WIDTH - 6:
            yield f"      {equation}"
        else:
            yield f"      {factors}"
            yield f"      = {product}"

    def _differences(self) -> Iterator[str]:
        checks = [check for check in check_gradients(self.example.output) if not check.undecided]
        self.agreement.add(check.agrees is True for check in checks)
        n_agree = sum(check.agrees is True for check in checks)
        mark = format_mark(n_agree == len(checks))
        yield f"  {n_agree} of {len(checks)} derivatives agree with central differences {mark}"

    def _title(self) -> str:
        text = f"Figure {self.example.figure}: {self.example.title}"
        return f"\033[1m{text}\033[0m" if self.bold else text

    def _name(self, node: Value) -> str:
        label = self.graph.names[node]
        return label_to_unicode(self.short.get(label, label))


def _wrap(texts: list[str]) -> Iterator[str]:
    """Short texts side by side, wrapped into lines."""
    line = "   "
    for text in texts:
        if len(line) + len(text) + 3 > WIDTH:
            yield line.rstrip()
            line = "   "
        line += f" {text}  "
    yield line.rstrip()
