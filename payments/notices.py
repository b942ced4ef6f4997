"""What the people who run a business are told about their money (o2o/reactions.py lists it)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from members.services.notify import notify
from payments.models import Statement
from stores.access import managers_of


def tell_managers_of_statement(*, statement_id: int, **_: Any) -> None:
    """Handler of "statement.issued": every owner and manager, once per statement.

    Not of one that comes to nothing, nor of what returns alone have left owing: nobody has to act.
    """
    statement = Statement.objects.select_related("merchant").filter(pk=statement_id).first()
    if statement is None or not statement.net_fen:
        return
    if statement.net_fen < 0 and statement.dues_fen <= 0:
        return
    merchant = statement.merchant
    for user_id in managers_of(merchant).values_list("user_id", flat=True):
        notify(
            user_id=user_id,
            kind="statement_issued" if statement.net_fen > 0 else "statement_owed",
            params={
                "number": statement.number,
                "merchant_en": merchant.name_en,
                "merchant_zh": merchant.name_zh,
                "day_on": statement.day.isoformat(),
                "gross_fen": statement.gross_fen,
                "returns_fen": statement.returns_fen,
                "net_fen": statement.net_fen,
                "commission_fen": statement.commission_fen,
                "dues_fen": statement.dues_fen,
                "due_fen": -statement.net_fen,
            },
            link=reverse("admin:payments_statement_change", args=[statement.pk]),
            dedupe_key=f"statement_issued:{statement.pk}:{user_id}",
        )
