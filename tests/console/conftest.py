"""The people of the counter, and books that are exact at the end."""

from __future__ import annotations

from tests.vouchers.conftest import (  # noqa: F401 - fixtures
    exact_books,
    kept_people,
    loose_books,
    people,
)
