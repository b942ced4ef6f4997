"""The shops of the demo city: city, categories, merchants, stores, products, offers."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from catalog.models import Category, Product
from catalog.services.offers import create_limited_offer
from catalog.services.products import VariantInput, create_product
from demo.content import CITY
from demo.content import types as content
from demo.seed.people import Cast
from kernel import clock
from stores.models import City, Merchant, StaffMembership, Store
from stores.services.cities import find_or_create_city
from stores.services.merchants import apply_merchant, approve_merchant
from stores.services.staff import add_staff
from stores.services.stores import HolidayInput, create_store

COUNTRY = "CN"
DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class Shop:
    """What was made, by the slugs of the content."""

    city: City
    merchants: dict[str, Merchant]
    stores: dict[str, Store]
    products: dict[str, Product]


def make_shop(cast: Cast, opened: dt.datetime) -> Shop:
    """Make every merchant, store and product as of ``opened``, through the real services."""
    with clock.at(opened):
        city = find_or_create_city(
            country=COUNTRY,
            region="",
            name_en=CITY.name.en,
            name_zh=CITY.name.zh,
            time_zone=CITY.time_zone,
            latitude=CITY.latitude,
            longitude=CITY.longitude,
            featured=True,
        )
        categories = _make_categories()
        merchants = {row.slug: _make_merchant(row, cast, categories) for row in CITY.merchants}
        stores = {
            row.slug: _make_store(row, merchants[row.merchant], city, opened)
            for row in CITY.stores
            if _approved(row.merchant)
        }
        for slug, merchant in merchants.items():
            if _approved(slug):
                own = [stores[row.slug] for row in CITY.stores_of(slug)]
                add_staff(
                    merchant=merchant,
                    user=cast.clerks[slug],
                    role=StaffMembership.Role.CLERK,
                    stores=own,
                )
    products = {
        row.slug: _make_product(index, row, merchants[row.merchant], stores, categories, opened)
        for index, row in enumerate(CITY.products)
        if _approved(row.merchant)
    }
    return Shop(city, merchants, stores, products)


def make_limited_offers(shop: Shop, moment: dt.datetime) -> None:
    """Make the limited-time prices around ``moment``; some run, some will, some ran."""
    for row in CITY.products:
        if row.limited is None or row.slug not in shop.products:
            continue
        starts_at = moment + dt.timedelta(hours=row.limited.starts_in_hours)
        with clock.at(min(moment, starts_at)):
            create_limited_offer(
                variant=shop.products[row.slug].variants.get(),
                price_fen=row.limited.price_fen,
                starts_at=starts_at,
                ends_at=moment + dt.timedelta(hours=row.limited.ends_in_hours),
                quota=row.limited.quota,
                per_person_limit=row.limited.per_person_limit,
            )


def _approved(merchant_slug: str) -> bool:
    return CITY.merchant(merchant_slug).status == "approved"


def _make_categories() -> dict[str, Category]:
    made: dict[str, Category] = {}
    for position, row in enumerate(CITY.categories):
        made[row.slug], _new = Category.objects.get_or_create(
            slug=row.slug,
            defaults={
                "parent": made[row.parent] if row.parent else None,
                "name_en": row.name.en,
                "name_zh": row.name.zh,
                "trade": row.trade,
                "position": position,
            },
        )
    return made


def _make_merchant(row: content.Merchant, cast: Cast, categories: dict[str, Category]) -> Merchant:
    merchant = apply_merchant(
        applicant=cast.owners[row.slug],
        name_en=row.name.en,
        name_zh=row.name.zh,
        story_en=row.story.en,
        story_zh=row.story.zh,
        contact_name=str(cast.owners[row.slug]),
        contact_phone=row.phone,
        contact_email=row.email,
    )
    if row.status != "approved":
        return merchant
    for category in CITY.categories:
        if category.trade == row.trade:
            categories[category.slug].merchants.add(merchant)
    return approve_merchant(
        merchant_id=merchant.pk, decided_by=cast.operator, commission_rate=row.commission_rate
    )


def _time(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


def _make_store(row: content.Store, merchant: Merchant, city: City, opened: dt.datetime) -> Store:
    district = next(d for d in CITY.districts if d.slug == row.district)
    return create_store(
        merchant=merchant,
        city=city,
        external_code=row.slug,
        name_en=row.name.en,
        name_zh=row.name.zh,
        address_en=row.address.en,
        address_zh=row.address.zh,
        district_en=district.name.en,
        district_zh=district.name.zh,
        latitude=row.latitude,
        longitude=row.longitude,
        phone=row.phone,
        services=list(row.services),
        hours=[(span.weekday, _time(span.opens), _time(span.closes)) for span in row.hours],
        holidays=_holidays(row, opened.date()),
    )


def _holidays(row: content.Store, today: dt.date) -> list[HolidayInput]:
    days: list[HolidayInput] = []
    for holiday in row.holidays:
        first = holiday.first_date(today)
        for offset in range(holiday.days):
            spans = holiday.spans or ((None, None),)
            days += [
                HolidayInput(
                    date=first + offset * DAY,
                    opens=_time(opens) if opens else None,
                    closes=_time(closes) if closes else None,
                    note_en=holiday.name.en,
                    note_zh=holiday.name.zh,
                )
                for opens, closes in spans
            ]
    return days


def _make_product(
    index: int,
    row: content.Product,
    merchant: Merchant,
    stores: dict[str, Store],
    categories: dict[str, Category],
    opened: dt.datetime,
) -> Product:
    chosen = [stores[slug] for slug in row.stores]
    everywhere = len(chosen) == len(CITY.stores_of(row.merchant))
    # A tenth of the shelf is new: it appeared within the last weeks.
    age_days = random.Random(row.art_seed).randint(0, 20) if index % 10 == 3 else 90
    with clock.at(max(opened, opened + (90 - age_days) * DAY)):
        return create_product(
            merchant=merchant,
            category=categories[row.category],
            kind=row.kind,
            external_code=row.slug,
            title_en=row.title.en,
            title_zh=row.title.zh,
            description_en=row.description.en,
            description_zh=row.description.zh,
            included=[
                {
                    "name_en": line.name.en,
                    "name_zh": line.name.zh,
                    "quantity": line.quantity,
                    "value_fen": line.value_fen,
                }
                for line in row.included
            ],
            notes=[{"en": note.en, "zh": note.zh} for note in row.notes],
            provenance=_provenance(row.provenance),
            list_price_fen=row.list_price_fen,
            uses=row.uses,
            validity_days=row.valid_days,
            usable_after_hours=row.usable_after_hours,
            uses_per_visit=row.uses_per_visit,
            uses_per_day=row.uses_per_day,
            uses_per_person=row.uses_per_person,
            blackout=_blackout(row, opened.date()),
            refund_rule={"within_days": "days"}.get(row.refund.kind, row.refund.kind),
            refund_days=row.refund.days,
            refund_on_expiry=row.refund.auto_on_expiry,
            stores=[] if everywhere else chosen,
            variants=[VariantInput(price_fen=row.price_fen, available=_history_stock(row.stock))],
            publish=True,
        )


def _history_stock(stock: int | None) -> int | None:
    """During the ninety days there is enough; the final numbers are set at the end."""
    return None if stock is None else stock + 5000


def _provenance(row: content.Provenance | None) -> dict[str, str]:
    if row is None:
        return {}
    return {
        "farm_en": row.farm.en,
        "farm_zh": row.farm.zh,
        "origin_en": row.origin.en,
        "origin_zh": row.origin.zh,
        "batch": row.batch,
        "harvested_en": row.harvested.en,
        "harvested_zh": row.harvested.zh,
    }


def _blackout(row: content.Product, today: dt.date) -> list[dict[str, Any]]:
    """The content's yearly rules as dated ones for this year and the next."""
    rules: list[dict[str, Any]] = []
    for rule in row.blackouts:
        spans = [{"start": start, "end": end} for start, end in rule.windows] or [{}]
        if rule.dates:
            heads: list[dict[str, Any]] = [
                _dated(first, last, year)
                for first, last in rule.dates
                for year in (today.year, today.year + 1)
            ]
        else:
            heads = [{"weekdays": list(rule.weekdays or range(7))}]
        rules += [{**head, **span} for head in heads for span in spans]
    return rules


def _dated(first: tuple[int, int], last: tuple[int, int], year: int) -> dict[str, str]:
    end_year = year + 1 if last < first else year
    return {
        "from": dt.date(year, *first).isoformat(),
        "to": dt.date(end_year, *last).isoformat(),
    }
