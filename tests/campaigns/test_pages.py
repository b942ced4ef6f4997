"""What a guest meets: ribbons, the button to claim, "My coupons", and the choice in the checkout."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.conditions.base import Said
from campaigns.models import Coupon
from campaigns.services.campaigns import pause_campaign
from campaigns.services.coupons import claim_coupon
from catalog.models import Product
from members.models import User
from orders.models import Order
from orders.services.basket import add_line, basket_of
from tests.campaigns.made import TENTH, make_campaign, over
from tests.factories import make_product, make_user, offer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    return make_product(price_fen=6000)


@pytest.fixture
def guest(client: Client) -> User:
    person = make_user()
    client.force_login(person)
    return person


def shown(client: Client, product: Product) -> str:
    return client.get(reverse("product_detail", args=[product.pk])).content.decode()


def claim(client: Client, campaign_id: int, page: str) -> Any:
    key = page.split(f"/campaigns/{campaign_id}/")[1].split('name="form_key" value="')[1]
    data = {"form_key": key.split('"')[0], "next": "/coupons/"}
    return client.post(reverse("campaign_claim", args=[campaign_id]), data, follow=True)


def test_a_ribbon_stands_where_it_is_good_and_leads_to_the_coupon(
    client: Client, guest: User, product: Product
) -> None:
    row = make_campaign(product.merchant, over(10000))
    other = make_product(merchant=product.merchant)
    only = make_campaign(product.merchant, Said("products", (other.pk,)), gives=TENTH)
    page = shown(client, product)
    assert "¥20 off over ¥100" in page
    assert f"/campaigns/{only.pk}/" not in page
    assert f"/campaigns/{only.pk}/" in shown(client, other)
    store = product.merchant.stores.get()
    assert (
        "¥20 off over ¥100" in client.get(reverse("store_detail", args=[store.pk])).content.decode()
    )
    mine = claim(client, row.pk, page)
    text = mine.content.decode()
    assert "The coupon is yours." in text
    assert "¥20 off over ¥100" in text
    assert Coupon.objects.get(owner=guest).number in text
    assert ">Claimed</a>" in shown(client, product)


def test_who_is_not_signed_in_comes_back_to_the_button(client: Client, product: Product) -> None:
    row = make_campaign(product.merchant)
    assert "¥20 off" in shown(client, product)
    url = reverse("campaign_claim", args=[row.pk])
    led = client.post(url)
    assert led["Location"] == f"{reverse('login')}?next={url}"
    client.force_login(make_user())
    assert "Claim" in client.get(url).content.decode()
    pause_campaign(campaign_id=row.pk, by=None)
    assert "No coupons are given for the moment." in client.get(url).content.decode()
    draft = make_campaign(product.merchant, start=False)
    assert client.get(reverse("campaign_claim", args=[draft.pk])).status_code == 404
    assert "¥20 off" not in shown(client, product)


def test_a_page_of_a_business_without_campaigns_costs_no_statement_more(
    client: Client, product: Product
) -> None:
    shown(client, product)
    with CaptureQueriesContext(connection) as before:
        shown(client, product)
    assert not [row for row in before if "campaigns_" in row["sql"]]


def test_the_checkout_takes_the_best_and_lets_choose_another_or_none(
    client: Client, guest: User, product: Product
) -> None:
    small, large = (
        claim_coupon(owner=guest, campaign_id=make_campaign(product.merchant, **more).pk)
        for more in ({"name_en": "Small"}, {"name_en": "Large", "gives": TENTH})
    )
    offer = offer_of(product)
    add_line(basket=basket_of(owner=guest), offer_id=offer.pk, quantity=4)
    url = reverse("checkout")

    def total(**asked: Any) -> tuple[int, str]:
        page = client.get(url, asked)
        return page.context["basket"].quote.total_fen, page.content.decode()

    assert total()[0] == 24000 - 2400
    fen, page = total(choose=1, coupon=small.pk)
    assert fen == 22000
    assert "You chose not to use it." in page
    assert f'value="these:{small.pk}"' in page
    assert total(choose=1)[0] == 24000
    assert total(choose=1, coupon="x")[0] == 24000
    form = client.get(url, {"choose": 1, "coupon": small.pk}).context["form"].initial
    key = page.split('name="form_key" value="')[1].split('"')[0]
    data = {**form, "offer": "", "gateway": "sandbox", "form_key": key}
    assert client.post(url, data).status_code == 302
    assert Order.objects.get().total_fen == 22000
    small.refresh_from_db()
    large.refresh_from_db()
    assert (small.state, large.state) == ("reserved", "claimed")


def test_the_basket_says_how_much_is_missing_in_both_languages(
    client: Client, guest: User, product: Product
) -> None:
    claim_coupon(owner=guest, campaign_id=make_campaign(product.merchant, over(10000)).pk)
    add_line(basket=basket_of(owner=guest), offer_id=offer_of(product).pk, quantity=1)
    page = client.get(reverse("basket")).content.decode()
    assert "Add items worth ¥40 to get it." in page
    assert "周二有礼" in client.get(reverse("basket") + "?lang=zh-hans").content.decode()
