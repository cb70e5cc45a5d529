"""Cross entropy, which Section 3.2 names beside the squared error, in the form of Table 1.

With sigmoid outputs, E_n = -Σ_i (y_i log z_i + (1 - y_i) log(1 - z_i)); with softmax outputs, z_i = e^(a_i) / Σ_j
e^(a_j) and E_n = -Σ_i y_i log z_i. Either way the sweep starts from δ_i = ∂E_n/∂a_i = z_i - y_i, without σ'(a).
(Written out like this, the steps are visible; a loss for inputs of any size is computed from a, not from z.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import add

from demos.paper.checks import AgreementCount, Pair, format_mark
from engine import Value, check_gradients
from engine.labels import index_label
from nn import MLP
from viz.math.backpropagation_table import BackpropagationTable, backpropagation_table
from viz.math.equations import defines, equal, partial, symbols
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number

WEIGHTED_SUMS = (0.75, -0.5, 1.25)  # of the output layer, the leaves of the tables
TARGETS = (0.0, 0.0, 1.0)


def sigmoid_outputs(a: Sequence[Value]) -> list[Value]:
    """z_i = σ(a_i)."""
    z = [x.sigmoid() for x in a]
    _set_labels("z", z)
    return z


def softmax_outputs(a: Sequence[Value]) -> list[Value]:
    """z_i = e^(a_i) / S with S = Σ_j e^(a_j): the outputs add up to 1, so each depends on every a."""
    powers = [x.exp() for x in a]
    S = reduce(add, powers)
    S.label = "S"
    z = [power / S for power in powers]
    _set_labels("z", z)
    return z


def binary_cross_entropy(z: Sequence[Value], y: Sequence[Value]) -> Value:
    """E_n = -Σ_i (y_i log z_i + (1 - y_i) log(1 - z_i)): each output is a probability of its own."""
    E = -reduce(add, [t * p.log() + (1 - t) * (1 - p).log() for p, t in zip(z, y, strict=True)])
    E.label = "E_n"
    return E


def cross_entropy(z: Sequence[Value], y: Sequence[Value]) -> Value:
    """E_n = -Σ_i y_i log z_i: the outputs are the probabilities of classes."""
    E = -reduce(add, [t * p.log() for p, t in zip(z, y, strict=True)])
    E.label = "E_n"
    return E


EXAMPLES = {"sigmoid": (sigmoid_outputs, binary_cross_entropy), "softmax": (softmax_outputs, cross_entropy)}


def example(outputs: str, numbers: Sequence[float] = WEIGHTED_SUMS, targets: Sequence[float] = TARGETS) -> Value:
    """E_n of an output layer whose weighted sums are leaves; `outputs` is "sigmoid" or "softmax".

    >>> E = example("softmax")
    >>> E.label, round(E.data, 6)
    ('E_n', 0.576784)
    """
    a = [Value(x, f"a_{i}^(K)") for i, x in enumerate(numbers, 1)]
    y = [Value(t, f"y_{i}") for i, t in enumerate(targets, 1)]
    activate, error = EXAMPLES[outputs]
    return error(activate(a), y)


def deltas(E: Value) -> Iterator[Pair]:
    """δ_i by backpropagation, and z_i - y_i."""
    table = backpropagation_table(E)
    rows = {row.variable.label: row for row in table.rows}
    i = 1
    while f"a_{i}^(K)" in rows:
        z, y = rows[f"z_{i}^(K)"].variable, rows[f"y_{i}"].variable
        yield Pair("", f"δ_{i}^(K)", rows[f"a_{i}^(K)"].number, z.data - y.data, scale=1.0)
        i += 1


def network_example(outputs: str) -> Value:
    """The error of a network of sizes 2-3-3 as a graph of its inputs and weights."""
    network = MLP(2, [3, 3], activation="sigmoid", bias=False)
    for n, w in enumerate(network.parameters()):
        w.data = ((7 * n) % 11 - 5) / 8
    a = network([Value(1.5, "x_1"), Value(-0.5, "x_2")])
    assert isinstance(a, list)
    activate, error = EXAMPLES[outputs]
    return error(activate(a), [Value(t, f"y_{i}") for i, t in enumerate(TARGETS, 1)])


def count_agreement() -> AgreementCount:
    """The count of numbers computed in two ways: δ and z - y, derivatives and central differences."""
    agreement = AgreementCount()
    for outputs in EXAMPLES:
        agreement.add(pair.agrees for pair in deltas(example(outputs)))
        agreement.add(check.agrees is True for check in check_gradients(network_example(outputs)))
    return agreement


def table(outputs: str) -> BackpropagationTable:
    """Backpropagation step by step, from E to the weighted sums."""
    return backpropagation_table(example(outputs), short=False)


def lines(digits: int = 12) -> Iterator[str]:
    """The lines: both tables, with the short form of δ."""
    E_n, a, delta, z, y = symbols("E_n", "a_i^(K)", "delta_i^(K)", "z_i^(K)", "y_i")
    for outputs in EXAMPLES:
        E_node = example(outputs)
        yield f"  Cross entropy with {outputs} outputs"
        text = table(outputs).general().text()
        yield from ("    " + line if line else "" for line in text.splitlines())
        yield f"    In short: {format_formula(equal(defines(delta, partial(E_n, a)), z - y))}"
        for pair in deltas(E_node):
            both = f"steps {format_number(pair.first, digits)}, z − y {format_number(pair.second, digits)}"
            yield f"    {label_to_unicode(pair.name)}: {both} {format_mark(pair.agrees)}"
        checks = check_gradients(network_example(outputs))
        agree = sum(check.agrees is True for check in checks)
        mark = format_mark(agree == len(checks))
        yield f"    On a 2-3-3 network, {agree} of {len(checks)} derivatives agree with central differences {mark}"
        yield ""


def _set_labels(letter: str, nodes: Sequence[Value]) -> None:
    for i, node in enumerate(nodes, 1):
        node.label = index_label(letter, (i,), "K")
