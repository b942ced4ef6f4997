"""The API: what can be claimed, claiming, one's coupons, and `coupons` of a quote and an order."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from rest_framework.test import APIClient

from campaigns.models import Coupon
from tests.campaigns.made import make_campaign, over
from tests.factories import make_product, make_user, offer_of

pytestmark = pytest.mark.django_db
_keys = itertools.count(1)


@pytest.fixture
def api() -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user())
    return client


def send(api: APIClient, path: str, body: Any = None, key: str = "") -> Any:
    key = key or f"campaigns-key-{next(_keys):08d}"
    return api.post(f"/api/v1{path}", body, format="json", headers={"Idempotency-Key": key})


def test_a_coupon_is_found_claimed_listed_and_lowers_a_quote_and_an_order(api: APIClient) -> None:
    product = make_product(price_fen=6000)
    row = make_campaign(product.merchant, over(10000))
    for path in (f"/products/{product.pk}", f"/stores/{product.merchant.stores.get().pk}"):
        (offered,) = api.get(f"/api/v1{path}/campaigns").json()
        assert (offered["id"], offered["headline"]) == (row.pk, "¥20 off over ¥100")
        assert offered["claimed"] is False
    made = send(api, f"/campaigns/{row.pk}/coupons", key="the-same-key-1")
    again = send(api, f"/campaigns/{row.pk}/coupons", key="the-same-key-1")
    assert (made.status_code, again.json()) == (201, made.json())
    refused = send(api, f"/campaigns/{row.pk}/coupons")
    assert (refused.status_code, refused.json()["code"]) == (409, "coupon_limit_reached")
    (listed,) = api.get("/api/v1/coupons").json()["results"]
    assert listed == made.json()
    assert (listed["state"], listed["usable"]) == ("claimed", True)
    assert api.get(f"/api/v1/products/{product.pk}/campaigns").json()[0]["claimed"] is True
    lines = [{"offer": offer_of(product).pk, "quantity": 1}]
    (answer,) = send(api, "/quotes", {"lines": lines}).json()["answers"]
    assert (answer["code"], answer["missing_fen"]) == ("below_minimum", 4000)
    assert answer["detail"] == "Add items worth ¥40 to get it."
    lines[0]["quantity"] = 2
    quote = send(api, "/quotes", {"lines": lines}).json()
    assert quote["total_fen"] == 10000
    none = send(api, "/quotes", {"lines": lines, "coupons": []}).json()
    assert (none["total_fen"], none["answers"][0]["code"]) == (12000, "not_chosen")
    order = send(api, "/orders", {"lines": lines, "quote": quote["digest"]})
    assert (order.status_code, order.json()["total_fen"]) == (201, 10000)
    assert Coupon.objects.get().state == "reserved"


def test_what_is_not_offered_is_not_found(api: APIClient) -> None:
    product = make_product()
    draft = make_campaign(product.merchant, start=False)
    assert api.get(f"/api/v1/products/{product.pk}/campaigns").json() == []
    assert send(api, f"/campaigns/{draft.pk}/coupons").status_code == 404
    assert APIClient().get("/api/v1/coupons").status_code == 401
