"""What the people who run a business are told about their money (o2o/reactions.py lists it)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from messages.services.notify import tell_business
from payments.models import Payout, Statement


def tell_business_of_statement(*, statement_id: int, **_: Any) -> None:
    """Handler of "statement.issued": those who may see the money and want to hear of it.

    Not of one that comes to nothing, nor of what returns alone have left owing: nobody has to act.
    """
    statement = Statement.objects.select_related("merchant").filter(pk=statement_id).first()
    if statement is None or not statement.net_fen:
        return
    if statement.net_fen < 0 and statement.dues_fen <= 0:
        return
    tell_business(
        kind="statement_issued" if statement.net_fen > 0 else "statement_owed",
        merchant_id=statement.merchant_id,
        params={
            **_named(statement),
            "gross_fen": statement.gross_fen,
            "returns_fen": statement.returns_fen,
            "net_fen": statement.net_fen,
            "commission_fen": statement.commission_fen,
            "dues_fen": statement.dues_fen,
            "due_fen": -statement.net_fen,
        },
        link=reverse("admin:payments_statement_change", args=[statement.pk]),
        dedupe_key=f"statement_issued:{statement.pk}",
    )


def tell_business_of_payout(*, payout_id: int, **_: Any) -> None:
    """Handler of "payout.sent": the same people, once the bank has it."""
    payout = Payout.objects.select_related("statement__merchant").filter(pk=payout_id).first()
    if payout is None:
        return
    tell_business(
        kind="payout_sent",
        merchant_id=payout.merchant_id,
        params={
            **_named(payout.statement),
            "amount_fen": payout.amount_fen,
            "reference": payout.bank_reference,
        },
        link=reverse("admin:payments_statement_change", args=[payout.statement_id]),
        dedupe_key=f"payout_sent:{payout.pk}",
    )


def _named(statement: Statement) -> dict[str, str]:
    return {
        "number": statement.number,
        "merchant_en": statement.merchant.name_en,
        "merchant_zh": statement.merchant.name_zh,
        "day_on": statement.day.isoformat(),
    }
