"""Gradient descent, the paper's (31): w ← w - λ ∂E/∂w, on the network of Figure 4.

All weights are updated after all gradients are known. Section 3.2 draws the samples of an epoch without replacement;
it does not mention the error of updating weights in the middle of the backward sweep.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from demos.paper.equations.instances import NetworkInstance, sigma_prime
from demos.paper.examples import NET4, Network
from engine import Value
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number

DIGITS = 12


def gradient_step(error: Value, weights: Sequence[Value], rate: float) -> list[float]:
    """Take one step of (31), recompute the error, and return the gradients that were used.

    >>> w = Value(3.0, "w")
    >>> gradient_step(w * w, [w], 0.25), w.data
    ([6.0], 1.5)
    """
    for w in weights:
        w.grad = 0.0
    error.backward()
    gradients = [w.grad for w in weights]
    for w, slope in zip(weights, gradients, strict=True):
        w.data -= rate * slope
    error.forward()
    return gradients


def error_after_mid_sweep_updates(network: Network, rate: float) -> float:
    """The error after one step that changes W^(k) as soon as its gradient is known: δ^(k-1) then reads new weights."""
    instance = NetworkInstance("", network)
    delta = [a.grad for a in instance.a[-1]]
    for k in range(instance.K, 0, -1):
        z_below = [z.data for z in instance.z[k - 1]]
        for row, delta_i in zip(instance.w[k], delta, strict=True):
            for w, z_j in zip(row, z_below, strict=True):
                w.data -= rate * delta_i * z_j
        if k > 1:
            sums = [
                sum(d * row[j].data for d, row in zip(delta, instance.w[k], strict=True)) for j in range(len(z_below))
            ]
            below = zip(instance.a[k - 1], sums, strict=True)
            delta = [sigma_prime(a.data, instance.activation[a]) * total for a, total in below]
    return instance.E.forward()


def without_replacement(n: int, rng: random.Random) -> list[int]:
    """The indices of n samples in the order of one epoch, in which each is drawn once.

    >>> sorted(without_replacement(4, random.Random(0)))
    [0, 1, 2, 3]
    """
    left, drawn = list(range(n)), []
    while left:
        drawn.append(left.pop(rng.randrange(len(left))))
    return drawn


def stochastic_descent(
    start: Network, samples: Sequence[Network], rate: float, epochs: int, rng: random.Random
) -> Iterator[tuple[list[int], float]]:
    """For each epoch, the order in which the samples were drawn, and the mean of their errors before each step.

    One graph serves all samples: its inputs and targets are set, and it is recomputed.
    """
    instance = NetworkInstance("", start)
    for _ in range(epochs):
        order = without_replacement(len(samples), rng)
        errors = []
        for n in order:
            for leaf, datum in zip([*instance.z[0], *instance.y], [*samples[n].x, *samples[n].y], strict=True):
                leaf.data = datum
            errors.append(instance.E.forward())
            gradient_step(instance.E, instance.weights, rate)
        yield order, sum(errors) / len(errors)


def lines(network: Network = NET4, rate: float = 0.5, seed: int = 0) -> Iterator[str]:
    """The lines: two steps for one sample, one with updates in mid-sweep, and stochastic gradient descent."""
    yield from _two_steps(network, rate)
    yield ""
    yield from _mid_sweep_updates(network, rate)
    yield ""
    yield from _stochastic(network, seed)


def _two_steps(network: Network, rate: float) -> Iterator[str]:
    instance = NetworkInstance("", network)
    yield f"  Gradient descent (31) with λ = {format_number(rate)}, all weights together"
    columns, errors = [[w.data for w in instance.weights]], [instance.E.data]
    gradients = []
    for _ in range(2):
        gradients.append(gradient_step(instance.E, instance.weights, rate))
        columns.append([w.data for w in instance.weights])
        errors.append(instance.E.data)
    yield "    " + "".join(f"{title:<20}" for title in ("", "start", "after step 1", "after step 2"))
    yield _format_row("E", errors)
    yield _format_row("change of E", [None, *(after - before for before, after in pairwise(errors))])
    for i, w in enumerate(instance.weights):
        yield _format_row(label_to_unicode(w.label), [column[i] for column in columns])
        yield _format_row(f"  ∂E/∂{label_to_unicode(w.label)}", [None, *(slopes[i] for slopes in gradients)])
    forecast = -rate * sum(slope * slope for slope in gradients[0])
    yield f"    To first order, the first change would be −λ|g|² = {format_number(forecast, DIGITS)}"


def _mid_sweep_updates(network: Network, rate: float) -> Iterator[str]:
    instance = NetworkInstance("", network)
    gradient_step(instance.E, instance.weights, rate)
    wrong = error_after_mid_sweep_updates(network, rate)
    yield "  The trap: weights that are changed in the middle of the sweep"
    yield _format_row("all gradients first", [instance.E.data])
    yield _format_row("W^(k) at once", [wrong])
    off = format_number(wrong - instance.E.data, 3)
    yield f"    δ^(k−1) must be computed with the old W^(k); with the new one, E is off by {off}"


def _stochastic(network: Network, seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    start = Network.random(network.sizes, rng)
    samples = []
    for _ in range(8):  # targets that the network can reach: its own outputs for random inputs
        x = [rng.uniform(-2.0, 2.0) for _ in network.x]
        instance = NetworkInstance("", replace(network, x=x))
        samples.append(replace(network, x=x, y=[z.data for z in instance.z[-1]]))
    epochs = list(stochastic_descent(start, samples, 2.0, 200, rng))
    yield f"  Stochastic gradient descent: {len(samples)} samples, each drawn once in an epoch, random weights at first"
    for n in (1, 2, 3, 50, len(epochs)):
        order, error = epochs[n - 1]
        drawn = " ".join(str(i + 1) for i in order)
        yield f"    epoch {n:>3}   samples {drawn}   mean error {format_number(error, 6)}"


def _format_row(title: str, numbers: Sequence[float | None]) -> str:
    cells = "".join(f"{'' if x is None else format_number(x, DIGITS):<20}" for x in numbers)
    return f"    {title:<20}{cells}".rstrip()
