"""How long hypothesis looks: `normal`, the same examples each time, or `nightly`, many and always others.

Choose with HYPOTHESIS_PROFILE=nightly, or with pytest's --hypothesis-profile=nightly. A test takes a share of the
profile's examples, `@settings(max_examples=share(0.3))`, where one example takes long.

The night also takes what is marked as slow: HYPOTHESIS_PROFILE=nightly python -m pytest -m "slow or not slow"
"""

import os
import signal

from hypothesis import HealthCheck, settings

settings.register_profile("normal", max_examples=50, derandomize=True, deadline=None)
settings.register_profile(
    "nightly",
    max_examples=10_000,
    derandomize=False,
    deadline=None,
    print_blob=True,  # a failure can be repeated from what it printed
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))

signal.signal(signal.SIGINT, signal.default_int_handler)  # tests press Ctrl-C, to which a background job may be deaf
