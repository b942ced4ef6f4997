"""Every test of this room ends with exact books, or says why it cannot.

Models are imported late: pytest reads this file before Django is set up.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

OURS = {"ledger_balanced", "uses_counted", "payment_booked", "own_merchant", "clearing"}
"""Beside those of components and of money back."""


def broken_invariants() -> list[tuple[object, ...]]:
    """The rows that break an invariant about vouchers, with the invariant's code."""
    from django.db import connection

    from insights.invariants import INVARIANTS
    from insights.invariants_money import BACK, COMPONENTS

    ours = OURS | {invariant.code for invariant in (*COMPONENTS, *BACK)}
    broken: list[tuple[object, ...]] = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            if invariant.code in ours:
                cursor.execute(invariant.sql)
                broken += [(invariant.code, *row) for row in cursor.fetchall()]
    return broken


@pytest.fixture
def loose_books() -> None:
    """For a test that sets a state behind the services' back."""


@pytest.fixture(autouse=True)
def exact_books(request: pytest.FixtureRequest, db: None) -> Iterator[None]:
    yield
    if "loose_books" not in request.fixturenames:
        assert broken_invariants() == []


@pytest.fixture(scope="module")
def kept_people(kept_rows: None) -> Any:
    from tests.factories import cast

    return cast()


@pytest.fixture
def people(db: None, kept_people: Any) -> Any:
    """One merchant with two stores, and the people around it (tests.factories.Cast)."""
    return deepcopy(kept_people)
