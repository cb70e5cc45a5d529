"""Chains of one operation, whose results are all read: prefix sums, products, maxima and minima.

Of max(a_1, a_2), max(max(a_1, a_2), a_3), ... each is the maximum of the ones before and of another formula, the step.
If the steps are alike and do not depend on the chain, all are one array, `maximum.accumulate` of NumPy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine import ops
from engine.symbolic.expression import Expression

SCANS = (ops.add, ops.multiply, ops.maximum, ops.minimum)
MIN_LENGTH = 3


@dataclass(frozen=True, eq=False)
class Chain:
    """`results[i]` is the operation on `results[i - 1]`, or `start`, and on `steps[i]`.

    With `reads_start`, formulas that read the start read it as the first element of the array of the results.
    """

    start: Expression
    steps: tuple[Expression, ...]
    results: tuple[Expression, ...]
    reads_start: bool = False


def find_chains(operands_of: Mapping[Expression, Sequence[Expression]]) -> list[Chain]:
    """The longest chains among operations of `SCANS`, given with their two operands in topological order."""
    before: dict[Expression, int] = {}  # which of the operands is the last result
    after: dict[Expression, Expression] = {}
    for symbol, operands in operands_of.items():
        for i, x in enumerate(operands):
            if x.op is symbol.op and x in operands_of and x not in after:
                before[symbol], after[x] = i, symbol
                break
    chains = []
    for first in after:
        if first in before:
            continue
        results = [first]
        while results[-1] in after:
            results.append(after[results[-1]])
        if len(results) >= MIN_LENGTH:
            start, step = operands_of[first]
            steps = [operands_of[symbol][1 - before[symbol]] for symbol in results[1:]]
            chains.append(Chain(start, (step, *steps), tuple(results)))
    return chains


def order_with(
    chains: Collection[Chain], order: Sequence[Expression], operands_of: Callable[[Expression], Iterable[Expression]]
) -> list[Expression]:
    """The formulas in an order in which the start and the steps of a chain come before all of its results.

    Formulas for which there is not such an order, as their chain depends on itself, are left out, and what reads them.
    """
    if not chains:
        return list(order)
    chain_of = {result: chain for chain in chains for result in chain.results}
    first_of = {chain.start: chain.results[0] for chain in chains if chain.reads_start}
    ordered: dict[Expression, None] = {}
    waiting: dict[Expression, list[Expression]] = defaultdict(list)
    known = set(order)
    for symbol in order:
        stack = [symbol]
        while stack:
            ready = stack.pop()
            chain = chain_of.get(ready)
            needed = (chain.start, *chain.steps) if chain else operands_of(ready)
            read = needed if chain else [first_of.get(x, x) for x in needed]
            missing = next((x for x in read if x in known and x not in ordered), None)
            if missing is not None:
                waiting[missing].append(ready)
            elif ready not in ordered:
                ordered[ready] = None
                stack += reversed(waiting.pop(ready, []))
    return list(ordered)
