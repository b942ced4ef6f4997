"""Money sent to a merchant for a statement, and money the bank sent back."""

from __future__ import annotations

import unicodedata

from django.db import IntegrityError, transaction

from kernel.clock import now
from kernel.errors import NotFound
from kernel.http.templatetags.fmt import fen
from kernel.ids import new_number
from kernel.outbox.services import publish
from members.models import User
from payments.access import refuse_without_payouts
from payments.agreements import agreement_of
from payments.errors import (
    BankReferenceNeeded,
    BankReferenceUsed,
    PayoutNotAgreed,
    PayoutNotSent,
    StatementNotIssued,
)
from payments.models import Payout, Statement
from payments.services import postings
from stores.services.approvals import approvals_on

MIN_REFERENCE, MAX_REFERENCE = 3, 80


def send_payout(*, statement_id: int, sent_by: User | None, bank_reference: str) -> Payout:
    """Record that the statement's money was sent to the merchant.

    ``sent_by`` made the transfer, after a second person had agreed to what somebody asked for
    (payments.agreements); None is the platform itself, which asks nobody.

    ``bank_reference`` is what the bank calls the transfer, 3 to 80 characters of one line.

    A transfer pays one statement: a reference of another statement's payout is refused, also in
    another spelling. The same statement with the same reference again is the same payout.

    One transaction: locks the statement, compare-and-set issued → paid, writes the payout of
    its whole ``net_fen`` with the agreement it takes up, posts ``payout:PAYOUT``, publishes
    "payout.sent". Raises NotFound (also for who may not pay out), StatementNotIssued,
    PayoutNotAgreed, BankReferenceNeeded, BankReferenceUsed.
    """
    if sent_by is not None:
        refuse_without_payouts(user=sent_by, statement_id=statement_id)
    reference = read_reference(bank_reference)
    try:
        return _send(statement_id, sent_by, reference)
    except IntegrityError:  # another payout took the reference at this very moment
        _refuse_used(statement_id, reference)
        raise


def _send(statement_id: int, sent_by: User | None, reference: str) -> Payout:
    with transaction.atomic():
        statement = lock_statement(statement_id)
        won = Statement.objects.filter(
            pk=statement_id, state=Statement.State.ISSUED, net_fen__gt=0
        ).update(state=Statement.State.PAID)
        if not won:
            live = statement.payouts.filter(
                state=Payout.State.SENT, reference_key=same_reference(reference)
            ).first()
            if live is None:
                raise StatementNotIssued
            return live
        agreement = agreement_of(statement)
        if agreement is None and sent_by is not None and approvals_on():
            raise PayoutNotAgreed
        _refuse_used(statement_id, reference)
        payout = Payout.objects.create(
            number=new_number("O"),
            statement=statement,
            merchant_id=statement.merchant_id,
            amount_fen=statement.net_fen,
            bank_reference=reference,
            reference_key=same_reference(reference),
            sent_by=sent_by,
            agreement=agreement,
            approved_by=agreement.decided_by if agreement else None,
        )
        postings.payout(
            payout_number=payout.number,
            statement_number=statement.number,
            merchant_id=payout.merchant_id,
            net_fen=payout.amount_fen,
        )
        publish("payout.sent", payout_id=payout.pk)
    return payout


def same_reference(reference: str) -> str:
    """What two spellings of one reference have in common: its letters and digits.

    "ICBC 2026-77" and "icbc202677" are one transfer: people leave out what a bank prints between.
    """
    folded = unicodedata.normalize("NFKC", reference).casefold()
    return ("".join(filter(str.isalnum, folded)) or folded)[:320]


def _refuse_used(statement_id: int, reference: str) -> None:
    """Raise BankReferenceUsed when the reference is that of another statement's payout."""
    others = Payout.objects.filter(reference_key=same_reference(reference))
    other = others.exclude(statement_id=statement_id).select_related("merchant").first()
    if other is not None:
        raise BankReferenceUsed(
            reference=reference,
            payout=other.number,
            amount=fen(other.amount_fen, "exact"),
            merchant=other.merchant.name,
        )


def read_reference(reference: str) -> str:
    """The reference without blanks around it and doubled inside. Raises BankReferenceNeeded."""
    text = " ".join(reference.split())
    if not MIN_REFERENCE <= len(text) <= MAX_REFERENCE or not text.isprintable():
        raise BankReferenceNeeded(max_length=MAX_REFERENCE)
    return text


def return_payout(*, payout_id: int, by: User | None) -> Payout:
    """Record that the bank sent a payout back; its statement can be paid out again.

    One transaction: locks statement and payout, compare-and-set sent → returned and paid →
    issued, posts ``payout-returned:PAYOUT``. Raises NotFound, PayoutNotSent.
    """
    with transaction.atomic():
        statement_id = (
            Payout.objects.filter(pk=payout_id).values_list("statement_id", flat=True).first()
        )
        if statement_id is None:
            raise NotFound
        statement = lock_statement(statement_id)
        won = Payout.objects.filter(pk=payout_id, state=Payout.State.SENT).update(
            state=Payout.State.RETURNED, returned_at=now(), returned_by=by
        )
        if not won:
            raise PayoutNotSent
        Statement.objects.filter(pk=statement_id, state=Statement.State.PAID).update(
            state=Statement.State.ISSUED
        )
        payout = Payout.objects.get(pk=payout_id)
        postings.payout_returned(
            payout_number=payout.number,
            statement_number=statement.number,
            merchant_id=payout.merchant_id,
            net_fen=payout.amount_fen,
        )
    return payout


def lock_statement(statement_id: int) -> Statement:
    """The statement, locked in the caller's transaction. Raises NotFound."""
    locked = Statement.objects.select_for_update(of=("self",), no_key=True)
    statement = locked.filter(pk=statement_id).first()
    if statement is None:
        raise NotFound
    return statement
