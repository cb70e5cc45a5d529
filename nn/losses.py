"""Losses: the error of one sample, which measures how far the outputs are from the targets.

Every loss takes the outputs (one `Value` or several) and the targets, and returns a node labelled E. Targets that are
numbers become leaves labelled y, or y_1, y_2, ...; the index of a class becomes one-hot leaves, 1 for this class and 0
for the others. The graph does not depend on these numbers, so that it serves other samples: set its leaves, and call
`forward()`. Each loss raises ValueError unless there are as many targets as outputs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import reduce

from engine import Value, exp, log, maximum, multiply_no_nan, ops, relu, softplus, stop_gradient
from engine._support.printable_text import make_printable
from engine._support.real_numbers import as_float
from nn.leaves import as_list, as_values

Outputs = Value | Sequence[Value]
Targets = Value | float | Sequence[Value | float]


def half_squared_error(outputs: Outputs, targets: Targets) -> Value:
    """The paper's error of one sample, E_n = ½ Σ_i (z_i - y_i)² (Section 3.2; for several outputs, Section 5.2).

    The paper calls it a mean square error, although it does not take a mean.

    >>> z = Value(0.75, "z")
    >>> E = half_squared_error(z, 0.25)
    >>> E.backward()
    >>> E.data, z.grad
    (0.125, 0.5)
    """
    return _error(_sum((z - y) ** 2 for z, y in zip(*_pairs(outputs, targets)[:2], strict=True)) / 2)


def mean_squared_error(outputs: Outputs, targets: Targets) -> Value:
    """E = 1/n Σ_i (z_i - y_i)², the mean over the n outputs; torch.nn.MSELoss.

    >>> mean_squared_error([Value(1.0), Value(3.0)], [0.0, 1.0]).data
    2.5
    """
    return _error(_mean([(z - y) ** 2 for z, y in zip(*_pairs(outputs, targets)[:2], strict=True)]))


def binary_cross_entropy(logits: Outputs, targets: Targets) -> Value:
    """E = 1/n Σ_i -(y_i log σ(a_i) + (1 - y_i) log(1 - σ(a_i))) of logits a; torch.nn.BCEWithLogitsLoss.

    The targets y_i are probabilities, from 0 to 1; the network's output activation is "linear", since σ is part of the
    loss. It is computed as y_i log(1 + e^-a_i) + (1 - y_i) log(1 + e^a_i), which is equal, but without overflow and
    cancellation for logits of any size. ∂E/∂a_i = (σ(a_i) - y_i)/n.
    Raises ValueError for a number outside [0, 1], and for an output that is written as a probability: with `sigmoid`,
    or as e^a over a sum of such powers.

    >>> a = Value(-1000.0, "a")
    >>> E = binary_cross_entropy(a, 1)
    >>> E.backward()
    >>> E.data, a.grad
    (1000.0, -1.0)
    """
    scores, wanted, numbers = _pairs(logits, targets)
    _check_logits("binary_cross_entropy", "σ", scores, any)
    for y in numbers:
        if not 0.0 <= y.data <= 1.0:
            raise ValueError(
                f"binary_cross_entropy needs targets from 0 to 1, but {make_printable(y.label)} = {y.data!r}"
            )
    pairs = zip(scores, wanted, strict=True)
    terms = [multiply_no_nan(softplus(-a), y) + multiply_no_nan(softplus(a), 1 - y) for a, y in pairs]
    return _error(_mean(terms))


def cross_entropy(logits: Outputs, targets: Targets) -> Value:
    """E = -Σ_i y_i log p_i, where p = softmax(a), p_i = e^a_i / Σ_j e^a_j, of logits a; torch.nn.CrossEntropyLoss.

    The target is the index of a class, from 0, or a probability y_i for each class: for one class 1, "one-hot". The
    network's output activation is "linear". With m the largest logit, -log p_i = log(Σ_j e^(a_j - m)) - (a_i - m)
    does not overflow, nor lose digits for large logits as `logsumexp`(a) - a_i does. ∂E/∂a_i = p_i - y_i where
    Σ_i y_i = 1.
    Raises ValueError for fewer than two logits, an index out of range, targets that are not probabilities, and outputs
    that are all written as such: with `sigmoid`, or as e^a over a sum of such powers.

    >>> a = [Value(1000.0, "a_1"), Value(0.0, "a_2"), Value(-1000.0, "a_3")]
    >>> E = cross_entropy(a, 2)
    >>> E.backward()
    >>> E.data, [logit.grad for logit in a]
    (2000.0, [1.0, 0.0, -1.0])
    """
    scores, wanted = _classes("cross_entropy", as_list(logits), targets)
    _check_logits("cross_entropy", "softmax", scores, all)
    m = stop_gradient(reduce(maximum, scores))  # whatever it is, E is the same
    shifted = [a - m for a in scores]
    log_sum = log(_sum(exp(a) for a in shifted))
    return _error(_sum(multiply_no_nan(log_sum - a, y) for a, y in zip(shifted, wanted, strict=True)))


def _check_logits(loss: str, part: str, scores: Sequence[Value], refused: Callable[[Iterable[bool]], bool]) -> None:
    """Raise ValueError if `refused`, which is `any` or `all`, of the scores are written as probabilities."""
    sums: dict[Value, set[object]] = {}
    probabilities = [a.op is ops.sigmoid or _is_softmax(a, sums) for a in scores]
    if refused(probabilities):
        i = probabilities.index(True)
        function = "sigmoid" if scores[i].op is ops.sigmoid else "sigmoid or softmax"
        raise ValueError(
            f"{loss} takes logits, since {part} is part of it, but"
            f" {make_printable(scores[i].label) or f'output {i + 1}'} is a probability, the result of {function}:"
            " leave that out, or set output_activation='linear'"
        )


def _is_softmax(z: Value, sums: dict[Value, set[object]]) -> bool:
    """Whether a node is e^a / Σ_j e^a_j. So is 1 / (1 + e^-a), with 1 for e^0. The sums are kept for the next node."""
    if z.op is not ops.divide:
        return False
    numerator, total = z.inputs
    power = _power_of_e(numerator)
    if power is None:
        return False
    if total not in sums:
        sums[total] = _powers_in_sum(total)
    return power in sums[total]


def _powers_in_sum(total: Value) -> set[object]:
    """The results of `_power_of_e` for the terms of a sum of several powers of e; empty for other nodes."""
    terms = {total: None}
    waiting = [total]
    for term in waiting:
        if term.op is ops.add:
            new = dict.fromkeys(x for x in term.inputs if x not in terms)
            waiting += new
            terms |= new
    powers = [_power_of_e(x) for x in terms if x.op is not ops.add and x.known != 0.0]
    return set(powers) if len(powers) > 1 and None not in powers else set()


def _power_of_e(node: Value) -> object:
    """The operation and the operands of a, if a node is e^a; 1 for the number 1; None for other nodes."""
    if node.op is ops.exp:
        [a] = node.inputs
        return a.op, a.inputs or id(a)
    return 1 if node.known == 1.0 else None


def hinge(scores: Outputs, targets: Targets) -> Value:
    """E = max(0, 1 - y a) of a score a, with a target y of -1 or 1: as in micrograd's demo.

    Of several scores with the index c of a class, or one-hot targets: E = Σ_{j≠c} max(0, 1 + a_j - a_c), that of Weston
    and Watkins 1999 with a margin of 1 for their 2 (torch.nn.MultiMarginLoss divides it by the number of classes).
    Raises ValueError for other targets.

    >>> hinge(Value(0.25, "a"), -1).data
    1.25
    >>> hinge([Value(1.0), Value(0.5), Value(3.0)], 0).data
    3.5
    """
    given = as_list(scores)
    if len(given) == 1:
        [a], [y], numbers = _pairs(given, targets)
        if numbers and y.data not in (-1.0, 1.0):
            raise ValueError(f"hinge needs a target of -1 or 1, but {make_printable(y.label)} = {y.data!r}")
        return _error(relu(1.0 - y * a))
    predictions, wanted = _classes("hinge", given, targets, one_hot_only=True)
    pairs = list(zip(predictions, wanted, strict=True))
    right = _sum(multiply_no_nan(a, y) for a, y in pairs)
    return _error(_sum(multiply_no_nan(relu(1.0 + a - right), 1.0 - y) for a, y in pairs))


def _error(node: Value) -> Value:
    node.label = "E"
    return node


def _sum(terms: Iterable[Value]) -> Value:
    return reduce(operator.add, terms)


def _mean(terms: Sequence[Value]) -> Value:
    return _sum(terms) / len(terms) if len(terms) > 1 else terms[0]


def _pairs(outputs: Outputs | list[Value | float], targets: Targets) -> tuple[list[Value], list[Value], list[Value]]:
    """The outputs and their targets as `Value`s, in pairs, and the targets that were given as numbers."""
    given = as_list(targets)
    predictions, wanted = as_values(as_list(outputs), "z"), as_values(given, "y")
    if len(predictions) != len(wanted) or not wanted:
        n = len(predictions)
        needed = "1 output needs 1 target" if n == 1 else f"{n} outputs need as many targets"
        raise ValueError(f"{needed}, {len(wanted)} were given")
    if not isinstance(targets, (Value, Iterable)):
        wanted[0].label = "y"
    return predictions, wanted, [y for y, target in zip(wanted, given, strict=True) if y is not target]


def _classes(
    name: str, scores: list[Value | float], targets: Targets, one_hot_only: bool = False
) -> tuple[list[Value], list[Value]]:
    """The scores of two classes or more, and a target for each: those given, or one-hot for the index of a class."""
    n = len(scores)
    if n < 2:
        raise ValueError(
            f"{name} compares two outputs or more of one sample, {n} given; for one output use binary_cross_entropy"
        )
    if not isinstance(targets, (Value, Iterable)):
        return _pairs(scores, one_hot(targets, n))[:2]
    if isinstance(targets, Value):
        raise ValueError(f"{name} needs a target for each of {n} outputs, but got one Value: make a class one-hot")
    predictions, wanted, given = _pairs(scores, targets)
    numbers = [y.data for y in given]
    possible = sorted(numbers) == [0.0] * (n - 1) + [1.0]
    if not possible and not one_hot_only:
        possible = min(numbers, default=0.0) >= 0.0 and abs(sum(numbers) - 1.0) < 1e-6
    if len(numbers) == n and not possible:
        needs = "one 1 and otherwise 0" if one_hot_only else "numbers of at least 0 whose sum is 1"
        shown = ", ".join(f"{make_printable(y.label)} = {y.data:g}" for y in wanted)
        raise ValueError(f"{name} needs the index of a class, or {needs}, but {shown}")
    return predictions, wanted


def one_hot(index: float, classes: int) -> list[float]:
    """1 at the index and 0 elsewhere. Raises ValueError unless the index is a whole number from 0 to `classes` - 1.

    >>> one_hot(2, 4)
    [0.0, 0.0, 1.0, 0.0]
    """
    place = as_float(index, "the index of a class is", "a whole number is needed")
    if not (place.is_integer() and 0 <= place < classes):
        raise ValueError(f"unknown class {index!r}; with {classes} outputs, the classes are 0 to {classes - 1}")
    return [1.0 if i == place else 0.0 for i in range(classes)]
