"""Gradient descent on the network of Figure 4: the numbers of the first steps, and updates in mid-sweep."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from demos.paper.descent import (
    error_after_mid_sweep_updates,
    gradient_step,
    lines,
    stochastic_descent,
    without_replacement,
)
from demos.paper.equations.instances import NetworkInstance
from demos.paper.examples import NET4, Network
from engine import Value
from tests.nn.worked_networks import approx_12_digits

RATE = 0.5
# w_11^(1), w_12^(1), w_21^(1), ..., w_12^(3): at the start, after step 1, after step 2.
WEIGHTS = [
    [0.5, -0.25, 0.75, 1.0, 1.25, -0.375, -1.5, 0.625, 2.0, -1.75],
    [
        *(0.483268628915, -0.244422876305, 0.756580433235, 0.997806522255),
        *(1.23517297460, -0.388683564739, -1.48708125724, 0.636922448915),
        *(1.96961591707, -1.76591117055),
    ],
    [
        *(0.466594433027, -0.238864811009, 0.763292890979, 0.995569036340),
        *(1.22071693175, -0.402187105297, -1.47417456736, 0.648978722687),
        *(1.93982383990, -1.78194499077),
    ],
]
GRADIENTS = [
    [
        *(0.0334627421710, -0.0111542473903, -0.0131608664690, 0.00438695548967),
        *(0.0296540507913, 0.0273671294773, -0.0258374855109, -0.0238448978294),
        *(0.0607681658613, 0.0318223410970),
    ],
    [
        *(0.0333483917753, -0.0111161305918, -0.0134249154895, 0.00447497182985),
        *(0.0289120857047, 0.0270070811171, -0.0258133797639, -0.0241125475453),
        *(0.0595841543293, 0.0320676404423),
    ],
]
OUTPUTS = [0.670176147870, 0.659371547569, 0.648508314162]
ERRORS = [0.0882739976194, 0.0837925319797, 0.0794044382280]


def test_two_steps_to_12_digits() -> None:
    instance = NetworkInstance("", NET4)
    for n in range(3):
        assert [w.data for w in instance.weights] == [approx_12_digits(w) for w in WEIGHTS[n]]
        assert instance.z[-1][0].data == approx_12_digits(OUTPUTS[n])
        assert instance.E.data == approx_12_digits(ERRORS[n])
        if n < 2:
            assert gradient_step(instance.E, instance.weights, RATE) == [approx_12_digits(g) for g in GRADIENTS[n]]


def test_the_changes_of_the_error_and_the_first_order_forecast() -> None:
    instance = NetworkInstance("", NET4)
    errors = [instance.E.data]
    first = gradient_step(instance.E, instance.weights, RATE)
    errors.append(instance.E.data)
    gradient_step(instance.E, instance.weights, RATE)
    errors.append(instance.E.data)
    changes = [after - before for before, after in pairwise(errors)]
    assert changes == [pytest.approx(-0.00448146563975, rel=1e-11), pytest.approx(-0.00438809375166, rel=1e-11)]
    length = sum(g * g for g in first)
    assert length == approx_12_digits(0.00900653482235)
    assert -RATE * length == approx_12_digits(-0.00450326741117)


def test_mid_sweep_updates_lead_to_another_error() -> None:
    assert error_after_mid_sweep_updates(NET4, RATE) == approx_12_digits(0.0838045352179)


def test_mid_sweep_updates_of_one_layer_are_ordinary_ones() -> None:
    network = Network.lattice([2, 3])
    instance = NetworkInstance("", network)
    gradient_step(instance.E, instance.weights, RATE)
    assert error_after_mid_sweep_updates(network, RATE) == pytest.approx(instance.E.data, rel=1e-14)


def test_an_earlier_gradient_is_cleared() -> None:
    w = Value(1.0, "w")
    E = w * w
    E.backward()
    assert gradient_step(E, [w], 0.0) == [2.0]


def test_each_sample_is_drawn_once_in_every_epoch() -> None:
    rng = random.Random(0)
    orders = [without_replacement(5, rng) for _ in range(300)]
    assert all(sorted(order) == [0, 1, 2, 3, 4] for order in orders)
    assert len({tuple(order) for order in orders}) > 100  # of 120 that are possible
    assert {order[0] for order in orders} == {0, 1, 2, 3, 4}


def test_stochastic_descent_learns_and_reports_its_draws() -> None:
    rng = random.Random(1)
    samples = [Network([x, y], [0.2 + 0.6 * (x > y)], NET4.weights) for x in (-1.0, 1.0) for y in (-0.5, 0.5)]
    epochs = list(stochastic_descent(NET4, samples, 2.0, 300, rng))
    assert all(sorted(order) == [0, 1, 2, 3] for order, _ in epochs)
    assert epochs[-1][1] < epochs[0][1] / 10


def test_one_epoch_by_hand() -> None:
    samples = [NET4, Network([0.5, 1.0], [0.75], NET4.weights)]
    [(order, error)] = stochastic_descent(NET4, samples, RATE, 1, random.Random(3))
    weights, errors = NET4.weights, []
    for n in order:
        instance = NetworkInstance("", Network(samples[n].x, samples[n].y, weights))
        errors.append(instance.E.data)
        gradient_step(instance.E, instance.weights, RATE)
        weights = [[[w.data for w in row] for row in matrix] for matrix in instance.w[1:]]
    assert error == pytest.approx(sum(errors) / 2, rel=1e-12)


def test_the_steps_are_printed() -> None:
    text = "\n".join(lines())
    for number in ("0.0837925319797", "0.0838045352179", "−0.00448146563975", "−1.78194499077"):
        assert number in text
