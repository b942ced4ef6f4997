"""Reads statements for who may see them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from payments.models import Statement
from stores.access import merchants_for
from stores.rights import Right


def taken_off_by(statement: Statement) -> Statement | None:
    """The statement that has taken in what the carried ``statement`` owed; None until it is made.

    One query.
    """
    return Statement.objects.filter(
        merchant=statement.merchant_id,
        lines__entry__transaction__key=f"carry:{statement.number}",
    ).first()


def statements_of(user: Any) -> QuerySet[Statement]:
    """Statements of the merchants whose money ``user`` may see, the newest first; merchant joined."""
    rows = Statement.objects.select_related("merchant").order_by("-id")
    return rows.filter(merchant__in=merchants_for(user, Right.SEE_MONEY))
