"""Every price is kept, and what is struck through is the lowest price before a reduction."""

from __future__ import annotations

import datetime as dt
import importlib
from typing import Any

import pytest
from django.apps import apps
from django.db import InternalError, connection, transaction
from django.test import Client
from django.utils import translation

from catalog.compare import compared_fen, contents_fen
from catalog.models import ListingFact, Offer, PricePeriod, Product
from catalog.services.list_price import highest_list_price
from catalog.services.offers import change_limited_offer, end_offer, set_normal_price
from catalog.services.prices import refresh_price
from catalog.services.products import archive_product, publish_product, update_product
from insights.invariants_listing import LISTING
from kernel.clock import at, now
from kernel.errors import InvalidInput
from tests.factories import (
    make_city,
    make_limited_offer,
    make_product,
    make_store,
    offer_of,
    variant_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def sold_for(days: int, country: str = "DE", **fields: Any) -> Product:
    """A product that has been on sale for so many days, in a country."""
    store = make_store(city=make_city(country=country))
    fields = {"price_fen": 6800, "list_price_fen": 6800} | fields
    with at(now() - days * DAY):
        return make_product(stores=[store], **fields)


def was_of(product: Product, moment: dt.datetime | None = None) -> int | None:
    """What its card strikes through."""
    fact = ListingFact.objects.at(moment or now()).get(product=product)
    return fact.was_fen


def periods(product: Product) -> list[tuple[int, bool]]:
    """Price and whether it still stands."""
    rows = PricePeriod.objects.filter(variant__product=product).order_by("since", "id")
    return [(row.price_fen, row.until is None or row.until > now()) for row in rows]


def wrong() -> list[str]:
    with connection.cursor() as cursor:
        found = []
        for invariant in LISTING:
            cursor.execute(invariant.sql)
            found += [f"{invariant.code} {row[0]}" for row in cursor.fetchall()]
    return found


def test_every_price_is_kept_with_its_time() -> None:
    product = sold_for(50)
    with at(now() - 20 * DAY):
        set_normal_price(variant=variant_of(product), price_fen=6000)
    with at(now() - 10 * DAY):
        limited = make_limited_offer(product, price_fen=5000, ends_at=now() + 2 * DAY)
    with at(now() - 9 * DAY):
        end_offer(offer=limited)
    with at(now() - HOUR):
        archive_product(product=product)
    assert periods(product) == [(6800, False), (6000, False), (5000, False)]
    with at(now() - HOUR / 2):
        publish_product(product=product)
    assert periods(product)[-1] == (6000, True)
    ended = PricePeriod.objects.get(offer=limited)
    assert ended.until is not None and round((ended.until - ended.since) / DAY, 3) == 1
    assert wrong() == []


def test_a_price_of_the_past_cannot_be_changed() -> None:
    product = sold_for(1)
    with pytest.raises(InternalError), transaction.atomic():
        PricePeriod.objects.update(price_fen=9900)
    assert periods(product) == [(6800, True)]


def test_a_limited_price_is_compared_with_the_lowest_of_the_days_before() -> None:
    product = sold_for(60)
    with at(now() - 20 * DAY):
        end_offer(offer=make_limited_offer(product, price_fen=5500))
    limited = make_limited_offer(product, price_fen=4900)
    assert was_of(product) == 6800  # that price was ended in the moment in which it began
    end_offer(offer=limited)
    with at(now() - 10 * DAY):
        make_limited_offer(product, price_fen=5500, ends_at=now() + DAY)
    limited = make_limited_offer(product, price_fen=4900)
    limited.refresh_from_db()
    assert (limited.was_fen, was_of(product)) == (5500, 5500)


@pytest.mark.parametrize(
    ("country", "ago", "was"),
    [("DE", 29, 5500), ("DE", 31, 6800), ("CN", 6, 5500), ("CN", 9, 6800), ("US", 29, 5500)],
)
def test_each_market_has_its_days(country: str, ago: int, was: int) -> None:
    product = sold_for(90, country)
    with at(now() - ago * DAY):
        make_limited_offer(product, price_fen=5500, ends_at=now() + HOUR)
    make_limited_offer(product, price_fen=4900)
    assert was_of(product) == was


def test_a_merchant_in_several_countries_keeps_the_longest_rule() -> None:
    product = sold_for(20, "CN")
    make_store(merchant=product.merchant, city=make_city(country="DE"))
    make_limited_offer(product, price_fen=4900)
    assert was_of(product) is None


def test_what_is_new_is_compared_with_nothing() -> None:
    product = sold_for(29)
    limited = make_limited_offer(product, price_fen=4900)
    assert was_of(product) is None
    assert compared_fen(limited, now()) is None


def test_a_price_raised_for_a_day_lowers_nothing() -> None:
    product = sold_for(60)
    with at(now() - DAY):
        set_normal_price(variant=variant_of(product), price_fen=20_000)
    make_limited_offer(product, price_fen=6800)
    assert was_of(product) is None
    make_limited_offer(product, price_fen=6700)
    assert was_of(product) == 6800


def test_a_lowered_price_is_a_reduction_for_so_many_days() -> None:
    product = sold_for(60)
    offer = set_normal_price(variant=variant_of(product), price_fen=5000)
    offer.refresh_from_db()
    assert was_of(product) == 6800 and offer.was_until is not None
    assert offer.was_until - PricePeriod.objects.get(offer=offer).since == 30 * DAY
    assert was_of(product, now() + 29 * DAY) == 6800
    assert was_of(product, now() + 31 * DAY) is None  # written ahead, no sweep needed
    assert compared_fen(offer, now() + 31 * DAY) is None


def test_a_planned_price_follows_what_changes_before_it_begins() -> None:
    product = sold_for(60)
    limited = make_limited_offer(
        product, price_fen=4900, starts_at=now() + DAY, ends_at=now() + 2 * DAY
    )
    assert was_of(product, now() + DAY + HOUR) == 6800
    set_normal_price(variant=variant_of(product), price_fen=6000)
    assert was_of(product, now() + DAY + HOUR) == 6000
    changed = change_limited_offer(
        offer=limited, ends_at=now() + 3 * DAY, quota=None, per_person_limit=None
    )
    assert PricePeriod.objects.get(offer=limited).until == changed.ends_at
    with at(now() + DAY + HOUR):  # what has begun stands
        set_normal_price(variant=variant_of(product), price_fen=5500)
        assert was_of(product) == 6000
        end_offer(offer=limited)
        assert PricePeriod.objects.get(offer=limited).until == now()


def test_a_standing_price_is_compared_with_what_its_contents_cost() -> None:
    product = make_product(price_fen=6800, list_price_fen=9800)
    assert was_of(product) == 9800 == compared_fen(offer_of(product), now())
    Product.objects.filter(pk=product.pk).update(included=[])  # saved by an older release
    refresh_price([product.pk])
    product.refresh_from_db()
    assert was_of(product) is None
    assert compared_fen(offer_of(product), now()) is None


@pytest.mark.parametrize(
    ("included", "fen"),
    [
        ([{"value_fen": 100, "quantity": 3}, {"value_fen": 50}, {"name_en": "Tea"}], 350),
        ([{"value_fen": "100"}, 7, None, {"value_fen": 5, "quantity": 2}], 10),
        ({"value_fen": 100}, 0),
        (None, 0),
    ],
)
def test_contents_come_to_the_same_in_lists_and_on_pages(included: Any, fen: int) -> None:
    product = make_product(price_fen=1, list_price_fen=1)
    for list_fen in (fen, fen + 1):
        rows = Product.objects.filter(pk=product.pk)
        rows.update(included=included or [], list_price_fen=max(list_fen, 1))
        refresh_price([product.pk])
        product.refresh_from_db()
        expected = list_fen if list_fen == fen and fen > 1 else None
        assert was_of(product) == expected
        assert compared_fen(offer_of(product), now()) == expected
    assert contents_fen(included) == fen


def refused(product: Product, **fields: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        update_product(product=product, **fields)
    product.refresh_from_db()
    (text,) = caught.value.extra["fields"]["list_price_fen"]
    return str(text)


def test_an_invented_list_price_is_refused_with_the_one_that_is_allowed() -> None:
    product = sold_for(60)
    assert "¥68 at most" in refused(product, list_price_fen=6801)
    update_product(product=product, included=[{"name_en": "Soup", "value_fen": 9800}])
    update_product(product=product, list_price_fen=9800)
    assert was_of(product) == 9800
    assert "¥68 at most" in refused(product, included=[])
    assert highest_list_price(product) == 9800
    with translation.override("zh-hans"):
        assert "¥98" in refused(product, list_price_fen=10_000)
    update_product(product=product, title_en="Another name")


def test_the_price_before_a_reduction_may_be_the_list_price() -> None:
    product = sold_for(60)
    set_normal_price(variant=variant_of(product), price_fen=5000)
    update_product(product=product, list_price_fen=6800)
    assert "¥68 at most" in refused(product, list_price_fen=6900)
    with at(now() + 31 * DAY):
        assert "¥50 at most" in refused(product, list_price_fen=6700)


def test_a_draft_is_judged_when_it_goes_on_sale() -> None:
    product = make_product(state="draft", price_fen=5000, list_price_fen=9000, included=[])
    assert PricePeriod.objects.count() == 0
    update_product(product=product, list_price_fen=9900)
    with pytest.raises(InvalidInput):
        publish_product(product=product)
    update_product(product=product, list_price_fen=5000)
    publish_product(product=product)
    assert periods(product) == [(5000, True)]


def test_the_api_says_what_may_be_struck_through(client: Client) -> None:
    product = sold_for(60)
    make_limited_offer(product, price_fen=4900)
    (row,) = client.get("/api/v1/products").json()["results"]
    detail = client.get(f"/api/v1/products/{product.pk}").json()
    assert (row["was_fen"], detail["was_fen"]) == (6800, 6800)
    assert [(o["price_fen"], o["was_fen"]) for o in detail["offers"]] == [
        (4900, 6800),
        (6800, None),
    ]


def test_the_upgrade_keeps_the_prices_that_are_known() -> None:
    product = sold_for(60)
    PricePeriod.objects.all().delete()
    with at(now() - 5 * DAY):
        limited = make_limited_offer(product, price_fen=4900, ends_at=now() + 10 * DAY)
    PricePeriod.objects.all().delete()
    Offer.objects.update(was_fen=None)
    with connection.cursor() as cursor:  # the trail has the moment of the test
        cursor.execute(
            "UPDATE catalog_productevent SET pgh_created_at = now() - interval '90 days'"
        )
    migration = importlib.import_module("catalog.migrations.0021_price_history_filled")
    with connection.schema_editor(atomic=False) as editor:
        migration.fill(apps, editor)
    assert periods(product) == [(6800, True), (4900, True)]
    limited.refresh_from_db()
    assert limited.was_fen == 6800
    assert wrong() == []


def test_the_audit_sees_a_price_without_a_history() -> None:
    product = sold_for(3)
    PricePeriod.objects.all().delete()
    assert wrong() == [f"price_without_history offer {offer_of(product).pk}"]
    refresh_price()
    assert wrong() == []
