"""What of this room needs a second person: a payout."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.http.templatetags.fmt import fen
from payments.services.payouts import preview_payout, send_payout
from stores.approvals import Kind, Payload, register_kind
from stores.rights import Right

PAYOUT = "payout"


def _payout_now(payload: Payload) -> Payload:
    statement, reference = preview_payout(
        statement_id=int(payload["statement"]), bank_reference=str(payload["bank_reference"])
    )
    return {
        "statement": statement.pk,
        "number": statement.number,
        "merchant": statement.merchant_id,
        "name": statement.merchant.name_en or statement.merchant.name_zh,
        "net_fen": statement.net_fen,
        "bank_reference": reference,
    }


def _describe_payout(payload: Payload) -> list[tuple[str, str]]:
    return [
        (gettext("Merchant"), str(payload["name"])),
        (gettext("Amount"), fen(payload["net_fen"], "exact")),
        (gettext("Statement"), payload["number"]),
        (gettext("The bank's reference"), payload["bank_reference"]),
    ]


def _run_payout(payload: Payload, by: Any, approved_by: Any) -> None:
    send_payout(
        statement_id=payload["statement"],
        sent_by=by,
        approved_by=approved_by,
        bank_reference=payload["bank_reference"],
    )


def register() -> None:
    """Called when the app is ready."""
    register_kind(
        Kind(
            PAYOUT,
            _("a payout"),
            Right.PAY_OUT,
            lambda payload: f"statement:{payload['statement']}",
            _payout_now,
            _describe_payout,
            _run_payout,
        )
    )
