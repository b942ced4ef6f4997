"""A sale and its line as guests, programs and merchants meet them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Place, Sale
from campaigns.services.sales import pause_sale
from catalog.models import Offer
from kernel.clock import now
from orders.models import Order
from tests.backoffice import shown
from tests.campaigns.sales import item, make_sale
from tests.factories import cast, make_product, make_store, make_user, variant_of

pytestmark = pytest.mark.django_db


def line_of(quota: int = 1, **more: Any) -> Sale:
    product = make_product(price_fen=5000, title_en="Hotpot for four")
    return make_sale(product, items=[item(product, 3000, quota, 1)], has_line=True, **more)


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_sale_shows_its_prices_and_how_long_they_hold() -> None:
    store = make_store()
    sale = make_sale(*[make_product(merchant=store.merchant) for _ in range(3)])
    html = text(Client(), f"/sales/{sale.pk}/")
    for words in ("Rainy Monday", "10 left", "At most 1 per person", "data-ends-at"):
        assert words in html
    assert "Waiting line" not in html
    with CaptureQueriesContext(connection) as few:
        Client().get(f"/sales/{sale.pk}/")
    more = make_sale(*[make_product(merchant=store.merchant) for _ in range(9)])
    with CaptureQueriesContext(connection) as many:
        Client().get(f"/sales/{more.pk}/")
    assert len(many) <= len(few)
    pause_sale(sale_id=sale.pk, by=None)
    assert "This sale is paused" in text(Client(), f"/sales/{sale.pk}/")


def test_what_has_not_started_or_is_not_there_is_not_found() -> None:
    draft = make_sale(make_product(), start=False)
    for pk in (draft.pk, 999_999):
        for url in (f"/sales/{pk}/", f"/api/v1/sales/{pk}"):
            assert Client().get(url).status_code == 404


def test_a_guest_signs_in_waits_is_let_in_and_buys() -> None:
    sale = line_of()
    url = f"/sales/{sale.pk}/"
    assert "Sign in and take a place" in text(Client(), url)
    first, second = Client(), Client()
    people = [make_user(), make_user()]
    for client, person in zip((first, second), people, strict=True):
        client.force_login(person)
    assert "Take a place" in text(first, url)
    for client in (first, second):
        assert client.post(f"{url}place/").status_code == 302
    assert "You are in." in text(first, url) and "Buy for ¥30" in text(first, url)
    html = text(second, url)
    assert "0 guests are before you." in html and 'http-equiv="refresh"' in html
    assert "Buy for" not in html
    offer = Offer.objects.get(sale_item__sale=sale)
    page = text(second, f"/products/{offer.product_id}/")
    assert f'href="{url}"' in page and 'value="now"' not in page
    first.post(reverse("basket_add"), {"offer": offer.pk, "quantity": 1, "buy": "now"})
    assert "¥30" in text(first, f"/checkout/?offer={offer.pk}")
    assert second.post(f"{url}place/", {"leave": "1"}).status_code == 302
    assert Place.objects.filter(sale=sale).count() == 1


def api_of(person: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_the_api_says_where_one_stands() -> None:
    sale, first, second = line_of(), make_user(), make_user()
    url = f"/api/v1/sales/{sale.pk}/place"
    one, other = api_of(first), api_of(second)
    assert Client().post(url).status_code == 401
    assert one.get(url).status_code == 404
    assert one.post(url).json()["state"] == "in"
    waits = other.post(url).json()
    assert (waits["state"], waits["ahead"], waits["until"]) == ("waiting", 0, None)
    body = Client().get(f"/api/v1/sales/{sale.pk}").json()
    (row,) = body["items"]
    assert (row["price_fen"], row["remaining"], body["has_line"]) == (3000, 1, True)
    order = {"lines": [{"offer": row["offer"], "quantity": 1}]}
    answers = [
        client.post(
            "/api/v1/orders",
            order,
            format="json",
            headers={"Idempotency-Key": f"line-{number:08d}"},
        )
        for number, client in enumerate((other, one))
    ]
    assert [answer.status_code for answer in answers] == [409, 201]
    assert answers[0].json()["code"] == "not_let_in"
    assert Order.objects.get().buyer == first
    assert one.get(url).json()["state"] == "gone"
    assert other.delete(url).status_code == 204
    assert other.get(url).status_code == 404


def test_a_line_is_not_open_before_its_sale() -> None:
    sale = line_of(begins_at=now() + dt.timedelta(hours=1))
    client = Client()
    client.force_login(make_user())
    html = text(client, f"/sales/{sale.pk}/")
    assert "It begins" in html and "Take a place" not in html
    answer = api_of(make_user()).post(f"/api/v1/sales/{sale.pk}/place")
    assert answer.json()["code"] == "sale_not_open"


def test_a_merchant_makes_a_sale_and_starts_it(client: Client) -> None:
    people = cast()
    product = make_product(stores=[people.store], price_fen=5000)
    client.force_login(people.owner)
    page = reverse("admin:campaigns_sale_add")
    typed = shown(client.get(page)) | {
        "name_en": "Rainy Monday",
        "begins_at_0": "2026-01-01",
        "begins_at_1": "10:00",
        "ends_at_0": f"{now() + dt.timedelta(days=3):%Y-%m-%d}",
        "ends_at_1": "10:00",
        "items-TOTAL_FORMS": "1",
        "items-0-variant": str(variant_of(product).pk),
        "items-0-price_fen": "60.00",
        "items-0-quota": "5",
    }
    answer = client.post(page, typed)
    assert "below the normal price" in answer.content.decode()
    assert not Sale.objects.exists()
    assert client.post(page, typed | {"items-0-price_fen": "39.00"}).status_code == 302
    sale = Sale.objects.get()
    assert (sale.state, sale.items.get().price_fen) == ("draft", 3900)
    change = reverse("admin:campaigns_sale_change", args=[sale.pk])
    form = shown(client.get(change)) | {"items-0-price_fen": "35.00"}
    assert client.post(change, form).status_code == 302
    assert sale.items.get().price_fen == 3500
    lead = client.get(reverse("admin:campaigns_sale_start_here", args=[sale.pk]))
    assert "The prices hold from its beginning" in lead.content.decode()
    for name, state in (("start", "running"), ("pause", "paused"), ("end", "ended")):
        client.post(
            reverse("admin:campaigns_sale_changelist"),
            {"action": name, "_selected_action": [sale.pk], "confirmed": "yes"},
        )
        sale.refresh_from_db()
        assert sale.state == state
    assert 'name="items-0-price_fen"' not in client.get(change).content.decode()
    foreign = typed | {"items-0-variant": str(variant_of(make_product()).pk)}
    assert client.post(page, foreign).status_code == 200
    assert Sale.objects.count() == 1
