"""Price what somebody wants to buy, from the offers that run now.

The one way in to the pipeline for basket, checkout, API and orders: offers are read once, every
source of rules is asked, and the answer is one `Quote`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from catalog.collecting import is_by_store
from catalog.compare import compared_fen
from catalog.errors import OfferNotRunning
from catalog.lowest_price import sell_at_lowest
from catalog.models import Offer
from catalog.selectors import heirs_of, offers_for_purchase
from catalog.services.stock import Wanted, require_left
from kernel.clock import now
from kernel.errors import InvalidInput, Refusal
from kernel.facts.traces import NOBODY, Trace
from orders.errors import QuoteChanged
from orders.pricing.digest import Change, changes_since, read_digest
from orders.pricing.quotes import Quote, quote
from orders.pricing.rules import Ask, Asked, FeeLine, Item, Rule, facts_of, rules_for
from orders.refusals import NamedOffer, name_line
from orders.services.ask import check_ask
from orders.services.places import plan_places
from orders.services.rules import SHOP, Limits, check_quantity, check_total, sum_up
from vouchers.services.terms import frozen_titles

MoreRules = Callable[[Asked, Sequence[Rule]], Iterable[Rule]]
NOTHING_ASKED = Ask()
NO_HEIRS: Mapping[int, Offer] = {}
NO_STORES: Mapping[int, int] = {}


def no_rules(asked: Asked, known: Sequence[Rule]) -> Iterable[Rule]:
    """Nothing beside the rules that every source holds."""
    return ()


class Priced(NamedTuple):
    """A quote with the offers that its lines are sold at, by id, and its moment."""

    offers: Mapping[int, Offer]
    quote: Quote
    moment: dt.datetime


def make_quote(
    *,
    buyer_id: int | None,
    lines: Sequence[tuple[int, int]],
    ask: Ask = NOTHING_ASKED,
    stores: Mapping[int, int] = NO_STORES,
    trace: Trace = NOBODY,
) -> Quote:
    """Say what ``(offer id, quantity)`` pairs cost now and why; nothing is taken or written.

    ``buyer_id`` is None for a guest; ``stores`` as `place_order` takes them, but who has not chosen
    yet is told the price all the same. Refuses what placing the order would refuse: raises as
    `price_lines` does, and SoldOut, QuotaGone, PersonLimitReached. Two statements, one more when
    an offer has a limit per person, and those of the sources of rules.
    """
    priced = price_lines(
        buyer_id=buyer_id, lines=lines, limits=SHOP, ask=ask, stores=stores, trace=trace
    )
    offers = priced.offers
    places = plan_places(
        lines=priced.quote.lines, offers=offers, stores=stores, store_id=ask.store, strict=False
    )
    wanted = [
        Wanted(line.item.offer_id, variant_id, line.quantity, places.stores.get(variant_id))
        for line in priced.quote.lines
        if line.item and (variant_id := offers[line.item.offer_id].variant_id)
    ]
    try:
        require_left(buyer_id=buyer_id, wanted=wanted, offers=offers)
    except Refusal as refusal:
        named = [NamedOffer(o.pk, o.variant_id, o.product.title) for o in offers.values()]
        raise name_line(refusal, named) from None
    return priced.quote


def price_lines(
    *,
    buyer_id: int | None,
    lines: Iterable[tuple[int, int]],
    limits: Limits,
    ask: Ask = NOTHING_ASKED,
    fees: Sequence[FeeLine] = (),
    seen: str = "",
    stores: Mapping[int, int] = NO_STORES,
    trace: Trace = NOBODY,
    beside: MoreRules = no_rules,
) -> Priced:
    """Read the offers of ``(offer id, quantity)`` pairs and price them at this moment.

    ``seen`` is the digest of a quote that the buyer agreed to; "" for none. Raises EmptyOrder,
    TooManyLines, QuantityOutOfRange, OfferNotRunning, AmountTooLarge, InvalidInput
    (orders.services.ask); with ``seen``, QuoteChanged
    when it is no longer true, also because an offer has ended, and InvalidInput when it is no
    digest. One statement, one more with a store in ``ask``, and those of the sources of rules.
    """
    wanted = sum_up(lines, limits=limits)
    offers = offers_for_purchase(list(wanted), buyer_id=buyer_id)
    gone = [offer_id for offer_id in wanted if offer_id not in offers]
    if gone and not seen:
        raise OfferNotRunning(offer=gone[0])
    running = [(offers[pk], quantity) for pk, quantity in wanted.items() if pk in offers]
    for offer, quantity in running:
        check_quantity(offer, quantity, limits=limits)
    check_ask(ask, offers.values())
    moment = now()
    heirs = _heirs(gone, offers, buyer_id) if gone else {}
    running += [(heir, wanted[pk]) for pk, heir in heirs.items()]
    sold = sell_at_lowest([(offer, offer.cheaper, n) for offer, n in running])  # type: ignore[attr-defined]
    found = price_offers(
        buyer_id=buyer_id,
        wanted=[(offer, best, n) for (offer, n), best in zip(running, sold, strict=True)],
        moment=moment,
        ask=ask,
        fees=fees,
        stores=stores,
        trace=trace,
        beside=beside,
    )
    if seen:
        require_unchanged(seen, found, heirs=heirs)
    if gone:
        raise OfferNotRunning(offer=gone[0])
    check_total(found.gross_fen)
    return Priced({offer.pk: offer for offer in sold}, found, moment)


def price_offers(
    *,
    buyer_id: int | None,
    wanted: Iterable[tuple[Offer, Offer, int]],
    moment: dt.datetime,
    ask: Ask = NOTHING_ASKED,
    fees: Sequence[FeeLine] = (),
    stores: Mapping[int, int] = NO_STORES,
    trace: Trace = NOBODY,
    beside: MoreRules = no_rules,
) -> Quote:
    """Price ``(offer asked for, offer sold at, quantity)``, read with product and variant.

    ``stores`` says where goods that are counted by store are collected, by the offer asked for.
    ``trace`` is whose doing it is: which codes were followed. ``beside`` adds rules that are only tried.
    Neither stock nor period is looked at.
    """
    rows = list(wanted)
    products = [asked.product for asked, _sold, _quantity in rows]
    asked = Asked(
        facts_of(buyer_id),
        tuple(_item(*row, stores.get(row[0].pk, ask.store), moment) for row in rows),
        ask,
        moment,
        frozenset(row.merchant_id for row in products if row.merchant.has_campaigns),
        trace,
    )
    rules = rules_for(asked)
    return quote(asked, rules=[*rules, *beside(asked, rules)], fees=fees)


def require_unchanged(seen: str, found: Quote, *, heirs: Mapping[int, Offer] = NO_HEIRS) -> None:
    """Raise QuoteChanged, with what has changed since, unless ``found`` is what was ``seen``.

    ``heirs`` are the offers that stand in ``found`` for ended ones, by the ids of these: their
    lines are compared, and the new offer is a change of its own. Raises InvalidInput for a
    text that is no digest.
    """
    if seen == found.digest:
        return
    try:
        lines = read_digest(seen)
    except ValueError:
        raise InvalidInput(fields={"quote": [str(QuoteChanged.unreadable)]}) from None
    old_keys = {str(heir.pk): str(pk) for pk, heir in heirs.items()}
    changes = [Change(str(pk), "offer", pk, heir.pk) for pk, heir in heirs.items()]
    changes += changes_since(
        lines, [line._replace(key=old_keys.get(line.key, line.key)) for line in found.lines]
    )
    if changes:
        raise QuoteChanged(changes=[change._asdict() for change in changes])


def _heirs(
    gone: Iterable[int], offers: Mapping[int, Offer], buyer_id: int | None
) -> dict[int, Offer]:
    """The offers that follow the ended ones; none that is wanted by itself."""
    found = heirs_of(Offer.objects.filter(pk__in=gone), buyer_id=buyer_id)
    return {pk: heir for pk, heir in found.items() if heir.pk not in offers}


def _item(
    asked: Offer, sold: Offer, quantity: int, store_id: int | None, moment: dt.datetime
) -> Item:
    """Its list price is what may be struck through beside its price, or that price itself.

    ``store_id`` binds only what is counted by store: anything else is used at any of its stores."""
    product = asked.product
    return Item(
        sold.pk,
        product.pk,
        product.category_id,
        product.merchant_id,
        quantity,
        compared_fen(sold, moment) or sold.price_fen,
        sold.price_fen,
        asked.pk,
        **frozen_titles(product, asked.variant),
        store_id=store_id if is_by_store(asked.variant) else None,
    )
