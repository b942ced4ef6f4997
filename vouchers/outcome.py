"""What became of a voucher: its state as people read it, and the money that came back for it.

The stored state is what services move (docs/states.md). A used voucher whose every use was taken
back after sales stays used there; people read that it was returned.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from kernel.clock import now
from payments.models import Refund
from vouchers.models import Redemption, RefundPart, Voucher
from vouchers.states import RedemptionState


class VoucherState(models.TextChoices):
    """The states of a voucher as people read them."""

    HELD = "held", Voucher.State.HELD.label
    ACTIVE = "active", Voucher.State.ACTIVE.label
    USED = "used", Voucher.State.USED.label
    RETURNED = "returned", RedemptionState.RETURNED.label
    REFUNDING = "refunding", Voucher.State.REFUNDING.label
    REFUNDED = "refunded", Voucher.State.REFUNDED.label
    EXPIRED = "expired", Voucher.State.EXPIRED.label
    REVOKED = "revoked", Voucher.State.REVOKED.label


def refunded_of(vouchers: QuerySet[Voucher], *, rebates: bool) -> Coalesce:
    """Σ fen that went back, or is on its way, for ``vouchers`` of the outer query (``values("pk")``).

    From the moment a refund is asked for, whatever its reason. A rebate has lowered what the
    voucher itself says it cost: beside `Voucher.paid_fen` it must not be counted again.
    """
    parts = _parts_of(vouchers)
    return _sum_of(parts if rebates else parts.exclude(refund__reason=_REBATE), "amount_fen")


def rebated_of(vouchers: QuerySet[Voucher]) -> Coalesce:
    """Σ fen of `refunded_of` that rebates sent back: received once, and not in `Voucher.received_fen`."""
    return _sum_of(_parts_of(vouchers).filter(refund__reason=_REBATE), "amount_fen")


def received_of(vouchers: QuerySet[Voucher]) -> Coalesce:
    """Σ `Voucher.received_fen` of ``vouchers``, which name the outer query themselves."""
    return _sum_of(vouchers, "received_fen")


_REBATE = Refund.Reason.REBATE


def _parts_of(vouchers: QuerySet[Voucher]) -> QuerySet[RefundPart]:
    return RefundPart.objects.filter(voucher__in=vouchers.order_by().values("pk"))


def _sum_of(rows: QuerySet[Any], column: str) -> Coalesce:
    sums = rows.order_by().values(together=Value(1))
    amounts = sums.annotate(amount=Sum(column, output_field=BigIntegerField()))
    return Coalesce(Subquery(amounts.values("amount")), Value(0), output_field=BigIntegerField())


def with_returned(vouchers: QuerySet[Any]) -> QuerySet[Any]:
    """Add ``returned_uses``: the redeemed uses that after-sales took back."""
    stand = Redemption.objects.filter(voucher=OuterRef("pk"), undone_at__isnull=True)
    sums = stand.order_by().values("voucher").annotate(back=Sum("returned_uses"))
    return vouchers.annotate(returned_uses=Coalesce(Subquery(sums.values("back")), Value(0)))


def with_outcome(vouchers: QuerySet[Any]) -> QuerySet[Any]:
    """`with_returned`, and ``back_fen``: what came back of what the buyer paid, or is on its way."""
    own = Voucher.objects.filter(pk=OuterRef(OuterRef("pk")))
    return with_returned(vouchers).annotate(back_fen=refunded_of(own, rebates=False))


def with_sent_back(vouchers: QuerySet[Any]) -> QuerySet[Any]:
    """`with_returned`, and ``is_sent_back``: nothing of it was kept, neither by guest nor by merchant.

    What was never used is refunded or on its way, what was used was taken back.
    """
    ended = models.Q(state__in=(*Voucher.SENT_BACK, Voucher.State.USED))
    kept_nothing = ended & models.Q(returned_uses__gte=F("uses_used"))
    open_or_back = models.Q(state__in=Voucher.SENT_BACK)
    rest = F("uses_total") - F("uses_used")
    return with_returned(vouchers).annotate(
        refunded_uses=models.Case(
            models.When(open_or_back, then=rest), default=Value(0), output_field=BigIntegerField()
        ),
        is_sent_back=models.ExpressionWrapper(kept_nothing, output_field=models.BooleanField()),
    )


def reads_as(vouchers: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Those of ``vouchers`` that read as ``state``, as `state_of` says it of one."""
    vouchers = with_returned(vouchers)
    past = models.Q(state=Voucher.State.ACTIVE, valid_until__lte=now())
    back = models.Q(state=Voucher.State.USED, returned_uses__gte=F("uses_used"))
    if state == VoucherState.RETURNED:
        return vouchers.filter(back)
    if state == VoucherState.EXPIRED:
        return vouchers.filter(past | models.Q(state=Voucher.State.EXPIRED))
    return vouchers.filter(state=state).exclude(back).exclude(past)


def state_of(voucher: Voucher) -> VoucherState:
    """How the state of a voucher (of `with_returned`) reads now, whatever a sweep has done; no query."""
    if is_returned(voucher):
        return VoucherState.RETURNED
    if voucher.state == Voucher.State.ACTIVE and voucher.valid_until <= now():
        return VoucherState.EXPIRED
    return VoucherState(voucher.state)


def is_returned(voucher: Any) -> bool:
    """Whether every use of a used voucher (of `with_returned`) was taken back."""
    return voucher.state == Voucher.State.USED and voucher.returned_uses >= voucher.uses_used
