"""How far a statement is on its way to the merchant: asked for, agreed to, transferred, recorded.

Somebody who records payouts asks, a second person agrees to the amount and the merchant, the
transfer is made at the bank, and whoever made it enters the bank's reference.
"""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from payments.models import Payout, Statement
from stores.approvals import Payload, digest_of
from stores.models import Approval
from stores.services.approvals import approvals_on

PAYOUT, WRITE_OFF = "payout", "write_off"
"""The kinds of requests about a statement (payments.approvals)."""
State = Approval.State


class Step(TextChoices):
    """What comes next for a statement."""

    ASK = "ask", _("payout to be asked for")
    AGREE = "agree", _("payout waits for a second person")
    TRANSFER = "transfer", _("agreed: to be transferred")
    SENT = "sent", _("paid out")
    COLLECT = "collect", _("to be collected")
    CLOSED = "closed", _("collected")


def subject_of(statement_id: int) -> str:
    """What the requests for a statement's payout, or for giving it up, are about."""
    return f"statement:{statement_id}"


def statement_payload(statement: Statement) -> Payload:
    """What a request about ``statement`` (merchant joined) says of it, word for word."""
    return {
        "statement": statement.pk,
        "number": statement.number,
        "merchant": statement.merchant_id,
        "name": statement.merchant.name_en or statement.merchant.name_zh,
        "net_fen": statement.net_fen,
    }


def requests_for(subject: Any) -> QuerySet[Approval]:
    """Requests for the payout of a statement, the newest first; the first one is the one that counts.

    One of a release before this one names the transfer, too, and was used up when it was agreed to.
    """
    rows = Approval.objects.filter(kind=PAYOUT, subject=subject)
    return rows.exclude(payload__has_key="bank_reference").order_by("-pk")


def agreement_of(statement: Statement) -> Approval | None:
    """The request that allows the statement's transfer: the newest, agreed to, not used yet.

    What was agreed to must be this amount for this merchant, to the letter of its fingerprint.
    """
    newest = requests_for(subject_of(statement.pk)).select_related("asked_by", "decided_by").first()
    if newest is None or newest.state != State.DONE:
        return None
    agreed = (newest.payload["net_fen"], newest.payload["merchant"])
    if agreed != (statement.net_fen, statement.merchant_id):
        return None
    if digest_of(PAYOUT, newest.payload) != newest.digest:
        return None
    return None if Payout.objects.filter(agreement=newest).exists() else newest


def with_requests(rows: QuerySet[Statement]) -> QuerySet[Any]:
    """Statements with what `step_of` asks of their newest request: no query for each."""
    newest = requests_for(Concat(Value("statement:"), Cast(OuterRef("pk"), CharField())))
    used = Payout.objects.filter(agreement=OuterRef("pk"))
    return rows.annotate(
        request_id=Subquery(newest.values("pk")[:1]),
        request_state=Subquery(newest.values("state")[:1]),
        request_open_until=Subquery(newest.values("expires_at")[:1], output_field=DateTimeField()),
        request_used=Subquery(newest.annotate(used=Exists(used)).values("used")[:1]),
    )


def at_step(rows: QuerySet[Statement], step: Step) -> QuerySet[Any]:
    """Those of ``rows`` that are at ``step``: what `step_of` says of each, as a filter."""
    issued = Q(state=Statement.State.ISSUED)
    if step == Step.SENT:
        return rows.filter(state=Statement.State.PAID)
    if step == Step.CLOSED:
        return rows.exclude(issued).exclude(state=Statement.State.PAID)
    if step == Step.COLLECT:
        return rows.filter(issued, net_fen__lt=0)
    found = with_requests(rows.filter(issued)).alias(at=_step_of_issued())
    return found.filter(at=step)


def count_issued(rows: QuerySet[Statement]) -> dict[Step, int]:
    """How many of ``rows`` are issued and at each step; one query."""
    found = with_requests(rows.filter(state=Statement.State.ISSUED)).order_by()
    counts = found.annotate(at=_step_of_issued()).values_list("at").annotate(Count("pk"))
    return dict.fromkeys(Step, 0) | {Step(step): number for step, number in counts}


def _step_of_issued() -> Case:
    """What `step_of` says of an issued statement of `with_requests`, to PostgreSQL."""
    agreed = Q(request_state=State.DONE, request_used=False)
    waits = Q(request_state=State.WAITING, request_open_until__gt=now())
    return Case(
        When(net_fen__lt=0, then=Value(Step.COLLECT)),
        When(agreed if approvals_on() else Q(net_fen__gte=0), then=Value(Step.TRANSFER)),
        When(waits, then=Value(Step.AGREE)),
        default=Value(Step.ASK),
        output_field=CharField(),
    )


def step_of(statement: Any) -> Step:
    """What comes next for a statement of `with_requests`."""
    if statement.state == Statement.State.PAID:
        return Step.SENT
    if statement.state != Statement.State.ISSUED:
        return Step.CLOSED
    if statement.net_fen < 0:
        return Step.COLLECT
    if statement.request_state == State.DONE and not statement.request_used:
        return Step.TRANSFER
    if not approvals_on():
        return Step.TRANSFER
    if statement.request_state == State.WAITING and statement.request_open_until > now():
        return Step.AGREE
    return Step.ASK
