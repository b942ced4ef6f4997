"""Reads of the catalog that span models."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from catalog.lowest_price import cheaper_offers
from catalog.models import Category, Offer, Picture, Product
from catalog.usable import stores_named_by, usable_somewhere
from kernel.cache import keys as cache_keys
from kernel.cache.near import near_rows
from kernel.clock import now
from kernel.db.prepared import Prepared
from kernel.errors import NotFound
from stores.models import Merchant

SHELVES_SECONDS = 60
NOBODY = 0
"""The id of no person: a guest has bought nothing."""
_SHELF_COLUMNS = ("id", "parent_id", "slug", "name_en", "name_zh", "trade", "position")


def offers_for_purchase(
    offer_ids: Iterable[int], *, buyer_id: int | None = None
) -> dict[int, Offer]:
    """Return the offers that are on sale now, by id, in one query; the others are left out.

    In their period, with or without pieces left (taking stock says so precisely), of an active
    variant, of a product on sale of an approved merchant that some store takes. Product, its merchant and the variant
    are joined, with the columns that an order freezes; ``cheaper`` are the rows of what runs cheaper for
    the same variant, with what ``buyer_id`` has bought at it (catalog/lowest_price.py), and the product
    has ``named_store_ids``.
    """
    wanted = list(offer_ids)
    if len(wanted) == 1:  # nearly every order, and the busiest way through the shop
        offer = _ONE_OFFER.first(now(), buyer_id or NOBODY, wanted[0])
        found: Iterable[Offer] = [offer] if offer else []
    else:
        found = _purchasable(now(), buyer_id or NOBODY).filter(pk__in=wanted)
    return {offer.pk: _with_stores(offer) for offer in found}


def _with_stores(offer: Offer) -> Offer:
    """An offer of `_purchasable`, whose product knows the stores that it names."""
    offer.product.named_store_ids = offer.named_store_ids  # type: ignore[attr-defined]
    return offer


def heirs_of(offers: Iterable[Offer], *, buyer_id: int | None = None) -> dict[int, Offer]:
    """The usual price that follows each ended one, by the id of the old offer, in one query.

    A changed usual price is a new offer of the same variant (catalog/services/offers.py). An
    ended limited-time price has an heir as well: what the variant costs now.
    """
    offers = list(offers)
    rows = _purchasable(now(), buyer_id or NOBODY).filter(
        variant__in=[offer.variant_id for offer in offers], kind=Offer.Kind.NORMAL
    )
    by_variant = {offer.variant_id: _with_stores(offer) for offer in rows}
    return {
        offer.pk: by_variant[offer.variant_id] for offer in offers if offer.variant_id in by_variant
    }


_FROZEN_WITH_THE_PRODUCT = (
    "category kind title_en title_zh included notes uses list_price_fen validity_days usable_after_hours"
    " uses_per_visit uses_per_day uses_per_person blackout refund_rule refund_days"
    " refund_on_expiry merchant__commission_rate merchant__has_contracts merchant__has_campaigns"
)
_FOR_PURCHASE = (
    *(
        "kind",
        "price_fen",
        "quota",
        "quota_sold",
        "per_person_limit",
        "was_fen",
        "was_until",
        "has_line",
    ),
    *(f"product__{field}" for field in _FROZEN_WITH_THE_PRODUCT.split()),
    *("variant__name_en", "variant__name_zh", "variant__stock__by_store"),
)


def on_sale(moment: dt.datetime) -> QuerySet[Offer]:
    """The offers that can be bought at ``moment``, with or without pieces left."""
    return Offer.objects.in_period(moment).filter(
        product__state=Product.State.ACTIVE, product__merchant__state=Merchant.State.APPROVED
    )


def _purchasable(moment: dt.datetime, buyer_id: int) -> QuerySet[Offer]:
    return (
        on_sale(moment)
        .annotate(
            cheaper=cheaper_offers(moment, offer="", buyer=buyer_id),
            named_store_ids=stores_named_by(OuterRef("product_id")),
        )
        .filter(usable_somewhere(product="product", merchant="merchant"))
        .select_related("product__merchant", "variant__stock")
        .only(*_FOR_PURCHASE)
        .order_by()
    )


def _one_offer(moment: dt.datetime, buyer_id: int, offer_id: int) -> QuerySet[Offer]:
    return _purchasable(moment, buyer_id).filter(pk=offer_id)


_ONE_OFFER = Prepared(_one_offer, dt.datetime, int, int)


def parents_of(category_ids: Iterable[int]) -> dict[int, int | None]:
    """The top category above each of some, None for a top one itself; one statement."""
    return dict(Category.objects.filter(pk__in=category_ids).values_list("pk", "parent_id"))


class Shelf(NamedTuple):
    """A top category with its children."""

    category: Category
    children: list[Category]

    @property
    def ids(self) -> tuple[int, ...]:
        """The category's and its children's ids."""
        return (self.category.pk, *(child.pk for child in self.children))


def shelves() -> list[Shelf]:
    """The category tree in its order, kept for a minute; one query at most."""
    kept = near_rows(cache_keys.shelves(), SHELVES_SECONDS, _shelf_rows)
    rows = [Category.from_db(None, _SHELF_COLUMNS, row) for row in kept]
    return [
        Shelf(top, [row for row in rows if row.parent_id == top.pk])
        for top in rows
        if top.parent_id is None
    ]


def _shelf_rows() -> list[tuple[Any, ...]]:
    return list(Category.objects.order_by("position", "id").values_list(*_SHELF_COLUMNS))


def find_category(slug: str) -> tuple[Category, tuple[int, ...]]:
    """Return a category and the ids it stands for (its own, and its children's). Raises NotFound."""
    for shelf in shelves():
        if shelf.category.slug == slug:
            return shelf.category, shelf.ids
        for child in shelf.children:
            if child.slug == slug:
                return child, (child.pk,)
    raise NotFound


class ProductOnPage(NamedTuple):
    """A product with its running offers, cheapest first, and the ids of the stores it names.

    ``pictures`` are rows of {image, small, alt_en, alt_zh, width, height}.
    """

    product: Product
    offers: list[Offer]
    pictures: list[dict[str, Any]]
    store_ids: list[int]

    @property
    def named_by(self) -> int | None:
        """What `catalog.usable.stores_of_product` asks for beside the merchant."""
        return self.product.pk if self.store_ids else None

    @property
    def version(self) -> tuple[object, ...]:
        """Differs when something that the page tells of the product itself has changed."""
        product = self.product
        return (
            product.pk,
            product.updated_at,
            product.rating_count,
            product.merchant.name_en,
            product.merchant.name_zh,
            self.store_ids,
            len(self.pictures),
        )


def product_for_page(product_id: int) -> ProductOnPage:
    """Return a product that customers can see, with what its page needs; raises NotFound.

    One query, a second one only while no price runs. A sold-out product is still shown; one
    that no store takes at the moment has no offer.
    """
    offers = _PAGE_OFFERS.all(now(), product_id)
    row: Any = offers[0] if offers else _silent_product(product_id)
    product = offers[0].product if offers else row
    sold = offers if offers and row.is_usable else []
    return ProductOnPage(product, sold, row.picture_rows, row.named_store_ids)


def _page_offers(moment: dt.datetime, product_id: int) -> QuerySet[Offer]:
    rows: QuerySet[Offer] = _with_page_rows(
        Offer.objects.running(moment), product=OuterRef("product")
    ).annotate(is_usable=usable_somewhere(product="product", merchant="merchant"))
    return (
        rows.filter(
            product=product_id,
            product__state=Product.State.ACTIVE,
            merchant__state=Merchant.State.APPROVED,
        )
        .select_related("product__merchant", "product__category__parent", "variant__stock")
        .defer("product__search_vector")
        .order_by("price_fen", "id")
    )


_PAGE_OFFERS = Prepared(_page_offers, dt.datetime, int, most=None)


def _silent_product(product_id: int) -> Product:
    products = _with_page_rows(Product.objects.on_sale(), product=OuterRef("pk"))
    product = (
        products.select_related("merchant", "category__parent")
        .defer("search_vector")
        .filter(pk=product_id)
        .first()
    )
    if product is None:
        raise NotFound
    return product


def _with_page_rows(rows: Any, *, product: OuterRef) -> Any:
    pictures = Picture.objects.filter(product=product).order_by("position", "id")
    columns = ("image", "small", "card", "alt_en", "alt_zh", "width", "height")
    return rows.annotate(
        picture_rows=ArraySubquery(
            pictures.values(row=JSONObject(**{name: name for name in columns}))
        ),
        named_store_ids=stores_named_by(product),
    )
