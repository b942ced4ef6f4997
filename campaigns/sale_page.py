"""What the page of a sale shows, and what the API says of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from campaigns.models import Place, Sale
from campaigns.services.line import Standing, standing_of
from catalog.cards import product_cards
from catalog.search import load_for_cards
from kernel.clock import now
from kernel.errors import NotFound
from stores.models import Merchant


class OnSale(NamedTuple):
    """A price of a sale: the offer that sells it, and how many are left of it."""

    offer_id: int
    variant_id: int
    product_id: int
    title: str
    price_fen: int
    was_fen: int | None
    left: int | None
    per_person_limit: int | None
    card: dict[str, Any]


class SalePage(NamedTuple):
    """A sale that guests may see. ``standing`` is the person's in its line, None without a place."""

    sale: Sale
    items: list[OnSale]
    is_open: bool
    is_over: bool
    standing: Standing | None


def find_sale(*, sale_id: int) -> Sale:
    """A sale that has started, of a business that trades; raises NotFound."""
    rows = Sale.objects.filter(pk=sale_id, merchant__state=Merchant.State.APPROVED)
    sale = rows.exclude(state=Sale.State.DRAFT).select_related("merchant").first()
    if sale is None:
        raise NotFound
    return sale


def sale_page(*, sale_id: int, person: Any = None) -> SalePage:
    """A sale with its prices; three statements, and those of `standing_of` where the person waits."""
    sale, moment = find_sale(sale_id=sale_id), now()
    rows = list(sale.items.filter(offer__isnull=False).select_related("offer", "variant__product"))
    ids = list(dict.fromkeys(row.variant.product_id for row in rows))
    products = load_for_cards(ids)
    cards = {card["id"]: card for card in product_cards(products)}
    items = [
        OnSale(
            offer.pk,
            row.variant_id,
            row.variant.product_id,
            f"{row.variant}",
            offer.price_fen,
            offer.prior_fen(moment),
            offer.remaining,
            offer.per_person_limit,
            cards[row.variant.product_id],
        )
        for row in rows
        if row.variant.product_id in cards and (offer := row.offer) is not None
    ]
    return SalePage(
        sale, items, sale.is_open(moment), sale.ends_at <= moment, _standing(sale, person)
    )


def _standing(sale: Sale, person: Any) -> Standing | None:
    """Asking lets in whoever can be; who has no place is asked about with one statement."""
    if not sale.has_line or person is None:
        return None
    if not Place.objects.filter(sale=sale, person=person).exists():
        return None
    return standing_of(sale_id=sale.pk, person=person)
