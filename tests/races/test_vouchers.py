"""Refund, expiry, undo and release against each other: one wins and the money agrees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from kernel.clock import at, now
from kernel.errors import Refusal
from payments.models import Payment, Refund
from payments.services import moves, postings
from tests.factories import make_voucher, redeem
from tests.races.books import Counter, at_the_counter, balance, broken, times
from tests.races.together import refusals, together, won
from tests.races.unguarded import compare_and_set, meeting, overtaken, without_constraint
from vouchers.models import Redemption, Voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.redeem import undo_redemption
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.services.release import release_redemption

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

VOUCHER = compare_and_set(Voucher, "state", "uses_used", "valid_until")
REDEMPTION = compare_and_set(Redemption, "undone_at", "released_at")
ROUNDS = 6


def refund(counter: Counter) -> Callable[[], Any]:
    return lambda: refund_voucher(owner=counter.owner, voucher_id=counter.voucher.pk)


def redeem_in_time(counter: Counter) -> Callable[[], Any]:
    """A clerk whose clock says: one second left."""

    def job() -> Any:
        with at(counter.voucher.valid_until - dt.timedelta(seconds=1)):
            return counter.redeem()

    return job


def expire(counter: Counter) -> Callable[[], bool]:
    """The sweep, whose clock says: over."""

    def job() -> bool:
        with at(counter.voucher.valid_until):
            return expire_voucher(voucher_id=counter.voucher.pk) == 1

    return job


def after_the_window(redemption: Redemption) -> dt.datetime:
    return redemption.undo_until + dt.timedelta(seconds=1)


def release(redemption: Redemption) -> Callable[[], bool]:
    def job() -> bool:
        with at(after_the_window(redemption)):
            return release_redemption(redemption_id=redemption.pk)

    return job


def undo(counter: Counter, redemption: Redemption) -> Callable[[], Any]:
    return lambda: undo_redemption(staff=counter.clerk, redemption_id=redemption.pk)


# Refund against redeem -----------------------------------------------------------------


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_a_refund_and_a_redemption_exactly_one_wins(round_number: int) -> None:
    counter = at_the_counter(price_fen=6800)
    jobs = [refund(counter), *times(3, counter.redeem)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    counter.voucher.refresh_from_db()
    assert len(won(answers)) == 1
    if counter.voucher.state == "refunding":
        assert refusals(answers) == {"refunding": 3}
        assert (balance("refund_due"), balance("pending"), balance("escrow")) == (6800, 0, 0)
    else:
        assert refusals(answers) == {"already_redeemed": 2, "not_refundable": 1}
        assert (balance("refund_due"), balance("pending"), balance("escrow")) == (0, 6800, 0)
    assert broken() == set()


def test_parallel_refunds_of_one_voucher_return_its_price_once() -> None:
    counter = at_the_counter(price_fen=6800)

    answers = together(times(12, refund(counter)))

    assert len(won(answers)) == 1
    assert refusals(answers) == {"not_refundable": 11}
    assert Refund.objects.get().amount_fen == 6800
    assert broken() == set()


def test_control_without_guards_a_voucher_is_redeemed_and_refunded() -> None:
    counter = at_the_counter(price_fen=6800)

    answers = overtaken(refund(counter), counter.redeem, VOUCHER)

    assert len(won(answers)) == 2
    assert (balance("refund_due"), balance("pending"), balance("escrow")) == (6800, 6800, -6800)
    assert "voucher_escrow" in broken()


def test_control_without_guards_a_refunded_voucher_is_redeemed() -> None:
    counter = at_the_counter(price_fen=6800)

    answers = overtaken(counter.redeem, refund(counter), VOUCHER)

    assert len(won(answers)) == 2
    assert (balance("refund_due"), balance("pending"), balance("escrow")) == (6800, 6800, -6800)
    assert "voucher_escrow" in broken()


def test_control_without_guards_one_voucher_is_refunded_twice() -> None:
    counter = at_the_counter(price_fen=6800)
    payment = compare_and_set(Payment, "refunded_fen", "state")

    with (
        without_constraint("payments_payment", "payment_never_over_refunded"),
        without_constraint("payments_ledgertransaction", "payments_ledgertransaction_key_key"),
    ):
        answers = meeting(times(2, refund(counter)), VOUCHER, payment)

        assert len(won(answers)) == 2
        assert balance("refund_due") == 2 * 6800
        assert broken() >= {"voucher_escrow", "refunded_counted"}


# Expire against redeem ----------------------------------------------------------------


@pytest.mark.parametrize("refund_on_expiry", [True, False])
@pytest.mark.parametrize("round_number", range(ROUNDS // 2))
def test_of_an_expiry_and_a_redemption_exactly_one_wins(
    round_number: int, refund_on_expiry: bool
) -> None:
    counter = at_the_counter(price_fen=6800, refund_on_expiry=refund_on_expiry)
    jobs = [expire(counter), *times(3, redeem_in_time(counter))]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    counter.voucher.refresh_from_db()
    expired = answers[0 if round_number % 2 else -1]
    redeemed = [answer for answer in answers if isinstance(answer, Redemption)]
    assert expired is (not redeemed)
    assert len(redeemed) == (counter.voucher.state == "used")
    assert balance("escrow") == 0
    assert balance("pending") == 6800 * len(redeemed)
    returned = 6800 if expired and refund_on_expiry else 0
    assert balance("refund_due") == returned
    assert broken() == set()


def test_parallel_sweeps_expire_a_voucher_once() -> None:
    counter = at_the_counter(price_fen=6800)

    assert sum(together(times(8, expire(counter)))) == 1
    assert balance("refund_due") == 6800
    assert broken() == set()


@pytest.mark.parametrize("refund_on_expiry", [True, False])
def test_control_without_guards_a_redeemed_voucher_expires(refund_on_expiry: bool) -> None:
    counter = at_the_counter(price_fen=6800, refund_on_expiry=refund_on_expiry)

    answers = overtaken(expire(counter), redeem_in_time(counter), VOUCHER)

    assert answers[0] is True
    assert isinstance(answers[1], Redemption)
    assert balance("escrow") == -6800
    assert "voucher_escrow" in broken()


# Undo against release ------------------------------------------------------------------


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_an_undo_and_a_release_exactly_one_wins(round_number: int) -> None:
    counter = at_the_counter(price_fen=6800)
    redemption = counter.redeem()
    jobs = [undo(counter, redemption), release(redemption)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    redemption.refresh_from_db()
    released = [answer for answer in answers if answer is True]
    assert len(released) == (redemption.released_at is not None)
    assert len(released) == (redemption.undone_at is None)
    if released:
        assert refusals(answers) == {"undo_window_closed": 1}
        assert (balance("escrow"), balance("pending")) == (0, 0)
        assert balance("payable") + balance("commission") == 6800
    else:
        assert (balance("escrow"), balance("pending"), balance("payable")) == (6800, 0, 0)
    assert broken() == set()


def test_parallel_sweeps_release_a_redemption_once() -> None:
    redemption = at_the_counter(price_fen=6800).redeem()

    assert sum(together(times(8, release(redemption)))) == 1
    assert balance("payable") + balance("commission") == 6800
    assert broken() == set()


@pytest.mark.parametrize("late", ["release", "undo"])
def test_control_without_guards_an_undone_redemption_is_paid_to_the_merchant(late: str) -> None:
    counter = at_the_counter(price_fen=6800)
    redemption = counter.redeem()
    jobs = [undo(counter, redemption), release(redemption)]

    with without_constraint("vouchers_redemption", "redemption_undone_or_released"):
        answers = overtaken(*jobs[:: 1 if late == "undo" else -1], VOUCHER, REDEMPTION)

        assert len(won(answers)) == 2
        # The customer has the voucher back, and the merchant is to be paid for it.
        assert balance("escrow") == 6800
        assert balance("payable") + balance("commission") == 6800
        assert balance("pending") == -6800
        assert "pending_credit" in broken()


# After-sales return against undo ---------------------------------------------------------


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_an_undo_and_a_return_exactly_one_wins(round_number: int) -> None:
    counter = at_the_counter(price_fen=6800)
    redemption = counter.redeem()
    jobs = [
        undo(counter, redemption),
        lambda: return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=counter.owner),
    ]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    assert len(won(answers)) == 1
    assert all(isinstance(answer, Refusal) or answer for answer in answers)
    assert balance("escrow") + balance("refund_due") == 6800
    assert (balance("pending"), balance("payable"), balance("commission")) == (0, 0, 0)
    assert broken() == set()


def test_parallel_returns_never_give_back_more_than_was_redeemed() -> None:
    counter = at_the_counter(kind="times_card", uses=5, price_fen=9999)
    redemption = counter.redeem(uses=3)

    def take_back() -> Any:
        return return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=counter.owner)

    answers = together(times(8, take_back))

    assert len(won(answers)) == 3
    assert refusals(answers) == {"nothing_to_return": 5}
    assert balance("refund_due") == redemption.value_fen
    assert broken() == set()


def test_a_refund_and_a_return_of_one_payment_do_not_lock_each_other_out() -> None:
    counter = at_the_counter(kind="times_card", uses=4, price_fen=8000)
    redemption = counter.redeem(uses=2)

    answers = together(
        [
            refund(counter),
            lambda: return_redeemed(
                redemption_id=redemption.pk, uses=2, requested_by=counter.owner
            ),
        ]
    )

    assert len(won(answers)) == 2
    assert balance("refund_due") == 8000
    assert now() < counter.voucher.valid_until
    assert broken() == set()


# Two returns at one balance ----------------------------------------------------------------


def _two_returns() -> list[Any]:
    """Two visits of 6800 whose money was paid out but for one of them."""
    counter = at_the_counter(price_fen=6800)
    first = counter.redeem()
    second = redeem(make_voucher(product=counter.voucher.product))
    for redemption in (first, second):
        with at(redemption.undo_until):
            assert release_redemption(redemption_id=redemption.pk)
    postings.settle(
        statement_number="half",
        merchant_id=counter.voucher.merchant_id,
        net_fen=6800 - 408,
        owed=[moves.Owed("sandbox", 6800), moves.Owed("books", -408)],
    )
    return [
        partial(return_redeemed, redemption_id=pk, uses=1, requested_by=counter.owner)
        for pk in (first.pk, second.pk)
    ]


def test_two_returns_at_once_do_not_count_on_the_same_balance() -> None:
    answers = together(_two_returns())
    assert len(won(answers)) == 1
    assert refusals(answers) == {"return_beyond_limits": 1}
    assert balance("payable") == 0


def test_without_the_merchants_lock_the_balance_is_spent_twice() -> None:
    assert len(won(meeting(_two_returns(), compare_and_set(Redemption)))) == 2
    assert balance("payable") < 0
