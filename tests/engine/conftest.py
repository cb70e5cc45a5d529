"""Threads are taken for the short batches of tests, too, where they are not worth it."""

from __future__ import annotations

import pytest

from engine.compiler.targets.llvm import execution


@pytest.fixture(autouse=True, scope="session")
def threads_for_short_batches() -> None:
    """Batches are divided between threads however short they are."""
    execution.MIN_OPERATIONS_PER_THREAD = 1
