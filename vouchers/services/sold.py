"""How many pieces of a product are sold: paid for, and neither refunded nor taken back.

A roll-up on the product that lists sort by and shoppers read. An order's vouchers are counted once,
by a worker after the sale, so that buyers never wait for the product's row. What comes back later is
taken off in the transaction that refunds it. Both hold the payments' locks, and
``Payment.sales_counted`` tells the second whether the first has been there: the count is exact
whichever comes first, and the audit proves it (insights/invariants.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, QuerySet, Sum, Value, When
from django.db.models.functions import Cast

from catalog.services.products import add_sales
from kernel.db.prepared import Change, Prepared
from payments.models import Payment
from vouchers.models import Redemption, Voucher, VoucherComponent
from vouchers.outcome import with_returned


def _paid_by(order_numbers: list[str]) -> QuerySet[VoucherComponent]:
    """What payments have brought of the vouchers of these orders."""
    return VoucherComponent.objects.filter(
        voucher__order_number__any=order_numbers, payment__isnull=False
    ).order_by()


def with_pieces_back(vouchers: QuerySet[Any]) -> QuerySet[Any]:
    """Add ``pieces_back``: the pieces of each voucher that were refunded, or taken back after sales.

    A piece counts as given back when all of its uses are.
    """
    refunded = When(state__in=Voucher.SENT_BACK, then=F("uses_total") - F("uses_used"))
    uses = F("returned_uses") + Case(refunded, default=Value(0))
    units = Cast("units", BigIntegerField())
    return with_returned(vouchers).annotate(
        pieces_back=ExpressionWrapper(units * uses / F("uses_total"), BigIntegerField())
    )


_payments = Prepared(
    lambda order_numbers: (
        Payment.objects.filter(pk__in=_paid_by(order_numbers).values("payment_id"))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    ),
    list[str],
    most=None,
)
_uncounted = Prepared(
    lambda order_numbers: with_pieces_back(
        Voucher.objects.filter(
            pk__in=_paid_by(order_numbers).filter(payment__sales_counted=False).values("voucher_id")
        )
    ),
    list[str],
    most=None,
)
_counted = Change(
    lambda payment_ids: (
        Payment.objects.filter(pk__any=payment_ids, sales_counted=False),
        {"sales_counted": True},
    ),
    list[int],
)


def count_sold(*, order_numbers: Sequence[str]) -> bool:
    """Add the pieces of these orders' vouchers to their products, each once; False when all were before.

    Only what a payment has brought money for counts. Locks the payments by ascending key, then
    locks and writes the products by ascending key.
    """
    numbers = list(order_numbers)
    payments = [row for row in _payments.all(numbers) if not row.sales_counted]
    if not payments:
        return False
    bought: list[Any] = _uncounted.all(numbers)  # these have a product
    _counted.rows([payment.pk for payment in payments])
    sold: Counter[int] = Counter()
    for voucher in bought:
        sold[voucher.product_id] += voucher.units - voucher.pieces_back
    for product_id, pieces in sorted(sold.items()):
        add_sales(product_id=product_id, quantity=pieces)
    return True


class GivenBack(NamedTuple):
    """``uses`` of a voucher come back; ``before`` them others had come back already."""

    voucher: Voucher
    uses: int
    before: int


def take_off_sold(given: Sequence[GivenBack]) -> None:
    """Take the pieces that come back off their products' counts.

    A piece counts as given back when all of its uses are. The caller holds the locks of the
    payments and writes no stock before: products come first, by ascending key.
    """
    paid = VoucherComponent.objects.filter(
        voucher__in=[row.voucher.pk for row in given], payment__sales_counted=True
    )
    counted = set(paid.values_list("voucher_id", flat=True))
    off: Counter[int] = Counter()
    for voucher, uses, before in given:
        pieces = _pieces(voucher, before + uses) - _pieces(voucher, before)
        if pieces and voucher.product_id and voucher.pk in counted:
            off[voucher.product_id] += pieces
    for product_id, pieces in sorted(off.items()):
        add_sales(product_id=product_id, quantity=-pieces)


def uses_taken_back(voucher_ids: Iterable[int]) -> Counter[int]:
    """Redeemed uses that after-sales took back, by voucher; one query, none without vouchers."""
    ids = list(voucher_ids)
    if not ids:
        return Counter()
    rows = Redemption.objects.filter(voucher__in=ids, undone_at__isnull=True)
    return Counter(dict(rows.order_by().values_list("voucher_id").annotate(Sum("returned_uses"))))


def uses_refunded(voucher: Voucher) -> int:
    """Unused uses whose money went back, or is on its way."""
    return voucher.uses_left if voucher.state in Voucher.SENT_BACK else 0


def _pieces(voucher: Voucher, uses: int) -> int:
    return voucher.units * uses // voucher.uses_total
