"""The back office refuses what the services refuse, beside the field that was typed."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager

import pytest
from django.db import connection
from django.forms.models import model_to_dict, modelform_factory
from django.urls import reverse

from catalog.admin_forms import OfferForm, ProductForm, VariantForm
from catalog.models import Offer
from kernel.clock import now
from stores.admin import StoreForm
from stores.models import Store
from tests.backoffice import shown
from tests.factories import cast, make_limited_offer, make_product, make_store, owner_of, variant_of

pytestmark = pytest.mark.django_db


def errors_of(form_class, row, **typed) -> set[str]:
    row = type(row).objects.get(pk=row.pk)
    data = {name: value for name, value in model_to_dict(row).items() if value is not None}
    form = form_class({**data, **typed}, instance=row)
    return set(form.errors)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, None),
        ({"included_text": "2 × Tea | 茶 | -5.00"}, "included_text"),
        ({"included_text": "0 × Tea"}, "included_text"),
        ({"included_text": "Tea | 茶 | 100000001"}, "included_text"),
        ({"blackout_text": "Someday"}, "blackout_text"),
        ({"notes_text": "x" * 1001}, "notes_text"),
        ({"uses": 3}, "uses"),
        ({"validity_days": 1, "usable_after_hours": 24}, "usable_after_hours"),
        ({"title_en": "", "title_zh": ""}, "title_en"),
        ({"description_en": "bell\x07"}, "description_en"),
    ],
)
def test_the_product_form_asks_the_service(typed, field) -> None:
    assert errors_of(ProductForm, make_product(), **typed) == ({field} if field else set())


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"price_fen": "100000000.01"}, "price_fen"),
        ({"price_fen": "0"}, "price_fen"),
        ({"price_fen": "8", "available": "2147483648"}, "available"),
    ],
)
def test_a_price_and_a_stock_that_no_column_holds_are_refused_at_their_field(typed, field) -> None:
    assert errors_of(VariantForm, variant_of(make_product()), **typed) == {field}


def test_the_form_of_a_limited_time_price_asks_the_service() -> None:
    offer = make_limited_offer(make_product(), price_fen=100)
    far = now() + dt.timedelta(days=4000)
    assert errors_of(OfferForm, offer, ends_at=far.isoformat(sep=" ")[:19]) == {"ends_at"}
    assert errors_of(OfferForm, offer, quota=0) == {"quota"}


def test_the_forms_of_places_ask_the_service() -> None:
    store = make_store()
    form = modelform_factory(Store, StoreForm, exclude=["picture"])
    assert errors_of(form, store) == set()
    assert errors_of(form, store, latitude=0, longitude=0) == {"latitude"}
    assert errors_of(form, store, time_zone="Factory") == {"time_zone"}
    assert errors_of(form, store, district_en="Bell\x1fTower") == {"district_en"}
    assert errors_of(form, store, phone="ring the bell", postcode="ABC") == {"phone", "postcode"}
    assert errors_of(form, store, phone="021-5555 0001 (Ms Lin)", postcode="200 040") == set()


def test_a_phone_and_a_postcode_are_kept_as_a_keyboard_writes_them() -> None:
    store = make_store()
    made = modelform_factory(Store, StoreForm, exclude=["picture"])
    data = {name: value for name, value in model_to_dict(store).items() if value is not None}
    form = made(
        {**data, "phone": "０２１－５５５５ ０００１", "postcode": "２０００４０"}, instance=store
    )
    assert form.is_valid()
    assert (form.instance.phone, form.instance.postcode) == ("021-5555 0001", "200040")


def test_a_store_with_a_phone_of_an_old_import_can_still_be_changed() -> None:
    store = make_store(phone="4.20E+11")
    form = modelform_factory(Store, StoreForm, exclude=["picture"])
    assert errors_of(form, store, name_en="Harbour") == set()


def test_a_text_that_is_too_long_arrives_whole_and_is_refused_with_its_length(client) -> None:
    store = make_store()
    client.force_login(owner_of(store.merchant))
    page = reverse("admin:stores_store_change", args=[store.pk])
    form = client.get(page)
    assert b"maxlength" not in form.content
    answer = client.post(page, {**shown(form), "name_en": "n" * 5000})
    assert answer.status_code == 200
    assert "name_en" in answer.context["adminform"].form.errors
    assert b"n" * 5000 in answer.content


def test_lines_count_as_the_browser_counts_them(client) -> None:
    product = make_product()
    client.force_login(owner_of(product.merchant))
    page = reverse("admin:catalog_product_change", args=[product.pk])
    lines = "茶\r\n" * 5000
    assert saved(client.post(page, {**shown(client.get(page)), "description_zh": lines.strip()}))
    product.refresh_from_db()
    assert product.description_zh == ("茶\n" * 5000).strip()


def test_who_sells_what_no_store_takes_is_told(client) -> None:
    store = make_store()
    product = make_product(merchant=store.merchant)
    client.force_login(owner_of(store.merchant))
    page = reverse("admin:catalog_product_change", args=[product.pk])
    assert b"nobody can buy it" not in client.get(page).content
    Store.objects.filter(merchant=store.merchant).update(state=Store.State.CLOSED)
    assert b"nobody can buy it" in client.get(page).content
    listed = reverse("admin:catalog_product_changelist")
    sent = {"action": "put_on_sale", "_selected_action": [product.pk]}
    assert b"nobody can buy it" in client.post(listed, sent, follow=True).content


def saved(response) -> bool:
    """Whether the page was left; else the test shows what was refused."""
    if response.status_code == 200:
        inlines = [i.formset.errors for i in response.context["inline_admin_formsets"]]
        raise AssertionError([response.context["adminform"].form.errors, inlines])
    return response.status_code == 302


def refused(response) -> set[str]:
    """The fields of a page's own form that carry an error; it was shown again, not saved."""
    assert response.status_code == 200
    return set(response.context["adminform"].form.errors)


