"""A product whose terms no form would write, kept from an old release, is shown all the same."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from kernel.watch.models import Incident
from members.services.accounts import issue_token
from tests.factories import Cast, cast, make_product, make_user
from tests.vouchers.counter import sell_one
from vouchers.models import Voucher

pytestmark = pytest.mark.django_db

LINES = """[
    null, 17, true, "text", ["nested"], {},
    {"name_en": 4, "en": 5, "weekdays": "Monday"},
    {"name_en": {"a": 1}, "quantity": "two", "en": ["x"], "weekdays": [9], "start": "25:99"},
    {"name_en": "Tea", "quantity": 1e300, "en": null, "weekdays": [null], "start": 5},
    {"name_en": "Tea", "quantity": -1, "value_fen": 1e40, "from": "2026-13-45", "to": 3},
    {"weekdays": [1e30], "from": "0001-01-01", "to": "-5", "end": "x"},
    {"weekdays": {"a": 1}, "start": [], "end": {}}
]"""
SHAPES = ["null", "17", '"a text"', '{"en": "no list", "farm": {"a": []}}', LINES]
COLUMNS = ["included", "notes", "blackout", "provenance"]


def break_product(product: Product, column: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            f"UPDATE catalog_product SET {column} = %s::jsonb WHERE id = %s", [value, product.pk]
        )


def break_terms(voucher: Voucher, key: str, value: str) -> None:
    voucher.terms.refresh_from_db()
    body = json.dumps({**voucher.terms.body, key: json.loads(value)})
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE vouchers_voucherterms SET body = %s::jsonb WHERE id = %s",
            [body, voucher.terms_id],
        )
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize("value", SHAPES)
def test_a_product_with_damaged_terms_has_its_page_its_api_and_its_form(value: str) -> None:
    people = cast()
    product = make_product(stores=[people.store], merchant=people.merchant)
    for column in COLUMNS:
        break_product(product, column, value)
    client = Client(raise_request_exception=False)
    paths = [
        f"/products/{product.pk}/",
        f"/api/v1/products/{product.pk}",
        f"/products/?merchant={people.merchant.slug}",
        "/api/v1/products",
    ]
    answers = {path: client.get(path).status_code for path in paths}
    client.force_login(people.owner)
    form = reverse("admin:catalog_product_change", args=[product.pk])
    answers[form] = client.get(form).status_code
    client.force_login(make_user("operator"))
    answers["operator"] = client.get(form).status_code
    assert answers == dict.fromkeys(answers, 200)


@pytest.mark.parametrize("value", SHAPES)
def test_a_voucher_with_damaged_terms_is_in_the_wallet_on_its_page_and_on_paper(value: str) -> None:
    people = cast()
    product = make_product(stores=[people.store], merchant=people.merchant)
    voucher = sell_one(product, buyer=people.buyer)
    for column in COLUMNS[:3]:
        break_product(product, column, value)
        break_terms(voucher, column, value)
    answers = ask_for(people, voucher)
    assert answers == dict.fromkeys(answers, 200)


def ask_for(people: Cast, voucher: Voucher) -> dict[str, int]:
    client = Client(raise_request_exception=False)
    client.force_login(people.buyer)
    token = {"authorization": f"Bearer {issue_token(user=people.buyer)}"}
    names = ["voucher_detail", "voucher_sheet", "voucher_picture", "voucher_calendar"]
    paths = [reverse("voucher_list"), *(reverse(name, args=[voucher.pk]) for name in names)]
    answers = {path: client.get(path).status_code for path in paths}
    for path in ("/api/v1/vouchers", f"/api/v1/vouchers/{voucher.pk}"):
        answers[path] = client.get(path, headers=token).status_code
    return answers


def test_what_can_be_read_of_damaged_terms_is_shown_and_stays_in_the_form() -> None:
    people = cast()
    product = make_product(stores=[people.store], merchant=people.merchant)
    break_product(product, "notes", '[17, {"en": "Knock twice", "zh": ""}]')
    break_product(product, "blackout", '[{"weekdays": [9]}, {"weekdays": [0]}]')
    break_product(product, "provenance", '{"farm_en": ["x"], "batch": "B-7"}')
    client = Client()
    body = client.get(f"/api/v1/products/{product.pk}").json()
    assert body["terms"]["notes"] == ["Knock twice"]
    assert body["terms"]["blackout"] == [{"weekdays": [0]}]
    assert body["provenance"] == {"batch": "B-7"}
    client.force_login(people.owner)
    form = client.get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()
    assert "Knock twice" in form
    assert "batch: B-7" in form
    page = client.get(f"/products/{product.pk}/").content.decode()
    assert "Knock twice" in page


def test_the_operator_is_told_which_product_is_damaged() -> None:
    product = make_product()
    break_product(product, "blackout", '[{"weekdays": "Monday"}]')
    Client().get(f"/products/{product.pk}/")
    assert Incident.objects.filter(subject=f"product:{product.pk}").exists()
