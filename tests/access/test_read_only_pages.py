"""A page that can only be read says the same as the form: labels, money, words of codes."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import cast, make_product, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    people = cast()
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(people.store, role="reader"))
    return people, client


def test_a_product_is_read_with_its_price_stock_and_terms(reader) -> None:
    people, client = reader
    product = make_product(merchant=people.merchant, price_fen=2800, stock=41)
    product.list_price_fen = 3500
    product.included = [{"name_en": "Soup", "name_zh": "汤", "quantity": 2, "value_fen": 1750}]
    product.notes = [{"en": "Please book a day ahead", "zh": "请提前一天预约"}]
    product.save()
    page = client.get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()
    for words in ("¥35.00", "¥28.00", "41", "2 × Soup", "Please book a day ahead"):
        assert words in page, words
    for label in ("What is included", "Blackout times", "Where it comes from", "Stock"):
        assert label in page, label
    for raw in ("Price fen", "Included text", "Notes text", "Blackout text", "Provenance text"):
        assert raw not in page, raw
    assert ">3500" not in page


def test_a_store_is_read_with_its_services_in_words(reader) -> None:
    people, client = reader
    people.store.services = ["wifi", "high-chair"]
    people.store.save()
    page = client.get(reverse("admin:stores_store_change", args=[people.store.pk]))
    assert "high-chair" not in page.content.decode()
    assert "Wi-Fi" in page.content.decode()
