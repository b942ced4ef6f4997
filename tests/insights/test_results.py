"""What came of orders: each once, its days the sum of them, as the books say; kept by a worker, made anew."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from campaigns.services.coupons import claim_coupon
from insights.errors import CodeOfCampaign
from insights.models import Mark, OrderPart, ResultDay
from insights.models.sums import OF_GUESTS, OF_PARTS
from insights.services.plans import add_campaign_code, make_campaign_code
from insights.services.results import refresh_of_redemption
from kernel.clock import at, now
from kernel.errors import NotFound
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.place import place_order
from stores.codes.models import Code
from tests.campaigns.made import make_campaign, over
from tests.factories import make_product, make_store, make_user, offer_of, pay_order, redeem
from tests.insights.checked import broken, catch_up
from tests.orders.test_sources import PHONE, Guest, Shop, make_code_of, people  # noqa: F401
from vouchers.models import Voucher
from vouchers.services.redeem import undo_redemption
from vouchers.services.refund import refund_voucher
from vouchers.services.release import release_due

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def sums(**of: Any) -> dict[str, int]:
    """The figures that are not 0, over the days of ``of``."""
    found = ResultDay.objects.filter(**of).aggregate(
        **{name: Sum(name, default=0) for name in (*OF_GUESTS, *OF_PARTS)}
    )
    return {name: int(value) for name, value in found.items() if value}


def come(order: Order, people: Shop, *, when: dt.datetime | None = None) -> None:  # noqa: F811
    """Redeem the order's vouchers, and let their undo window close."""
    moment = when or now()
    with at(moment):
        for voucher in Voucher.objects.filter(order_number=order.number):
            redeem(voucher, store=people.store, staff=people.clerk)
    with at(moment + DAY):
        release_due()


def test_each_order_counts_once_with_its_code_or_without(people: Shop) -> None:  # noqa: F811
    code = make_code_of(people.store)
    came, sent_back, stranger = Guest(), Guest(), make_user()
    for guest in (came, sent_back):
        guest.scan(code)
    first, second = came.buy(people.product), sent_back.buy(people.product)
    third = place_order(buyer=stranger, lines=[(people.offer.pk, 1)])
    given_up = place_order(buyer=stranger, lines=[(people.offer.pk, 1)])
    catch_up()
    for order in (first, second, third):
        pay_order(order)
    cancel_order(buyer=stranger, number=given_up.number)
    come(first, people)
    gone = Voucher.objects.get(order_number=second.number)
    refund_voucher(owner=sent_back.user, voucher_id=gone.pk)
    catch_up()
    price = people.offer.price_fen
    by_code = sums(code=code, campaign=None)
    commission = by_code.pop("commission_fen")
    assert 0 < commission < price
    assert by_code == {
        "scans": 2,
        "visitors": 1,
        "orders": 2,
        "paid": 2,
        "came": 1,
        "sent_back": 1,
        "new": 2,
        "new_came": 1,
        "received_fen": 2 * price,
        "refunded_fen": price,
        "earned_fen": price,
    }
    assert sums(code=None, campaign=None) == {
        "orders": 2,
        "paid": 1,
        "new": 2,
        "received_fen": price,
    }
    assert sums(campaign=None)["orders"] == Order.objects.count() == OrderPart.objects.count()
    assert broken() == []


def test_a_campaign_has_what_its_coupons_and_its_codes_brought(people: Shop) -> None:  # noqa: F811
    campaign = make_campaign(people.merchant, over(2000))
    code = make_code_of(people.store)
    add_campaign_code(campaign=campaign, code=code, by=None)
    by_code, by_coupon, other = Guest(), make_user(), make_user()
    by_code.scan(code)
    claim_coupon(owner=by_coupon, campaign_id=campaign.pk)
    orders = [by_code.buy(people.product)] + [
        place_order(buyer=buyer, lines=[(people.offer.pk, 1)]) for buyer in (by_coupon, other)
    ]
    for order in orders:
        pay_order(order)
        come(order, people)
    catch_up()
    price = people.offer.price_fen
    found = sums(campaign=campaign)
    assert (found["scans"], found["visitors"], found["claims"]) == (1, 1, 1)
    assert (found["orders"], found["came"]) == (2, 2)
    assert (found["given_fen"], found["own_fen"]) == (2000, 2000)
    assert found["earned_fen"] == 2 * price - 2000
    assert sums(campaign=campaign, code=code)["orders"] == 1
    assert sums(campaign=None)["orders"] == 3
    assert broken() == []


def test_an_order_at_two_businesses_has_a_part_at_each(people: Shop) -> None:  # noqa: F811
    other = make_product(stores=[make_store()])
    order = place_order(buyer=make_user(), lines=[(people.offer.pk, 1), (offer_of(other).pk, 1)])
    pay_order(order)
    catch_up()
    assert OrderPart.objects.filter(order=order).count() == 2
    assert sums(merchant=other.merchant)["received_fen"] == offer_of(other).price_fen
    assert broken() == []


