"""What becomes of a negative statement: collected, carried into the next one, or written off."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from kernel.clock import now
from kernel.errors import NotFound
from members.models import User
from payments.access import refuse_without_payouts
from payments.agreements import WRITE_OFF, subject_of
from payments.errors import CollectionReferenceUsed, StatementNotOwed
from payments.models import Statement
from payments.services import postings
from payments.services.payouts import lock_statement, read_reference, same_reference
from stores.services.approvals import refuse_alone, withdraw_open

State = Statement.State


def collect_statement(
    *, statement_id: int, bank_reference: str, collected_by: User | None
) -> Statement:
    """Record that the merchant has paid what a negative statement says that it owes.

    ``bank_reference`` is what the bank calls the incoming transfer, 3 to 80 characters of one
    line; a transfer pays one statement, so another spelling of a reference that was recorded
    before is refused. ``collected_by`` recorded it; None is the platform itself. One
    transaction: locks the statement, compare-and-set issued → collected, posts
    ``collect:STATEMENT``. Raises NotFound, also for who may not record payouts,
    StatementNotOwed, BankReferenceNeeded, CollectionReferenceUsed.
    """
    if collected_by is not None:
        refuse_without_payouts(user=collected_by, statement_id=statement_id)
    reference = read_reference(bank_reference)
    key = same_reference(reference)
    _refuse_used(statement_id, reference, key)
    try:
        with transaction.atomic():
            statement = _close(
                statement_id,
                State.COLLECTED,
                collected_by,
                collected_reference=reference,
                collected_key=key,
            )
            postings.collect(
                statement_number=statement.number,
                merchant_id=statement.merchant_id,
                due_fen=-statement.net_fen,
            )
    except IntegrityError:  # another one took the reference at this very moment
        _refuse_used(statement_id, reference, key)
        raise
    return statement


def carry_statement(*, statement_id: int, carried_by: User | None) -> Statement:
    """Let what a negative statement owes stand on the merchant's next one.

    One transaction: locks the statement, compare-and-set issued → carried, posts
    ``carry:STATEMENT``, whose entry the next settlement takes in. ``carried_by`` None is the
    settlement itself. Raises NotFound, also for who may not record payouts, StatementNotOwed.
    """
    if carried_by is not None:
        refuse_without_payouts(user=carried_by, statement_id=statement_id)
    with transaction.atomic():
        statement = _close(statement_id, State.CARRIED, carried_by)
        postings.carry(
            statement_number=statement.number,
            merchant_id=statement.merchant_id,
            due_fen=-statement.net_fen,
        )
    return statement


def preview_write_off(*, statement_id: int) -> Statement:
    """The statement as `write_off_statement` would close it. Raises NotFound, StatementNotOwed."""
    statement = Statement.objects.select_related("merchant").filter(pk=statement_id).first()
    if statement is None:
        raise NotFound
    if statement.state != State.ISSUED or statement.net_fen >= 0:
        raise StatementNotOwed
    return statement


def write_off_statement(
    *, statement_id: int, by: User | None, approved_by: User | None = None
) -> Statement:
    """Give up what a negative statement owes: it is the platform's loss.

    ``by`` asked and ``approved_by``, somebody else, agreed (payments.approvals); ``by`` None is
    a command. One transaction: locks the statement, compare-and-set issued → written off, posts
    ``write-off:STATEMENT``. Raises NotFound, SecondPersonNeeded, StatementNotOwed.
    """
    if by is not None:
        refuse_without_payouts(user=by, statement_id=statement_id)
    refuse_alone(by=by, approved_by=approved_by)
    with transaction.atomic():
        statement = _close(statement_id, State.WRITTEN_OFF, by, approved_by=approved_by)
        postings.write_off(
            statement_number=statement.number,
            merchant_id=statement.merchant_id,
            due_fen=-statement.net_fen,
        )
    return statement


def _close(statement_id: int, state: str, by: User | None, **said: Any) -> Statement:
    """Compare-and-set a negative statement from issued to ``state``; its row is locked.

    A request to give it up that still waits is over with it; it is locked first, as by who agrees.
    """
    withdraw_open(kind=WRITE_OFF, subject=subject_of(statement_id))
    statement = lock_statement(statement_id)
    if statement.state != State.ISSUED or statement.net_fen >= 0:
        raise StatementNotOwed
    said |= {"state": state, "closed_at": now(), "closed_by": by}
    Statement.objects.filter(pk=statement_id, state=State.ISSUED).update(**said)
    for name, value in said.items():
        setattr(statement, name, value)
    return statement


def _refuse_used(statement_id: int, reference: str, key: str) -> None:
    others = Statement.objects.filter(collected_key=key).exclude(pk=statement_id)
    number = others.values_list("number", flat=True).first()
    if number is not None:
        raise CollectionReferenceUsed(reference=reference, statement=number)
