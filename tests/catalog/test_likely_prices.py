"""A price typed with the comma out of place is asked about, once, and saved when it is meant."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from catalog.models import Offer
from catalog.services.likely_prices import price_question
from kernel.clock import now
from tests.backoffice import shown
from tests.factories import cast, make_product, variant_of


@pytest.mark.parametrize(
    ("price", "listed", "former", "asked"),
    [
        (9800, 9800, None, False),
        (9801, 9800, None, True),
        (9801, None, None, False),
        (5000, 98000, 5001, False),
        (49_999, 98000, 5000, False),
        (50_000, 98000, 5000, True),
        (501, 9800, 5000, False),
        (500, 9800, 5000, True),
    ],
)
def test_what_is_asked_about(price, listed, former, asked) -> None:
    question = price_question(price_fen=price, list_price_fen=listed, former_fen=former)
    assert bool(question) == asked


@pytest.fixture
def shop(client, db):
    people = cast()
    client.force_login(people.owner)
    return make_product(stores=[people.store], price_fen=5000, list_price_fen=80_000)


def price_errors(response) -> str:
    (formset,) = [
        inline.formset
        for inline in response.context["inline_admin_formsets"]
        if inline.formset.prefix == "variants"
    ]
    return str(formset.forms[0].errors.get("price_fen", ""))


def test_ten_times_the_price_is_saved_only_when_it_is_confirmed(client, shop) -> None:
    page = reverse("admin:catalog_product_change", args=[shop.pk])
    typed = shown(client.get(page)) | {"variants-0-price_fen": "500"}
    answer = client.post(page, typed)
    assert answer.status_code == 200
    box = 'name="variants-0-confirm_price" value="50000"'
    assert box in price_errors(answer)
    assert box in answer.content.decode()
    shop.refresh_from_db()
    assert shop.price_fen == 5000
    assert client.post(page, typed | {"variants-0-confirm_price": "50000"}).status_code == 302
    shop.refresh_from_db()
    assert shop.price_fen == 50_000
    # What was confirmed is not asked about again while other fields change.
    typed = shown(client.get(page)) | {"title_en": "Another title"}
    assert client.post(page, typed).status_code == 302


def test_a_yes_holds_for_the_price_it_was_given_for(client, shop) -> None:
    page = reverse("admin:catalog_product_change", args=[shop.pk])
    typed = shown(client.get(page)) | {
        "variants-0-price_fen": "5",
        "variants-0-confirm_price": "50000",
    }
    assert 'value="500"' in price_errors(client.post(page, typed))


def test_a_list_price_that_sinks_below_the_price_is_asked_about(client, shop) -> None:
    page = reverse("admin:catalog_product_change", args=[shop.pk])
    typed = shown(client.get(page)) | {"list_price_fen": "8"}
    assert "above the list price" in price_errors(client.post(page, typed))
    assert client.post(page, typed | {"variants-0-confirm_price": "5000"}).status_code == 302


def test_a_limited_time_price_is_asked_about_beside_the_normal_one(client, shop) -> None:
    page = reverse("admin:catalog_offer_add")
    start, end = now() + dt.timedelta(days=1), now() + dt.timedelta(days=2)
    typed = shown(client.get(page)) | {
        "variant": variant_of(shop).pk,
        "price_fen": "5.00",
        "starts_at_0": f"{start:%Y-%m-%d}",
        "starts_at_1": "10:00",
        "ends_at_0": f"{end:%Y-%m-%d}",
        "ends_at_1": "10:00",
    }
    answer = client.post(page, typed)
    assert set(answer.context["adminform"].form.errors) == {"price_fen"}
    assert 'name="confirm_price" value="500"' in answer.content.decode()
    assert client.post(page, typed | {"confirm_price": "500"}).status_code == 302
    assert Offer.objects.get(kind="limited").price_fen == 500
