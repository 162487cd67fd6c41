"""Settings that hold for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# With one process per core each takes one: two that want both take longer.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("POLARS_MAX_THREADS", "1")

# A busy machine is slow, not wrong: no example has a time limit. CI takes the same examples every time; who runs the tests
# by hand gets new ones.
settings.register_profile("patient", deadline=None, max_examples=40, derandomize=bool(os.environ.get("CI")))
settings.load_profile("patient")
