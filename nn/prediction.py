"""Predictions: the outputs of a model for rows of numbers, as numbers.

A few rows are computed on graphs of their own. Many share a graph, which is compiled, as in a training by `nn.fit`; a
model whose graph depends on its inputs gets a graph for each row there too (`nn.training.objective`).
"""

from __future__ import annotations

from array import array
from math import isfinite
from typing import Any

from engine import Value, backprop
from engine._support import checks
from engine._support.real_numbers import is_sequence, to_lists
from nn.training import buffers
from nn.training.data import Samples, read_inputs, read_sample
from nn.training.objective import Objective, check_outputs
from nn.training.runner import runner_for

MAX_SEPARATE_ROWS = 32  # that are computed on graphs of their own, which takes less time than to compile one


def predict(model: Any, inputs: Any) -> Any:
    """The outputs of a model for one row of inputs, or for several: see `nn.Module.predict`."""
    is_model = callable(model) and callable(getattr(model, "parameters", None))
    checks.type_error_unless(is_model, "the model must be callable and have parameters(), as an MLP does", model)
    entries = to_lists(inputs, "inputs")
    is_batch = is_sequence(entries) and any(is_sequence(to_lists(entry, "inputs")) for entry in entries)
    rows = read_inputs(entries) if is_batch else [read_sample(entries, "inputs")]
    backprop.check_numbers(model.parameters())
    samples = Samples([array("d", row) for row in rows], [*range(len(rows))], len(rows[0]), one_target=False)
    outputs = [numbers if len(numbers) > 1 else numbers[0] for numbers in _compute(model, samples)]
    result = outputs if is_batch else outputs[0]
    return buffers.to_array(result) if hasattr(inputs, "__array__") and isinstance(result, list) else result


def _compute(model: Any, samples: Samples) -> list[list[float]]:
    """The outputs for each row. Raises DomainError, which names the row, where one is undefined."""
    objective, rows = Objective(model, _first_output, samples), samples.rows
    try:
        if len(rows) > MAX_SEPARATE_ROWS:
            objective = Objective.trace(model, _first_output, samples, train=False)
        results = [[*outputs] for _, *outputs in runner_for(objective, model.parameters()).each(rows)]
    except ArithmeticError:
        for i in range(len(rows)):
            _check_row(objective, i)
        raise
    except ValueError as error:
        if samples.n_inputs == 1 or len(rows) > 1:
            raise
        hint = "a flat list is one row; several rows of one input are [[1.0], [2.0]], or an array's reshape(-1, 1)"
        raise ValueError(f"{error}; {hint}") from error
    for i, outputs in enumerate(results):
        if not all(map(isfinite, outputs)):  # a compiled program returns NaN where a function is undefined
            _check_row(objective, i)
    return results


def _check_row(objective: Objective, i: int) -> None:
    """Raise DomainError if an output of a row is undefined; some are infinite because a product overflows."""
    try:
        objective.build_graph(objective.samples.rows[i])
    except ArithmeticError as error:
        if len(objective.samples.rows) == 1:
            raise
        raise type(error)(f"inputs[{i}]: {error}") from error


def _first_output(outputs: Any, _: object) -> Value:
    """The first output, in place of a loss where outputs alone are asked for."""
    return check_outputs(outputs)[0]
