"""Gradient descent, the paper's (31): w ← w - λ ∂E_n/∂w, on the network of Figure 4.

All weights are updated after all gradients are known. Section 3.2 draws the samples of an epoch without replacement;
it does not mention the error of updating weights in the middle of the backward sweep.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from demos.paper.equations.instances import NetworkInstance, sigma_prime
from demos.paper.examples import NET4, Network
from engine import Value
from engine.labels import short_labels
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number

RATE, STEPS = 0.5, 2  # of the descent for one sample
BOUNDED_RATE, UNBOUNDED_RATE, EPOCHS = 2.0, 0.1, 200  # of the stochastic descent: outputs between bounds, or others
N_SAMPLES = 8
DIGITS = 12
WIDTH = 19  # of a column


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


def lines(
    network: Network = NET4, rate: float | None = None, steps: int | None = None, seed: int = 0, digits: int = DIGITS
) -> Iterator[str]:
    """The lines: steps for one sample, one with updates in mid-sweep, and stochastic gradient descent.

    `rate` is λ and `steps` the number of steps, and of epochs; None for the rates and numbers of this demo.
    """
    first_rate = RATE if rate is None else rate
    yield from _steps(network, first_rate, STEPS if steps is None else steps, digits)
    yield ""
    yield from _mid_sweep_updates(network, first_rate, digits)
    yield ""
    if rate is None:
        rate = BOUNDED_RATE if network.output_activation in ("sigmoid", "tanh") else UNBOUNDED_RATE
    yield from _stochastic(network, rate, EPOCHS if steps is None else steps, seed, digits)


def _steps(network: Network, rate: float, n_steps: int, digits: int) -> Iterator[str]:
    """The numbers at the start, after the first two steps, and after the last."""
    instance = NetworkInstance("", network)
    labels = short_labels(node.label for node in (*instance.a[-1], *instance.z[-1], *instance.weights))
    shown = sorted({0, *range(1, min(n_steps, 2) + 1), n_steps})
    rows: dict[str, list[float | None]] = {}
    forecast = -rate * sum(w.grad**2 for w in instance.weights)

    def add(name: str, number: float | None) -> None:
        rows.setdefault(name, []).append(number)

    for n in range(n_steps + 1):
        before = instance.E.data
        slopes = gradient_step(instance.E, instance.weights, rate) if n else [None] * len(instance.weights)
        if n in shown:
            for z in instance.z[-1]:
                add(label_to_unicode(labels[z.label]), z.data)
            add("Eₙ", instance.E.data)
            add("  change by the step", instance.E.data - before if n else None)
            for w, slope in zip(instance.weights, slopes, strict=True):
                name = label_to_unicode(labels[w.label])
                add(name, w.data)
                add(f"  ∂Eₙ/∂{name}", slope)
    yield f"  Gradient descent (31) with λ = {format_number(rate)}, all weights together; ∂Eₙ/∂w as the step used it"
    yield _format_columns("", ["start" if n == 0 else f"after step {n}" for n in shown])
    yield from (_format_row(name, numbers, digits) for name, numbers in rows.items())
    if n_steps > 3:
        yield f"    Not shown: {'step 3' if n_steps == 4 else f'steps 3 to {n_steps - 1}'}"
    yield f"    To first order, the first change would be −λ Σ(∂Eₙ/∂w)² = {format_number(forecast, digits)}"


def _mid_sweep_updates(network: Network, rate: float, digits: int) -> Iterator[str]:
    instance = NetworkInstance("", network)
    gradient_step(instance.E, instance.weights, rate)
    wrong = error_after_mid_sweep_updates(network, rate)
    W, delta_below = label_to_unicode("W_bold^(k)"), label_to_unicode("delta_bold^(k-1)")
    yield "  The trap: weights that are changed in the middle of the sweep; Eₙ after the first step"
    yield _format_row("all gradients first", [instance.E.data], digits)
    yield _format_row(f"{W} at once", [wrong], digits)
    off = format_number(wrong - instance.E.data, digits)
    yield f"    {delta_below} must be computed with the old {W}; with the new one, Eₙ is off by {off}"


def _stochastic(network: Network, rate: float, n_epochs: int, seed: int, digits: int) -> Iterator[str]:
    rng = random.Random(seed)
    start = replace(network, weights=Network.random(network.sizes, rng).weights)
    samples = []
    for _ in range(N_SAMPLES):  # targets that the network can reach: its own outputs for random inputs
        x = [rng.uniform(-2.0, 2.0) for _ in network.x]
        instance = NetworkInstance("", replace(network, x=x))
        samples.append(replace(network, x=x, y=[z.data for z in instance.z[-1]]))
    epochs = list(stochastic_descent(start, samples, rate, n_epochs, rng))
    yield f"  Stochastic gradient descent with λ = {format_number(rate)}, from random weights"
    yield f"  {N_SAMPLES} samples: random inputs, and as targets what the given network makes of them"
    rest = "; not all epochs are shown" if n_epochs > 4 else ""
    yield f"  In an epoch each is drawn once; mean Eₙ is that before each step{rest}"
    for n in sorted({1, 2, 3, 50, n_epochs}):
        if n <= n_epochs:
            order, error = epochs[n - 1]
            drawn = " ".join(str(i + 1) for i in order)
            yield f"    epoch {n:>{len(str(n_epochs))}}   samples {drawn}   mean Eₙ {format_number(error, digits)}"


def _format_row(title: str, numbers: Sequence[float | None], digits: int) -> str:
    return _format_columns(title, ["" if x is None else format_number(x, digits) for x in numbers])


def _format_columns(title: str, texts: Sequence[str]) -> str:
    return f"    {title:<21}{''.join(f'{text:<{WIDTH}} ' for text in texts)}".rstrip()
