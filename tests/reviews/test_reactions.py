"""What people are told after the counter: redeemed, undone, invited, refunded, expired."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from kernel import clock
from kernel.outbox.models import OutboxEvent
from messages.wording import word_notification
from payments.models import Refund
from payments.services.refunds import send_refund
from reviews.services.reviews import write_review
from tests.factories import cast, make_product, make_voucher, redeem
from vouchers.notices import tell_payer_refunded
from vouchers.services.expire import expire_voucher
from vouchers.services.redeem import undo_redemption
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


def buy(people, **terms):
    product = make_product(merchant=people.merchant, title_en="Noodle lunch", **terms)
    return make_voucher(owner=people.buyer, product=product)


def told(user, kind):
    return [word_notification(row) for row in user.notifications.filter(kind=kind)]


def test_the_buyer_hears_of_the_paid_order(people, drain):
    buy(people, price_fen=5000)
    drain()
    (message,) = told(people.buyer, "order_paid")
    assert message.title == "Paid: Noodle lunch"
    assert "¥50" in message.body


def test_the_owner_hears_of_a_redemption_and_is_invited_once(people, drain):
    voucher = buy(people)
    redeem(voucher, store=people.store, staff=people.clerk)
    drain()
    drain()
    (message,) = told(people.buyer, "voucher_redeemed")
    assert people.store.name_en in message.body
    invitation = people.buyer.notifications.get(kind="review_invited")
    assert invitation.link == reverse("review_write", args=[voucher.pk])


def test_a_redemption_counts_uses_only_where_there_are_several(people, drain):
    single = buy(people)
    redeem(single, store=people.store, staff=people.clerk)
    card = buy(people, kind="times_card", uses=2)
    redeem(card, store=people.store, staff=people.clerk)
    drain()
    redeem(card, store=people.store, staff=people.clerk)
    drain()
    (alone,) = told(people.buyer, "voucher_redeemed")
    assert "left" not in alone.body and "Uses left" not in dict(alone.details)
    (first,) = told(people.buyer, "card_redeemed")
    assert "1 of 2 uses left" in first.body and dict(first.details)["Uses left"] == "1"
    (last,) = told(people.buyer, "card_used_up")
    assert last.title == "Used up: Noodle lunch"
    assert "the last of 2 uses" in last.body and "Uses left" not in dict(last.details)


def test_the_invitation_waits_until_the_visit_is_certain(people, drain):
    voucher = buy(people)
    redemption = redeem(voucher, store=people.store, staff=people.clerk)
    drain(early=False)
    assert not told(people.buyer, "review_invited")
    planned = OutboxEvent.objects.get(topic="review.invite", expanded_at__isnull=True)
    assert planned.due_at == redemption.undo_until


def test_nobody_is_invited_to_a_visit_that_was_taken_back(people, drain):
    voucher = buy(people)
    redemption = redeem(voucher, store=people.store, staff=people.clerk)
    drain(early=False)
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    drain()
    assert len(told(people.buyer, "redemption_undone")) == 1
    assert not told(people.buyer, "review_invited")


def test_nobody_is_invited_who_has_written_already(people, drain):
    voucher = buy(people)
    redeem(voucher, store=people.store, staff=people.clerk)
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=5)
    drain()
    assert not told(people.buyer, "review_invited")


def test_the_owner_hears_when_the_refund_is_back(people, drain):
    voucher = buy(people, price_fen=6800)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    drain()
    (message,) = told(people.buyer, "refund_succeeded")
    assert message.title == "¥68 refunded"
    voucher.refresh_from_db()
    assert voucher.state == "refunded"


@pytest.mark.parametrize(
    ("pays_back", "kind"), [(True, "voucher_expired"), (False, "voucher_lapsed")]
)
def test_expiry_tells_what_becomes_of_the_money(people, drain, pays_back, kind):
    voucher = buy(people, price_fen=6800, refund_rule="none", refund_on_expiry=pays_back)
    with clock.at(voucher.valid_until + dt.timedelta(seconds=1)):
        expire_voucher(voucher_id=voucher.pk)
    drain()
    (message,) = told(people.buyer, kind)
    assert ("¥68" in message.body) == (kind == "voucher_expired")


def test_each_message_of_a_card_counts_what_was_left_then(people, drain):
    card = buy(people, kind="times_card", uses=3)
    redeem(card, store=people.store, staff=people.clerk)
    redeem(card, store=people.store, staff=people.clerk)
    drain()
    assert {
        dict(message.details)["Uses left"] for message in told(people.buyer, "card_redeemed")
    } == {
        "1",
        "2",
    }


def test_nobody_hears_that_money_is_on_its_way_after_it_is_back(people, drain):
    """Consumers run in any order: the messages of a refund may be late, never false."""
    voucher = buy(people, price_fen=6800)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    refund = Refund.objects.get(parts__voucher=voucher)
    send_refund(refund_id=refund.pk)
    tell_payer_refunded(refund_id=refund.pk)
    drain()
    assert len(told(people.buyer, "refund_succeeded")) == 1
    assert not told(people.buyer, "refund_requested")
    voucher.refresh_from_db()
    assert voucher.state == "refunded"
