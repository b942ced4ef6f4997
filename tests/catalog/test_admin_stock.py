"""Stock at stores in the back office: levels, their history, discrepancies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Stock, StockLevel, StockMovement
from catalog.services.by_store import keep_by_store
from kernel.outbox.models import OutboxEvent
from tests.backoffice import shown
from tests.catalog.stock_books import broken
from tests.factories import Cast, cast, make_product, make_store, variant_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def level(people: Cast) -> StockLevel:
    product = make_product(merchant=people.merchant, kind="goods", stock=8)
    keep_by_store(variant_id=variant_of(product).pk, by=people.owner, store_id=people.store.pk)
    return StockLevel.objects.get(store=people.store)


@pytest.fixture
def office(client: Client, people: Cast) -> Client:
    client.force_login(people.owner)
    return client


def save(client: Client, level: StockLevel, **data: Any) -> Any:
    form = {"counted": "", "safety": "0", "sells_online": "on"} | data
    return client.post(reverse("admin:catalog_stocklevel_change", args=[level.pk]), form)


def test_a_merchant_counts_and_says_what_the_web_may_sell(
    office: Client, people: Cast, level: StockLevel
) -> None:
    assert save(office, level, counted="20", safety="5").status_code == 302
    level.refresh_from_db()
    stock = Stock.objects.get(variant=level.variant)
    assert (level.on_hand, level.safety, stock.available) == (20, 5, 15)
    assert StockMovement.objects.get(reason="count", store=people.store).author == people.owner


def test_a_count_far_from_the_books_is_asked_about_once(office: Client, level: StockLevel) -> None:
    answer = save(office, level, counted="20000000")
    assert "you counted 20000000" in answer.content.decode()
    level.refresh_from_db()
    assert level.on_hand != 20000000
    assert save(office, level, counted="20000000", sure="on").status_code == 302
    level.refresh_from_db()
    assert level.on_hand == 20000000


def test_without_a_count_nothing_is_counted(
    office: Client, people: Cast, level: StockLevel
) -> None:
    save(office, level, safety="2")
    assert not StockMovement.objects.filter(reason="count", store=people.store).exists()


def test_levels_movements_and_discrepancies_are_listed_and_filtered(
    office: Client, people: Cast, level: StockLevel
) -> None:
    for page in ("stocklevel", "stockmovement", "stockdiscrepancy"):
        assert office.get(reverse(f"admin:catalog_{page}_changelist")).status_code == 200
    url = reverse("admin:catalog_stocklevel_changelist")
    for supply, count in (("none", 1), ("below", 0), ("low", 0)):
        found = office.get(url, {"supply": supply}).context["cl"].queryset
        assert found.count() == count, supply


def test_a_product_is_counted_by_store_from_the_list(office: Client, people: Cast) -> None:
    product = make_product(merchant=people.merchant, stock=None)
    url = reverse("admin:catalog_product_changelist")
    data = {"action": "count_by_store", "_selected_action": [product.pk], "confirmed": "yes"}
    office.post(url, data)
    if not Stock.objects.get(variant=variant_of(product)).by_store:  # it asks first
        office.post(url, data | {"post": "yes", "sure": "yes"})
    assert StockLevel.objects.filter(variant=variant_of(product)).count() == 2


def test_what_the_web_had_goes_to_the_store_that_is_chosen(office: Client, people: Cast) -> None:
    goods = [make_product(merchant=people.merchant, kind="goods", stock=n) for n in (7, 5, 0)]
    url = reverse("admin:catalog_product_changelist")
    data = {"action": "count_by_store", "_selected_action": [product.pk for product in goods]}
    page = office.post(url, data).content.decode()
    first, second, none = goods
    assert "At no store" in page and f'name="choice_{first.pk}"' in page
    assert f'name="choice_{none.pk}"' not in page, "nothing is asked where the web has none"
    sure = data | {"confirmed": "yes", f"choice_{first.pk}": people.other_store.pk}
    office.post(url, sure | {f"choice_{second.pk}": ""})
    levels = StockLevel.objects.filter(store=people.other_store).order_by("variant_id")
    assert list(levels.values_list("on_hand", flat=True)) == [7, 0, 0]
    moved = StockMovement.objects.filter(reason="by_store", author=people.owner)
    assert sorted(moved.values_list("delta", flat=True)) == [-7, -5, 7]
    assert broken() == set()


def test_what_the_web_had_goes_to_no_store_of_somebody_else(office: Client, people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="goods", stock=7)
    theirs = make_store(merchant=people.other_merchant)
    data = {"action": "count_by_store", "_selected_action": [product.pk], "confirmed": "yes"}
    office.post(
        reverse("admin:catalog_product_changelist"), data | {f"choice_{product.pk}": theirs.pk}
    )
    stock = Stock.objects.get(variant=variant_of(product))
    assert (stock.by_store, stock.available) == (False, 7)


def test_when_few_are_left_is_said_on_the_product_however_it_is_counted(
    office: Client, people: Cast, level: StockLevel
) -> None:
    one = variant_of(make_product(merchant=people.merchant, stock=4))
    for variant in (one, level.variant):
        page = reverse("admin:catalog_product_change", args=[variant.product_id])
        for typed, kept in (("6", 6), ("", None)):
            form = shown(office.get(page)) | {"variants-0-low_stock_at": typed}
            assert office.post(page, form).status_code == 302
            assert Stock.objects.get(variant=variant).low_stock_at == kept
    told = OutboxEvent.objects.filter(topic="stock.low").order_by("pk")
    assert [event.payload["left"] for event in told] == [4]  # where nobody ever counted: nothing


def test_who_typed_a_number_on_the_product_is_in_the_books(office: Client, people: Cast) -> None:
    variant = variant_of(make_product(merchant=people.merchant, stock=4))
    page = reverse("admin:catalog_product_change", args=[variant.product_id])
    form = shown(office.get(page)) | {"variants-0-available": "9"}
    assert office.post(page, form).status_code == 302
    row = StockMovement.objects.latest("pk")
    assert (row.counted, row.author) == (9, people.owner)


def test_the_webs_number_cannot_be_typed_on_the_product(
    office: Client, people: Cast, level: StockLevel
) -> None:
    page = office.get(reverse("admin:catalog_product_change", args=[level.variant.product_id]))
    (form, *_rest) = page.context["inline_admin_formsets"][0].formset.forms
    assert form.fields["available"].disabled


def test_a_products_page_says_how_it_is_counted_and_leads_on(office: Client, people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="goods", stock=84, title_en="Honey")
    page = reverse("admin:catalog_product_change", args=[product.pk])
    ask = reverse("admin:catalog_product_count_by_store_here", args=[product.pk])
    back = reverse("admin:catalog_product_one_number_here", args=[product.pk])
    html = office.get(page).content.decode()
    assert "one number for all stores" in html and ask in html and back not in html
    assert "guests choose where they collect it" in office.get(ask).content.decode()
    keep_by_store(variant_id=variant_of(product).pk, by=people.owner, store_id=people.store.pk)
    html = office.get(page).content.decode()
    assert f"{reverse('admin:catalog_stocklevel_changelist')}?q=Honey" in html
    assert back in html and ask not in html
    moved = StockMovement.objects.filter(variant=variant_of(product), reason="by_store")
    assert sorted(moved.values_list("store", "delta"), key=lambda row: row[1]) == [
        (None, -84),
        (people.store.pk, 84),
    ]
    listed = office.get(reverse("admin:catalog_stockmovement_changelist")).content.decode()
    rows = re.findall(r"field-reason[^>]*>(.*?)</td>", listed, re.DOTALL)
    assert rows and all("counted by store from now on" in row for row in rows[:2])
