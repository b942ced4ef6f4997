"""What must hold of the city before anyone seeds it: one sentence per fault, none when it is sound."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from demo.content.types import Blackout, City, Holiday, OpenSpan, Product, Store, Text

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_EARTH_RADIUS_KM = 6371.0
_DAY_MINUTES = 24 * 60


def problems(city: City) -> list[str]:
    """Every fault found, in words that name the row; an empty list is a sound city."""
    return [
        *_slugs(city),
        *_references(city),
        *_positions(city),
        *_hours(city),
        *(fault for product in city.products for fault in _product(product)),
        *_texts(city),
        *_duplicate_titles(city),
        *_reviews(city),
    ]


def _slugs(city: City) -> Iterator[str]:
    kinds: dict[str, Iterable[str]] = {
        "district": (row.slug for row in city.districts),
        "category": (row.slug for row in city.categories),
        "merchant": (row.slug for row in city.merchants),
        "store": (row.slug for row in city.stores),
        "product": (row.slug for row in city.products),
    }
    for kind, slugs in kinds.items():
        for slug, count in Counter(slugs).items():
            if count > 1:
                yield f"{kind} slug {slug} is used {count} times"
            if not _SLUG.fullmatch(slug):
                yield f"{kind} slug {slug} is not lower-case words joined by hyphens"


def _references(city: City) -> Iterator[str]:
    trades = set(city.trades)
    categories = {category.slug: category for category in city.categories}
    merchants = {merchant.slug: merchant for merchant in city.merchants}
    districts = {district.slug for district in city.districts}
    owners = {store.slug: store.merchant for store in city.stores}
    for category in city.categories:
        if category.trade not in trades or category.parent not in {None, *trades}:
            yield f"category {category.slug} has no such trade or parent"
    for merchant in city.merchants:
        if merchant.trade not in trades:
            yield f"merchant {merchant.slug} trades in unknown {merchant.trade}"
        if merchant.status == "approved" and merchant.slug not in owners.values():
            yield f"merchant {merchant.slug} is approved but has no store"
    for store in city.stores:
        if store.merchant not in merchants or store.district not in districts:
            yield f"store {store.slug} has no such merchant or district"
        for service in store.services:
            if service not in city.services:
                yield f"store {store.slug} offers unknown service {service}"
    for product in city.products:
        category_of = categories.get(product.category)
        merchant_of = merchants.get(product.merchant)
        if category_of is None or category_of.parent is None:
            yield f"product {product.slug} is not in a child category"
        elif merchant_of is None or merchant_of.trade != category_of.trade:
            yield f"product {product.slug} is not of its merchant's trade"
        if not product.stores or any(
            owners.get(slug) != product.merchant for slug in product.stores
        ):
            yield f"product {product.slug} names a store that is not its merchant's"


def _positions(city: City) -> Iterator[str]:
    seen: Counter[tuple[float, float]] = Counter()
    for store in city.stores:
        seen[store.latitude, store.longitude] += 1
        away = distance_km(city.latitude, city.longitude, store.latitude, store.longitude)
        if away > city.radius_km:
            yield f"store {store.slug} lies {away:.1f} km from the centre"
        district = next((row for row in city.districts if row.slug == store.district), None)
        if district is None:
            continue
        within = distance_km(district.latitude, district.longitude, store.latitude, store.longitude)
        if within > 1.5:
            yield f"store {store.slug} lies {within:.1f} km from its district {district.slug}"
    yield from (f"{count} stores stand at {place}" for place, count in seen.items() if count > 1)


def distance_km(
    latitude: float, longitude: float, to_latitude: float, to_longitude: float
) -> float:
    """Great-circle distance in kilometres (haversine)."""
    phi, to_phi = radians(latitude), radians(to_latitude)
    half = (
        sin((to_phi - phi) / 2) ** 2
        + cos(phi) * cos(to_phi) * sin(radians(to_longitude - longitude) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(half))


def _hours(city: City) -> Iterator[str]:
    for store in city.stores:
        yield from _weekly(store)
        for holiday in store.holidays:
            yield from _holiday(store, holiday)


def _weekly(store: Store) -> Iterator[str]:
    if not store.hours:
        yield f"store {store.slug} never opens"
    for span in store.hours:
        if not (
            _TIME.fullmatch(span.opens) and _TIME.fullmatch(span.closes)
        ) or span.weekday not in range(7):
            yield f"store {store.slug} has an unreadable span {span}"
    minutes = sorted(_minutes(span) for span in store.hours)
    for (_, first_end), (second_start, _) in pairwise(minutes):
        if second_start < first_end:
            yield f"store {store.slug} has overlapping hours"


def _minutes(span: OpenSpan) -> tuple[int, int]:
    start = span.weekday * _DAY_MINUTES + _minute(span.opens)
    end = (
        span.weekday * _DAY_MINUTES
        + _minute(span.closes)
        + (_DAY_MINUTES if span.past_midnight else 0)
    )
    return start, end


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _holiday(store: Store, holiday: Holiday) -> Iterator[str]:
    if (holiday.in_days is None) == (holiday.month_day is None):
        yield f"store {store.slug}: holiday {holiday.name.en} needs exactly one of in_days and month_day"


def _product(product: Product) -> Iterator[str]:
    name = f"product {product.slug}"
    if not 0 < product.price_fen < product.list_price_fen:
        yield f"{name}: price {product.price_fen} is not below list price {product.list_price_fen}"
    limited = product.limited
    if limited is not None:
        if not 0 < limited.price_fen < product.price_fen:
            yield f"{name}: limited-time price {limited.price_fen} is not below price {product.price_fen}"
        if limited.starts_in_hours >= limited.ends_in_hours:
            yield f"{name}: limited-time price ends before it starts"
        if not 0 < limited.per_person_limit <= limited.quota:
            yield f"{name}: person limit {limited.per_person_limit} does not fit quota {limited.quota}"
        if product.stock is not None and limited.phase != "ended" and product.stock == 0:
            yield f"{name}: a limited-time price on sold-out stock"
    if (product.kind == "times_card") != (product.uses > 1):
        yield f"{name}: {product.kind} with {product.uses} uses"
    if product.kind == "goods" and product.stock is None:
        yield f"{name}: goods need counted stock"
    if product.refund.kind == "within_days" and not product.refund.days:
        yield f"{name}: refund within no days"
    if not 1 <= product.popularity <= 10 or product.valid_days < 1:
        yield f"{name}: popularity or validity out of range"
    for blackout in product.blackouts:
        yield from _blackout(name, blackout)


def _blackout(name: str, blackout: Blackout) -> Iterator[str]:
    if not (blackout.weekdays or blackout.dates or blackout.windows):
        yield f"{name}: a blackout that always holds"
    for start, end in blackout.windows:
        if not (_TIME.fullmatch(start) and _TIME.fullmatch(end)) or start >= end:
            yield f"{name}: blackout window {start}-{end} is not a span of one day"
    if any(day not in range(7) for day in blackout.weekdays):
        yield f"{name}: blackout weekday out of range"


def _texts(city: City) -> Iterator[str]:
    for path, text in texts_within(city, city.slug):
        if not text.en.strip() or not text.zh.strip():
            yield f"{path}: a language is empty"
        elif _HAN.search(text.en):
            yield f"{path}: Chinese in the English text"
        elif not _HAN.search(text.zh):
            yield f"{path}: no Chinese in the Chinese text"


def texts_within(value: object, path: str) -> Iterator[tuple[str, Text]]:
    """Every `Text` reachable from `value` with a path of slugs and field names that finds it again."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts_within(inner, f"{path}.{key}")
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from texts_within(inner, f"{path}[{getattr(inner, 'slug', index)}]")
    elif is_dataclass(value):
        for each in fields(value):
            yield from texts_within(getattr(value, each.name), f"{path}.{each.name}")


