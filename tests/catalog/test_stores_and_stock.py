"""Stock follows its stores: closed ones sell nothing online; back to one number; few left are told of."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.errors import SoldOut
from catalog.models import Stock, StockDiscrepancy, StockLevel, StockMovement
from catalog.services.by_store import keep_by_store, keep_one_number
from catalog.services.levels import MovementAsked, record_movements
from catalog.services.stock import set_low_stock
from kernel.outbox.models import OutboxEvent
from messages.models import Notification
from messages.wording import word_notification
from stores.services.stores import update_store
from tests.catalog.stock_books import broken
from tests.factories import owner_of, pay_order
from tests.orders.test_parts import Farm, make_farm
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm() -> Farm:
    return make_farm(here=3, there=5)


def level(farm: Farm, store: Any) -> StockLevel:
    return StockLevel.objects.get(variant=farm.variant, store=store)


def low_events() -> list[tuple[int | None, int]]:
    rows = OutboxEvent.objects.filter(topic="stock.low").order_by("pk")
    return [(row.payload["store_id"], row.payload["left"]) for row in rows]


def test_a_closed_store_sells_nothing_online_until_it_opens(farm: Farm) -> None:
    update_store(store=farm.there, state="closed")
    assert farm.levels == (3, 5, 3)
    with pytest.raises(SoldOut):
        farm.order(4)
    assert broken() == set()
    update_store(store=farm.there, state="active")
    assert farm.levels == (3, 5, 8)
    assert broken() == set()


def test_the_last_open_store_closing_is_sold_out(farm: Farm) -> None:
    update_store(store=farm.here, state="closed")
    OutboxEvent.objects.all().delete()
    update_store(store=farm.there, state="closed")
    assert farm.levels == (3, 5, 0)
    assert OutboxEvent.objects.filter(topic="stock.turned").count() == 1


def test_other_changes_of_a_store_write_no_stock(farm: Farm) -> None:
    Stock.objects.update(available=77)  # what a look at the stores would write over
    update_store(store=farm.here, phone="020 7946 0000")
    assert Stock.objects.get(variant=farm.variant).available == 77


def test_who_changes_something_else_meanwhile_does_not_open_it(farm: Farm) -> None:
    before = type(farm.there).objects.get(pk=farm.there.pk)
    update_store(store=farm.there, state="closed")
    update_store(store=before, phone="020 7946 0000")
    assert farm.levels == (3, 5, 3)


def test_back_to_one_number_with_all_pieces(farm: Farm) -> None:
    order = pay_order(farm.order(2, farm.there))
    owner = owner_of(farm.here.merchant)
    stock = keep_one_number(variant_id=farm.variant.pk, by=owner)
    assert (stock.by_store, stock.available) == (False, 6)
    assert farm.levels == (0, 0, 6)
    assert broken() == set()
    farm.order(1)  # nobody has to choose a store
    refund_voucher(owner=farm.buyer, voucher_id=Voucher.objects.get(order_number=order.number).pk)
    assert farm.levels == (0, 0, 7)
    assert keep_one_number(variant_id=farm.variant.pk, by=owner).available == 7
    keep_by_store(variant_id=farm.variant.pk, by=owner, store_id=farm.here.pk)
    assert farm.levels == (7, 0, 7)
    assert broken() == set()


def test_what_is_missing_somewhere_is_corrected_not_taken_from_others(farm: Farm) -> None:
    owner = owner_of(farm.here.merchant)
    line = MovementAsked(farm.variant.pk, farm.here.pk, "sold", "till-1", delta=-4)
    record_movements(merchant=farm.here.merchant, lines=[line], stores=None, by=owner)
    assert StockDiscrepancy.objects.filter(settled_at=None).count() == 1
    keep_one_number(variant_id=farm.variant.pk, by=owner)
    assert farm.levels == (0, 0, 5)
    assert not StockDiscrepancy.objects.filter(settled_at=None).exists()
    assert StockMovement.objects.get(reason="correction").delta == 1
    assert broken() == set()


def test_the_list_of_products_leads_back_and_levels_are_gone(farm: Farm) -> None:
    office = Client()
    office.force_login(owner_of(farm.here.merchant))
    url = reverse("admin:catalog_product_changelist")
    data = {"action": "one_number", "_selected_action": [farm.variant.product_id]}
    assert office.post(url, data).status_code == 200  # it asks first
    office.post(url, data | {"confirmed": "yes"})
    assert not Stock.objects.get(variant=farm.variant).by_store
    listed = office.get(reverse("admin:catalog_stocklevel_changelist"))
    assert listed.context["cl"].queryset.count() == 0


def test_a_number_that_is_reached_already_is_told_at_once(farm: Farm) -> None:
    set_low_stock(variant_id=farm.variant.pk, low_stock_at=3)
    assert low_events() == [(farm.here.pk, 3)]
    set_low_stock(variant_id=farm.variant.pk, low_stock_at=5)
    assert low_events() == [(farm.here.pk, 3), (farm.there.pk, 5)]
    set_low_stock(variant_id=farm.variant.pk, low_stock_at=2)
    assert len(low_events()) == 2


def test_the_merchant_is_told_of_few_and_of_none(farm: Farm, drain: Any) -> None:
    owner = owner_of(farm.here.merchant)
    set_low_stock(variant_id=farm.variant.pk, low_stock_at=2)
    farm.order(1, farm.here)
    drain()
    told = word_notification(Notification.objects.get(kind="stock_low", user=owner))
    assert "North Gate" in told.title and "2" in told.title
    lines = [
        MovementAsked(farm.variant.pk, farm.here.pk, "received", "van", delta=5),
        MovementAsked(farm.variant.pk, farm.here.pk, "sold", "till", delta=-9),
    ]
    for line in lines:
        record_movements(merchant=farm.here.merchant, lines=[line], stores=None, by=owner)
    drain()
    assert Notification.objects.filter(kind="stock_gone", user=owner).count() == 1
