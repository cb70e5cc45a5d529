"""Metrics, such as the accuracy: measures of the outputs that are recorded but not differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine import Value
from engine._support import checks
from engine._support.arrays import to_array
from engine._support.real_numbers import as_float
from nn.training.data import Samples
from nn.training.objective import Loss, check_outputs
from nn.training.runner import Runner

Metric = Callable[[Any, Any], float]


def evaluate(runner: Runner, samples: Samples, metrics: Mapping[str, Metric]) -> tuple[float, dict[str, float]]:
    """The means of the loss and of each metric over the samples. Raises DomainError if a loss is undefined.

    A metric is called with a number if the model has one output, and with a list of them if it has several; the target
    likewise, as the loss sees it.
    """
    total, totals = 0.0, dict.fromkeys(metrics, 0.0)
    for row, (loss, *numbers) in zip(samples.rows, runner.each(samples.rows), strict=True):
        total += loss
        outputs = numbers if len(numbers) > 1 else numbers[0]
        for name, metric in metrics.items():
            number = metric(outputs, samples.target(row))
            if type(number) is not float:  # most are
                returned, needs = f"the metric {name!r} returned", "a metric must be one number for each sample"
                number = as_float(number, returned, needs)
            totals[name] += number
    n = len(samples.rows)
    return total / n, {name: number / n for name, number in totals.items()}


def accuracy_for(samples: Samples, outputs: Any, loss: Loss) -> Metric:
    """The metric whose mean is the fraction of samples that are classified correctly, by a model with such outputs.

    With several outputs, the class is the index of the largest, in the targets too. With one output z and targets

    - -1 and 1, the class is the sign of z, as for the hinge loss;
    - 0 and 1, it is 1 if z > 1/2; or if z > 0 when the loss takes z for a logit, as `binary_cross_entropy` does, and
      any loss that is smaller for the target 1 than for 0 at z = 1/4.

    Raises ValueError for other targets.
    """
    if len(check_outputs(outputs)) > 1:
        return lambda outputs, target: float(outputs.index(max(outputs)) == target.index(max(target)))
    targets = {y for row in samples.rows for y in row[samples.n_inputs :]}
    if not (targets <= {-1.0, 1.0} or targets <= {0.0, 1.0}):
        shown = ", ".join(map(repr, sorted(targets)[:4]))
        raise ValueError(f'"accuracy" with one output needs targets of -1 and 1, or of 0 and 1, not {shown}, ...')
    threshold = 0.0 if -1.0 in targets or _takes_logits(loss, outputs, samples.one_target) else 0.5

    def accuracy(output: float, target: Any) -> float:
        [y] = target if isinstance(target, list) else [target]
        return float((output > threshold) == (y > 0.0))

    return accuracy


def _takes_logits(loss: Loss, outputs: Any, one_target: bool) -> bool:
    """Whether the loss of an output of 1/4 is smaller for the target 1 than for 0."""
    z, targets = Value(0.25), (Value(0.0), Value(1.0))
    given: Any = z if isinstance(outputs, Value) else [z]
    if hasattr(outputs, "__array__"):
        given = to_array(given, (1,))
    zero, one = (loss(given, y if one_target else [y]).data for y in targets)
    return one < zero


def metrics_by_name(metrics: Iterable[str | Metric], samples: Samples, outputs: Any, loss: Loss) -> dict[str, Metric]:
    """The metrics by name: a function by its own. Raises ValueError for a name that is unknown or appears twice."""
    is_list = not isinstance(metrics, str) and not callable(metrics)
    checks.type_error_unless(is_list, "metrics must be a list, such as ['accuracy']", metrics)
    named: dict[str, Metric] = {}
    for metric in metrics:
        name = metric if isinstance(metric, str) else getattr(metric, "__name__", repr(metric))
        if name in named or name == "loss":
            raise ValueError(f"metrics: {name!r} is recorded already; each metric needs a name of its own")
        if callable(metric):
            named[name] = metric
        elif metric == "accuracy":
            named[name] = accuracy_for(samples, outputs, loss)
        else:
            raise ValueError(f"unknown metric {metric!r}; choose 'accuracy' or give a function (outputs, target)")
    return named
