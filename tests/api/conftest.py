"""The world of tests/access: two businesses side by side, made once per module."""

from __future__ import annotations

from tests.access.conftest import world  # noqa: F401 - a fixture
