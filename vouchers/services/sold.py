"""How many pieces of a product are sold: paid for, and neither refunded nor taken back.

A roll-up on the product that lists sort by and shoppers read. A payment's vouchers are counted once,
by a worker after the sale, so that buyers never wait for the product's row. What comes back later is
taken off in the transaction that refunds it. Both hold the payment's lock, and
``Payment.sales_counted`` tells the second whether the first has been there: the count is exact
whichever comes first, and the audit proves it (insights/invariants.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Sum

from catalog.services.products import add_sales
from payments.models import Payment
from vouchers.models import Redemption, Voucher

_GIVEN_BACK = {Voucher.State.REFUNDING, Voucher.State.REFUNDED}


def count_sold(*, payment_id: int) -> bool:
    """Add the pieces of a payment's vouchers to their products, once; False when they were before.

    The caller holds the payment's lock. Locks and writes the products by ascending key.
    """
    won = Payment.objects.filter(pk=payment_id, sales_counted=False).update(sales_counted=True)
    if not won:
        return False
    sold: Counter[int] = Counter()
    bought: Any = Voucher.objects.filter(payment_id=payment_id)  # these have a product
    for voucher in bought:
        sold[voucher.product_id] += voucher.units - _pieces(voucher, _uses_given_back(voucher))
    for product_id, pieces in sorted(sold.items()):
        add_sales(product_id=product_id, quantity=pieces)
    return True


def take_off_sold(voucher: Voucher, *, uses: int, before: int) -> None:
    """Take the pieces of ``uses`` that come back off the product's count.

    ``before``: uses of this voucher that had come back already. A piece counts as given back when
    all of its uses are. The caller holds the payment's lock and writes no stock before: the
    product's row comes first.
    """
    pieces = _pieces(voucher, before + uses) - _pieces(voucher, before)
    if not (pieces and voucher.product_id and voucher.payment_id):
        return
    if Payment.objects.filter(pk=voucher.payment_id, sales_counted=True).exists():
        add_sales(product_id=voucher.product_id, quantity=-pieces)


def uses_taken_back(voucher: Voucher) -> int:
    """Redeemed uses of the voucher that after-sales took back; one query."""
    rows = Redemption.objects.filter(voucher=voucher, undone_at__isnull=True)
    return rows.aggregate(uses=Sum("returned_uses"))["uses"] or 0


def uses_refunded(voucher: Voucher) -> int:
    """Unused uses whose money went back, or is on its way."""
    return voucher.uses_left if voucher.state in _GIVEN_BACK else 0


def _uses_given_back(voucher: Voucher) -> int:
    return uses_refunded(voucher) + uses_taken_back(voucher)


def _pieces(voucher: Voucher, uses: int) -> int:
    return voucher.units * uses // voucher.uses_total