def _duplicate_titles(city: City) -> Iterator[str]:
    kinds: dict[str, tuple[Text, ...]] = {
        "category": tuple(category.name for category in city.categories),
        "merchant": tuple(merchant.name for merchant in city.merchants),
        "store": tuple(store.name for store in city.stores),
        "product": tuple(product.title for product in city.products),
    }
    for kind, names in kinds.items():
        for spelled in (tuple(name.en for name in names), tuple(name.zh for name in names)):
            yield from (
                f"{count} rows of {kind} are called {name}"
                for name, count in Counter(spelled).items()
                if count > 1
            )


def _reviews(city: City) -> Iterator[str]:
    motifs: dict[str, set[str]] = {trade: set() for trade in city.trades}
    for product in city.products:
        motifs[city.trade_of(product)].add(product.motif)
    for review in city.reviews:
        if review.trade not in motifs:
            yield f"a review of unknown trade {review.trade}"
        elif not set(review.motifs) <= motifs[review.trade]:
            yield f"review {review.text[:20]!r} needs a motif no {review.trade} product has"
        if not 1 <= review.rating <= 5:
            yield f"review {review.text[:20]!r} has rating {review.rating}"
    for text, count in Counter(review.text for review in city.reviews).items():
        if count > 1:
            yield f"review {text[:20]!r} is written {count} times"
