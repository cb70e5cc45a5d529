"""Two profiles of hypothesis: `normal`, the same 25 examples each time, and `nightly`, 10,000 new ones.

Choose with HYPOTHESIS_PROFILE=nightly, or with pytest's --hypothesis-profile=nightly. Where an example takes long, a
test takes a share of them, `@settings(max_examples=share(0.3))`; `by_night` chooses sizes and repetitions.

A night's run takes tests that are marked as slow too: HYPOTHESIS_PROFILE=nightly python -m pytest -m "slow or not slow"
"""

import gc
import inspect
import os
import random
import signal
from importlib.metadata import PackageNotFoundError, version

import pytest
from hypothesis import HealthCheck, settings

from tests import by_night
from tests.browser import browser, session_browser
from tests.layout_program import no_dot, run_dot_once

__all__ = ["browser", "no_dot", "session_browser"]  # fixtures for all tests

settings.register_profile("normal", max_examples=25, derandomize=True, deadline=None)
settings.register_profile(
    "nightly",
    max_examples=10_000,
    derandomize=False,
    deadline=None,
    print_blob=True,  # a failure can be repeated from what it printed
    suppress_health_check=[HealthCheck.too_slow],
)
os.environ["PATHGRAD_CODE_CACHE"] = "0"  # what a test compiles is not kept for the next

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))


pytest.MonkeyPatch().setattr("viz.drawing.drawing.run_dot", run_dot_once)


@pytest.hookimpl(tryfirst=True)  # before tests are left out by their markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is thorough, and begin with files that start programs: long files at the end would leave cores idle."""
    stays: dict[str, bool] = {}  # by test, whether any of its parameters are chosen
    for item in [item for item in items if isinstance(item, pytest.Function)]:
        for mark in item.iter_markers("thorough_unless"):
            chosen, parameters = mark.kwargs["chosen"], item.callspec.params
            is_chosen = bool(chosen(*(parameters[name] for name in inspect.signature(chosen).parameters)))
            if not is_chosen:
                item.add_marker("thorough")
            test = item.nodeid.partition("[")[0]
            stays[test] = stays.get(test, False) or is_chosen
    lost = [test for test, any_chosen in stays.items() if not any_chosen]
    if lost and not any("::" in argument for argument in config.args):  # which may ask for one of the parameters
        raise pytest.UsageError(f"thorough_unless chooses no parameters of {', '.join(lost)}")
    items.sort(key=lambda item: item.get_closest_marker("once") is None)


def pytest_collection() -> None:
    """Collecting takes a third less time without a collector that looks for garbage meanwhile."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end, so that it need not be looked at again.

    Graphs are built all the time, and freed without the collector: it looks for garbage less often than by default.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()


@pytest.hookimpl(trylast=True)  # after fixtures of the file are torn down
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Objects that outlive a file, such as imported libraries, are left out of later collections of garbage."""
    if not nextitem or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


def pytest_runtest_setup() -> None:
    """What a test leaves to chance, such as the weights of a network, is the same each day, and new by night."""
    random.seed(by_night(0, None))


def xla_flags(markers: str) -> str:
    """Flags of XLA: eight devices, simulated on the CPU. Without thorough tests, it compiles in a third of the time, to
    slower code; with them, to the code that users' JAX compiles.

    That is for XLA of the version where this was tried: flags that it does not know end Python.
    """
    quick = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
    try:
        is_known = version("jaxlib").startswith("0.10.")
    except PackageNotFoundError:
        is_known = False
    return f"--xla_force_host_platform_device_count=8 {quick if is_known and 'not thorough' in markers else ''}".strip()


def pytest_configure(config: pytest.Config) -> None:
    """JAX reads its flags when it starts."""
    os.environ.setdefault("XLA_FLAGS", xla_flags(config.option.markexpr))


signal.signal(signal.SIGINT, signal.default_int_handler)  # tests press Ctrl-C, which a background job may ignore
