"""Find products: words, shelf, place, price and order.

Every order is read along an index and stopped when a page is full, so a page costs the same
at ten thousand and at a hundred thousand products (docs/performance.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from catalog.models import ListingFact, Picture, Product, ProductOccasion
from catalog.nearby import BY_DISTANCE, Hit, nearest_products
from catalog.synonyms import product_query
from catalog.usable import UsedAt, used_at
from kernel.clock import now
from kernel.db.prepared import Compiled, Prepared, padded
from kernel.errors import InvalidInput
from kernel.http.keyset import Order, Page, keyset_page
from kernel.words import BestWords, Matches, matches
from stores.models import City, Store, StoreQuerySet
from stores.places import Point

PAGE_SIZE = 24
STORE_DEALS = 12
BY_SALES = Order("sales", ("sales_count", "id"), descending=True)
BY_NEWEST = Order("newest", ("id",), descending=True)
ORDERS = {
    "relevance": BY_SALES._replace(name="relevance"),
    "distance": BY_DISTANCE,
    "price": Order("price", ("price_fen", "id")),
    "-price": Order("-price", ("price_fen", "id"), descending=True),
    "sales": BY_SALES,
    "rating": Order("rating", ("rating_score", "id"), descending=True),
    "newest": BY_NEWEST,
}
SORTS = ("relevance", "distance", "price", "-price", "sales", "rating")
_PLACE_TYPES = {
    "city": int,
    "district": str,
    "radius_metres": float,
    "latitude": float,
    "longitude": float,
    "open_at": dt.datetime,
    "at_stores": str,
}


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """What somebody looks for; everything left out does not limit.

    City, ``district``, radius around ``near``, ``open_at`` and ``at_stores`` (a tsquery literal for
    the store's own words) must be met by one and the same store at which the product can be used.
    ``limited``: a limited-time price runs; ``occasion``: what it is good for. ``sort`` "distance" needs ``near``.
    """

    text: str = ""
    categories: tuple[int, ...] = ()
    city: City | None = None
    district: str = ""
    near: Point | None = None
    radius_metres: int | None = None
    min_price_fen: int | None = None
    max_price_fen: int | None = None
    open_at: dt.datetime | None = None
    merchant_id: int | None = None
    limited: bool = False
    sort: str = "relevance"
    at_stores: str = ""
    occasion: str = ""

    def plain(self) -> tuple[object, ...]:
        """Every field as a plain value, for the name under which its results are kept."""
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(value.pk if isinstance(value, City) else value for value in values)


def find_products(query: ProductQuery, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[Product]:
    """Return a page of products on sale, merchant and category joined, cover annotated.

    With ``near`` each row carries its ``nearest_store``. Two queries: which products, then what
    their cards show. A text search may ask before how common its words are, and once more where it
    runs out of title matches. Raises InvalidInput for a foreign cursor.
    """
    order = ORDERS[query.sort]
    if query.sort == "distance":
        if query.near is None:
            raise InvalidInput(fields={"near": [_("Say where: near=LATITUDE,LONGITUDE.")]})
        hits = nearest_products(
            products=matching_products(query),
            places=places(query),
            near=query.near,
            cursor=cursor,
            size=size,
        )
        return _load(hits, query)
    products = matching_products(query)
    segments: Sequence[QuerySet[Product]] = [products]
    if query.text and query.sort == "relevance":
        words = product_query(query.text)
        title = matches(Product, BestWords("search_vector"), words, part_of="search_vector")
        segments = [products.filter(title), products.exclude(title)]
    page = keyset_page(
        segments,
        order=order,
        cursor=cursor,
        size=size,
        hydrate=lambda rows: rows.only(*order.fields),
    )
    rows = load_for_cards([row.pk for row in page.rows], near=query.near)
    return page._replace(rows=rows)


def load_for_cards(ids: Sequence[int], *, near: Point | None = None) -> list[Product]:
    """The products of ``ids`` in that order, with `with_card_facts`; what is gone is left out. One query.

    Which products a page shows is asked in a thousand ways, what their cards show in one: this
    half is compiled once.
    """
    if not ids:
        return []
    asked = padded(ids)
    rows = _cards_of(len(asked), near is not None).all(now(), *asked, *(near or ()))
    found = {product.pk: product for product in rows}
    return [found[pk] for pk in ids if pk in found]


@cache
def _cards_of(count: int, near: bool) -> Prepared[Product]:
    def cards_of(moment: dt.datetime, *values: Any) -> QuerySet[Product]:
        place = Point(*values[count:]) if near else None
        rows = Product.objects.filter(pk__in=values[:count])
        return with_card_facts(rows, moment, near=place).order_by()

    return Prepared(cards_of, dt.datetime, *[int] * count, *[float] * (2 * near), most=None)


def with_card_facts(
    rows: QuerySet[Product], moment: dt.datetime, *, near: Point | None = None
) -> QuerySet[Product]:
    """Add what a card shows at ``moment``: merchant, category, ``cover``, ``cover_small``, and
    ``listing``: the row of its listing fact {from_fen, several, sold_out, ends_at, was_fen}, None without.

    With ``near`` also ``nearest_store``: {id, name_en, name_zh, distance_metres} or None.
    """
    pictures = Picture.objects.filter(product=OuterRef("pk")).order_by("position", "id")
    facts = ListingFact.objects.filter(product=OuterRef("pk")).at(moment)
    said = {name: name for name in ("from_fen", "several", "sold_out", "ends_at", "was_fen")}
    rows = (
        rows.select_related("merchant", "category__parent")
        .annotate(
            cover=Subquery(pictures.values("image")[:1]),
            cover_small=Subquery(pictures.values("small")[:1]),
            listing=Subquery(facts.values(row=JSONObject(**said))[:1]),
        )
        .defer(
            "search_vector",
            "description_en",
            "description_zh",
            "merchant__story_en",
            "merchant__story_zh",
        )
    )
    if near is None:
        return rows
    nearest = (
        Store.objects.filter(state=Store.State.ACTIVE, merchant=OuterRef("merchant"))
        .filter(used_at(product=OuterRef(OuterRef("pk")), store=OuterRef("pk")))
        .nearest_first(*near)
    )
    names = {name: name for name in ("id", "name_en", "name_zh", "distance_metres")}
    return rows.annotate(nearest_store=Subquery(nearest.values(row=JSONObject(**names))[:1]))


def products_of_store(store: Store) -> list[Product]:
    """Best sold products on sale that can be used at the store, ready for cards. One query."""
    return _PRODUCTS_OF_STORE.all(now(), store.merchant_id, store.pk)


def _products_of_store(moment: dt.datetime, merchant_id: int, store_id: int) -> QuerySet[Product]:
    products = (
        Product.objects.on_sale()
        .filter(merchant=merchant_id)
        .filter(used_at(product=OuterRef("pk"), store=store_id))
        .order_by("-sales_count", "-id")
    )
    return with_card_facts(products, moment)


_PRODUCTS_OF_STORE = Prepared(_products_of_store, dt.datetime, int, int, most=STORE_DEALS)


def matching_products(query: ProductQuery, *, to_count: bool = False) -> QuerySet[Product]:
    """Products on sale that fit, in no order. Sorted by distance, the place limits the stores alone.

    ``to_count``: nothing is read in an order, so words are always looked up in their index.
    """
    rows = Product.objects.on_sale()
    if query.text:
        # By distance the stores around lead, and the words only sift what they offer.
        by_order = query.sort != "distance" and not to_count
        fit = partial(matches, Product) if by_order else Matches
        rows = rows.filter(fit("search_vector", product_query(query.text)))
    if query.limited:
        limited = ListingFact.objects.at(now()).filter(kind=ListingFact.Kind.LIMITED)
        rows = rows.filter(Exists(limited.filter(product=OuterRef("pk"))))
    if query.occasion:
        good_for = ProductOccasion.objects.filter(occasion=query.occasion, product=OuterRef("pk"))
        rows = rows.filter(Exists(good_for))
    if query.categories:
        rows = rows.filter(category__in=query.categories)
    if query.merchant_id is not None:
        rows = rows.filter(merchant=query.merchant_id)
    if query.min_price_fen is not None:
        rows = rows.filter(price_fen__gte=query.min_price_fen)
    if query.max_price_fen is not None:
        rows = rows.filter(price_fen__lte=query.max_price_fen)
    if (query.sort == "distance") or not limits_place(query):
        return rows
    stores, merchants = (
        RawSQL(*places_sql(query, column))  # noqa: S611 - SQL of our own
        for column in ("pk", "merchant_id")
    )
    # Looked up row by row and not hashed as EXISTS would be: a page reads few of many rows.
    named = UsedAt.objects.filter(product=OuterRef("pk"))
    fitting = named.filter(store__in=stores)
    return rows.alias(
        _named=Subquery(named.values("pk")[:1]), _fitting=Subquery(fitting.values("pk")[:1])
    ).filter(Q(_fitting__isnull=False) | Q(_named__isnull=True), merchant__in=merchants)


def limits_place(query: ProductQuery) -> bool:
    """Whether the query asks anything of the store where a product can be used."""
    return bool(
        query.city
        or query.district
        or query.open_at
        or query.at_stores
        or (query.near and query.radius_metres)
    )


def places(query: ProductQuery) -> StoreQuerySet:
    """Stores open for business that meet what the query asks of a place."""
    stores = Store.objects.open_for_business()
    if query.city:
        stores = stores.filter(city=query.city)
    if query.district:
        named = Q(district_en=query.district) | Q(district_en="", district_zh=query.district)
        stores = stores.filter(named)
    if query.near and query.radius_metres:
        stores = stores.within(*query.near, query.radius_metres)
    if query.open_at:
        stores = stores.open_at(query.open_at)
    if query.at_stores:
        stores = stores.filter(Matches("search_vector", query.at_stores))
    return stores


def places_sql(query: ProductQuery, *columns: str) -> tuple[str, list[Any]]:
    """`places` as SQL and its parameters: opening hours cost more to build than to ask for."""
    given: dict[str, Any] = {}
    if query.city:
        given["city"] = query.city.pk
    if query.district:
        given["district"] = query.district
    if query.near and query.radius_metres:
        given["latitude"], given["longitude"] = map(float, query.near)
        given["radius_metres"] = float(query.radius_metres)
    if query.open_at:
        given["open_at"] = query.open_at
    if query.at_stores:
        given["at_stores"] = query.at_stores
    return _compiled_places(columns, tuple(given)).sql(*given.values())


@cache
def _compiled_places(columns: tuple[str, ...], given: tuple[str, ...]) -> Compiled[Any]:
    """One for each set of things that can be asked of a place: 32 per choice of columns."""

    def build(*values: Any) -> QuerySet[Any]:
        asked = dict(zip(given, values, strict=True))
        query = ProductQuery(
            city=City(pk=asked["city"]) if "city" in asked else None,
            district=asked.get("district", ""),
            near=Point(asked["latitude"], asked["longitude"]) if "latitude" in asked else None,
            radius_metres=asked.get("radius_metres"),
            open_at=asked.get("open_at"),
            at_stores=asked.get("at_stores", ""),
        )
        return places(query).order_by().values_list(*columns)

    return Compiled(build, *(_PLACE_TYPES[name] for name in given))


def nearest_ids(query: ProductQuery, point: Point, *, size: int) -> list[int]:
    """The ids of the products nearest to ``point``. Three queries at most, most often one."""
    query = replace(query, near=point, sort="distance")
    hits = nearest_products(
        products=matching_products(query), places=places(query), near=point, size=size
    )
    return [hit.id for hit in hits.rows]


def _load(hits: Page[Hit], query: ProductQuery) -> Page[Product]:
    rows = load_for_cards([hit.id for hit in hits.rows], near=query.near)
    return Page(rows=rows, next=hits.next, previous=hits.previous)
