"""Pages of occasions list what fits; festivals are shown ahead of their day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product
from catalog.services.occasions import set_occasions
from kernel.clock import at
from kernel.errors import InvalidInput
from tests.backoffice import shown
from tests.factories import cast, make_city, make_product, make_store

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 9, 13, 4, tzinfo=dt.UTC)


def good_for(*occasions: str, **fields: Any) -> Product:
    product = make_product(**fields)
    set_occasions(product=product, occasions=occasions)
    return product


def titles(url: str) -> list[str]:
    answer = Client().get(url)
    assert answer.status_code == 200
    return [card["title"] for card in answer.context["cards"]]


def test_a_page_lists_what_fits_the_occasion() -> None:
    good_for("family", "mid-autumn", title_en="Big table")
    good_for("date", title_en="Table for two")
    good_for("family", title_en="Not yet", state="draft")
    assert titles("/occasions/family/") == ["Big table"]
    assert titles("/occasions/mid-autumn/") == ["Big table"]
    assert titles("/occasions/qixi/") == []
    assert Client().get("/occasions/doomsday/").status_code == 404
    rows = Client().get("/api/v1/products", {"occasion": "date"}).json()["results"]
    assert [row["title"] for row in rows] == ["Table for two"]


def test_it_lists_what_is_near_the_visitor() -> None:
    here, there = make_city(featured=True), make_city(featured=True)
    good_for("family", title_en="Here", stores=[make_store(city=here)])
    good_for("family", title_en="There", stores=[make_store(city=there)])
    client = Client()
    client.get("/products/", {"city": here.slug})
    answer = client.get(f"/occasions/family/?city={here.slug}")
    assert [card["title"] for card in answer.context["cards"]] == ["Here"]


def test_a_page_costs_the_same_however_much_it_lists() -> None:
    good_for("family")
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            Client().get("/occasions/family/")
        counts.append(len(queries))
        for _ in range(5):
            good_for("family")
    assert counts[1] <= counts[0]


def test_festivals_are_told_ahead_of_their_day() -> None:
    with at(NOON):
        html = Client().get("/occasions/mid-autumn/").content.decode()
        assert "in 12 days" in html and "25 Sep" in html.replace("\xa0", " ")
        home = Client().get("/").content.decode()
        assert "/occasions/mid-autumn/" in home and "/occasions/spring-festival/" not in home
        rows = Client().get("/api/v1/occasions").json()
        listed = Client().get("/occasions/").content.decode()
    assert rows[0] == {"code": "family", "name": "Family", "day": None, "in_days": None}
    assert rows[3] == {
        "code": "mid-autumn",
        "name": "Mid-Autumn Festival",
        "day": "2026-09-25",
        "in_days": 12,
    }
    assert "Spring Festival" in listed
    with at(NOON + dt.timedelta(days=12)):
        assert "Today" in Client().get("/occasions/mid-autumn/").content.decode()


def test_both_languages_are_indexed() -> None:
    good_for("qixi")
    html = Client().get("/occasions/qixi/?lang=zh-hans").content.decode()
    assert "七夕节" in html and "noindex" not in html
    parts = Client().get("/sitemap-pages-1.xml").content.decode()
    assert "/occasions/qixi/" in parts and "/occasions/christmas/" not in parts


def test_a_merchant_says_what_a_product_is_good_for(client: Client) -> None:
    people = cast()
    product = make_product(stores=[people.store])
    client.force_login(people.owner)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    form = shown(client.get(page)) | {"occasions": ["family", "qixi"]}
    assert client.post(page, form).status_code == 302
    said = set(product.occasion_rows.values_list("occasion", flat=True))
    assert said == {"family", "qixi"}
    form = shown(client.get(page)) | {"occasions": ["qixi"]}
    assert client.post(page, form).status_code == 302
    assert product.occasion_rows.get().occasion == "qixi"
    with pytest.raises(InvalidInput):
        set_occasions(product=product, occasions=["doomsday"])
