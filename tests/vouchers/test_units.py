"""Goods are counted in pieces, cards in uses, wherever a guest or a clerk reads a number of them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from messages.models import Notification
from messages.wording import word_notification
from orders.models import Order
from tests.factories import Cast, make_paid_order, make_product, offer_of
from tests.vouchers.counter import sell_one
from vouchers.explain import explain
from vouchers.kinds import word_uses_left
from vouchers.models import Voucher
from vouchers.notices import tell_owner_redeemed, tell_owner_undone
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.terms import terms_of

pytestmark = pytest.mark.django_db
_keys = itertools.count(1)
MARKS = {0x2068: None, 0x2069: None}
"""What keeps the direction of a value apart from its sentence."""


def goods(people: Cast, quantity: int = 3, **fields: Any) -> Voucher:
    product = make_product(merchant=people.merchant, kind="goods", price_fen=1_000, **fields)
    order = make_paid_order(people.buyer, offer_of(product), quantity)
    return Voucher.objects.get(order_number=order.number)


def card(people: Cast) -> Voucher:
    product = make_product(merchant=people.merchant, kind="times_card", uses=5, price_fen=10_000)
    return sell_one(product, buyer=people.buyer)


def page(people: Cast, who: Any, name: str, *args: object) -> str:
    client = Client()
    client.force_login(who)
    return " ".join(client.get(reverse(name, args=args)).content.decode().split())


def redeem(people: Cast, voucher: Voucher, uses: int = 1) -> int:
    redemption = redeem_voucher(
        staff=people.clerk, store_id=people.store.pk, code=voucher.code, uses=uses
    )
    voucher.refresh_from_db()
    return redemption.pk


def test_pages_of_the_guest_count_pieces(people: Cast) -> None:
    voucher = goods(people)
    order = page(people, people.buyer, "order_detail", voucher.order_number)
    assert "In your wallet: 3 pieces to pick up." in order
    redeem(people, voucher, 2)
    for name, args in (("voucher_list", ()), ("voucher_detail", (voucher.pk,))):
        html = page(people, people.buyer, name, *args)
        assert "2 of 3 collected" in html
        assert "uses left" not in html
    assert "2 pieces" in page(people, people.buyer, "voucher_detail", voucher.pk)
    refund = page(people, people.buyer, "voucher_refund", voucher.pk)
    assert "2 of 3 collected" in refund
    with translation.override("zh-hans"):
        assert word_uses_left(voucher) == "还有1件待取，共3件"


def test_the_counter_counts_pieces(people: Cast) -> None:
    voucher = goods(people)
    client = Client()
    client.force_login(people.clerk)
    form = {"code": voucher.code}
    asked = client.post(reverse("console_preview", args=[people.store.pk]), form).content.decode()
    assert "To be collected · 3 pieces" in asked and "Pieces to hand over now" in asked
    done = redeem(people, voucher, 2)
    result = page(people, people.clerk, "console_result", people.store.pk, done)
    assert "Redeemed: 2 pieces" in result and "2 of 3 collected" in result
    assert "2 pieces" in page(people, people.clerk, "console_today", people.store.pk)


def test_cards_go_on_counting_uses(people: Cast) -> None:
    voucher = card(people)
    redeem(people, voucher)
    assert "4 of 5 uses left" in page(people, people.buyer, "voucher_list")
    assert "pieces" not in page(people, people.buyer, "voucher_detail", voucher.pk)


def test_refusals_at_the_counter_say_pieces(people: Cast) -> None:
    voucher = goods(people)
    redeem(people, voucher)
    api = APIClient()
    api.force_authenticate(people.clerk)
    key = {"Idempotency-Key": f"test-units-key-{next(_keys):08d}"}
    body = {"store": people.store.pk, "code": voucher.code, "uses": 3}
    answer = api.post("/api/v1/console/redemptions", body, format="json", headers=key).json()
    assert answer["code"] == "no_uses_left"
    assert answer["detail"] == (
        "3 pieces were asked for and 2 are left. Nothing was redeemed. Redeem fewer pieces."
    )
    shown = api.post("/api/v1/console/previews", body, format="json").json()
    assert (shown["unit"], shown["uses_left"]) == ("piece", 2)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    refused = api.post("/api/v1/console/previews", body, format="json").json()
    assert refused["detail"].startswith("1 of 3 pieces of this voucher had been collected.")


def test_caps_are_told_in_one_wording_before_and_after_buying(people: Cast) -> None:
    """Product page, checkout and the refusal at the counter: the same sentence."""
    product = make_product(
        merchant=people.merchant, kind="times_card", uses=5, uses_per_day=2, uses_per_visit=1
    )
    voucher = sell_one(product, buyer=people.buyer)
    lines = [line.text for line in explain(terms_of(voucher))]
    visit, day = "At most 1 use per guest at one visit.", "At most 2 uses per guest on one day."
    assert visit in lines and day in lines
    client = Client()
    client.force_login(people.buyer)
    assert visit in client.get(reverse("product_detail", args=[product.pk])).content.decode()
    offer = offer_of(product)
    client.post(reverse("basket_add"), {"offer": offer.pk, "quantity": 1})
    checkout = client.get(reverse("checkout")).content.decode()
    assert visit in checkout and day in checkout
    redeem(people, voucher)
    api = APIClient()
    api.force_authenticate(people.clerk)
    body = {"store": people.store.pk, "code": voucher.code}
    refused = api.post("/api/v1/console/previews", body, format="json").json()
    assert refused["code"] == "cap_reached" and refused["detail"].startswith(visit)


def test_messages_count_pieces(people: Cast) -> None:
    voucher = goods(people)
    tell_owner_redeemed(redemption_id=redeem(people, voucher, 2))
    told = word_notification(Notification.objects.latest("id"))
    assert "1 of 3 pieces left to collect" in told.body
    assert ("Pieces left", "1") in [
        (label, value.translate(MARKS)) for label, value in told.details
    ]
    last = redeem(people, voucher)
    tell_owner_redeemed(redemption_id=last)
    told = word_notification(Notification.objects.latest("id"))
    assert "the last of 3 pieces" in told.body.translate(MARKS)
    tell_owner_undone(redemption_id=last)
    labels = [
        label for label, _value in word_notification(Notification.objects.latest("id")).details
    ]
    assert "Pieces left" in labels and "Uses left" not in labels


def test_what_a_refund_keeps_is_said_alike_on_page_and_by_api(people: Cast) -> None:
    voucher = card(people)
    redeem(people, voucher, 2)
    api = APIClient()
    api.force_authenticate(people.buyer)
    told = api.get(f"/api/v1/vouchers/{voucher.pk}/refund").json()
    assert told == {
        "allowed": True,
        "amount_fen": 6_000,
        "kept_fen": 4_000,
        "until": None,
        "detail": "¥60 goes back to you. ¥40 stays with the store: 2 of 5 uses used.",
    }
    assert told["detail"] in page(people, people.buyer, "voucher_refund", voucher.pk)
    stranger = APIClient()
    stranger.force_authenticate(people.stranger)
    assert stranger.get(f"/api/v1/vouchers/{voucher.pk}/refund").status_code == 404


def test_what_was_taken_back_is_not_kept(people: Cast) -> None:
    voucher = card(people)
    redemption_id = redeem(people, voucher, 2)
    return_redeemed(redemption_id=redemption_id, uses=1, requested_by=people.owner)
    api = APIClient()
    api.force_authenticate(people.buyer)
    told = api.get(f"/api/v1/vouchers/{voucher.pk}/refund").json()
    assert told["detail"] == ("¥60 goes back to you. ¥20 stays with the store: 1 of 5 uses used.")
    html = page(people, people.buyer, "voucher_refund", voucher.pk)
    assert html.count("1 of 5 uses used") == 2 and "2 of 5 uses used" not in html


def test_a_refund_that_is_not_possible_says_why_and_what_is_kept(people: Cast) -> None:
    product = make_product(
        merchant=people.merchant, price_fen=3_000, refund_rule="none", refund_on_expiry=True
    )
    voucher = sell_one(product, buyer=people.buyer)
    api = APIClient()
    api.force_authenticate(people.buyer)
    told = api.get(f"/api/v1/vouchers/{voucher.pk}/refund").json()
    assert (told["allowed"], told["kept_fen"]) == (False, 3_000)
    assert told["detail"] == "No refund is possible now. It was sold without a right to a refund."
    html = page(people, people.buyer, "voucher_refund", voucher.pk)
    assert told["detail"] in html and "¥30" in html


def test_the_order_s_progress_tells_of_refunds_by_item(people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="times_card", uses=5, price_fen=10_000)
    number = make_paid_order(people.buyer, offer_of(product)).number
    voucher = Voucher.objects.get(order_number=number)
    redeem(people, voucher, 2)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    order = Order.objects.get(number=voucher.order_number)
    html = page(people, people.buyer, "order_detail", order.number)
    progress = html.split('class="steps"')[1].split("</ol>")[0]
    assert "Refund of ¥60" in progress and voucher.title in progress and "on its way" in progress
    assert html.split('id="lines"')[1].count(voucher.title) >= 2, "the refund's row names it, too"
