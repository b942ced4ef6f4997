"""Products as cards: the running price, what it saves, how far the next store is.

A card's price is the listing fact that holds at this moment (catalog/models/listing.py), read along
with the product; pages of one product read its offers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.files.storage import FileSystemStorage, default_storage
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import Offer, Picture, Product
from kernel.bilingual import pick
from kernel.bounds import MAX_PIECES
from kernel.watch.services import try_each

ICONS = {
    "restaurants": "food",
    "coffee": "coffee",
    "beauty": "beauty",
    "fitness": "fitness",
    "cinema": "cinema",
    "hotel": "hotel",
    "produce": "produce",
    "kids": "kids",
    "car-care": "car",
    "pets": "pet",
}


def trade_icon(trade: str) -> str:
    """The icon of a category's trade."""
    return ICONS.get(trade, "gift")


def picture_url(name: str | None) -> str:
    """The address of a stored picture, "" without one."""
    if not name:
        return ""
    if isinstance(default_storage, FileSystemStorage):
        return _lasting_url(name)
    return default_storage.url(name)


@lru_cache(maxsize=4096)
def _lasting_url(name: str) -> str:
    """A list asks for seventy; joining and quoting addresses costs more than reading the rows.

    Only for files of our own: an address that another storage signs has an end.
    """
    return default_storage.url(name)


def cover_url(pictures: Iterable[Picture]) -> str:
    """The address of a product's cover in its small size, the large one where it has no other."""
    cover = next(iter(pictures), None)
    return picture_url((cover.small or cover.image).name) if cover else ""


def pieces_left(offer: Offer, *, bought: int | None = None) -> int | None:
    """How many can be bought at this offer now, the least of quota and stock; None without a limit.

    ``bought``: how many somebody holds of it already (0 for a new buyer); then the limit per
    person counts too. Reads the variant and its stock; a variant without stock has none.
    """
    stock = getattr(offer.variant, "stock", None)
    limits = [offer.remaining, stock.available if stock else 0]
    if bought is not None and offer.per_person_limit is not None:
        limits.append(max(0, offer.per_person_limit - bought))
    return min((limit for limit in limits if limit is not None), default=None)


def most_to_choose(left: int | None, *, most: int = MAX_PIECES) -> int:
    """The largest quantity that makes sense to ask for, of what is ``left``; one at the least."""
    return max(1, most if left is None else min(left, most))


class PriceNow(NamedTuple):
    """The price that cards, pages and the API name for a product; ``offer`` is None when none runs."""

    offer: Offer | None
    sold_out: bool

    @property
    def price_fen(self) -> int | None:
        """What it costs now; None when no price runs, whatever the roll-up still says."""
        return self.offer.price_fen if self.offer else None

    @property
    def ends_at(self) -> dt.datetime | None:
        """The end of a limited-time price, None for a normal one."""
        return self.offer.ends_at if self.offer and self.offer.is_limited else None


def price_now(offers: Sequence[Offer]) -> PriceNow:
    """The cheapest of a product's running offers (cheapest first) with pieces left, else the cheapest.

    `catalog/services/listing.py` says the same in SQL, for what lists and cards read.
    """
    buyable = [offer for offer in offers if pieces_left(offer) != 0]
    return PriceNow(next(iter(buyable or offers), None), not buyable)


def product_cards(products: Sequence[Product]) -> list[dict[str, Any]]:
    """Return what components/product_card.html shows, in the order of ``products``.

    They come from catalog.search.with_card_facts; no query. A product whose
    card can't be drawn is left out and reported: one merchant's row takes no shared page down.
    """
    return try_each(products, _card, kind="catalog.card", subject=_subject)


def _subject(product: Product) -> str:
    return f"product:{product.pk}"


class Listed(NamedTuple):
    """The listing fact of a product at this moment; the default where no price runs."""

    from_fen: int | None = None
    several: bool = False
    sold_out: bool = True
    ends_at: dt.datetime | None = None
    was_fen: int | None = None


def listed(product: Product) -> Listed:
    """What lists say of a product's price (with_card_facts)."""
    row = getattr(product, "listing", None)
    if row is None:
        return Listed()
    ends_at = row["ends_at"] and dt.datetime.fromisoformat(row["ends_at"])
    return Listed(row["from_fen"], row["several"], row["sold_out"], ends_at, row["was_fen"])


def _card(product: Product) -> dict[str, Any]:
    price = listed(product)
    store = getattr(product, "nearest_store", None)
    parent = product.category.parent or product.category
    return {
        "id": product.pk,
        "url": reverse("product_detail", args=[product.pk]),
        "title": product.title,
        "price_fen": price.from_fen,
        "price_from": price.several,
        "was_fen": price.was_fen,
        "picture": picture_url(
            getattr(product, "cover_small", "") or getattr(product, "cover", "")
        ),
        "srcset": _srcset(product),
        "icon": trade_icon(parent.trade),
        "badge": _("Limited time") if price.ends_at else "",
        "rating": product.rating,
        "review_count": product.rating_count,
        "sold": product.sales_count,
        "store_name": pick(store["name_en"], store["name_zh"]) if store else product.merchant.name,
        "distance_metres": store["distance_metres"] if store else None,
        "ends_at": price.ends_at,
        "sold_out": price.sold_out,
    }


def _srcset(product: Product) -> str:
    small, large = getattr(product, "cover_small", ""), getattr(product, "cover", "")
    if not (small and large):
        return ""
    return f"{picture_url(small)} 480w, {picture_url(large)} 1200w"
