"""The customer's wallet, voucher page and refund page."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel.clock import at
from payments.models import Refund
from payments.services.refunds import send_refund
from tests.factories import Cast, make_product, make_store, make_voucher
from tests.vouchers.counter import sell, sell_one
from vouchers.models import Voucher
from vouchers.presentation import ticket
from vouchers.selectors import wallet, wallet_counts, wallet_page
from vouchers.services.expire import expire_voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import finish_refund


@pytest.fixture
def buyer(people: Cast) -> Client:
    client = Client()
    client.force_login(people.buyer)
    return client


def voucher_of(people: Cast, **fields: Any) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def page(client: Client, name: str, *args: int, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def redeem(people: Cast, voucher: Voucher) -> None:
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)


def test_each_tab_shows_its_vouchers_and_counts(people: Cast, buyer: Client) -> None:
    usable = voucher_of(people, title_en="Usable deal")
    used = voucher_of(people, title_en="Used deal")
    redeem(people, used)
    lapsed = voucher_of(people, title_en="Lapsed deal", refund_on_expiry=False)
    back = voucher_of(people, title_en="Returned deal")
    buyer.post(reverse("voucher_refund", args=[back.pk]), refund_form(buyer, back))
    sell_one(make_product(title_en="Foreign deal"))
    with at(lapsed.valid_until):
        expire_voucher(voucher_id=lapsed.pk)
    for tab, title in (
        ("usable", "Usable deal"),
        ("used", "Used deal"),
        ("refunding", "Returned deal"),
        ("expired", "Lapsed deal"),
    ):
        html = page(buyer, "voucher_list", tab=tab)
        others = {"Usable deal", "Used deal", "Returned deal", "Lapsed deal", "Foreign deal"}
        assert title in html
        assert not [other for other in others - {title} if other in html]
    assert usable.state == "active"
    assert "Usable deal" in page(buyer, "voucher_list", tab="nonsense")


def test_an_empty_wallet_says_what_to_do(buyer: Client) -> None:
    assert "Find a deal" in page(buyer, "voucher_list")


def test_many_vouchers_come_in_pages(people: Cast, buyer: Client) -> None:
    sell(make_product(merchant=people.merchant), buyer=people.buyer, quantity=25)
    html = page(buyer, "voucher_list")
    assert html.count('class="ticket ') == 20
    following = re.search(r'rel="next" href="\?([^"]+)"', html)[1].replace("&amp;", "&")
    more = buyer.get(f"{reverse('voucher_list')}?{following}").content.decode()
    assert more.count('class="ticket ') == 5


def test_the_voucher_shows_code_rules_stores_and_qr(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people, title_en="Facial", blackout=[{"weekdays": [6]}])
    html = page(buyer, "voucher_detail", voucher.pk)
    assert f"{voucher.code[:4]} {voucher.code[4:8]} {voucher.code[8:]}" in html
    assert reverse("voucher_qr", args=[voucher.pk]) in html
    assert "Not on Sunday." in html and "Refund ¥50" in html
    assert people.store.name in html and people.other_store.name in html
    picture = buyer.get(reverse("voucher_qr", args=[voucher.pk]))
    assert picture["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture["Cache-Control"]


def test_a_spent_code_is_stamped_and_not_for_use(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people)
    redeem(people, voucher)
    html = page(buyer, "voucher_detail", voucher.pk)
    assert "qr--spent" in html and "qr__stamp" in html
    assert people.store.name in html  # where it was used
    assert reverse("voucher_refund", args=[voucher.pk]) not in html


def test_a_voucher_past_its_end_reads_as_expired_before_the_sweep(
    people: Cast, buyer: Client
) -> None:
    voucher = voucher_of(people)
    with at(voucher.valid_until + dt.timedelta(seconds=1)):
        assert "qr--spent" in page(buyer, "voucher_detail", voucher.pk)
        assert "ticket--spent" in page(buyer, "voucher_list")


def test_the_open_page_learns_of_the_redemption(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3)
    html = page(buyer, "voucher_detail", voucher.pk)
    pulse = re.search(r'hx-get="([^"]+)"', html)[1]
    assert buyer.get(pulse).status_code == 204
    redeem(people, voucher)
    assert buyer.get(pulse)["HX-Refresh"] == "true"


def test_somebody_elses_voucher_is_404_and_a_guest_logs_in(people: Cast) -> None:
    voucher = voucher_of(people)
    stranger = Client()
    stranger.force_login(people.stranger)
    for name in ("voucher_detail", "voucher_qr", "voucher_refund", "voucher_pulse"):
        address = reverse(name, args=[voucher.pk])
        assert stranger.get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert stranger.post(reverse("voucher_refund", args=[voucher.pk])).status_code == 404
    assert not Refund.objects.exists()


# Refund --------------------------------------------------------------------------------


def refund_form(client: Client, voucher: Voucher) -> dict[str, str]:
    html = client.get(reverse("voucher_refund", args=[voucher.pk])).content.decode()
    return {"form_key": re.search(r'name="form_key" value="([^"]+)"', html)[1]}


def test_the_refund_page_tells_amount_and_time_before_anything_happens(
    people: Cast, buyer: Client
) -> None:
    voucher = voucher_of(people, kind="times_card", uses=4, price_fen=10_000)
    redeem(people, voucher)
    html = page(buyer, "voucher_refund", voucher.pk)
    assert "Refund ¥75?" in html and "1 of 4 uses used" in html
    assert "within minutes" in html and "cannot be taken back" in html
    assert not Refund.objects.exists()


def test_confirming_refunds_once(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people)
    form = refund_form(buyer, voucher)
    for _click in range(2):
        answer = buyer.post(reverse("voucher_refund", args=[voucher.pk]), form)
        assert answer["Location"] == reverse("voucher_detail", args=[voucher.pk])
    assert Refund.objects.get().amount_fen == 5_000
    html = page(buyer, "voucher_detail", voucher.pk)
    assert "Refund of ¥50" in html and "On its way to you" in html
    assert buyer.get(reverse("voucher_refund", args=[voucher.pk])).status_code == 302


def test_badge_and_steps_of_a_refund_tell_one_story(people: Cast, buyer: Client) -> None:
    """Also between the gateway's answer and the moment when the voucher hears of it."""
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    buyer.post(reverse("voucher_refund", args=[voucher.pk]), refund_form(buyer, voucher))
    send_refund(refund_id=Refund.objects.get().pk)
    assert Refund.objects.get().state == "succeeded"
    html = page(buyer, "voucher_detail", voucher.pk)
    assert "On its way to you" in html and "Money returned" not in html
    finish_refund(refund_id=Refund.objects.get().pk)
    html = page(buyer, "voucher_detail", voucher.pk)
    assert "Money returned" in html and "Being refunded" not in html


