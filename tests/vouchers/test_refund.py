"""Money back: unused value, and redeemed uses that are taken back."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.models import Offer, Stock
from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound
from kernel.outbox.models import OutboxEvent
from payments.models import Payment, Refund
from payments.services.refunds import complete_refund
from tests.factories import Cast, make_product, offer_of, variant_of
from tests.vouchers.counter import credit, sell, sell_one
from vouchers import errors
from vouchers.models import Redemption, Voucher
from vouchers.selectors import prices_by_payment
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import (
    finish_refund,
    refund_quote,
    refund_voucher,
    return_redeemed,
)
from vouchers.services.release import release_redemption


def voucher_of(people: Cast, **fields: object) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def redeem(people: Cast, voucher: Voucher, uses: int = 1) -> Redemption:
    return redeem_voucher(
        staff=people.clerk, store_id=people.store.pk, code=voucher.code, uses=uses
    )


def refund(people: Cast, voucher: Voucher) -> Refund:
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    voucher.refresh_from_db()
    return Refund.objects.filter(parts__voucher=voucher).latest("id")


# Unused --------------------------------------------------------------------------------


def test_the_whole_price_of_an_unused_voucher(people: Cast) -> None:
    voucher = voucher_of(people, price_fen=6_800)
    asked = refund(people, voucher)
    assert voucher.state == "refunding"
    assert (asked.amount_fen, asked.reason, asked.requested_by) == (6_800, "unused", people.buyer)
    assert credit(voucher) == {"refund_due": 6_800}
    event = OutboxEvent.objects.get(topic="refund.requested")
    assert event.payload == {"refund_id": asked.pk}


@pytest.mark.parametrize("used", [0, 1, 2, 6])
def test_the_remainder_of_a_times_card_to_the_fen(people: Cast, used: int) -> None:
    voucher = voucher_of(people, kind="times_card", uses=7, price_fen=9_999)
    if used:
        redeem(people, voucher, uses=used)
    spent = 9_999 * used // 7
    assert refund(people, voucher).amount_fen == 9_999 - spent
    expected = {"pending": spent, "refund_due": 9_999 - spent}
    assert credit(voucher) == {account: fen for account, fen in expected.items() if fen}


def test_the_gateways_word_finishes_it_once(people: Cast) -> None:
    voucher = voucher_of(people)
    asked = refund(people, voucher)
    assert not finish_refund(refund_id=asked.pk)  # not confirmed yet
    complete_refund(number=asked.number, gateway_number="G1")
    assert finish_refund(refund_id=asked.pk)
    assert not finish_refund(refund_id=asked.pk)
    voucher.refresh_from_db()
    assert voucher.state == "refunded"
    assert credit(voucher) == {"refund_due": voucher.paid_fen}


def test_stock_and_quota_come_back(people: Cast) -> None:
    product = make_product(merchant=people.merchant, stock=5)
    offer = offer_of(product)
    Offer.objects.filter(pk=offer.pk).update(quota=10, quota_sold=4)
    refund(people, sell_one(product, buyer=people.buyer))
    assert Stock.objects.get(variant=variant_of(product)).available == 6
    assert Offer.objects.get(pk=offer.pk).quota_sold == 3


def test_unpicked_pieces_of_goods_come_back(people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="goods", stock=5, price_fen=100)
    voucher = sell_one(product, buyer=people.buyer, quantity=4)
    redeem(people, voucher)
    assert refund(people, voucher).amount_fen == 300
    assert Stock.objects.get(variant=variant_of(product)).available == 8


def test_an_opened_times_card_stays_sold(people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="times_card", uses=3, stock=5)
    voucher = sell_one(product, buyer=people.buyer)
    redeem(people, voucher)
    refund(people, voucher)
    assert Stock.objects.get(variant=variant_of(product)).available == 5


def test_one_of_several_vouchers_of_a_payment(people: Cast) -> None:
    first, second = sell(make_product(price_fen=500), buyer=people.buyer, quantity=2)
    refund(people, first)
    payment = Payment.objects.get(reference=first.order_number)
    assert payment.refunded_fen == 500
    refund(people, second)
    payment = Payment.objects.get(reference=first.order_number)
    assert payment.refunded_fen == 1_000
    assert prices_by_payment([payment.pk]) == {payment.pk: 1_000}


def test_twice_is_refused_and_changes_nothing(people: Cast) -> None:
    voucher = voucher_of(people)
    refund(people, voucher)
    with pytest.raises(errors.NotRefundable):
        refund(people, voucher)
    assert Refund.objects.count() == 1


def test_a_used_voucher_has_nothing_to_refund(people: Cast) -> None:
    voucher = voucher_of(people)
    redeem(people, voucher)
    with pytest.raises(errors.NotRefundable) as refused:
        refund(people, voucher)
    assert "has been used" in str(refused.value)


def test_sold_without_a_right_to_a_refund(people: Cast) -> None:
    voucher = voucher_of(people, refund_rule="none")
    with pytest.raises(errors.NotRefundable):
        refund(people, voucher)
    assert not refund_quote(voucher).allowed


def test_the_days_of_the_rule_end_with_the_day(people: Cast) -> None:
    voucher = voucher_of(people, refund_rule="days", refund_days=7, validity_days=90)
    quote = refund_quote(voucher)
    bought = now().astimezone(voucher.zone).date()
    assert quote.allowed and quote.until
    assert quote.until.astimezone(voucher.zone).date() == bought + dt.timedelta(days=7)
    with at(quote.until):
        assert refund_quote(voucher).allowed
    with at(quote.until + dt.timedelta(seconds=1)):
        late = refund_quote(voucher)
        assert not late.allowed and late.reason
        with pytest.raises(errors.NotRefundable):
            refund(people, voucher)


def test_a_remainder_worth_nothing_is_not_refunded(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3, price_fen=1)
    redeem(people, voucher, uses=2)
    assert refund(people, voucher).amount_fen == 1
    other = voucher_of(people, kind="goods", price_fen=1)
    redeem(people, other)
    assert not refund_quote(Voucher.objects.select_related("terms").get(pk=other.pk)).allowed


def test_somebody_elses_voucher_is_not_found(people: Cast) -> None:
    voucher = voucher_of(people)
    for person in (people.stranger, people.clerk, people.operator):
        with pytest.raises(NotFound):
            refund_voucher(owner=person, voucher_id=voucher.pk)


# Returned after redemption -------------------------------------------------------------


def test_a_return_inside_the_undo_window_releases_first(people: Cast) -> None:
    voucher = voucher_of(people, price_fen=10_000)
    redemption = redeem(people, voucher)
    back = return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.owner)
    redemption.refresh_from_db()
    assert redemption.released_at and redemption.returned_uses == 1
    assert (back.value_fen, back.commission_fen) == (10_000, 600)
    refund = back.parts.get().refund
    assert refund.reason == "returned" and refund.amount_fen == 10_000
    assert credit(voucher) == {"refund_due": 10_000}
    assert OutboxEvent.objects.filter(topic="refund.requested").count() == 1


def test_returns_piece_by_piece_give_back_exactly_everything(people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="goods", price_fen=333)
    voucher = sell_one(product, buyer=people.buyer, quantity=3)
    redemption = redeem(people, voucher, uses=3)
    with at(redemption.undo_until):
        release_redemption(redemption_id=redemption.pk)
    backs = [
        return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.owner)
        for _piece in range(3)
    ]
    assert sum(back.value_fen for back in backs) == 999
    assert sum(back.commission_fen for back in backs) == 60
    assert credit(voucher) == {"refund_due": 999}
    with pytest.raises(errors.NothingToReturn):
        return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.owner)


def test_more_than_was_redeemed_cannot_come_back(people: Cast) -> None:
    redemption = redeem(people, voucher_of(people, kind="times_card", uses=5), uses=2)
    with pytest.raises(errors.NothingToReturn) as refused:
        return_redeemed(redemption_id=redemption.pk, uses=3, requested_by=people.owner)
    assert refused.value.extra == {"uses_left": 2}
    with pytest.raises(InvalidInput):
        return_redeemed(redemption_id=redemption.pk, uses=0, requested_by=people.owner)
    with pytest.raises(NotFound):
        return_redeemed(redemption_id=redemption.pk + 999, uses=1, requested_by=people.owner)


def test_an_undone_redemption_has_nothing_to_take_back(people: Cast) -> None:
    redemption = redeem(people, voucher_of(people))
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    for person in (people.owner, people.operator):
        with pytest.raises(errors.NothingToReturn) as refused:
            return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=person)
        assert refused.value.extra == {"uses_left": 0}
    assert not Refund.objects.exists()


def test_a_use_worth_nothing_brings_no_money_back(people: Cast) -> None:
    """Five uses for three fen: the first one is worth none."""
    card = voucher_of(people, kind="times_card", uses=5, price_fen=3)
    redemption = redeem(people, card)
    back = return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.owner)
    redemption.refresh_from_db()
    assert (back.value_fen, redemption.returned_uses) == (0, 1)
    assert not Refund.objects.exists()
    with pytest.raises(errors.NothingToReturn):
        return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.owner)


def test_a_return_closes_the_undo(people: Cast) -> None:
    redemption = redeem(people, voucher_of(people, kind="times_card", uses=5), uses=2)
    return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.owner)
    redemption.refresh_from_db()
    assert not redemption.can_undo()


def test_a_return_leaves_the_voucher_and_the_stock_as_they_are(people: Cast) -> None:
    product = make_product(merchant=people.merchant, stock=5)
    voucher = sell_one(product, buyer=people.buyer)
    return_redeemed(redemption_id=redeem(people, voucher).pk, uses=1, requested_by=people.owner)
    voucher.refresh_from_db()
    assert voucher.state == "used"
    assert Stock.objects.get(variant=variant_of(product)).available == 5
