"""Goods on their way to the guest read alike on every screen, in the API and in e-mails."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from messages.models import Notification
from messages.wording import word_notification
from orders.reactions import follow_paid_order
from stores.services.staff import add_staff
from tests.factories import make_product, make_staff, pay_order
from tests.orders.test_parts import Farm, make_farm
from tests.vouchers.counter import sell_one
from vouchers.handover import collected_at, word_progress
from vouchers.models import Voucher
from vouchers.notices import tell_owner_expiring, tell_owner_redeemed
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db
MARKS = {0x2068: None, 0x2069: None}
"""What keeps the direction of a value apart from its sentence."""


@pytest.fixture
def farm() -> Farm:
    return make_farm()


def sold(farm: Farm, pieces: int = 3) -> Voucher:
    order = pay_order(farm.order(pieces, farm.there))
    return Voucher.objects.select_related("terms").get(order_number=order.number)


def clerk_of_both(farm: Farm) -> Any:
    clerk = make_staff(farm.here)
    add_staff(merchant=farm.here.merchant, user=clerk, role="clerk", stores=[farm.here, farm.there])
    return clerk


def read(user: Any, name: str, *args: Any, **query: Any) -> str:
    client = Client()
    client.force_login(user)
    page = client.get(reverse(name, args=args), query).content.decode()
    return " ".join(page.translate(MARKS).split())


def api(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def hand_over(farm: Farm, voucher: Voucher, uses: int = 1) -> int:
    done = redeem_voucher(
        staff=clerk_of_both(farm), store_id=farm.there.pk, code=voucher.code, uses=uses
    )
    voucher.refresh_from_db()
    return done.pk


def test_the_guest_reads_where_the_goods_wait_and_how_far_they_are(farm: Farm) -> None:
    voucher = sold(farm)
    for page in (("voucher_list",), ("voucher_detail", voucher.pk)):
        assert "To be collected at South Gate · 3 pieces" in read(farm.buyer, *page)
    hand_over(farm, voucher)
    for page in (("voucher_list",), ("voucher_detail", voucher.pk)):
        assert "1 of 3 collected · the rest is at South Gate" in read(farm.buyer, *page)
    assert "1 of 3 collected" in read(farm.buyer, "order_detail", voucher.order_number)
    told = api(farm.buyer).get(f"/api/v1/vouchers/{voucher.pk}").json()
    assert (told["collect_at"], told["detail"]) == (farm.there.pk, "1 of 3 collected")


def test_a_single_piece_says_where_it_waits(farm: Farm) -> None:
    sold(farm, 1)
    assert "To be collected at South Gate<" in read(farm.buyer, "voucher_list")


def test_the_counter_reads_that_they_wait_here(farm: Farm) -> None:
    voucher = sold(farm)
    clerk = clerk_of_both(farm)
    client = Client()
    client.force_login(clerk)
    url, form = reverse("console_preview", args=[farm.there.pk]), {"code": voucher.code}
    assert "To be collected here · 3 pieces" in client.post(url, form).content.decode()
    body = {"store": farm.there.pk, "code": voucher.code}
    told = api(clerk).post("/api/v1/console/previews", body, format="json").json()
    assert (told["collect_at"], told["detail"]) == (
        farm.there.pk,
        "To be collected here · 3 pieces",
    )
    done = hand_over(farm, voucher)
    assert "1 of 3 collected · the rest is here" in read(
        clerk, "console_result", farm.there.pk, done
    )
    done = hand_over(farm, voucher, 2)
    assert "Collected" in read(clerk, "console_result", farm.there.pk, done)


def test_another_store_reads_which_one_has_them(farm: Farm) -> None:
    voucher = sold(farm)
    body = {"store": farm.here.pk, "code": voucher.code}
    told = api(clerk_of_both(farm)).post("/api/v1/console/previews", body, format="json").json()
    assert told["code"] == "wrong_store"
    assert told["set_aside"] is True
    assert told["stores"] == [{"id": farm.there.pk, "name": "South Gate"}]
    assert told["detail"].translate(MARKS) == (
        "To be collected at South Gate: its pieces were set aside there. Nothing was redeemed."
    )


def test_what_is_over_says_so_in_its_own_words(farm: Farm) -> None:
    voucher = sold(farm)
    hand_over(farm, voucher)
    refund_voucher(owner=farm.buyer, voucher_id=voucher.pk)
    voucher.refresh_from_db()
    shown = [
        read(farm.buyer, "voucher_detail", voucher.pk),
        read(farm.buyer, "voucher_list", tab="refunding"),
    ]
    for page in shown:
        assert voucher.title in page
        for text in ("2 pieces left", "To be collected", "the rest is at"):
            assert text not in page, text


def test_messages_say_where_and_that_it_was_collected(farm: Farm) -> None:
    order = pay_order(farm.order(1, farm.there))
    follow_paid_order(order_id=order.pk)
    assert told_facts()["To be collected at"] == "South Gate"
    voucher = Voucher.objects.select_related("terms").get(order_number=order.number)
    tell_owner_expiring([voucher])
    assert told_facts()["To be collected at"] == "South Gate"
    tell_owner_redeemed(redemption_id=hand_over(farm, voucher))
    told = word_notification(Notification.objects.latest("id"))
    assert told.title.startswith("Collected: ")
    assert told.body.translate(MARKS).startswith("Collected at South Gate on ")


def told_facts() -> dict[str, str]:
    told = word_notification(Notification.objects.latest("id"))
    return {label: value.translate(MARKS) for label, value in told.details}


def test_no_query_more_for_what_waits_nowhere(farm: Farm, django_assert_num_queries: Any) -> None:
    voucher = sold(farm)
    with django_assert_num_queries(0):
        assert word_progress(voucher, here=farm.there.pk) == "To be collected here · 3 pieces"
    card = sell_one(make_product(kind="times_card", uses=3), buyer=farm.buyer)
    with django_assert_num_queries(0):
        assert collected_at([card]) == {}
    elsewhere = sold(make_farm(), 1)
    with django_assert_num_queries(1):
        found = collected_at([card, voucher, elsewhere])
    assert found[voucher.pk] == farm.there and set(found) == {voucher.pk, elsewhere.pk}
