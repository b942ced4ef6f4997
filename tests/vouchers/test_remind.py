"""Reminders before the last day: once, together, and only for what can still be used."""

from __future__ import annotations

import datetime as dt

from kernel.clock import at
from tests.factories import Cast, make_product, make_voucher
from vouchers.models import Voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.remind import DAYS_BEFORE, remind_due


def sold(people: Cast, quantity: int = 1, **fields: object) -> Voucher:
    product = make_product(merchant=people.merchant, **fields)
    return make_voucher(owner=people.buyer, product=product, quantity=quantity)


def days_before(voucher: Voucher, days: int) -> dt.datetime:
    """Ten in the morning so many days before the last one."""
    day = voucher.last_day - dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(10), voucher.zone)


def test_the_owner_is_reminded_once_three_days_before(people: Cast) -> None:
    voucher = sold(people, price_fen=4_000)
    with at(days_before(voucher, DAYS_BEFORE + 1)):
        assert remind_due() == 0
    with at(days_before(voucher, DAYS_BEFORE)):
        assert remind_due() == 1
        assert remind_due() == 0
    with at(days_before(voucher, 1)):
        assert remind_due() == 0
    (message,) = people.buyer.notifications.filter(kind="voucher_expiring")
    assert message.params["until_on"] == voucher.last_day.isoformat()
    assert message.params["amount_fen"] == 4_000
    assert message.link == f"/vouchers/{voucher.pk}/"


def test_vouchers_of_one_purchase_are_one_message(people: Cast) -> None:
    voucher = sold(people, quantity=3, price_fen=1_000)
    with at(days_before(voucher, 2)):
        assert remind_due() == 3
    (message,) = people.buyer.notifications.filter(kind="voucher_expiring")
    assert (message.params["vouchers"], message.params["amount_fen"]) == (3, 3_000)


def test_terms_without_money_back_are_said_so(people: Cast) -> None:
    voucher = sold(people, refund_on_expiry=False)
    with at(days_before(voucher, 1)):
        remind_due()
    assert people.buyer.notifications.filter(kind="voucher_lapsing").exists()


def test_what_is_used_or_just_bought_needs_no_reminder(people: Cast) -> None:
    used, fresh = sold(people), sold(people, validity_days=1)
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=used.code)
    with at(fresh.created_at + dt.timedelta(hours=1)):
        assert remind_due() == 0
    with at(days_before(used, 1)):
        assert not people.buyer.notifications.filter(kind="voucher_expiring").exists()
        remind_due()
    assert not people.buyer.notifications.filter(
        kind="voucher_expiring", link=f"/vouchers/{used.pk}/"
    ).exists()


def test_a_purchase_is_never_cut_in_two_by_the_size_of_a_batch(people: Cast) -> None:
    voucher = sold(people, quantity=2, price_fen=1_000)
    sold(people, quantity=2, price_fen=1_000)
    with at(days_before(voucher, 2)):
        assert remind_due(page=3) == 4
        assert remind_due(page=3) == 0
    messages = people.buyer.notifications.filter(kind="voucher_expiring")
    assert [message.params["vouchers"] for message in messages] == [2, 2]
