"""What of this room needs a second person: a payout."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.errors import NotFound
from kernel.http.templatetags.fmt import fen
from payments.agreements import PAYOUT, agreement_of, payout_payload, subject_of
from payments.errors import PayoutAgreed, StatementNotIssued
from payments.models import Payout, Statement
from stores.approvals import Kind, Payload, register_kind
from stores.models import Approval
from stores.rights import Right


def _payout_now(payload: Payload) -> Payload:
    rows = Statement.objects.select_related("merchant")
    statement = rows.filter(pk=int(payload["statement"])).first()
    if statement is None:
        raise NotFound
    if statement.state != Statement.State.ISSUED or statement.net_fen <= 0:
        raise StatementNotIssued
    if agreement_of(statement) is not None:
        raise PayoutAgreed
    return payout_payload(statement)


def _describe_payout(payload: Payload) -> list[tuple[str, str]]:
    lines = [
        (gettext("Merchant"), str(payload["name"])),
        (gettext("Amount"), fen(payload["net_fen"], "exact")),
        (gettext("Statement"), payload["number"]),
    ]
    if reference := payload.get("bank_reference"):  # asked for in the release before
        lines.append((gettext("The bank's reference"), reference))
    return lines


def _agree_to_payout(payload: Payload, by: Any, approved_by: Any) -> None:
    """Nothing moves yet: the request itself, agreed to, is what `send_payout` asks for."""


def _after(approval: Approval) -> str:
    """What comes after the agreement: the transfer, or where it stands once it was made."""
    rows = Payout.objects.filter(agreement=approval.pk)
    if "bank_reference" in approval.payload:  # one of the release before was recorded at once
        rows = Payout.objects.filter(
            statement=approval.payload["statement"],
            bank_reference=approval.payload["bank_reference"],
        )
    sent = rows.first()
    facts = {
        "amount": fen(approval.payload["net_fen"], "exact"),
        "merchant": dict(approval.lines or _describe_payout(approval.payload))[gettext("Merchant")],
    }
    if sent is not None:
        text = gettext("%(amount)s was sent to %(merchant)s, bank reference %(reference)s.")
        return text % {**facts, "reference": sent.bank_reference}
    return (
        gettext(
            "Next: whoever makes transfers sends %(amount)s to %(merchant)s at the bank, then enters "
            "the bank's reference on the statement."
        )
        % facts
    )


def register() -> None:
    """Called when the app is ready."""
    register_kind(
        Kind(
            PAYOUT,
            _("a payout"),
            Right.PAY_OUT,
            lambda payload: subject_of(payload["statement"]),
            _payout_now,
            _describe_payout,
            _agree_to_payout,
            _after,
        )
    )
