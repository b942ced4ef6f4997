"""/sitemap.xml and its parts."""

from __future__ import annotations

import datetime as dt
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from catalog.services.products import archive_product
from kernel.http.seo.sitemap import ById
from o2o.pages.sitemap import NAMESPACE, SECTIONS
from stores.models import Store
from tests.factories import make_category, make_city, make_product, make_store

pytestmark = pytest.mark.django_db
BASE = "https://shop.example"


@pytest.fixture(autouse=True)
def public_address(settings: Any) -> None:
    settings.BASE_URL = BASE


def read(client: Client, url: str) -> dict[str, str | None]:
    """Addresses and their dates."""
    response = client.get(url.removeprefix(BASE))
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(response.content)
    return {
        entry.findtext(f"{{{NAMESPACE}}}loc", ""): entry.findtext(f"{{{NAMESPACE}}}lastmod")
        for entry in root
    }


def everything(client: Client) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for part in read(client, "/sitemap.xml"):
        found |= read(client, part)
    return found


def test_what_can_be_seen_is_listed_and_every_address_works(client: Client) -> None:
    city = make_city(slug="harbour", featured=True)
    make_city(slug="empty", featured=True)
    category = make_category(slug="noodles")
    product = make_product(stores=[make_store(city=city)], category=category)
    store = product.stores.get()
    gone, draft = make_product(category=category), make_product(state="draft")
    archive_product(product=gone)
    found = everything(client)
    paths = {address.removeprefix(BASE) for address in found}
    assert reverse("product_detail", args=[product.pk]) in paths
    assert reverse("store_detail", args=[store.pk]) in paths
    assert {"/", "/help/", "/products/?city=", "/stores/?city=harbour"} <= paths
    assert {
        "/products/?category=noodles&city=",
        "/products/?category=noodles&city=harbour",
    } <= paths
    assert "/products/?category=noodles&city=empty" not in paths
    for hidden in (gone, draft):
        assert reverse("product_detail", args=[hidden.pk]) not in paths
    for path in paths:
        page = client.get(path).content.decode()
        canonical = f'rel="canonical" href="{BASE}{path}"'.replace("&", "&amp;")
        assert canonical in page, path


def test_the_date_is_that_of_the_last_change(client: Client) -> None:
    product = make_product()
    moment = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
    Product.objects.filter(pk=product.pk).update(updated_at=moment)
    found = everything(client)
    assert found[f"{BASE}{reverse('product_detail', args=[product.pk])}"] == (
        "2026-03-04T05:06:07+00:00"
    )
    store = product.merchant.stores.get()
    changed = found[f"{BASE}{reverse('store_detail', args=[store.pk])}"]
    history = Store.pgh_event_model.objects.filter(pgh_obj=store.pk)  # type: ignore[attr-defined]
    latest = history.latest("pgh_created_at")
    assert changed == latest.pgh_created_at.replace(microsecond=0).isoformat()


def test_parts_are_ranges_of_ids_and_cost_one_probe_each(django_assert_num_queries: Any) -> None:
    products = [make_product() for _ in range(5)]
    rows = lambda: Product.objects.filter(pk__in=[p.pk for p in products])  # noqa: E731
    section = ById(rows, "product_detail", "updated_at", size=2)
    numbers = section.numbers()
    with django_assert_num_queries(len(numbers) + 1):
        assert section.numbers() == numbers
    listed = [section.entries(number) for number in numbers]
    assert all(1 <= len(entries) <= 2 for entries in listed)
    assert [entry.address for entries in listed for entry in entries] == [
        reverse("product_detail", args=[product.pk]) for product in products
    ]
    assert section.entries(numbers[-1] + 1) == []
    with django_assert_num_queries(1):
        section.entries(numbers[0])


def test_a_part_that_is_not_there_is_not_found(client: Client) -> None:
    for path in ("/sitemap-products-99.xml", "/sitemap-pages-2.xml", "/sitemap-wallets-1.xml"):
        response = client.get(path)
        assert response.status_code == 404
        assert "no-store" in response["Cache-Control"]


def test_an_empty_shop_still_has_its_pages(client: Client) -> None:
    assert set(SECTIONS) == {"pages", "products", "stores"}
    assert set(read(client, "/sitemap.xml")) == {f"{BASE}/sitemap-pages-1.xml"}


def test_few_queries_whatever_the_size(client: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        make_product(category=make_category(), stores=[make_store(city=make_city(featured=True))])
    for path in ("/sitemap.xml", "/sitemap-pages-1.xml", "/sitemap-products-1.xml"):
        with django_assert_max_num_queries(8):
            assert client.get(path).status_code == 200