def test_a_refund_against_the_terms_explains_itself(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people, refund_rule="none")
    assert "without a right to a refund" in page(buyer, "voucher_refund", voucher.pk)
    answer = buyer.post(
        reverse("voucher_refund", args=[voucher.pk]), {"form_key": "long-enough-key"}
    )
    assert answer.status_code == 409
    assert not Refund.objects.exists()


def test_redeemed_while_the_refund_page_was_open(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people)
    form = refund_form(buyer, voucher)
    redeem(people, voucher)
    answer = buyer.post(reverse("voucher_refund", args=[voucher.pk]), form)
    assert answer.status_code == 409
    assert "has been used" in answer.content.decode()


# Cost ----------------------------------------------------------------------------------


@pytest.mark.parametrize("used", [False, True])
def test_pages_cost_at_most_eight_queries(people: Cast, buyer: Client, used: bool) -> None:
    costs = []
    for _round in range(2):
        for _store in range(5):
            make_store(merchant=people.merchant)
        product = make_product(merchant=people.merchant, kind="times_card", uses=3)
        voucher = sell(product, buyer=people.buyer, quantity=6)[0]
        if used:
            redeem(people, voucher)
            buyer.post(reverse("voucher_refund", args=[voucher.pk]), refund_form(buyer, voucher))
        cost = []
        for name, args in (("voucher_list", []), ("voucher_detail", [voucher.pk])):
            with CaptureQueriesContext(connection) as queries:
                assert buyer.get(reverse(name, args=args)).status_code == 200
            cost.append(len(queries))
        costs.append(cost)
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 8, costs


def test_the_first_page_of_each_tab_has_what_a_search_for_everything_finds(people: Cast) -> None:
    vouchers = sell(make_product(merchant=people.merchant), buyer=people.buyer, quantity=23)
    redeem(people, vouchers[3])
    compiled = wallet_page(people.buyer, "usable", "", QueryDict())
    searched = wallet_page(people.buyer, "usable", people.merchant.name_en, QueryDict())
    assert [row.pk for row in compiled.items] == [row.pk for row in searched.items]
    assert len(compiled.items) == 20
    assert compiled.next_url == searched.next_url
    rest = wallet_page(people.buyer, "usable", "", QueryDict(compiled.next_url.lstrip("?")))
    assert len(rest.items) == 2
    assert wallet_page(people.buyer, "used", "", QueryDict()).items == [vouchers[3]]
    counts = wallet_counts(people.buyer)
    assert counts == wallet_counts(people.buyer, people.merchant.name_en)
    assert (counts["usable"], counts["used"], counts["all"]) == (22, 1, 23)


def test_a_voucher_of_no_product_has_a_ticket_with_the_icon_of_a_gift(people: Cast) -> None:
    sell(make_product(merchant=people.merchant), buyer=people.buyer)
    voucher = wallet(people.buyer.pk).get()
    voucher.product = None
    shown = ticket(voucher)
    assert (shown["picture"], shown["icon"]) == ("", "gift")
