"""Torture uses the house of the crash tests: its servers die, and it starts them again."""

from __future__ import annotations

from tests.crash.conftest import _house, house  # noqa: F401 - fixtures
