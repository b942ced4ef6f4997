"""Place an order: freeze prices, discounts and terms, take the stock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from campaigns.services.codes import claim_codes
from campaigns.services.line import use_turns
from catalog.models import Offer
from catalog.services.stock import Wanted, take_stock
from kernel.db.prepared import insert_rows
from kernel.errors import Refusal
from kernel.facts.traces import NOBODY, Trace
from kernel.ids import new_number
from members.models import User
from orders.models import Order, OrderDiscount, OrderLine
from orders.pricing.contracts import commissions_at
from orders.pricing.quotes import QuoteLine, amounts_of
from orders.pricing.rules import Ask, FeeLine
from orders.refusals import name_line
from orders.services.coupons import reserve_discounts
from orders.services.deposits import Deposit, ask_deposit
from orders.services.paid import pay_nothing
from orders.services.places import Places, commit_places, plan_places
from orders.services.quotes import NO_STORES, NOTHING_ASKED, Priced, price_lines
from orders.services.rules import BULK, Limits
from orders.services.trail import freeze_sources
from payments.contracts import Agreed
from payments.parties import merchant_of
from vouchers.services.terms import freeze_all, frozen_titles


def place_order(
    *,
    buyer: User,
    lines: Sequence[tuple[int, int]],
    limits: Limits = BULK,
    ask: Ask = NOTHING_ASKED,
    fees: Sequence[FeeLine] = (),
    seen: str = "",
    deposit: Deposit | None = None,
    stores: Mapping[int, int] = NO_STORES,
    trace: Trace = NOBODY,
) -> Order:
    """Write an order from ``(offer id, quantity)`` pairs and take its stock.

    Prices, discounts, terms, titles and commission (`orders.pricing.contracts`) are those of this
    moment and are frozen into the lines. The buyer has settings.ORDER_TIMEOUT_MINUTES to pay; an order that comes to
    nothing is paid at once, with its vouchers issued. ``fees`` become lines of their payees;
    ``seen`` is the digest of the quote that the buyer agreed to. With a ``deposit`` that alone is
    paid in this time, and the balance, fees included, until its own; until then the vouchers are
    held. ``stores`` says where goods that are counted by store are collected, by offer (``ask.store``
    for all the rest); ``trace`` is whose doing it is: the codes that were followed before are frozen
    with the order (orders.services.trail). The returned order has its
    lines, those of items with product and offer, prefetched, and ``answers`` of its quote.

    Codes in ``ask`` become the buyer's coupons first, those that can; the answers tell of the others.

    Joins the caller's transaction without a savepoint, so after a refusal the caller's
    transaction must be rolled back (or the call wrapped in its own ``atomic``). Order, lines
    and sources are inserted first; then locks, briefly: stock by variant ascending, offers with a
    quota, the buyer's offer purchases, coupons and the budgets of their campaigns (docs/locking.md).

    Raises what `price_lines` raises (QuoteChanged with ``seen``), DepositNotAPart, SoldOut, QuotaGone,
    PersonLimitReached, StoreNeeded, NotLetIn, CouponTaken, BudgetGone. One line costs six statements (five for
    terms that were sold before), plus one for an offer with a quota, one for an offer with a limit per person, one for
    discounts, two where a merchant has contracts, those of coupons where it has campaigns, and what
    its sources cost.
    """
    with transaction.atomic(savepoint=False):
        if ask.coupon_codes:
            claim_codes(owner=buyer, texts=ask.coupon_codes, trace=trace)
        priced = price_lines(
            buyer_id=buyer.pk,
            lines=lines,
            limits=limits,
            ask=ask,
            fees=fees,
            seen=seen,
            stores=stores,
            trace=trace,
        )
        order = Order(
            number=new_number(),
            buyer=buyer,
            total_fen=priced.quote.total_fen,
            created_at=priced.moment,
            expires_at=priced.moment + dt.timedelta(minutes=settings.ORDER_TIMEOUT_MINUTES),
        )
        if deposit is not None:
            ask_deposit(order, deposit, goods_fen=_goods_fen(priced))
        places = plan_places(
            lines=priced.quote.lines, offers=priced.offers, stores=stores, store_id=ask.store
        )
        insert_rows([order])
        order.answers = priced.quote.answers
        rows = _write_lines(order, priced, places)
        freeze_sources(order, rows, trace=trace)  # before the stock: others wait for its rows
        items = [row for row in rows if row.is_item]
        if lined := [pk for pk, offer in priced.offers.items() if offer.has_line]:
            use_turns(buyer_id=buyer.pk, offer_ids=lined)
        try:
            take_stock(
                buyer_id=buyer.pk,
                wanted=[_wanted(row, places.stores) for row in items],
                offers=priced.offers,
                reference=order.number,
            )
        except Refusal as refusal:
            raise name_line(refusal, items) from None
        reserve_discounts(order, priced.quote)
        _remember_lines(order, rows)
        if not order.total_fen:
            pay_nothing(order)
    return order


def _goods_fen(priced: Priced) -> int:
    return sum(line.payable_fen for line in priced.quote.lines if line.item)


def _write_lines(order: Order, priced: Priced, places: Places) -> list[OrderLine]:
    sold = [(line, priced.offers[line.item.offer_id]) for line in priced.quote.lines if line.item]
    agreed = commissions_at(priced.moment, priced.quote.lines, priced.offers)
    terms = freeze_all(
        [(offer.product, offer.variant, line.unit_price_fen) for line, offer in sold],
        collect_at=places.stores,
    )
    promised = commit_places(order=order, places=places)
    rows = [
        _item_line(order, line, offer, terms_id, agreed(line))
        for (line, offer), terms_id in zip(sold, terms, strict=True)
    ]
    for row in rows:
        row.fulfilment = promised.get(row.variant_id or 0)
    rows += [_fee_line(order, line, line.fee) for line in priced.quote.lines if line.fee]
    insert_rows(rows)
    if priced.quote.discounts:
        insert_rows(
            [
                _discount(row, line, place, agreed)
                for row, line in zip(rows, priced.quote.lines, strict=True)
                for place in range(len(line.discounts))
            ]
        )
    return rows


def _remember_lines(order: Order, rows: list[OrderLine]) -> None:
    """As prefetch_related would have left it, without asking for what was just written."""
    lines = order.lines.all()
    lines._result_cache, lines._prefetch_done = rows, True  # type: ignore[attr-defined]
    order._prefetched_objects_cache = {"lines": lines}  # type: ignore[attr-defined]


def _wanted(line: OrderLine, stores: Mapping[int, int]) -> Wanted:
    assert line.offer_id and line.variant_id, "an item names its offer"
    return Wanted(line.offer_id, line.variant_id, line.quantity, stores.get(line.variant_id))


def _item_line(
    order: Order, line: QuoteLine, offer: Offer, terms_id: int, agreed: Agreed
) -> OrderLine:
    product, variant = offer.product, offer.variant
    return OrderLine(
        order=order,
        merchant_id=product.merchant_id,
        product=product,
        variant=variant,
        offer=offer,
        terms_id=terms_id,
        **frozen_titles(product, variant),
        **amounts_of(line),
        commission_rate=agreed.rate,
        commission_fixed_fen=agreed.fixed_fen,
    )


def _fee_line(order: Order, line: QuoteLine, fee: FeeLine) -> OrderLine:
    return OrderLine(
        order=order,
        kind=OrderLine.Kind.FEE,
        payee=fee.payee,
        merchant_id=merchant_of(fee.payee),
        title_en=fee.label_en,
        title_zh=fee.label_zh,
        **amounts_of(line),
        commission_rate=Decimal(0),
    )


def _discount(
    row: OrderLine, line: QuoteLine, place: int, agreed: Callable[[QuoteLine], Agreed]
) -> OrderDiscount:
    found = line.discounts[place]
    return OrderDiscount(
        line=row,
        layer=found.layer,
        source=found.source,
        label_en=found.label_en,
        label_zh=found.label_zh,
        funder=found.funder,
        amount_fen=found.amount_fen,
        in_base=(agreed(line).is_in_base(found.funder) if found.in_base is None else found.in_base),
    )
