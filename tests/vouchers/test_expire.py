"""After the last moment: money back, or the merchant's, as the terms said."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.models import Stock
from kernel.clock import at
from kernel.outbox.models import OutboxEvent
from payments.models import Refund
from payments.services.refunds import complete_refund
from tests.factories import Cast, make_product, variant_of
from tests.vouchers.counter import credit, moved, sell_one
from vouchers import errors, tasks
from vouchers.components import unused_fen
from vouchers.models import Voucher, VoucherComponent
from vouchers.services.expire import expire_due, expire_voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import finish_refund, refund_quote, refund_voucher


def voucher_of(people: Cast, **fields: object) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def expire(voucher: Voucher) -> None:
    with at(voucher.valid_until):
        assert expire_voucher(voucher_id=voucher.pk)
    voucher.refresh_from_db()


def test_the_usual_terms_send_the_money_back(people: Cast) -> None:
    product = make_product(merchant=people.merchant, stock=3, price_fen=4_000)
    voucher = sell_one(product, buyer=people.buyer)
    expire(voucher)
    refund = Refund.objects.get()
    assert voucher.state == "refunding"
    assert (refund.amount_fen, refund.reason) == (4_000, "expired")
    assert refund.requested_by is None
    assert credit(voucher) == {"refund_due": 4_000}
    assert Stock.objects.get(variant=variant_of(product)).available == 4
    event = OutboxEvent.objects.get(topic="voucher.expired")
    assert event.payload == {"voucher_id": voucher.pk}
    complete_refund(number=refund.number, gateway_number="G1")
    finish_refund(refund_id=refund.pk)
    voucher.refresh_from_db()
    assert voucher.state == "refunded"


def test_only_the_unused_part_comes_back(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3, price_fen=1_000)
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    expire(voucher)
    assert credit(voucher) == {"pending": 333, "refund_due": 667}


def test_forfeit_goes_to_the_merchant_less_the_commission(people: Cast) -> None:
    product = make_product(
        merchant=people.merchant, price_fen=1_000, refund_on_expiry=False, stock=3
    )
    voucher = sell_one(product, buyer=people.buyer)
    expire(voucher)
    assert voucher.state == "expired"
    assert credit(voucher) == {"payable": 940, "commission": 60}
    assert not Refund.objects.exists()
    assert Stock.objects.get(variant=variant_of(product)).available == 3


def test_refund_days_that_still_run_are_honoured(people: Cast) -> None:
    running = voucher_of(
        people, refund_rule="days", refund_days=30, validity_days=10, refund_on_expiry=False
    )
    over = voucher_of(
        people, refund_rule="days", refund_days=5, validity_days=10, refund_on_expiry=False
    )
    expire(running)
    expire(over)
    assert (running.state, over.state) == ("refunding", "expired")


def test_refund_days_end_by_the_clock_however_late_the_sweep_comes(people: Cast) -> None:
    """What the page refuses, the sweep does not pay: both read the same clock."""
    facts = {"refund_rule": "days", "refund_days": 12, "refund_on_expiry": False}
    just, late = (voucher_of(people, validity_days=10, **facts) for _number in range(2))
    until = refund_quote(just).until
    assert until is not None and until > just.valid_until
    with at(until):
        assert refund_quote(just).allowed
        assert expire_voucher(voucher_id=just.pk)
    with at(until + dt.timedelta(seconds=1)):
        assert not refund_quote(late).allowed
        assert expire_voucher(voucher_id=late.pk)
    just.refresh_from_db()
    late.refresh_from_db()
    assert (just.state, late.state) == ("refunding", "expired")


def test_a_forfeited_voucher_cannot_be_refunded(people: Cast) -> None:
    voucher = voucher_of(people, refund_on_expiry=False)
    expire(voucher)
    with pytest.raises(errors.NotRefundable):
        refund_voucher(owner=people.buyer, voucher_id=voucher.pk)


def test_not_a_second_early_and_not_twice(people: Cast) -> None:
    voucher = voucher_of(people)
    with at(voucher.valid_until - dt.timedelta(seconds=1)):
        assert not expire_voucher(voucher_id=voucher.pk)
        assert expire_due() == 0
    with at(voucher.valid_until):
        assert expire_due() == 1
        assert expire_due() == 0
        assert not expire_voucher(voucher_id=voucher.pk)
    assert Refund.objects.count() == 1


def test_used_and_refunding_vouchers_do_not_expire(people: Cast) -> None:
    used, refunding = voucher_of(people), voucher_of(people)
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=used.code)
    refund_voucher(owner=people.buyer, voucher_id=refunding.pk)
    with at(used.valid_until + dt.timedelta(days=1)):
        assert tasks.expire_vouchers() == 0


def test_a_remainder_worth_nothing_goes_back_without_a_gateway(
    people: Cast, loose_books: None
) -> None:
    voucher = voucher_of(people, kind="times_card", uses=2, price_fen=1)
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    voucher.refresh_from_db()
    assert unused_fen(voucher) == 1
    VoucherComponent.objects.filter(voucher=voucher).delete()
    moved(voucher, paid_fen=0, value_fen=0, received_fen=0)
    expire(voucher)
    assert voucher.state == "refunded"
    assert not Refund.objects.exists()
