"""PyTorch with one thread, and with as many as it would take: on small work more threads can be slower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def with_threads(torch: Any, run: Callable[[], object]) -> dict[str, Callable[[], object]]:
    """The work by number of threads."""

    def with_so_many(threads: int) -> Callable[[], object]:
        def work() -> object:
            torch.set_num_threads(threads)
            return run()

        return work

    return {f"{n} thread{'s' * (n > 1)}": with_so_many(n) for n in sorted({1, torch.get_num_threads()})}
