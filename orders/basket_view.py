"""What a basket looks like at this moment, and the checkout made of it; fixed numbers of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Subquery, Sum

from catalog.cards import cover_url, most_to_choose, pieces_left
from catalog.collecting import Collecting, is_by_store, places_to_collect
from catalog.lowest_price import cheaper_offers, sell_at_lowest
from catalog.models import Offer, OfferPurchase, Product
from catalog.selectors import heirs_of, on_sale
from catalog.usable import StoresOfProduct, stores_of_products
from kernel.clock import now
from kernel.facts.traces import NOBODY, Trace
from kernel.numerals import read_number
from orders.models import Basket, BasketLine
from orders.pricing.quotes import Quote, QuoteLine
from orders.pricing.rules import Ask
from orders.services.quotes import NOTHING_ASKED, price_offers
from orders.services.rules import SHOP
from stores.models import Merchant
from vouchers.explain import TermLine, explain
from vouchers.services.terms import all_current_terms

NOTHING = Quote((), ())
CHOOSABLE = ("applied", "better_one", "not_chosen")
CHOSEN, MOST_CHOSEN = "these:", 20
TERMS_AT_CHECKOUT = {"uses", "validity", "blackout", "refund"}


@dataclass(frozen=True)
class BasketRow:
    """One line as the buyer sees it now.

    ``left`` is how many this buyer can have, None for plenty. ``own_limit``: it is the limit per
    person that allows no more than that, while others can still buy it. ``sold`` is the offer
    whose price it has: its own, or a cheaper one of the variant (catalog/lowest_price.py). ``line``
    is its price, None while it can't be bought. ``heir`` is the offer that has followed an ended one.
    """

    offer: Offer
    sold: Offer
    quantity: int
    running: bool
    left: int | None
    picture_url: str
    own_limit: bool = False
    line: QuoteLine | None = None
    heir: Offer | None = None
    store_id: int | None = None
    places: Sequence[Collecting] = ()

    @property
    def place(self) -> Collecting | None:
        """Where its goods are collected: the chosen store, or the only one; None where that is empty."""
        chosen = self.chosen
        if chosen is None and len(self.places) == 1:
            chosen = self.places[0]
        return chosen if chosen and chosen.left else None

    @property
    def chosen(self) -> Collecting | None:
        """The store that the buyer has chosen, whatever it has."""
        return next((place for place in self.places if place.store.pk == self.store_id), None)

    @property
    def emptied(self) -> Collecting | None:
        """The chosen store, where it has none left: another one has to be chosen."""
        return self.chosen if self.chosen and not self.chosen.left else None

    @property
    def needs_store(self) -> bool:
        """The buyer has to choose where it is collected first."""
        return bool(self.places) and self.place is None

    @property
    def key(self) -> str:
        """The line's name in a quote."""
        return str(self.offer.pk)

    @property
    def offers(self) -> tuple[int, int]:
        """The ids by which a refusal may name it."""
        return self.offer.pk, self.sold.pk

    @property
    def sold_out(self) -> bool:
        return self.running and self.left == 0

    @property
    def own_limit_reached(self) -> bool:
        """The buyer has all that one person may buy."""
        return self.own_limit and self.left == 0

    @property
    def buyable(self) -> bool:
        """Whether it takes part in the order; the others stay in the basket, greyed."""
        return self.running and not self.sold_out

    @property
    def short(self) -> bool:
        """More are wanted than can be had: the buyer has to choose fewer first."""
        return self.buyable and self.left is not None and self.left < self.quantity

    @property
    def most(self) -> int:
        """The largest quantity that the buyer may choose here."""
        return most_to_choose(self.left, most=SHOP.quantity)

    @property
    def title(self) -> str:
        """The product's title, with the variant's name where it has one."""
        name = self.offer.variant.name
        return f"{self.product.title} · {name}" if name else self.product.title

    @property
    def product(self) -> Product:
        return self.offer.product

    @property
    def merchant(self) -> Merchant:
        return self.offer.product.merchant