def test_who_comes_again_within_ninety_days_counts_for_the_order_before(people: Shop) -> None:  # noqa: F811
    buyer, moment = make_user(), now()
    with at(moment):
        first = pay_order(place_order(buyer=buyer, lines=[(people.offer.pk, 1)]))
        come(first, people, when=moment)
        catch_up()
    assert "again" not in sums(campaign=None)
    with at(moment + 80 * DAY):
        second = pay_order(place_order(buyer=buyer, lines=[(people.offer.pk, 1)]))
        come(second, people, when=moment + 80 * DAY)
        catch_up()
    found = {part.order_id: part for part in OrderPart.objects.all()}
    assert (found[first.pk].came_again, found[second.pk].came_again) == (True, False)
    assert (found[first.pk].is_new, found[second.pk].is_new) == (True, False)
    assert broken() == []


def test_an_undone_visit_is_none(people: Shop) -> None:  # noqa: F811
    order = pay_order(place_order(buyer=make_user(), lines=[(people.offer.pk, 1)]))
    redemption = redeem(Voucher.objects.get(order_number=order.number), store=people.store)
    catch_up()
    assert sums(campaign=None)["came"] == 1
    undo_redemption(staff=redemption.staff, redemption_id=redemption.pk)
    refresh_of_redemption(redemption_id=redemption.pk)
    assert "came" not in sums(campaign=None)
    assert broken() == []


def test_an_account_opened_after_a_scan_counts_for_the_code(people: Shop) -> None:  # noqa: F811
    code = make_code_of(people.store)
    guest = Guest()
    guest.client.logout()
    guest.scan(code)
    for number, client in enumerate((guest.client, Client(headers={"User-Agent": PHONE}))):
        sent = {
            "identifier": f"new{number}@example.com",
            "display_name": "New",
            "password": "correct horse 48",
        }
        assert client.post(reverse("register"), sent).status_code == 302
    catch_up()
    assert sums(code=code) == {"scans": 1, "visitors": 1, "signups": 1}


def test_a_claim_counts_for_the_code_that_led_to_it(people: Shop) -> None:  # noqa: F811
    campaign = make_campaign(people.merchant)
    owner = people.merchant.staff.get(role="owner").user
    code = make_campaign_code(
        campaign=campaign, name="Article", channel="article", store=None, by=owner
    )
    guest = Guest()
    guest.scan(code)
    page = guest.client.get(reverse("campaign_claim", args=[campaign.pk])).content.decode()
    key = page.split('name="form_key" value="')[1].split('"')[0]
    guest.client.post(reverse("campaign_claim", args=[campaign.pk]), {"form_key": key})
    claim_coupon(owner=make_user(), campaign_id=campaign.pk)
    catch_up()
    assert sums(campaign=campaign, code=code) == {"scans": 1, "visitors": 1, "claims": 1}
    assert sums(campaign=campaign, code=None) == {"claims": 1}
    assert broken() == []


def test_a_visitor_of_two_codes_of_a_campaign_is_one(people: Shop) -> None:  # noqa: F811
    campaign = make_campaign(people.merchant)
    codes = [make_code_of(people.store), make_code_of(people.store)]
    for code in codes:
        add_campaign_code(campaign=campaign, code=code, by=None)
    guest = Guest("yes")
    guest.client.get("/products/")
    for code in codes:
        guest.scan(code)
    catch_up()
    found = sums(campaign=campaign)
    assert (found["scans"], found["visitors"]) == (2, 1)
    assert [sums(campaign=None, code=code)["visitors"] for code in codes] == [1, 1]


def test_a_code_is_of_one_campaign_and_of_its_own_business(people: Shop) -> None:  # noqa: F811
    code = make_code_of(people.store)
    campaign, another = make_campaign(people.merchant), make_campaign(people.merchant)
    add_campaign_code(campaign=campaign, code=code, by=None)
    with pytest.raises(CodeOfCampaign):
        add_campaign_code(campaign=another, code=code, by=None)
    elsewhere = make_code_of(make_store())
    with pytest.raises(NotFound):
        add_campaign_code(campaign=campaign, code=elsewhere, by=None)
    assert Code.objects.filter(campaign_row__campaign=campaign).count() == 1


def test_all_is_made_anew_as_it_was(people: Shop, capsys: Any) -> None:  # noqa: F811
    campaign = make_campaign(people.merchant, over(2000))
    guest, code = Guest(), make_code_of(people.store)
    guest.scan(code)
    claim_coupon(owner=guest.user, campaign_id=campaign.pk)
    order = pay_order(guest.buy(people.product))
    come(order, people)
    catch_up()
    before = (sums(campaign=None), sums(campaign=campaign))
    OrderPart.objects.update(earned_fen=7)
    ResultDay.objects.update(orders=9, scans=9)
    assert {row[0] for row in broken()} == {"results_of_days", "results_of_ledger"}
    call_command("rebuild_results")
    assert (sums(campaign=None), sums(campaign=campaign)) == before
    assert broken() == []
    assert not Mark.objects.filter(done=0, seen__gt=0).exists()


def test_the_audit_finds_an_order_that_is_left_out(people: Shop) -> None:  # noqa: F811
    order = pay_order(place_order(buyer=make_user(), lines=[(people.offer.pk, 1)]))
    catch_up()
    OrderPart.objects.filter(order=order).delete()
    assert {row[0] for row in broken()} == {"attributed_and_none", "results_of_days"}
