"""Gradient descent done wrongly: the rules of backpropagation are right, and the loop around them is wrong.

Each loop here has one line that is wrong, marked `# wrong`. It changes the graph, as training does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

from demos.mistakes.comparison import format_row, node_names
from demos.mistakes.sweeps import RATE, parameters
from engine import Value
from viz.math.formulas import format_number

Descent = Callable[[Value], Iterator[float]]  # the output after each step, without an end

STEPS = 3


def correct_descent(output: Value) -> Iterator[float]:
    """The right loop: the data of every weight changes, and the graph is computed again.

    >>> descent = correct_descent(Value(3.0) * 2)
    >>> next(descent), next(descent)
    (4.0, 2.0)
    """
    while True:
        output.zero_grad()
        output.backward()
        for p in parameters(output):
            p.data -= RATE * p.grad
        yield output.forward()


def rebinding(output: Value) -> Iterator[float]:
    """The line `p -= ...` makes a new node and calls it p; the weight stays as it was.

    Python computes the difference, a new node, and binds the name p to it. The graph still reads the old node, whose
    data stays as it was. All gradients are right, and they are lost.

    Seen at once, but taken for a learning rate that is too low: the output stays the same

    >>> descent = rebinding(Value(3.0) * 2)
    >>> next(descent), next(descent)
    (6.0, 6.0)
    """
    while True:
        output.zero_grad()
        output.backward()
        for p in parameters(output):
            p -= RATE * p.grad  # wrong: p.data is what the graph reads
        yield output.forward()


def changed_copy(output: Value) -> Iterator[float]:
    """The line `data = p.data` copies the number of a weight, and then the copy is changed.

    A float cannot change: -= makes another one, and gives it the name of the copy. In PyTorch the same line works, for
    there p.data is a tensor, which is changed in place.

    Seen at once: the output stays the same, with right gradients

    >>> descent = changed_copy(Value(3.0) * 2)
    >>> next(descent), next(descent)
    (6.0, 6.0)
    """
    while True:
        output.zero_grad()
        output.backward()
        for p in parameters(output):
            data = p.data
            data -= RATE * p.grad  # wrong: p.data keeps the old number
        yield output.forward()


def before_backward(output: Value) -> Iterator[float]:
    """The gradients are read before the backward pass has computed them.

    A grad is a number, and not a promise of one: what was read after zero_grad is 0, and stays 0 when backward gives
    the node another.

    Seen at once: the output stays the same, although every grad is right when one looks at it afterwards

    >>> descent = before_backward(Value(3.0) * 2)
    >>> next(descent), next(descent)
    (6.0, 6.0)
    """
    while True:
        output.zero_grad()
        gradients = [p.grad for p in parameters(output)]  # wrong: backward has not run yet
        output.backward()
        for p, gradient in zip(parameters(output), gradients, strict=True):
            p.data -= RATE * gradient
        yield output.forward()


def detached(output: Value) -> Iterator[float]:
    """The loss is made from `.data`, a plain number, so that no arrow leads from it back to the weights.

    data is the number without its past, as float and .item() are elsewhere. A Value that is made from it is a new
    leaf, and the grad of the parameters stays 0. So it does behind .detach(), a node that no gradient flows through.

    Seen at once: the output stays the same, and all gradients are 0

    >>> descent = detached(Value(3.0) * 2)
    >>> next(descent), next(descent)
    (6.0, 6.0)
    """
    while True:
        output.zero_grad()
        loss = Value(output.data)  # wrong: the graph ends here
        loss.backward()
        for p in parameters(output):
            p.data -= RATE * p.grad
        yield output.forward()


def not_recomputed(output: Value) -> Iterator[float]:
    """The weights change, but the graph is not computed again.

    Parameters change, and the nodes that are made from them keep their old data. The output stays the same, and from
    the second step on the local derivatives belong partly to the new parameters and partly to the old nodes.

    Seen after a step: the first gradient is right, and micrograd's loop, which builds the graph anew, needs no more

    >>> w = Value(3.0)
    >>> descent = not_recomputed(w * w)
    >>> next(descent), next(descent), w.data
    (9.0, 9.0, 0.0)
    """
    while True:
        output.zero_grad()
        output.backward()
        for p in parameters(output):
            p.data -= RATE * p.grad
        yield output.data  # wrong: data is of the last forward pass; output.forward() computes it again


def uphill(output: Value) -> Iterator[float]:
    """The step is added where it should be subtracted.

    The gradient points to where the output grows. A step along it is one of ascent.

    Seen at once: the output grows with every step, where a learning rate that is too high makes it jump

    >>> descent = uphill(Value(3.0) * 2)
    >>> next(descent), next(descent)
    (8.0, 10.0)
    """
    while True:
        output.zero_grad()
        output.backward()
        for p in parameters(output):
            p.data += RATE * p.grad  # wrong: += instead of -=
        yield output.forward()


DESCENTS: list[Descent] = [rebinding, changed_copy, before_backward, detached, not_recomputed, uphill]


def compare_descents(descent: Descent, name: str, output: Value) -> Iterator[str]:
    """A table of the output after each of the first steps, right and wrong, and of a parameter after the last one.

    >>> print(*compare_descents(rebinding, "twice", 2 * Value(3.0, "x")), sep="\\n")
      twice
           2x                right               wrong
           at the start      6                   6
        ✗  after step 1      4                   6
        ✗  after step 2      2                   6
        ✗  after step 3      0                   6
        ✗  x.data            0                   3
           x.grad            2                   2
    """
    yield f"  {name}"
    yield format_row("", node_names(output)[output], "right", "wrong")
    yield _numbers("at the start", output.data, output.data)
    copies = deepcopy(output), deepcopy(output)
    outputs = zip(correct_descent(copies[0]), descent(copies[1]), strict=False)
    for step, (right, wrong) in zip(range(1, STEPS + 1), outputs, strict=False):
        yield _numbers(f"after step {step}", right, wrong)
    p, q = (parameters(copied)[0] for copied in copies)
    parameter = node_names(output)[parameters(output)[0]]
    yield _numbers(f"{parameter}.data", p.data, q.data)
    yield _numbers(f"{parameter}.grad", p.grad, q.grad)


def _numbers(name: str, right: float, wrong: float) -> str:
    return format_row("✗" if right != wrong else "", name, format_number(right), format_number(wrong))