@dataclass(frozen=True)
class BasketView:
    """A basket at this moment; ``quote`` says what its buyable lines cost and why."""

    rows: list[BasketRow] = field(default_factory=list)
    quote: Quote = NOTHING

    @property
    def buyable(self) -> list[BasketRow]:
        return [row for row in self.rows if row.buyable]

    @property
    def left_out(self) -> list[BasketRow]:
        """Lines that the total does not count: ended, sold out, or at a price of before."""
        return [row for row in self.rows if not row.buyable]

    @property
    def ready(self) -> bool:
        """Whether it can be ordered as it stands."""
        return bool(self.buyable) and not any(
            row.short or row.heir or (row.buyable and row.needs_store) for row in self.rows
        )

    @property
    def chooses_store(self) -> bool:
        """Whether its page has a store to choose."""
        return any(row.buyable and row.places for row in self.rows)

    @property
    def pieces(self) -> int:
        return sum(row.quantity for row in self.rows)

    @property
    def by_merchant(self) -> list[tuple[Merchant, list[BasketRow]]]:
        """Rows in groups, each merchant where its first line was added."""
        groups: dict[int, tuple[Merchant, list[BasketRow]]] = {}
        for row in self.rows:
            groups.setdefault(row.merchant.pk, (row.merchant, []))[1].append(row)
        return list(groups.values())


def basket_view(
    basket: Basket | None,
    *,
    only: int | None = None,
    pictures: bool = True,
    ask: Ask = NOTHING_ASKED,
    trace: Trace = NOBODY,
) -> BasketView:
    """Price a basket, or its line of the offer ``only``, bought as ``ask`` says, by whom ``trace`` tells.

    One query (lines, whether their offers run, what their owner has bought already), one for
    pictures, one for what is counted by store, one where an offer has ended, and those of the
    sources of rules; none without a basket.
    """
    if basket is None:
        return BasketView()
    moment = now()
    rows = BasketLine.objects.filter(basket=basket)
    if only:
        rows = rows.filter(offer_id=only)
    held = OfferPurchase.objects.filter(offer=OuterRef("offer"), buyer=OuterRef("basket__owner"))
    rows = rows.annotate(
        bought=Subquery(held.values("quantity")[:1]),
        running=Exists(on_sale(moment).filter(pk=OuterRef("offer"))),
        cheaper=cheaper_offers(moment, offer="offer__", buyer=OuterRef(OuterRef("basket__owner"))),
    )
    rows = rows.select_related("offer__product__merchant", "offer__variant__stock")
    lines = rows.prefetch_related("offer__product__pictures") if pictures else rows
    found = _with_places(_rows(list(lines), pictures))
    if ended := [row.offer for row in found if not row.running]:
        heirs = heirs_of(ended)
        found = [replace(row, heir=heirs.get(row.offer.pk)) for row in found]
    wanted = [(row.offer, row.sold, row.quantity) for row in found if row.buyable]
    if not wanted:
        return BasketView(found)
    quote = price_offers(
        buyer_id=basket.owner_id,
        wanted=wanted,
        moment=moment,
        ask=ask,
        stores={row.offer.pk: row.place.store.pk for row in found if row.place},
        trace=trace,
    )
    priced = {line.key: line for line in quote.lines}
    return BasketView([replace(row, line=priced.get(row.key)) for row in found], quote)


def _rows(lines: list[Any], pictures: bool) -> list[BasketRow]:
    """What has ended is sold at no price, so it takes no quota from the others either."""
    running = [line for line in lines if line.running]
    sold = sell_at_lowest([(line.offer, line.cheaper, line.quantity) for line in running])
    best = {line.pk: offer for line, offer in zip(running, sold, strict=True)}
    return [_row(line, best.get(line.pk, line.offer), pictures) for line in lines]


def _with_places(rows: list[BasketRow]) -> list[BasketRow]:
    """What is counted by store has the stores that hand it over, and what the chosen one has left."""
    counted = {row.offer.variant_id for row in rows if is_by_store(row.offer.variant)}
    places = places_to_collect(counted)
    return [
        _at_store(replace(row, places=places[row.offer.variant_id]))
        if row.offer.variant_id in counted
        else row
        for row in rows
    ]


def _at_store(row: BasketRow) -> BasketRow:
    """What the chosen store has; before one is chosen, the most that one of them has."""
    if not row.running:
        return row
    there = row.place.left if row.place else max((place.left for place in row.places), default=0)
    left = there if row.left is None else min(row.left, there)
    return replace(row, left=left, own_limit=row.own_limit and left == row.left)


