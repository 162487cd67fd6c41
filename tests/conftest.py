"""Settings that hold for every test."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is slow, not wrong: no example has a time limit.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
