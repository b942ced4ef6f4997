"""How many deals each filter would leave, for the search at hand.

One statement reads at most MOST of the products that fit the words, the merchant and the place,
each with its category, price, the districts where it can be used and those where a store is
open now. Every figure is counted from these rows: an option counts what fits all the *other*
filters, so that it tells how many deals one tap leads to.

The rows are the same for every filter of a search, and are kept for some seconds unless words or
a place of the visitor's own make the search theirs alone (kernel/cache/shared_parts.py).

Up to MOST products the figures are exact. Beyond, the rows are a part of the search and the
figures are the least there is, shown with a plus sign; so the cost is that of MOST rows however
large the shop is, and no option has a scan of its own. Words are looked up in their index, where
counting to a limit is cheap (kernel/words.py ``matches`` tells why a sorted list may not do that).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.search import ProductQuery, limits_place, matching_products, places_sql
from kernel.bilingual import pick
from kernel.cache import keys as cache_keys
from kernel.cache.shared_parts import shared_value
from kernel.clock import now

MOST = 2000
SHOWN = 999
Names = tuple[str, str]
"""A district in English and in Chinese."""
_SPOT = ("pk", "merchant_id", "district_en", "district_zh")
_SQL = """
WITH base (id, category_id, price_fen, merchant_id) AS MATERIALIZED ({products}),
spots AS MATERIALIZED (
    SELECT spot.id, spot.merchant_id, json_build_array(spot.en, spot.zh)::text AS district,
        spot.id IN (SELECT open_spot.id FROM ({open_places}) open_spot (id, merchant_id)
            WHERE open_spot.merchant_id IN (SELECT merchant_id FROM base)) AS is_open
    FROM ({places}) spot (id, merchant_id, en, zh)
    WHERE spot.merchant_id IN (SELECT merchant_id FROM base)
),
at_merchant AS (
    SELECT merchant_id, array_agg(DISTINCT district) AS districts,
        array_agg(DISTINCT district) FILTER (WHERE is_open) AS open_districts
    FROM spots GROUP BY merchant_id
),
at_named AS (
    SELECT named.product_id, array_agg(DISTINCT district) AS districts,
        array_agg(DISTINCT district) FILTER (WHERE is_open) AS open_districts
    FROM catalog_product_stores named
    JOIN base ON base.id = named.product_id LEFT JOIN spots ON spots.id = named.store_id
    GROUP BY named.product_id
)
SELECT category_id, price_fen,
    CASE WHEN product_id IS NULL THEN at_merchant.districts ELSE at_named.districts END,
    CASE WHEN product_id IS NULL THEN at_merchant.open_districts ELSE at_named.open_districts END,
    count(*)
