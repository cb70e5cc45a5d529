"""The arguments that `fit` refuses before anything has changed, and its messages."""

import random
import re
from typing import Any

import pytest

from nn import MLP, SGD, cross_entropy, fit, hinge
from tests.nn.small_task import INPUTS, SIGNS, parameter_data, small_network

REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "model": ({"model": lambda x: x[0]}, TypeError, "the model must be callable and have parameters()"),
    "loss": ({"loss": "hinge"}, TypeError, "loss must be a function loss(outputs, targets)"),
    "arguments in another order": (
        {"loss": [[1.0, 2.0]] * 1000},
        TypeError,
        "such as nn.half_squared_error, not [" + 6 * "[1.0, 2.0], " + "...]",
    ),
    "inputs": (
        {"inputs": [[1.0, 2.0, 3.0]] * 5},
        ValueError,
        "the model cannot take inputs[0], which is [1.0, 2.0, 3.0]",
    ),
    "targets": ({"targets": [1, -1, 1, 0, 1]}, ValueError, "targets[3]: hinge needs a target of -1 or 1"),
    "optimizer's class": ({"optimizer": SGD}, TypeError, "such as SGD(model.parameters(), lr=0.1)"),
    "a class": ({"model": MLP}, TypeError, "the model must be an instance, such as MLP(2, [16, 1]), not the class MLP"),
    "another's optimizer": (
        {"optimizer": SGD(small_network().parameters())},
        ValueError,
        "the optimizer belongs to another model: its parameter 1, w_11^(1), is not in model.parameters()",
    ),
    "no epochs": ({"epochs": 0}, ValueError, "epochs must be at least 1, not 0"),
    "half an epoch": ({"epochs": 0.5}, TypeError, "epochs must be at least 1 (a whole number), not 0.5 of type float"),
    "no batch": ({"batch_size": 0}, ValueError, "a batch needs at least one sample, not 0"),
    "negative batch": ({"batch_size": -3}, ValueError, "a batch needs at least one sample, not -3"),
    "fraction of a batch": (
        {"batch_size": 2.0},
        TypeError,
        "a batch needs at least one sample (a whole number), not 2.0 of type float",
    ),
    "a seed": ({"rng": 0}, TypeError, "rng must be a random.Random, such as random.Random(0), not 0"),
    "all held out": ({"validation": 1.0}, ValueError, "above 0 and below 1, not 1.0"),
    "samples held out": ({"validation": 3}, ValueError, "above 0 and below 1, not 3"),
    "validation": ({"validation": True}, TypeError, "validation must be (inputs, targets), or the fraction"),
    "validation row": ({"validation": ([[1, 2], [3]], [1, 1])}, ValueError, "validation inputs[1] has length 1"),
    "validation size": (
        {"validation": ([[1, 2, 3]], [1])},
        ValueError,
        "validation inputs[0] has length 3, but inputs[0] has length 2",
    ),
    "validation target": ({"validation": ([[1, 2]], [0])}, ValueError, "validation targets[0]: hinge needs a target"),
    "clip_norm": ({"clip_norm": 0.0}, ValueError, "the largest norm of a gradient is 0.0; it must be above 0 and"),
    "clip_value": ({"clip_value": "1"}, TypeError, "the largest value of a derivative is '1', of type str"),
    "a name of Keras": ({"clipnorm": 1.0}, TypeError, "a gradient is clipped by clip_norm=1.0, or by clip_value=0.5"),
    "patience": ({"patience": 3}, TypeError, "epoch - history.best_epoch >= 10] ends it 10 epochs after the best"),
    "best of nothing": ({"restore_best": True}, ValueError, "restore_best=True chooses the epoch with the lowest vali"),
    "best of what": ({"restore_best": 1}, TypeError, "restore_best must be True or False, not 1 of type int"),
    "unknown metric": ({"metrics": ["f1"]}, ValueError, "unknown metric 'f1'; choose 'accuracy'"),
    "one metric": ({"metrics": "accuracy"}, TypeError, "metrics must be a list, such as ['accuracy'], not 'accuracy'"),
    "same metric": ({"metrics": ["accuracy", "accuracy"]}, ValueError, "metrics: 'accuracy' is recorded already"),
    "the loss as a metric": ({"metrics": ["loss"]}, ValueError, "metrics: 'loss' is recorded already"),
    "one callback": ({"callbacks": print}, TypeError, "callbacks must be a list of functions (epoch, history)"),
    "no callback": ({"callbacks": [3]}, TypeError, "a callback must be a function (epoch, history), not 3"),
    "backend": ({"backend": "cuda"}, ValueError, "unknown backend 'cuda'; choose from 'auto'"),
}


@pytest.mark.parametrize(("change", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_argument_is_refused_before_anything_changes(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = small_network()
    before = parameter_data(model)
    arguments: dict[str, Any] = {
        "model": model,
        "loss": hinge,
        "inputs": INPUTS,
        "targets": SIGNS,
        "epochs": 1,
    } | change
    with pytest.raises(error, match=re.escape(message)):
        fit(**arguments)
    assert parameter_data(model) == before


KEYWORDS = {
    "lr": "fit does not have a parameter 'lr'; the optimizer has it: optimizer=SGD(model.parameters(), lr=0.1)",
    "learning_rate": "the optimizer has it: optimizer=SGD(model.parameters(), lr=0.1)",
    "momentum": "the optimizer has it",
    "batch": "did you mean batch_size?",
    "n_epochs": "did you mean epochs",
    "loss_fn": "did you mean loss",
    "criterion": "the error of a sample is loss",
    "validation_data": "did you mean validation?",
    "shuffle": "the samples are shuffled by rng=random.Random(0)",
    "verbose": "progress=True shows the progress",
    "y": "the samples are inputs and targets",
    "gpu": "its parameters are model, loss, inputs, targets, optimizer, epochs",
}


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_keyword_of_another_name_is_answered_by_the_right_one(keyword: str) -> None:
    given: Any = {"model": small_network(), "inputs": INPUTS, keyword: 1}
    with pytest.raises(TypeError, match=re.escape(KEYWORDS[keyword])):
        fit(**given)


def test_classes_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"targets\[4\]: unknown class 3; with 3 outputs"):
        fit(small_network(3, 3), cross_entropy, INPUTS, [0, 1, 2, 0, 3])


def test_a_single_sample_cannot_be_held_out() -> None:
    with pytest.raises(ValueError, match="to hold samples out, at least two are needed, but 1 was given"):
        fit(small_network(), hinge, INPUTS[:1], SIGNS[:1], validation=0.5, rng=random.Random(0))
