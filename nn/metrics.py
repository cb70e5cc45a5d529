"""How good the outputs are, in the terms of the task: measured, never differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nn.data import Samples

Metric = Callable[[Any, Any], float]


def accuracy_for(samples: Samples, n_outputs: int, loss: Any) -> Metric:
    """The metric whose mean is the fraction of samples that are classified rightly.

    With several outputs, the class is the place of the largest, among the targets too. With one output z and targets

    - -1 and 1, the class is the sign of z, as for the hinge loss;
    - 0 and 1, it is 1 where z > 0 if the loss takes z for a logit, which `binary_cross_entropy` and `hinge` do, and
      where z > 1/2 under any other loss.

    Raises ValueError for other targets.
    """
    if n_outputs > 1:
        return lambda outputs, target: float(_place_of_largest(outputs) == _place_of_largest(target))
    targets = {row[samples.n_inputs] for row in samples.rows}
    if not (targets <= {-1.0, 1.0} or targets <= {0.0, 1.0}):
        shown = ", ".join(map(repr, sorted(targets)[:4]))
        raise ValueError(f'"accuracy" with one output needs targets of -1 and 1, or of 0 and 1, not {shown}, ...')
    by_sign = -1.0 in targets or getattr(loss, "__name__", "") in ("binary_cross_entropy", "hinge")
    threshold = 0.0 if by_sign else 0.5
    return lambda output, target: float((output > threshold) == (target > 0.0))


def _place_of_largest(numbers: Sequence[float]) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)


def named_metrics(metrics: Iterable[str | Metric], samples: Samples, n_outputs: int, loss: Any) -> dict[str, Metric]:
    """The metrics by name: a function goes by its own. Raises ValueError for a name that is unknown or comes twice."""
    if isinstance(metrics, str) or callable(metrics):
        raise TypeError(f"metrics is a sequence, such as [{metrics!r}], not {metrics!r}")
    named: dict[str, Metric] = {}
    for metric in metrics:
        name = metric if isinstance(metric, str) else getattr(metric, "__name__", repr(metric))
        if name in named:
            raise ValueError(f"metrics has two of the name {name!r}")
        if callable(metric):
            named[name] = metric
        elif metric == "accuracy":
            named[name] = accuracy_for(samples, n_outputs, loss)
        else:
            raise ValueError(f"there is no metric {metric!r}; possible are 'accuracy' and functions (outputs, target)")
    return named
