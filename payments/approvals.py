"""What of this room needs a second person: a payout, a contract."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Category
from kernel.errors import NotFound
from kernel.http.templatetags.fmt import datetime_local, fen, percent
from payments.agreements import PAYOUT, WRITE_OFF, agreement_of, statement_payload, subject_of
from payments.errors import PayoutAgreed, StatementNotIssued
from payments.models import Payout, Statement
from payments.services.collection import preview_write_off, write_off_statement
from payments.services.contracts import Terms, check_terms, make_contract, refuse_twin
from stores.approval_fields import Field, flag, line, moment, rate, whole_fen, whole_id
from stores.approvals import Kind, Payload, lines_of, register_kind
from stores.models import Approval, Merchant
from stores.rights import Right

CONTRACT = "contract"
BASES = {
    "platform_in_base": _("what the platform pays of discounts"),
    "points_in_base": _("what is paid with points"),
    "partners_in_base": _("what partners pay of discounts"),
}


STATEMENT_FIELDS = {"statement": Field(whole_id)}
CONTRACT_FIELDS = {
    "merchant": Field(whole_id),
    "rate": Field(rate),
    "starts_at": Field(moment),
    "ends_at": Field(moment, required=False, nullable=True),
    "category": Field(whole_id, required=False, nullable=True),
    "campaign": Field(line, required=False),
    "fixed_fen": Field(whole_fen, required=False),
    **{name: Field(flag, required=False) for name in BASES},
}


def _payout_now(payload: Payload) -> Payload:
    rows = Statement.objects.select_related("merchant")
    statement = rows.filter(pk=payload["statement"]).first()
    if statement is None:
        raise NotFound
    if statement.state != Statement.State.ISSUED or statement.net_fen <= 0:
        raise StatementNotIssued
    if agreement_of(statement) is not None:
        raise PayoutAgreed
    return statement_payload(statement)


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
        "merchant": dict(lines_of(approval))[gettext("Merchant")],
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


def _write_off_now(payload: Payload) -> Payload:
    return statement_payload(preview_write_off(statement_id=payload["statement"]))


def _describe_write_off(payload: Payload) -> list[tuple[str, str]]:
    return [
        (gettext("Merchant"), str(payload["name"])),
        (gettext("Given up"), fen(-payload["net_fen"], "exact")),
        (gettext("Statement"), payload["number"]),
    ]


def _run_write_off(payload: Payload, by: Any, approved_by: Any) -> None:
    write_off_statement(statement_id=payload["statement"], by=by, approved_by=approved_by)


def _contract_now(payload: Payload) -> Payload:
    merchant = Merchant.objects.filter(pk=payload["merchant"]).first()
    if merchant is None:
        raise NotFound
    terms = check_terms(_terms(payload))
    refuse_twin(merchant_id=merchant.pk, terms=terms)
    category = Category.objects.filter(pk=terms.category_id).first() if terms.category_id else None
    return {
        "merchant": merchant.pk,
        "name": merchant.name_en or merchant.name_zh,
        "category": terms.category_id,
        "category_name": (category.name_en or category.name_zh) if category else "",
        "campaign": terms.campaign,
        "rate": f"{terms.rate:.4f}",
        "fixed_fen": terms.fixed_fen,
        **{name: getattr(terms, name) for name in BASES},
        "starts_at": terms.starts_at.isoformat(),
        "ends_at": terms.ends_at.isoformat() if terms.ends_at else None,
    }


def _terms(payload: Payload) -> Terms:
    """What was asked for, as `CONTRACT_FIELDS` has read it."""
    ends_at = payload.get("ends_at")
    return Terms(
        rate=Decimal(payload["rate"]),
        starts_at=dt.datetime.fromisoformat(payload["starts_at"]),
        category_id=payload.get("category"),
        campaign=payload.get("campaign", ""),
        fixed_fen=payload.get("fixed_fen", 0),
        ends_at=dt.datetime.fromisoformat(ends_at) if ends_at else None,
        **{name: payload.get(name, True) for name in BASES},
    )


def _describe_contract(payload: Payload) -> list[tuple[str, str]]:
    left_out = [str(word) for name, word in BASES.items() if not payload[name]]
    terms = _terms(payload)
    lines = [
        (gettext("Merchant"), str(payload["name"])),
        (gettext("Commission wanted"), percent(terms.rate, 2)),
        (gettext("Commission per use"), fen(payload["fixed_fen"], "exact")),
        (
            gettext("For"),
            payload["campaign"] or payload["category_name"] or gettext("all that it sells"),
        ),
        (gettext("No commission on"), ", ".join(left_out) or "—"),
        (gettext("Begins"), datetime_local(terms.starts_at)),
    ]
    if terms.ends_at is None:
        return lines
    return [*lines, (gettext("Ends"), datetime_local(terms.ends_at))]


def _run_contract(payload: Payload, by: Any, approved_by: Any) -> None:
    make_contract(
        merchant_id=payload["merchant"], terms=_terms(payload), by=by, approved_by=approved_by
    )


def _contract_subject(payload: Payload) -> str:
    """A newer request for the same category and campaign takes the place of one that waits."""
    return f"contract:{payload['merchant']}:{payload['category'] or ''}:{payload['campaign']}"[:80]


def register() -> None:
    """Called when the app is ready."""
    register_kind(
        Kind(
            WRITE_OFF,
            _("a debt to be given up"),
            Right.PAY_OUT,
            STATEMENT_FIELDS,
            lambda payload: subject_of(payload["statement"]),
            _write_off_now,
            _describe_write_off,
            _run_write_off,
        )
    )
    register_kind(
        Kind(
            CONTRACT,
            _("a contract"),
            Right.SET_COMMISSION,
            CONTRACT_FIELDS,
            _contract_subject,
            _contract_now,
            _describe_contract,
            _run_contract,
            once=True,
        )
    )
    register_kind(
        Kind(
            PAYOUT,
            _("a payout"),
            Right.PAY_OUT,
            STATEMENT_FIELDS,
            lambda payload: subject_of(payload["statement"]),
            _payout_now,
            _describe_payout,
            _agree_to_payout,
            _after,
        )
    )
