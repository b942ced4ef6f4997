"""Coupons and campaigns of an order: reserved with it, used when it is paid, given back if it comes to nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db import transaction

from campaigns.errors import CouponTaken, DiscountEnded
from campaigns.promises import first_orders_of
from campaigns.services.automatic import (
    Taking,
    give_back_automatic,
    reserve_automatic,
    use_automatic,
)
from campaigns.services.coupons import (
    Reserving,
    give_back_coupons,
    reserve_coupons,
    use_coupons,
)
from kernel.db.names import lock_name
from orders.first_orders import has_ordered, merchants_ordered_at
from orders.models import Order, OrderDiscount, OrderLine
from orders.pricing.quotes import Quote
from orders.pricing.sources import OF_CAMPAIGNS, automatic_of, campaign_of, coupon_of
from payments.models import Refund
from vouchers.models import RefundPart, Voucher


def reserve_discounts(order: Order, quote: Quote) -> None:
    """Reserve the coupons and campaigns that lower a quote for the order placed by it, in its transaction.

    No statement where none does. Locks: coupons, budgets; for a first order the name of buyer and
    merchant, or of the buyer, under which it is looked at again. Raises CouponTaken, BudgetGone, DiscountEnded,
    DiscountLimitReached.
    """
    taken: Counter[int] = Counter()
    automatic: Counter[int] = Counter()
    campaigns: dict[int, int | None] = {}
    for discount in quote.discounts:
        campaign_id = campaign_of(discount.campaign)
        if campaign_id is None:
            continue
        campaigns[campaign_id] = discount.coupon
        if discount.coupon is not None:
            taken[discount.coupon] += discount.amount_fen
        else:
            automatic[campaign_id] += discount.amount_fen
    if taken:
        reserve_coupons(
            owner_id=order.buyer_id,
            order_number=order.number,
            wanted=[
                Reserving(coupon_id, fen, campaign_id)
                for campaign_id, coupon_id in campaigns.items()
                for fen in (taken.get(coupon_id or 0, 0),)
                if coupon_id and fen
            ],
        )
    if automatic:
        reserve_automatic(
            buyer_id=order.buyer_id,
            order_number=order.number,
            wanted=[Taking(campaign_id, fen) for campaign_id, fen in automatic.items()],
        )
    for merchant_id, campaign_id in first_orders_of(campaigns) if campaigns else ():
        if not _is_first_order(order, merchant_id):
            coupon_id = campaigns[campaign_id]
            raise (
                DiscountEnded(campaign=campaign_id)
                if coupon_id is None
                else CouponTaken(coupon=coupon_id)
            )


def _is_first_order(order: Order, merchant_id: int) -> bool:
    """Whether it is, at a merchant or (0) at any: looked at under that name, which the transaction holds."""
    lock_name(f"first-order:{merchant_id}:{order.buyer_id}")
    if not merchant_id:
        return not has_ordered(buyer_id=order.buyer_id, but=order.pk)
    return not merchants_ordered_at(
        buyer_id=order.buyer_id, merchant_ids=[merchant_id], but=order.pk
    )


def use_discounts(order: Order, lines: Iterable[OrderLine]) -> None:
    """The order's first money has come: what lowered it is used. No statement where nothing was taken off."""
    if any(line.discount_fen for line in lines):
        use_coupons(order_number=order.number)
        use_automatic(order_number=order.number)


def give_back_discounts(order: Order, lines: Iterable[OrderLine]) -> None:
    """The order comes to nothing: its coupons can be used again, and budgets. No statement without discounts."""
    if any(line.discount_fen for line in lines):
        give_back_coupons(order_number=order.number)
        give_back_automatic(order_number=order.number)


def follow_refund(*, refund_id: int) -> int:
    """Give back the coupons and campaigns of orders of which a refund has sent back all that they had lowered.

    Handler of "refund.requested"; safe to repeat. How many came back.
    """
    found = RefundPart.objects.filter(refund=refund_id, refund__reason__in=_UNUSED)
    numbers = found.values_list("voucher__order_number", flat=True).distinct()
    return sum(follow_sent_back(order_number=number) for number in numbers if number)


def follow_sent_back(*, order_number: str) -> int:
    """Give back the coupons and campaigns of an order whose every voucher that they had lowered was sent back unused.

    Handler of "order.sent_back"; safe to repeat. One that was used once, or of which the
    business keeps something, keeps the coupon used. Locks: order, coupons, uses, campaigns.
    """
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=("self",), no_key=True)
            .filter(number=order_number)
            .first()
        )
        if order is None:
            return 0
        lines_of: dict[str, set[int]] = {}
        rows = OrderDiscount.objects.filter(line__order=order, source__regex=OF_CAMPAIGNS)
        for line_id, source in rows.values_list("line_id", "source"):
            lines_of.setdefault(source, set()).add(line_id)
        if not lines_of:
            return 0
        kept = set(
            Voucher.objects.filter(order_number=order.number)
            .exclude(state__in=Voucher.SENT_BACK, uses_used=0)
            .values_list("order_line_ref", flat=True)
        )
        back = [source for source, lines in lines_of.items() if not lines & kept]
        coupons = [pk for source in back if (pk := coupon_of(source))]
        campaigns = [pk for source in back if (pk := automatic_of(source))]
        count = give_back_coupons(order_number=order.number, only=coupons) if coupons else 0
        if campaigns:
            count += give_back_automatic(order_number=order.number, only=campaigns)
        return count


_UNUSED = (Refund.Reason.UNUSED, Refund.Reason.EXPIRED)
