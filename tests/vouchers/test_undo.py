"""Taking a redemption back."""

from __future__ import annotations

import datetime as dt

import pytest

from kernel.clock import at, now
from kernel.errors import NotFound
from kernel.outbox.models import OutboxEvent
from stores.errors import RightMissing
from tests.factories import Cast, make_product, make_staff
from tests.vouchers.counter import credit, sell_one
from vouchers import errors
from vouchers.models import Redemption, Voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.services.release import release_redemption


def voucher_of(people: Cast, **fields: object) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def redeem(people: Cast, voucher: Voucher, uses: int = 1) -> Redemption:
    return redeem_voucher(
        staff=people.clerk, store_id=people.store.pk, code=voucher.code, uses=uses
    )


def test_undo_gives_use_and_money_back(people: Cast) -> None:
    voucher = voucher_of(people, price_fen=5_000)
    redemption = redeem(people, voucher)
    undone = undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    voucher.refresh_from_db()
    assert (voucher.state, voucher.uses_left) == ("active", 1)
    assert undone.undone_at and undone.undone_by == people.clerk
    assert credit(voucher) == {"escrow": 5_000}
    event = OutboxEvent.objects.get(topic="redemption.undone")
    assert event.payload == {"redemption_id": redemption.pk}


def test_after_an_undo_it_can_be_redeemed_again(people: Cast) -> None:
    voucher = voucher_of(people, price_fen=5_000)
    undo_redemption(staff=people.clerk, redemption_id=redeem(people, voucher).pk)
    redeem(people, voucher)
    assert credit(voucher) == {"pending": 5_000}


def test_any_colleague_at_that_store_may_undo(people: Cast) -> None:
    redemption = redeem(people, voucher_of(people))
    colleague = make_staff(people.store)
    assert undo_redemption(staff=colleague, redemption_id=redemption.pk).undone_by == colleague


def test_twice_is_refused(people: Cast) -> None:
    redemption = redeem(people, voucher_of(people))
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    with pytest.raises(errors.AlreadyUndone):
        undo_redemption(staff=people.clerk, redemption_id=redemption.pk)


def test_the_window_closes_to_the_second(people: Cast) -> None:
    first, second = voucher_of(people), voucher_of(people)
    late, timely = redeem(people, first), redeem(people, second)
    with at(late.undo_until), pytest.raises(errors.UndoWindowClosed):
        undo_redemption(staff=people.clerk, redemption_id=late.pk)
    with at(timely.undo_until - dt.timedelta(seconds=1)):
        assert undo_redemption(staff=people.clerk, redemption_id=timely.pk)


def test_a_released_redemption_stays(people: Cast) -> None:
    redemption = redeem(people, voucher_of(people))
    with at(redemption.undo_until):
        release_redemption(redemption_id=redemption.pk)
    with pytest.raises(errors.UndoWindowClosed):
        undo_redemption(staff=people.clerk, redemption_id=redemption.pk)


def test_only_the_latest_redemption_can_be_undone(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5, price_fen=1_001)
    first, second = redeem(people, voucher, uses=2), redeem(people, voucher)
    with pytest.raises(errors.NotLatestRedemption):
        undo_redemption(staff=people.clerk, redemption_id=first.pk)
    undo_redemption(staff=people.clerk, redemption_id=second.pk)
    undo_redemption(staff=people.clerk, redemption_id=first.pk)
    voucher.refresh_from_db()
    assert voucher.uses_used == 0
    assert credit(voucher) == {"escrow": 1_001}


def test_a_used_voucher_that_is_undone_late_expires_as_others_do(people: Cast) -> None:
    voucher = voucher_of(people)
    with at(voucher.valid_until - dt.timedelta(seconds=5)):
        redemption = redeem(people, voucher)
    with at(voucher.valid_until + dt.timedelta(seconds=5)):
        undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
        assert expire_voucher(voucher_id=voucher.pk)
    voucher.refresh_from_db()
    assert voucher.state == "refunding"


def test_when_the_rest_was_refunded_the_redemption_stays(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=4, price_fen=1_000)
    redemption = redeem(people, voucher)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    with pytest.raises(errors.Refunding):
        undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    assert credit(voucher) == {"pending": 250, "refund_due": 750}


def test_when_the_rest_has_expired_the_redemption_stays(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=4, refund_on_expiry=False)
    with at(voucher.valid_until - dt.timedelta(minutes=1)):
        redemption = redeem(people, voucher)
    with at(voucher.valid_until):
        expire_voucher(voucher_id=voucher.pk)
        with pytest.raises(errors.Expired):
            undo_redemption(staff=people.clerk, redemption_id=redemption.pk)


def test_others_do_not_find_it(people: Cast) -> None:
    redemption = redeem_voucher(
        staff=people.owner, store_id=people.other_store.pk, code=voucher_of(people).code
    )
    for person in (people.stranger, people.buyer, people.clerk):
        with pytest.raises(NotFound):
            undo_redemption(staff=person, redemption_id=redemption.pk)
    with pytest.raises(RightMissing):
        undo_redemption(staff=people.operator, redemption_id=redemption.pk)
    with pytest.raises(NotFound):
        undo_redemption(staff=people.owner, redemption_id=redemption.pk + 1_000)


def test_what_was_returned_is_not_undone_and_is_told_so(people: Cast) -> None:
    redemption = redeem(people, voucher_of(people, uses=2, kind="times_card"), uses=2)
    return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=None)
    redemption.refresh_from_db()
    assert now() < redemption.undo_until
    for moment in (now(), redemption.undo_until + dt.timedelta(hours=1)):
        with at(moment), pytest.raises(errors.AlreadyReturned, match="returned after sales"):
            undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
