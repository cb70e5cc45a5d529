"""Forward and backward propagation: the chain rule along paths, the sum rule across paths.

A backward pass visits the nodes in reverse topological order. When it comes to a node z, the derivative of the output
with respect to z is complete, since every node that uses z has been visited. z then adds to each of its inputs x its
upstream gradient times the local derivative ∂z/∂x: the chain rule. That it *adds* is the sum rule.

The product itself is `engine.sweep.chain_rule`; for floats, `engine.symbolic.specialize` generates code by running that
on expressions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from itertools import repeat
from operator import add, attrgetter
from typing import TYPE_CHECKING

from engine import anomaly, ops
from engine._support.printable_text import make_printable
from engine._support.real_numbers import as_float
from engine.graph import toposort
from engine.op import GUARD_THE_ARGUMENT, DomainError, Selected
from engine.sweep import derivative_error, present_edges
from engine.symbolic.specialize import UNREACHED, resume_step

if TYPE_CHECKING:
    from engine.value import Value


def backward(output: Value) -> None:
    """Add d(output)/d(node) to the `grad` of every node that the output is made from, and 1 to that of the output.

    So `grad` holds the derivative after one call and twice that after two; see `zero_grad`. Constants keep 0, and so
    does a node that does not depend on a variable, where its derivative is not finite. If a number was changed since
    the graph was computed, call `forward` first: that is not checked here, except by `detect_anomaly`.
    Raises DomainError if a local derivative is not finite, and TypeError if a `data` was set to anything but a number;
    then no `grad` has changed. An interrupt leaves either all old gradients or all new ones. A `grad` that was set to
    anything but a number, such as None, is a TypeError that names the node; `zero_grad` then clears them.

    >>> from engine import Value
    >>> x = Value(1.5, "x")
    >>> a_1, a_2 = 3 * x, -x
    >>> y = 2 * a_1 + a_2
    >>> backward(y)
    >>> x.grad, a_1.grad, a_2.grad
    (5.0, 2.0, 1.0)
    """
    if not hasattr(output, "inputs"):
        raise TypeError(f"backward starts from a Value, not from {output!r} of type {type(output).__name__}")
    derivatives = backpropagate(toposort(output))
    try:
        _set_all(derivatives, "grad", map(add, map(attrgetter("grad"), derivatives), derivatives.values()))
    except TypeError:
        check_numbers(derivatives, "grad")
        raise


def _set_all(nodes: Iterable[Value], name: str, numbers: Iterable[float]) -> None:
    """Set an attribute of all nodes in a loop that runs in C, so that Ctrl-C cannot interrupt it."""
    deque(map(setattr, nodes, repeat(name), numbers), maxlen=0)


def check_numbers(nodes: Iterable[Value], name: str = "data") -> None:
    """Raise TypeError for the first node whose `data`, or `grad`, was set to anything but a number.

    Setting an attribute is not checked, which would cost time. Code that fails on one calls this, to name the node.

    >>> from engine import Value
    >>> w = Value(1.5, "w")
    >>> w.grad = None
    >>> check_numbers([w], "grad")
    Traceback (most recent call last):
    ...
    TypeError: w.grad is None, of type NoneType: it must be a number; zero_grad() sets it to 0.0
    """
    needs = "it must be a number" + ("; zero_grad() sets it to 0.0" if name == "grad" else "")
    for node in nodes:
        _read(node, name, needs)


def _read(node: Value, name: str, needs: str) -> float:
    """The `data` or `grad` of a node as a float. Raises TypeError and ValueError, which name the node."""
    number: float = getattr(node, name)
    if type(number) is float:
        return number
    return as_float(
        number, f"{make_printable(node.label)}.{name} is" if node.label else f"the {name} of a {node.op.name} is", needs
    )


def make_floats(nodes: Iterable[Value]) -> bool:
    """Convert each `data` to float that was set to a number of another type, and return whether there was one.

    Such numbers, as elements of an array are, may wrap around, or round more. Raises TypeError as `check_numbers` does.

    >>> from engine import Value
    >>> x = Value(1.5, "x")
    >>> x.data = 3
    >>> make_floats([x]), x.data
    (True, 3.0)
    """
    others = [node for node in nodes if type(node.data) is not float]
    for node in others:
        node.data = _read(node, "data", "it must be a number")
    return bool(others)


def backpropagate(order: Sequence[Value], wanted: Collection[Value] = ()) -> dict[Value, float]:
    """The derivative of the last node of `order`, which is `toposort(output)`, with respect to every node of it.

    A derivative that is not finite is reported as 0 if no path of edges leads from its node to a variable, and the node
    is not `wanted`.

    This is `engine.sweep.reverse` for floats, with the generated backward steps. The caller sorts the graph, once for
    many passes. No `grad` is changed. Raises DomainError as `backward` does.

    >>> from engine import Value
    >>> x = Value(1.5)
    >>> y = x * x
    >>> backpropagate([x, y])[x]
    3.0
    """
    watch = anomaly.current_watch()
    if type(order[-1].data) is not float:
        check_numbers(order)
    if watch:
        watch.before_sweep(order)
    pending = dict.fromkeys(order, UNREACHED)
    if order[-1].op is not ops.constant:
        pending[order[-1]] = 1.0
    for node in reversed(order):
        if node.inputs:
            try:
                node.op.backward_step(node, pending)
            except (ArithmeticError, ValueError) as error:
                if make_floats(order):
                    return backpropagate(order, wanted)
                if not resume_step(node, pending, wanted):
                    raise derivative_error(node, node.inputs) from error
            except TypeError:
                check_numbers(order)
                raise
            if watch and pending[node] is not UNREACHED:
                watch.after_step(node, pending, present_edges(node))
        elif type(node.data) is not float:  # integers of NumPy would wrap around
            make_floats(order)
            return backpropagate(order, wanted)
    return pending


def forward(*outputs: Value) -> None:
    """Recompute every node that the outputs are made from, in place, from the `data` of the leaves.

    So a graph is built once and used for many samples. A branch that a Python `if` took stays as it was built, and a
    `data` that was set on a node that is not a leaf is overwritten.
    Raises DomainError and TypeError as building does; then, and after an interrupt, every node has its old value again,
    except leaves that you have set.

    >>> from engine import Value
    >>> x = Value(1.5)
    >>> y = x * x
    >>> x.data = 3.0
    >>> forward(y)
    >>> y.data
    9.0
    """
    order = toposort(*outputs)
    make_floats(node for node in order if not node.inputs)
    recompute([node for node in order if node.inputs])


def recompute(nodes: Sequence[Value]) -> None:
    """Recompute these nodes, which are not leaves, in the given topological order.

    Raises DomainError as `forward` does; then, and after an interrupt, every node has its old value again.

    >>> from engine import Value
    >>> x = Value(1.5)
    >>> y = x * x
    >>> x.data = 3.0
    >>> recompute([y])
    >>> y.data
    9.0
    """
    before = [node.data for node in nodes]
    try:
        _compute(nodes)  # a function: an interrupt at the jump of a loop can get past the `try` around it (Python 3.13)
    except BaseException:
        _set_all(nodes, "data", before)
        raise


def _domain_error(node: Value, nodes: Iterable[Value]) -> DomainError:
    """The error of a node, with a hint if one of the nodes is a `where`."""
    problem = str(node.op.domain_error("", [x.data for x in node.inputs], node.inputs))
    if any(isinstance(presence, Selected) for other in nodes for presence in other.op.edges):
        problem += GUARD_THE_ARGUMENT
    watch = anomaly.current_watch()
    return watch.error(problem, node) if watch else DomainError(problem)


def _compute(nodes: Sequence[Value]) -> None:
    watch = anomaly.current_watch()
    for node in nodes:
        try:
            node.data = node.op.compute(*[x.data for x in node.inputs])
        except DomainError:
            raise
        except (ArithmeticError, ValueError) as error:
            raise _domain_error(node, nodes) from error
        except TypeError:
            check_numbers(x for node in nodes for x in node.inputs)
            raise
        if watch:
            watch.recomputed(node)
    if nodes and type(nodes[-1].data) is not float:  # such as a Value that w.data was set to
        check_numbers(x for node in nodes for x in node.inputs)


def zero_grad(*outputs: Value) -> None:
    """Set the `grad` of every node that the outputs are made from to 0.

    >>> from engine import Value
    >>> x = Value(1.5)
    >>> y = x * x
    >>> y.backward()
    >>> zero_grad(y)
    >>> x.grad
    0.0
    """
    _set_all(toposort(*outputs), "grad", repeat(0.0))
