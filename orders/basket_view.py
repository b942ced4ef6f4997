"""What a basket looks like at this moment, and the checkout made of it; fixed numbers of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery, Sum

from catalog.cards import cover_url, most_to_choose, pieces_left
from catalog.models import Offer, OfferPurchase, Product
from catalog.selectors import offers_for_purchase
from catalog.usable import StoresOfProduct, stores_of_products
from orders.models import Basket, BasketLine
from orders.services.rules import SHOP, seen_lines
from stores.models import Merchant
from vouchers.explain import TermLine, explain
from vouchers.services.terms import all_current_terms

TERMS_AT_CHECKOUT = {"validity", "blackout", "refund"}


@dataclass(frozen=True)
class BasketRow:
    """One line as the buyer sees it now.

    ``left`` is how many this buyer can have, None for plenty. ``own_limit_reached``: the buyer
    has all that one person may buy, while others can still buy it.
    """

    offer: Offer
    quantity: int
    running: bool
    left: int | None
    picture_url: str
    own_limit_reached: bool = False

    @property
    def sold_out(self) -> bool:
        return self.running and self.left == 0

    @property
    def buyable(self) -> bool:
        """Whether it takes part in the order; the others stay in the basket, greyed."""
        return self.running and not self.sold_out

    @property
    def short(self) -> bool:
        """More are wanted than can be had: the buyer has to choose fewer first."""
        return self.buyable and self.left is not None and self.left < self.quantity

    @property
    def total_fen(self) -> int:
        return self.offer.price_fen * self.quantity

    @property
    def list_price_fen(self) -> int:
        """What one costs at the counter; never less than here."""
        return max(self.product.list_price_fen, self.offer.price_fen)

    @property
    def list_total_fen(self) -> int:
        return self.list_price_fen * self.quantity

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
    """A basket priced at this moment."""

    rows: list[BasketRow] = field(default_factory=list)

    @property
    def buyable(self) -> list[BasketRow]:
        return [row for row in self.rows if row.buyable]

    @property
    def ready(self) -> bool:
        """Whether it can be ordered as it stands."""
        return bool(self.buyable) and not any(row.short for row in self.rows)

    @property
    def total_fen(self) -> int:
        return sum(row.total_fen for row in self.buyable)

    @property
    def list_total_fen(self) -> int:
        """What the same would cost at list prices."""
        return sum(row.list_total_fen for row in self.buyable)

    @property
    def saved_fen(self) -> int:
        return self.list_total_fen - self.total_fen

    @property
    def discount_fen(self) -> int:
        """What is saved, as the negative amount of a bill."""
        return -self.saved_fen

    @property
    def pieces(self) -> int:
        return sum(row.quantity for row in self.rows)

    @property
    def seen(self) -> str:
        """What the buyer agrees to, as one line of text (see orders.services.checkout)."""
        return seen_lines([(r.offer.pk, r.quantity, r.offer.price_fen) for r in self.buyable])

    @property
    def by_merchant(self) -> list[tuple[Merchant, list[BasketRow]]]:
        """Rows in groups, each merchant where its first line was added."""
        groups: dict[int, tuple[Merchant, list[BasketRow]]] = {}
        for row in self.rows:
            groups.setdefault(row.merchant.pk, (row.merchant, []))[1].append(row)
        return list(groups.values())


def basket_view(
    basket: Basket | None, *, only: int | None = None, pictures: bool = True
) -> BasketView:
    """Price a basket, or its line of the offer ``only``.

    Two queries (lines with what their owner bought already, running offers) and one for
    pictures; none without a basket.
    """
    if basket is None:
        return BasketView()
    rows = BasketLine.objects.filter(basket=basket)
    if only:
        rows = rows.filter(offer_id=only)
    held = OfferPurchase.objects.filter(offer=OuterRef("offer"), buyer=OuterRef("basket__owner"))
    rows = rows.annotate(bought=Subquery(held.values("quantity")[:1]))
    rows = rows.select_related("offer__product__merchant", "offer__variant__stock")
    lines = list(rows.prefetch_related("offer__product__pictures") if pictures else rows)
    running = offers_for_purchase([line.offer_id for line in lines]) if lines else {}
    return BasketView([_row(line, line.offer_id in running, pictures) for line in lines])


def _row(line: BasketLine, running: bool, pictures: bool) -> BasketRow:
    offer, bought = line.offer, line.bought or 0  # type: ignore[attr-defined]
    left = pieces_left(offer, bought=bought)
    return BasketRow(
        offer=offer,
        quantity=line.quantity,
        running=running,
        left=left,
        own_limit_reached=left == 0 and pieces_left(offer) != 0,
        picture_url=cover_url(offer.product.pictures.all()) if pictures else "",
    )


def count_pieces(*, user_id: int | None = None, token: str = "") -> int:
    """How many pieces a person's basket and a guest's basket of ``token`` hold. One query."""
    whose = Q(basket__owner_id=user_id) if user_id else Q(pk__in=[])
    if token:
        whose |= Q(basket__token=token, basket__owner=None)
    return BasketLine.objects.filter(whose).aggregate(pieces=Sum("quantity"))["pieces"] or 0


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
                    stores[row.product.pk],
                    [t for t in explain(terms[row.product.pk]) if t.kind in TERMS_AT_CHECKOUT],
                )
                for row in rows
                if row.buyable
            ],
        )
        for merchant, rows in view.by_merchant
    ]
    return [group for group in groups if group[1]]
