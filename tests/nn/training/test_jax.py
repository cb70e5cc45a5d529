"""Trainings by JAX are those of the engine, on any number of devices, and in any number of processes."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nn import MLP, fit, half_squared_error
from tests.engine.compiler.agreement import assert_near
from tests.nn.training import jax_training

jax = pytest.importorskip("jax")
ROOT = Path(__file__).parents[3]
PROCESSES = 2
train = cache(jax_training.train)


def assert_same(results: Sequence[list[float]], others: Sequence[list[float]], bound: float) -> None:
    for numbers, expected in zip(results, others, strict=True):
        assert_near(numbers, expected, bound)


def test_losses_and_parameters_are_the_engine_s() -> None:
    by_engine = train(backend="engine")
    for devices in (None, 1):
        assert_same(train(backend="jax", devices=devices), by_engine, 1e-12)
    assert jax.local_device_count() == 8


def test_float32_is_near() -> None:
    single = train(backend="jax", dtype="float32", devices=1)
    assert single != train(backend="jax", devices=1)
    assert_same(single, train(backend="engine"), 1e-3)


@pytest.mark.parametrize("backend", ["auto", "engine", "python"])
def test_other_backends_refuse_its_options(backend: str) -> None:
    with pytest.raises(ValueError, match=f"backend='{backend}' does not take devices=2; choose backend='jax'"):
        fit(MLP(1, [1]), half_squared_error, [0.0, 1.0], [0.0, 1.0], backend=backend, devices=2)


@pytest.fixture(scope="module")
def printed() -> list[Any]:
    """What processes of two devices each print."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count=2"
    environment = os.environ | {"XLA_FLAGS": flags, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, jax_training.__file__]
    running = [
        subprocess.Popen([*command, str(i), str(PROCESSES), str(port)], stdout=subprocess.PIPE, env=environment)
        for i in range(PROCESSES)
    ]
    try:
        outputs = [process.communicate(timeout=120)[0] for process in running]
    finally:
        for process in running:
            process.kill()
    return [json.loads(output.splitlines()[-1]) for output in outputs]


@pytest.mark.once
def test_processes_share_the_samples(printed: list[Any]) -> None:
    """Those of the first process, with its numbers: the second has another seed."""
    by_one_device = train(backend="jax", devices=1)
    for _, _, _, *results in printed:
        assert_same(results, by_one_device, 1e-10)


@pytest.mark.once
def test_sums_are_over_the_rows_of_all_processes(printed: list[Any]) -> None:
    """One row of 1 in the first, three rows of 2 in the second; values of rows are those of the process alone."""
    total = 1.0 * 2.0**2 + 3 * (2.0 * 2.0**2)
    gradient, hessian = [2 * total / 2.0], [[2 * total / 2.0**2]]
    for _, values, sums, *_ in printed:
        assert values == [12.0]
        assert sums == [total, gradient, total, [total, gradient], hessian, hessian[0]]


@pytest.mark.once
def test_processes_with_other_models_or_samples_are_refused(printed: list[Any]) -> None:
    for i, (refused, *_) in enumerate(printed):
        assert [text.partition(":")[0] for text in refused] == [
            f"process {1 - i} has another number of parameters than this one",
            f"process {1 - i} has other samples than this one",
        ]
