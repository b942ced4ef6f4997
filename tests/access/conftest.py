"""One world for all tests of a module; each test and each request forgets what it did."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="module")
def world(kept_rows: None) -> Any:
    """The world of tests/access/world.py."""
    from tests.access.world import make_world

    return make_world()
