"""Place an order: freeze prices and terms, take the stock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from catalog.errors import OfferNotRunning
from catalog.models import Offer
from catalog.selectors import offers_for_purchase
from catalog.services.stock import Wanted, take_stock
from kernel.clock import now
from kernel.db.prepared import insert_rows
from kernel.errors import Refusal
from kernel.ids import new_number
from members.models import User
from orders.models import Order, OrderLine
from orders.refusals import name_line
from orders.services.rules import BULK, Limits, check_quantity, sum_up, total_of
from vouchers.services.terms import freeze_all, frozen_titles


def place_order(*, buyer: User, lines: Sequence[tuple[int, int]], limits: Limits = BULK) -> Order:
    """Write an order waiting for payment from ``(offer id, quantity)`` pairs and take its stock.

    Prices, terms, titles and commission rates are those of this moment and are frozen into
    the lines. The buyer has settings.ORDER_TIMEOUT_MINUTES to pay. The returned order has
    its lines, with product and offer, prefetched.

    Joins the caller's transaction without a savepoint, so after a refusal the caller's
    transaction must be rolled back (or the call wrapped in its own ``atomic``). Order and
    lines are inserted first; then locks, briefly: stock by variant ascending, offers with a
    quota, the buyer's offer purchases (docs/locking.md).

    Raises EmptyOrder, TooManyLines, QuantityOutOfRange, AmountTooLarge, OfferNotRunning,
    SoldOut, QuotaGone, PersonLimitReached. One line costs six statements, plus one for an
    offer with a quota and one for an offer with a limit per person.
    """
    wanted = sum_up(lines, limits=limits)
    with transaction.atomic(savepoint=False):
        offers = _offers(wanted, limits)
        chosen = [offers[offer_id] for offer_id in wanted]
        moment = now()
        order = Order(
            number=new_number(),
            buyer=buyer,
            total_fen=total_of(offers, wanted),
            created_at=moment,
            expires_at=moment + dt.timedelta(minutes=settings.ORDER_TIMEOUT_MINUTES),
        )
        insert_rows([order])
        terms = freeze_all([(offer.product, offer.variant, offer.price_fen) for offer in chosen])
        rows = [
            _line(order, offer, wanted[offer.pk], terms_id)
            for offer, terms_id in zip(chosen, terms, strict=True)
        ]
        insert_rows(rows)
        try:
            take_stock(buyer_id=buyer.pk, wanted=[_wanted(row) for row in rows], offers=offers)
        except Refusal as refusal:
            raise name_line(refusal, rows) from None
    _remember_lines(order, rows)
    return order


def _remember_lines(order: Order, rows: list[OrderLine]) -> None:
    """As prefetch_related would have left it, without asking for what was just written."""
    lines = order.lines.all()
    lines._result_cache, lines._prefetch_done = rows, True  # type: ignore[attr-defined]
    order._prefetched_objects_cache = {"lines": lines}  # type: ignore[attr-defined]


def _offers(wanted: Mapping[int, int], limits: Limits) -> dict[int, Offer]:
    offers = offers_for_purchase(list(wanted))
    for offer_id, quantity in wanted.items():
        if offer_id not in offers:
            raise OfferNotRunning(offer=offer_id)
        check_quantity(offers[offer_id], quantity, limits=limits)
    return offers


def _wanted(line: Any) -> Wanted:
    """Of a line with a product: a fee has neither offer nor variant."""
    return Wanted(offer_id=line.offer_id, variant_id=line.variant_id, quantity=line.quantity)


def _line(order: Order, offer: Offer, quantity: int, terms_id: int) -> OrderLine:
    product, variant = offer.product, offer.variant
    return OrderLine(
        order=order,
        merchant_id=product.merchant_id,
        product=product,
        variant=variant,
        offer=offer,
        terms_id=terms_id,
        **frozen_titles(product, variant),
        quantity=quantity,
        unit_price_fen=offer.price_fen,
        list_price_fen=product.list_price_fen,
        gross_fen=offer.price_fen * quantity,
        payable_fen=offer.price_fen * quantity,
        commission_rate=product.merchant.commission_rate,
    )
