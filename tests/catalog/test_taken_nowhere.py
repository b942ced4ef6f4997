"""What no store takes is called so wherever it stands, and who sells it is told."""

from __future__ import annotations

from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from stores.models import Store
from tests.backoffice import shown
from tests.factories import make_limited_offer, make_product, make_store, owner_of

pytestmark = pytest.mark.django_db


def said(person, path: str, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    if person:
        client.force_login(person)
    page = client.get(path).content.decode().split("<main")[-1]
    return " ".join(unescape(strip_tags(page.replace("><", "> <"))).split())


def close(store: Store) -> str:
    """Close it in the back office; what the next page says."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(owner_of(store.merchant))
    url = reverse("admin:stores_store_change", args=[store.pk])
    data = shown(client.get(url)) | {"state": "closed"}
    return client.post(url, data, follow=True).content.decode()


def test_a_guest_reads_one_thing_about_a_product_that_no_store_takes() -> None:
    product = make_product(price_fen=900)
    page = reverse("product_detail", args=[product.pk])
    assert "At every store of this merchant." in said(None, page)
    Store.objects.update(state="closed")
    english, chinese = said(None, page), said(None, page, "zh-hans")
    assert "No store accepts it at the moment." in english
    assert "At every store of this merchant." not in english
    assert "暂时不出售" in chinese and "报价" not in chinese


def test_the_back_office_says_what_no_store_takes() -> None:
    first = make_store()
    second = make_store(merchant=first.merchant)
    everywhere = make_product(merchant=first.merchant, title_en="Soup", price_fen=900)
    make_limited_offer(everywhere, price_fen=100)
    make_product(stores=[first], title_en="Cake", price_fen=900)
    owner = owner_of(first.merchant)
    products, offers = "/admin/catalog/product/", "/admin/catalog/offer/?kind__exact=limited"
    assert "but no store takes it" not in said(owner, products)
    assert "last open store" not in close(first), "another one is open"
    listed = said(owner, products + "?taken=nowhere")
    assert "Cake" in listed and "Soup" not in listed
    assert "last open store" in close(second)
    assert said(owner, products).count("on sale, but no store takes it") == 2
    assert "running, but no store takes it" in said(owner, offers)
    desk = said(owner, reverse("admin:index"))
    assert "2 products on sale are taken by no store" in desk


def test_more_products_cost_the_list_no_more_queries() -> None:
    store = make_store()
    client = Client()
    client.force_login(owner_of(store.merchant))

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    def stock() -> None:
        make_limited_offer(make_product(merchant=store.merchant, price_fen=900), price_fen=100)

    stock()
    paths = ("/admin/catalog/product/", "/admin/catalog/offer/")
    before = [cost(path) for path in paths]
    for _more in range(3):
        stock()
    assert [cost(path) for path in paths] == before
