from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def cashier_address(settings: Any) -> None:
    """Payments name the cashier page, a higher room serves it."""
    settings.ROOT_URLCONF = "tests.payments.addresses"
