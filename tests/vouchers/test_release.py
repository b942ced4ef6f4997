"""When the undo window closes, the money is the merchant's, less the commission."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from kernel.clock import at
from tests.factories import Cast, make_product
from tests.vouchers.counter import credit, sell_one
from vouchers import tasks
from vouchers.models import Redemption, Voucher
from vouchers.services import release
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.release import release_due, release_redemption


def redeemed(people: Cast, **fields: object) -> Redemption:
    voucher = sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)
    return redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)


@pytest.mark.parametrize(
    ("price_fen", "rate", "commission_fen"),
    [(10_000, "0.0600", 600), (25, "0.0600", 2), (24, "0.0600", 1), (10_000, "0", 0)],
)
def test_commission_is_taken_once_half_a_fen_up(
    people: Cast, price_fen: int, rate: str, commission_fen: int
) -> None:
    people.merchant.commission_rate = Decimal(rate)
    people.merchant.save()
    redemption = redeemed(people, price_fen=price_fen)
    with at(redemption.undo_until):
        assert release_redemption(redemption_id=redemption.pk)
    redemption.refresh_from_db()
    assert redemption.commission_fen == commission_fen
    expected = {"payable": price_fen - commission_fen, "commission": commission_fen}
    assert credit(redemption.voucher) == {k: v for k, v in expected.items() if v}


def test_not_before_the_window_is_over(people: Cast) -> None:
    redemption = redeemed(people)
    with at(redemption.undo_until - dt.timedelta(seconds=1)):
        assert not release_redemption(redemption_id=redemption.pk)
        assert release_due() == 0


def test_twice_changes_nothing(people: Cast) -> None:
    redemption = redeemed(people)
    with at(redemption.undo_until):
        assert release_due() == 1
        before = credit(redemption.voucher)
        assert release_due() == 0
        assert not release_redemption(redemption_id=redemption.pk)
    assert credit(redemption.voucher) == before


def test_an_undone_redemption_is_never_released(people: Cast) -> None:
    redemption = redeemed(people, price_fen=700)
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    with at(redemption.undo_until):
        assert release_due() == 0
    assert credit(redemption.voucher) == {"escrow": 700}


def test_the_rate_of_the_purchase_counts(people: Cast) -> None:
    redemption = redeemed(people, price_fen=10_000)
    people.merchant.commission_rate = Decimal("0.5")
    people.merchant.save()
    with at(redemption.undo_until):
        release_due()
    assert credit(redemption.voucher)["commission"] == 600


def test_a_use_worth_nothing_is_released_without_an_entry(people: Cast) -> None:
    redemption = redeemed(people, kind="times_card", uses=9, price_fen=3)
    assert redemption.value_fen == 0
    with at(redemption.undo_until):
        assert release_due() == 1


def test_the_sweep_goes_on_past_one_that_fails(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = redeemed(people), redeemed(people)
    real = release.release_redemption

    def fails_for_the_first(*, redemption_id: int) -> bool:
        if redemption_id == first.pk:
            raise RuntimeError("broken row")
        return real(redemption_id=redemption_id)

    monkeypatch.setattr(release, "release_redemption", fails_for_the_first)
    with at(max(first.undo_until, second.undo_until)):
        assert tasks.release_redemptions() == 1
    assert Voucher.objects.filter(redemptions__released_at__isnull=False).get() == second.voucher


def test_a_release_that_comes_for_an_undone_redemption_finds_nothing_to_do(people: Cast) -> None:
    """Asked for by its number, or with a row that was read before it was undone."""
    redemption = redeemed(people, price_fen=700)
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    with at(redemption.undo_until):
        assert not release_redemption(redemption_id=redemption.pk)
        assert not release.write_release(redemption)
    redemption.refresh_from_db()
    assert redemption.released_at is None
    assert credit(redemption.voucher) == {"escrow": 700}


def test_the_books_show_the_value_that_was_released(people: Cast) -> None:
    people.merchant.commission_rate = Decimal("0.0700")
    people.merchant.save()
    redemption = redeemed(people, price_fen=5040)
    with at(redemption.undo_until):
        assert release_redemption(redemption_id=redemption.pk)
    desk = Client(headers={"accept-language": "en"})
    desk.force_login(people.operator)
    rows = desk.get("/admin/payments/ledgertransaction/").context["cl"].result_list
    moved = {row.kind: row.moved_fen for row in rows}
    assert (moved["redeem"], moved["release"]) == (5040, 5040)
