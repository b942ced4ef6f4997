"""Indexes that nobody reads: Django makes one for beginnings of words with every unique text."""

from __future__ import annotations

import pytest
from django.db import connection

BOUGHT = (
    "orders_basket",
    "orders_order",
    "payments_payment",
    "payments_gatewayevent",
    "payments_sandboxtrade",
    "vouchers_voucher",
    "vouchers_voucherterms",
    "members_notification",
)
"""Tables that a purchase writes; none of their texts is looked up by its beginning."""


@pytest.mark.django_db
def test_a_purchase_writes_no_index_for_beginnings_of_words() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes"
            " WHERE tablename = ANY(%s) AND indexdef LIKE '%%varchar_pattern_ops%%'",
            [list(BOUGHT)],
        )
        assert cursor.fetchall() == []
