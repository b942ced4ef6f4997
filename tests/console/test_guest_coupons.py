"""What a guest at the counter could use now: of this business alone, each with its answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.conditions.base import Said
from campaigns.models import Benefit
from campaigns.services.coupons import claim_coupon
from campaigns.terms import Gives
from console.guest_coupons import guest_coupons
from tests.campaigns.made import make_campaign, over
from tests.factories import Cast, cast, make_product, make_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Cast:
    return cast()


def claim(shop: Cast, *conditions: Said, merchant: Any = None, **more: Any) -> Any:
    row = make_campaign(merchant or shop.merchant, *conditions, **more)
    return claim_coupon(owner=shop.buyer, campaign_id=row.pk)


def answers(shop: Cast) -> list[tuple[bool, str]]:
    shop.store.merchant.refresh_from_db()
    found = guest_coupons(store=shop.store, owner_id=shop.buyer.pk)
    return [(row.usable, row.text) for row in found]


def test_each_coupon_says_what_it_asks_for_or_why_not(shop: Cast) -> None:
    product = make_product(merchant=shop.merchant)
    claim(shop, over(10000))
    claim(shop, gives=Gives(Benefit.Kind.ITEM, products=(product.pk,)))
    elsewhere = Said("stores", (shop.other_store.pk,))
    claim(shop, elsewhere, gives=Gives(Benefit.Kind.ITEM, products=(product.pk,)))
    assert answers(shop) == [
        (True, "For an order of ¥100 or more."),
        (True, "Scan the guest's code of it to hand it over."),
        (False, "It is not valid at this store."),
    ]


def test_another_business_s_coupons_are_never_shown(shop: Cast) -> None:
    claim(shop, merchant=shop.other_merchant)
    make_campaign(shop.merchant)
    assert answers(shop) == []


def test_the_page_and_the_api_say_it_beside_the_voucher(shop: Cast) -> None:
    claim(shop, over(10000))
    voucher = make_voucher(owner=shop.buyer, product=make_product(merchant=shop.merchant))
    client, program = Client(), APIClient()
    client.force_login(shop.clerk)
    page = client.post(reverse("console_preview", args=[shop.store.pk]), {"code": voucher.code})
    assert "For an order of ¥100 or more." in page.content.decode()
    program.force_authenticate(shop.clerk)
    body = {"store": shop.store.pk, "code": voucher.code}
    said = program.post(reverse("api_console_previews"), body, format="json").json()
    assert [(row["usable"], row["headline"]) for row in said["coupons"]] == [
        (True, "¥20 off over ¥100")
    ]
