"""A limited-time sale writes prices, takes them off and gives them back exactly."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from campaigns.errors import CampaignFixed, CampaignMoved, CampaignOver
from campaigns.models import Sale, SaleItem
from campaigns.services.sales import (
    change_sale,
    create_sale,
    end_sale,
    end_sales_due,
    pause_sale,
    start_sale,
)
from catalog.models import ListingFact, Offer, PricePeriod, Product
from insights.invariants_campaigns import CAMPAIGNS
from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound
from orders.services.cancel import cancel_order
from tests.campaigns.sales import item, make_sale, selling
from tests.factories import (
    make_merchant,
    make_order,
    make_product,
    make_store,
    make_user,
    variant_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def price(product: Product, moment: dt.datetime | None = None) -> int:
    return ListingFact.objects.at(moment or now()).get(product=product).from_fen


def wrong() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for invariant in CAMPAIGNS:
            cursor.execute(invariant.sql)
            found += [f"{invariant.code} {row[0]}" for row in cursor.fetchall()]
    return found


@pytest.fixture
def two() -> list[Product]:
    store = make_store()
    return [make_product(merchant=store.merchant, price_fen=fen) for fen in (5000, 8000)]


def test_a_draft_changes_no_price_and_a_start_changes_all(two: list[Product]) -> None:
    sale = make_sale(*two, start=False)
    assert [price(product) for product in two] == [5000, 8000]
    start_sale(sale_id=sale.pk, by=None)
    assert [price(product) for product in two] == [3000, 3000]
    offers = Offer.objects.filter(sale_item__sale=sale)
    assert {(o.quota, o.per_person_limit, o.starts_at, o.ends_at) for o in offers} == {
        (10, 1, sale.begins_at, sale.ends_at)
    }
    assert wrong() == []


def test_it_begins_and_ends_by_the_clock(two: list[Product]) -> None:
    begins = now() + DAY
    sale = make_sale(*two, begins_at=begins, ends_at=begins + DAY)
    second = dt.timedelta(seconds=1)
    seen = [price(two[0], begins + off) for off in (-second, second, DAY - second, DAY)]
    assert seen == [5000, 3000, 3000, 5000]
    with at(begins + DAY):
        assert end_sales_due() == 1 and end_sales_due() == 0
        assert Sale.objects.get(pk=sale.pk).state == Sale.State.ENDED
        assert wrong() == []


def test_a_pause_takes_the_prices_off_and_gives_back_what_is_left(two: list[Product]) -> None:
    sale = make_sale(*two)
    offer = Offer.objects.get(sale_item__sale=sale, product=two[0])
    buyer = make_user()
    order = make_order(buyer, offer, 1)
    pause_sale(sale_id=sale.pk, by=None)
    assert [price(product) for product in two] == [5000, 8000]
    start_sale(sale_id=sale.pk, by=None)
    offer.refresh_from_db()
    assert (price(two[0]), offer.remaining, offer.purchases.get().quantity) == (3000, 9, 1)
    cancel_order(buyer=buyer, number=order.number)
    offer.refresh_from_db()
    assert offer.remaining == 10
    end_sale(sale_id=sale.pk, by=None)
    assert [price(product) for product in two] == [5000, 8000]
    with pytest.raises(CampaignMoved):
        start_sale(sale_id=sale.pk, by=None)
    assert wrong() == []


def test_a_paused_sale_keeps_what_it_is_compared_with() -> None:
    with at(now() - 60 * DAY):
        product = make_product(price_fen=5000)
    sale = make_sale(product)
    with at(now() + dt.timedelta(hours=1)):
        pause_sale(sale_id=sale.pk, by=None)
    with at(now() + dt.timedelta(hours=2)):
        start_sale(sale_id=sale.pk, by=None)
    assert Offer.objects.get(sale_item__sale=sale).was_fen == 5000
    assert PricePeriod.objects.filter(offer__sale_item__sale=sale).count() == 2


def test_two_sales_are_never_stacked_the_lowest_price_holds(two: list[Product]) -> None:
    make_sale(two[0], items=[item(two[0], 4000)])
    deeper = make_sale(two[0], items=[item(two[0], 2500)])
    assert price(two[0]) == 2500
    end_sale(sale_id=deeper.pk, by=None)
    assert price(two[0]) == 4000


def test_what_has_started_is_fixed(two: list[Product]) -> None:
    sale = make_sale(*two, start=False)
    change_sale(sale_id=sale.pk, asked=selling(item(two[1], 7000)), by=None)
    assert [row.price_fen for row in SaleItem.objects.filter(sale=sale)] == [7000]
    start_sale(sale_id=sale.pk, by=None)
    with pytest.raises(CampaignFixed):
        change_sale(sale_id=sale.pk, asked=selling(item(two[1], 6000)), by=None)
    draft = make_sale(two[0], start=False)
    with at(now() + 3 * DAY), pytest.raises(CampaignOver):
        start_sale(sale_id=draft.pk, by=None)


@pytest.mark.parametrize(
    ("wrongly", "field"),
    [
        ({"name_en": "", "name_zh": ""}, "name_en"),
        ({"ends_at": now() - DAY}, "ends_at"),
        ({"occasion": "doomsday"}, "occasion"),
    ],
)
def test_what_cannot_be_sold_so_is_refused(
    two: list[Product], wrongly: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_sale(merchant=two[0].merchant, asked=selling(item(two[0]), **wrongly), by=None)
    assert field in caught.value.extra["fields"]


def test_each_price_is_named_that_cannot_be(two: list[Product]) -> None:
    merchant, foreign = two[0].merchant, make_product()
    for items, text in (
        ([], "between 1 and 50"),
        ([item(foreign)], "of this business"),
        ([item(two[0]), item(two[0])], "each once"),
        ([item(two[0], 5000)], "below the normal price"),
        ([item(two[0], most=None)], "how many one person may buy"),
    ):
        with pytest.raises(InvalidInput) as caught:
            create_sale(merchant=merchant, asked=selling(*items, has_line=True), by=None)
        assert text in str(caught.value.extra["fields"]["items"])
    assert not Sale.objects.exists()


def test_a_stranger_finds_nothing(two: list[Product]) -> None:
    sale, stranger = make_sale(*two, start=False), make_user()
    for act in (start_sale, pause_sale, end_sale):
        with pytest.raises(NotFound):
            act(sale_id=sale.pk, by=stranger)
    with pytest.raises(NotFound):
        create_sale(merchant=make_merchant(), asked=selling(item(two[0])), by=stranger)


def test_the_audit_sees_a_price_that_outlives_its_sale(two: list[Product]) -> None:
    sale = make_sale(*two)
    Sale.objects.filter(pk=sale.pk).update(state=Sale.State.ENDED)
    assert len(wrong()) == 2
    Sale.objects.filter(pk=sale.pk).update(state=Sale.State.RUNNING)
    SaleItem.objects.filter(variant=variant_of(two[0])).update(price_fen=1)
    assert len(wrong()) == 1