def test_a_product_page_keeps_what_was_typed_when_it_is_refused(client) -> None:
    people = cast()
    product = make_product(stores=[people.store])
    client.force_login(people.owner)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    typed = shown(client.get(page)) | {
        "included_text": "2 × Dumplings | 饺子 | -5.00",
        "title_en": "Dumplings for two",
        "variants-0-price_fen": "49.00",
    }
    answer = client.post(page, typed)
    assert refused(answer) == {"included_text"}
    for text in ("2 × Dumplings | 饺子 | -5.00", "Dumplings for two", "49.00"):
        assert text in answer.content.decode()
    product.refresh_from_db()
    assert (product.title_en == "Dumplings for two", product.price_fen) == (False, 5000)
    typed["included_text"] = "2 × Dumplings | 饺子 | 50.00"
    assert saved(client.post(page, typed))
    product.refresh_from_db()
    assert product.included[0]["value_fen"] == 5000
    assert (product.title_en, product.price_fen) == ("Dumplings for two", 4900)
    assert list(product.stores.all()) == [people.store]


def test_a_sale_between_the_look_and_the_saving_is_a_message(client) -> None:
    people = cast()
    offer = make_limited_offer(make_product(stores=[people.store]), price_fen=100, quota=10)
    client.force_login(people.owner)
    page = reverse("admin:catalog_offer_change", args=[offer.pk])
    typed = shown(client.get(page)) | {"quota": "3"}
    with sold_before_the_lock(offer, 5):
        answer = client.post(page, typed)
    assert refused(answer) == {"quota"}
    assert "More than this have been sold already." in answer.content.decode()
    assert answer.context["adminform"].form["quota"].value() == "3"
    offer.refresh_from_db()
    assert offer.quota == 10
    assert saved(client.post(page, typed))
    offer.refresh_from_db()
    assert offer.quota == 3


@contextmanager
def sold_before_the_lock(offer: Offer, pieces: int):
    """A buyer's UPDATE that arrives just before the merchant's change holds the row."""

    def wrapper(execute, statement, params, many, context):
        if "FOR NO KEY UPDATE" in statement and 'FROM "catalog_offer"' in statement:
            with connection.connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE catalog_offer SET quota_sold = %s WHERE id = %s", [pieces, offer.pk]
                )
        return execute(statement, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield


def test_a_store_is_made_and_changed_through_its_service(client) -> None:
    people = cast()
    client.force_login(people.owner)
    page = reverse("admin:stores_store_add")
    typed = shown(client.get(page)) | {
        "name_en": "Lotus Corner",
        "city": people.store.city_id,
        "latitude": "31.2",
        "longitude": "121.4",
        "services": ["wifi"],
        "time_zone": "",
        "phone": "021 5555 0001",
    }
    assert refused(client.post(page, typed | {"longitude": "181"})) == {"longitude"}
    assert saved(client.post(page, typed))
    store = Store.objects.get(name_en="Lotus Corner")
    assert (store.merchant, store.services) == (people.merchant, ["wifi"])
    assert store.time_zone == people.store.city.time_zone
    assert "lotus" in store.search_vector
    page = reverse("admin:stores_store_change", args=[store.pk])
    typed = shown(client.get(page)) | {"name_en": "Plum Corner"}
    assert saved(client.post(page, typed))
    store.refresh_from_db()
    assert "plum" in store.search_vector
    assert store.services == ["wifi"]


def test_an_invented_list_price_is_refused_beside_its_field(client) -> None:
    people = cast()
    product = make_product(stores=[people.store], price_fen=5000, list_price_fen=5000)
    client.force_login(people.owner)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    typed = shown(client.get(page)) | {"list_price_fen": "90.00"}
    answer = client.post(page, typed)
    assert refused(answer) == {"list_price_fen"}
    assert "¥50 at most" in answer.content.decode()
    product.refresh_from_db()
    assert product.list_price_fen == 5000
    assert saved(client.post(page, typed | {"variants-0-price_fen": "90.00"}))
    product.refresh_from_db()
    assert (product.list_price_fen, product.price_fen) == (9000, 9000)