FROM base
LEFT JOIN at_named ON at_named.product_id = base.id
LEFT JOIN at_merchant ON at_merchant.merchant_id = base.merchant_id
GROUP BY 1, 2, 3, 4
"""


class District(NamedTuple):
    """A part of a city with its deals; ``key`` is what ProductQuery.district takes."""

    key: str
    name: str
    deals: int


@dataclass(frozen=True, slots=True)
class _Row:
    """Products that no filter tells apart: where they can be used, and where at this moment."""

    category: int
    price_fen: int
    districts: frozenset[Names]
    open_districts: frozenset[Names]
    number: int


_Counted = tuple[int, int, frozenset[Names], frozenset[Names], int]


class Facets:
    """The counts of one search. ``exact`` is False when there are more products than were read."""

    def __init__(self, query: ProductQuery, rows: list[_Row]) -> None:
        self._query, self._rows = query, rows
        self._by_place = limits_place(query)
        self.exact = sum(row.number for row in rows) <= MOST
        self.total = sum(row.number for row in self._fitting(category=1, price=1, place=1))

    def categories(self) -> Counter[int]:
        """Deals per category id, as the other filters leave them."""
        counts: Counter[int] = Counter()
        for row in self._fitting(price=1, place=1):
            counts[row.category] += row.number
        return counts

    def between(self, low_fen: int | None, high_fen: int | None) -> int:
        """Deals from one price to another, both included."""
        return sum(
            row.number
            for row in self._fitting(category=1, place=1)
            if _within(row.price_fen, low_fen, high_fen)
        )

    def open_now(self) -> int:
        """Deals that can be used somewhere at this moment."""
        rows = self._fitting(category=1, price=1)
        return sum(row.number for row in rows if self._fits_place(row, open_now=True))

    def districts(self) -> list[District]:
        """The districts of the stores, most deals first."""
        counts: Counter[Names] = Counter()
        for row in self._fitting(category=1, price=1):
            for district in row.open_districts if self._query.open_at else row.districts:
                counts[district] += row.number
        found = []
        for district, number in counts.items():
            if key := _key(district):
                found.append(District(key, pick(*district), number))
        return sorted(found, key=lambda district: (-district.deals, district.key))

    def _fitting(self, *, category: int = 0, price: int = 0, place: int = 0) -> Iterable[_Row]:
        """The rows that fit the query's filters of the given kinds."""
        query = self._query
        for row in self._rows:
            if category and query.categories and row.category not in query.categories:
                continue
            if price and not _within(row.price_fen, query.min_price_fen, query.max_price_fen):
                continue
            if place and not self._fits_place(row, open_now=bool(query.open_at)):
                continue
            yield row

    def _fits_place(self, row: _Row, *, open_now: bool) -> bool:
        districts = row.open_districts if open_now else row.districts
        if self._query.district:
            return any(_key(district) == self._query.district for district in districts)
        return bool(districts) or not (open_now or self._by_place)

    def shown(self, number: int) -> str:
        """A figure on a chip: "12", "999+", or "12+" where there may be more; "" for nothing."""
        if number > SHOWN:
            return f"{SHOWN}+"
        if self.exact:
            return str(number)
        return f"{number}+" if number else ""

    def total_text(self, least: int) -> str:
        """The number of results in words; ``least`` of them are in sight."""
        number = max(self.total, least)
        if number > SHOWN:
            return _("More than %(count)s deals") % {"count": SHOWN}
        if self.exact:
            return ngettext("%(count)s deal", "%(count)s deals", number) % {"count": number}
        return ngettext("At least %(count)s deal", "At least %(count)s deals", number) % {
            "count": number
        }


def facets(query: ProductQuery) -> Facets:
    """Count what the filters of ``query`` would leave. One query at most."""
    wide = replace(
        query,
        categories=(),
        min_price_fen=None,
        max_price_fen=None,
        open_at=None,
        district="",
        near=query.near if query.radius_metres else None,
        sort="relevance",
    )
    own = bool(wide.text or wide.at_stores or wide.near)
    kept = shared_value(None if own else cache_keys.counts(*wide.plain()), lambda: _read(wide))
    return Facets(query, [_Row(*row) for row in kept])


def _read(wide: ProductQuery) -> list[_Counted]:
    products = matching_products(wide, to_count=True).order_by()
    columns = products.values_list("pk", "category_id", "price_fen", "merchant_id")[: MOST + 1]
    products_sql, products_params = columns.query.sql_with_params()
    spots_sql, spots_params = places_sql(wide, *_SPOT)
    open_sql, open_params = places_sql(replace(wide, open_at=now()), "pk", "merchant_id")
    sql = _SQL.format(products=products_sql, open_places=open_sql, places=spots_sql)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*products_params, *open_params, *spots_params])
        return [
            (category, price, _known(districts), _known(open_districts), number)
            for category, price, districts, open_districts, number in cursor
        ]


def _key(district: Names) -> str:
    english, chinese = district
    return english or chinese


def _known(districts: list[str | None] | None) -> frozenset[Names]:
    return frozenset(_names(district) for district in districts or () if district is not None)


@lru_cache(maxsize=1024)
def _names(district: str) -> Names:
    english, chinese = json.loads(district)
    return english, chinese


def _within(price_fen: int, low_fen: int | None, high_fen: int | None) -> bool:
    return (low_fen is None or price_fen >= low_fen) and (high_fen is None or price_fen <= high_fen)