def read_chosen(sent: Mapping[str, str]) -> dict[int, int]:
    """The store of each offer, as the basket's page sends them; nothing of another shape."""
    found = {}
    for name, value in sent.items():
        field, _dash, offer = name.partition("-")
        offer_id, store_id = read_number(offer), read_number(value)
        if field == "store" and offer_id and store_id:
            found[offer_id] = store_id
    return found


def read_places(text: str) -> dict[int, int]:
    """The store of each offer, out of what `write_places` has written; nothing of another shape."""
    found = {}
    for pair in text.split(","):
        offer, _dash, store = pair.partition("-")
        if (offer_id := read_number(offer)) and (store_id := read_number(store)):
            found[offer_id] = store_id
    return found


def write_places(rows: Iterable[BasketRow]) -> str:
    """Where the lines are collected, for the form of the page that says so."""
    return ",".join(f"{row.key}-{row.place.store.pk}" for row in rows if row.place)


class CouponChoice(NamedTuple):
    """A coupon that would lower this order, and whether it does."""

    coupon_id: int
    label: str
    chosen: bool


def coupon_choices(quote: Quote, named: Collection[int] | None) -> list[CouponChoice]:
    """What the buyer can choose between: coupons that apply, or might if they were chosen, and the ``named``."""
    named = named or ()
    return [
        CouponChoice(answer.coupon, answer.label, answer.applied or answer.coupon in named)
        for answer in quote.answers
        if answer.coupon is not None and (answer.code in CHOOSABLE or answer.coupon in named)
    ]


def read_coupons(text: str) -> tuple[int, ...] | None:
    """The coupons that a form of ours names, None for the best ones; a number that is none is left out."""
    if not text.startswith(CHOSEN):
        return None
    found = (read_number(part) for part in text.removeprefix(CHOSEN).split("-")[:MOST_CHOSEN])
    return tuple(number for number in found if number)


def write_coupons(coupons: Iterable[int] | None) -> str:
    """What `read_coupons` reads."""
    return "" if coupons is None else CHOSEN + "-".join(map(str, coupons))


def _row(line: Any, sold: Offer, pictures: bool) -> BasketRow:
    offer, bought = line.offer, line.bought or 0
    left, of_all = pieces_left(offer, bought=bought), pieces_left(offer)
    own_limit = left != of_all
    if left is not None and left < line.quantity and sold != offer:  # the cheaper one has them all
        left, own_limit = min([line.quantity, *_pieces(offer)]), False
    return BasketRow(
        offer=offer,
        sold=sold,
        quantity=line.quantity,
        running=line.running,
        left=left,
        own_limit=own_limit,
        picture_url=cover_url(offer.product.pictures.all()) if pictures else "",
        store_id=line.store_id,
    )


def _pieces(offer: Offer) -> list[int]:
    """The pieces of the variant where they are counted; a variant without a stock row has none."""
    stock = getattr(offer.variant, "stock", None)
    available = stock.available if stock else 0
    return [] if available is None else [available]


def count_pieces(*, user_id: int) -> int:
    """How many pieces a person's basket holds. One query."""
    rows = BasketLine.objects.filter(basket__owner_id=user_id)
    return rows.aggregate(pieces=Sum("quantity"))["pieces"] or 0


class CheckoutRow(NamedTuple):
    """A line about to be ordered, where it can be used and under which terms."""

    row: BasketRow
    stores: StoresOfProduct
    terms: list[TermLine]


def checkout_groups(view: BasketView) -> list[tuple[Merchant, list[CheckoutRow]]]:
    """Return what would be ordered, merchant by merchant, with its use explained. Three queries."""
    products = [row.product for row in view.buyable]
    stores, terms = stores_of_products(products), all_current_terms(products)
    groups = [
        (
            merchant,
            [
                CheckoutRow(
                    row,
                    StoresOfProduct([row.place.store], 1) if row.place else stores[row.product.pk],
                    [t for t in explain(terms[row.product.pk]) if t.kind in TERMS_AT_CHECKOUT],
                )
                for row in rows
                if row.buyable
            ],
        )
        for merchant, rows in view.by_merchant
    ]
    return [group for group in groups if group[1]]
