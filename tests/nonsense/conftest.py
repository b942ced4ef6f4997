"""The world of tests/access, which holds a row of every kind and a person of every role."""

from __future__ import annotations

from tests.access.conftest import world  # noqa: F401 - a fixture
