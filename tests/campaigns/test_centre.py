"""The coupon centre, and codes of stores that lead to a campaign."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.services.campaigns import pause_campaign
from campaigns.services.coupons import claim_coupon
from stores.codes.models import Code, Touch
from stores.codes.paper.sheet import Form, sheet_response
from stores.codes.services import CodeAsked, make_code
from stores.codes.touches import flush_touches
from tests.campaigns.made import make_campaign, over
from tests.factories import make_city, make_merchant, make_product, make_store, make_user

pytestmark = pytest.mark.django_db


def shown(client: Client, **asked: Any) -> list[int]:
    page = client.get(reverse("coupon_centre"), {"city": "", **asked})
    assert page.status_code == 200
    return [offer.campaign.pk for offer in page.context["offers"]]


def test_what_can_be_claimed_is_found_by_city_category_and_near(client: Client) -> None:
    here, there = make_city(), make_city()
    product = make_product(stores=[make_store(city=here, latitude=31.2, longitude=121.4)])
    one = make_campaign(product.merchant, over(10000))
    far = make_merchant()
    make_store(merchant=far, city=there, latitude=22.5, longitude=114.0)
    other = make_campaign(far)
    coded = make_campaign(far, claiming="code")
    paused = make_campaign(far)
    pause_campaign(campaign_id=paused.pk, by=None)
    make_campaign(far, start=False)
    assert shown(client) == [other.pk, one.pk]
    assert shown(client, city=here.slug) == [one.pk]
    assert shown(client, category=product.category.slug) == [one.pk]
    assert shown(client, near="22.51,114.01") == [other.pk]
    api = APIClient()
    found = api.get("/api/v1/campaigns", {"city": here.slug}).json()["results"]
    assert [(row["id"], row["headline"]) for row in found] == [(one.pk, "¥20 off over ¥100")]
    assert len(api.get("/api/v1/campaigns", {"near": "22.51,114.01"}).json()["results"]) == 1
    assert api.get("/api/v1/campaigns", {"category": "no-such"}).status_code == 404
    assert coded.pk


def test_a_campaign_is_said_in_one_sentence_and_claimed_from_there(client: Client) -> None:
    row = make_campaign(make_product().merchant, over(10000))
    page = client.get(reverse("coupon_centre"), {"city": ""}).content.decode()
    assert "¥20 off over ¥100" in page
    assert reverse("campaign_claim", args=[row.pk]) in page
    guest = make_user()
    client.force_login(guest)
    claim_coupon(owner=guest, campaign_id=row.pk)
    assert ">Claimed</a>" in client.get(reverse("coupon_centre"), {"city": ""}).content.decode()
    assert reverse("coupon_centre") in client.get(reverse("home")).content.decode()
    assert "领券中心" in client.get("/coupon-centre/?lang=zh-hans").content.decode()


def test_an_empty_centre_leads_on_and_more_campaigns_cost_no_statement_more(client: Client) -> None:
    page = client.get(reverse("coupon_centre"), {"city": ""}).content.decode()
    assert "No coupons to claim here now" in page

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(client)
        return len(asked)

    make_campaign(make_merchant())
    few = statements()
    for _ in range(5):
        make_campaign(make_merchant())
    assert statements() == few


def test_a_code_on_a_poster_leads_to_the_campaign_and_keeps_the_touch(client: Client) -> None:
    merchant = make_product().merchant
    row = make_campaign(merchant)
    target = reverse("campaign_claim", args=[row.pk])
    asked = CodeAsked(Code.Kind.CAMPAIGN, "Window", target=target, campaign="spring")
    code = make_code(merchant=merchant, asked=asked, by=None)
    phone = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Mobile Safari/537.36"
    led = client.get(reverse("code", args=[code.code]), headers={"User-Agent": phone})
    assert led.status_code == 302
    assert led["Location"].split("?")[0] == target
    flush_touches()
    assert Touch.objects.filter(code=code).count() == 1
    assert "¥20 off" in client.get(target).content.decode()
    assert sheet_response(code, form=Form.POSTER, format="pdf", site="O2O").content.startswith(
        b"%PDF"
    )
