"""Whether a price runs is judged by the clock, alike in the list, the filter, the badge and the shop."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.test import Client

from catalog.models import Offer, Product
from catalog.services.offers import change_limited_offer
from catalog.services.prices import refresh_due_prices
from catalog.services.products import archive_product
from insights.selectors import merchant_worklist
from kernel.clock import at, now
from stores.admin_rights import Reach
from tests.factories import make_city, make_limited_offer, make_product, make_store, owner_of

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
Stage = Offer.Stage


def stand(offer: Offer, stage: str) -> Offer:
    """Make the offer stand at the stage, without any sweep."""
    moment = now()
    changes = {
        Stage.RUNNING: {},
        Stage.SOON: {"starts_at": moment + DAY, "ends_at": moment + 2 * DAY},
        Stage.SOLD_OUT: {"quota": 3, "quota_sold": 3},
        Stage.PAUSED: {},
        Stage.OFF_SALE: {},
        Stage.OVER: {"starts_at": moment - 3 * DAY, "ends_at": moment - 2 * DAY},
    }
    Offer.objects.filter(pk=offer.pk).update(**changes[stage])
    if stage == Stage.PAUSED:
        offer.variant.active = False
        offer.variant.save(update_fields=["active"])
    if stage == Stage.OFF_SALE:
        archive_product(product=offer.product)
    return Offer.objects.select_related("variant", "product").get(pk=offer.pk)


@pytest.mark.parametrize("stage", list(Stage))
def test_one_answer_everywhere_to_whether_a_price_runs(client, stage: str) -> None:
    product = make_product(stores=[make_store()], price_fen=900)
    offer = stand(make_limited_offer(product, price_fen=100), stage)
    shown = offer.pk in Offer.objects.running().filter(product=product).values_list("pk", flat=True)
    shown = shown and Product.objects.on_sale().filter(pk=product.pk).exists()
    assert offer.stage() == stage
    assert shown == (stage == Stage.RUNNING)
    standing = [each for each in Stage if Offer.objects.at_stage(each).filter(pk=offer.pk).exists()]
    assert standing == [stage], "a filter and the badge never tell two things"
    assert str(Stage(stage).label) in admin.site._registry[Offer].show_running(offer)
    client.force_login(owner_of(product.merchant))
    url = "/admin/catalog/offer/?kind__exact=limited&running="
    for each in Stage:
        found = client.get(url + each.value).context["cl"].result_count
        assert found == (each == stage), each


def test_a_price_runs_from_its_first_moment_to_the_one_before_its_end() -> None:
    starts_at, tick = now() + DAY, dt.timedelta(microseconds=1)
    ends_at = starts_at + DAY
    offer = make_limited_offer(make_product(), price_fen=100, starts_at=starts_at, ends_at=ends_at)
    for moment, stage in (
        (starts_at - tick, Stage.SOON),
        (starts_at, Stage.RUNNING),
        (ends_at - tick, Stage.RUNNING),
        (ends_at, Stage.OVER),
    ):
        with at(moment):
            assert offer.stage() == stage
            standing = [s for s in Stage if Offer.objects.at_stage(s).filter(pk=offer.pk).exists()]
            assert standing == [stage]
            runs = Offer.objects.running().filter(pk=offer.pk).exists()
            assert runs == (stage == Stage.RUNNING)


@pytest.mark.parametrize("rest", [HOUR, 3 * DAY, 40 * DAY])
def test_what_ended_sets_no_price_however_long_the_workers_rested(rest: dt.timedelta) -> None:
    product = make_product(price_fen=15_800)
    make_limited_offer(product, price_fen=12_800, ends_at=now() + DAY)
    refresh_due_prices()
    assert Product.objects.get(pk=product.pk).price_fen == 12_800
    with at(now() + DAY + rest):
        refresh_due_prices()
        assert Product.objects.get(pk=product.pk).price_fen == 15_800


def test_a_lost_cache_makes_the_next_look_one_at_all_prices() -> None:
    product = make_product(price_fen=4_200)
    refresh_due_prices()
    Product.objects.filter(pk=product.pk).update(price_fen=1)
    cache.clear()
    assert refresh_due_prices() == 1


def test_the_worklist_counts_what_its_link_lists(client) -> None:
    product = make_product(stores=[make_store()], price_fen=900)
    owner = owner_of(product.merchant)
    for ends, quota in ((DAY, None), (2 * DAY, 5), (9 * DAY, None)):
        make_limited_offer(product, price_fen=100, ends_at=now() + ends, quota=quota)
    stand(make_limited_offer(product, price_fen=100), Stage.OVER)
    stand(make_limited_offer(product, price_fen=100), Stage.SOLD_OUT)
    gone = make_product(merchant=product.merchant)
    stand(make_limited_offer(gone, price_fen=100, ends_at=now() + DAY), Stage.OFF_SALE)
    client.force_login(owner)
    listed = client.get("/admin/catalog/offer/?running=ending").context["cl"].result_count
    nowhere = Reach([], [])
    work = merchant_worklist(goods=[product.merchant_id], reviews=nowhere, stores=nowhere)
    assert work["ending"] == listed == 2


def test_a_limited_time_price_of_the_release_before_is_read_as_one(client: Client) -> None:
    product = make_product(merchant=make_store(city=make_city()).merchant)
    offer = make_limited_offer(product, price_fen=100)
    Offer.objects.filter(pk=offer.pk).update(kind="flash")
    offer.refresh_from_db()
    assert offer.is_limited
    assert offer in Offer.objects.limited()
    (row,) = client.get("/api/v1/products").json()["results"]
    assert row["ends_at"] is not None
    kinds = {row["kind"] for row in client.get(f"/api/v1/products/{product.pk}").json()["offers"]}
    assert kinds == {"normal", "limited"}
    assert change_limited_offer(
        offer=offer, ends_at=offer.ends_at, quota=9, per_person_limit=None
    ).is_limited


def test_pieces_are_shown_where_they_are_counted(client: Client) -> None:
    product = make_product(stores=[make_store()], price_fen=900)
    make_limited_offer(product, price_fen=100, quota=7)
    client.force_login(owner_of(product.merchant))
    page = client.get("/admin/catalog/offer/").content.decode()
    assert "0 / 7" in page and "∞" not in page
