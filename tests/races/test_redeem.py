"""One voucher, many clerks: one use, and everybody else learns precisely why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from kernel.errors import Refusal
from tests.factories import make_staff, make_user, make_voucher
from tests.races.books import Counter, at_the_counter, balance, broken, times
from tests.races.together import refusals, together, won
from tests.races.unguarded import compare_and_set, meeting, without_constraint
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher, undo_redemption

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

USES = compare_and_set(Voucher, "state", "uses_used")
LAST_LINE = ("vouchers_redemption", "redemption_use_taken_once")


def test_32_parallel_redeemers_of_one_voucher_take_one_use() -> None:
    counter = at_the_counter(price_fen=6800)
    clerks = [make_staff(counter.store, user=make_user(display_name=f"C{n}")) for n in range(32)]

    answers = together(
        [
            lambda clerk=clerk: redeem_voucher(
                staff=clerk, store_id=counter.store.pk, code=counter.voucher.code
            )
            for clerk in clerks
        ]
    )

    (redemption,) = won(answers)
    assert refusals(answers) == {"already_redeemed": 31}
    winner = Redemption.objects.select_related("staff").get()
    assert winner.pk == redemption.pk
    for refusal in answers:
        if isinstance(refusal, Refusal):
            assert refusal.extra["redeemed_at"] == winner.redeemed_at.isoformat()
            assert refusal.extra["store"] == {"id": counter.store.pk, "name": counter.store.name}
            assert refusal.extra["redeemed_by"] == winner.staff.display_name
    assert balance("pending") == 6800
    assert broken() == set()


def test_a_times_card_gives_exactly_its_uses() -> None:
    counter = at_the_counter(kind="times_card", uses=10, price_fen=9999)

    answers = together(times(32, counter.redeem))

    assert sorted(redemption.first_use for redemption in won(answers)) == list(range(10))
    assert refusals(answers) == {"already_redeemed": 22}
    assert sum(redemption.value_fen for redemption in won(answers)) == 9999
    assert broken() == set()


def test_parallel_undos_of_one_redemption_give_the_use_back_once() -> None:
    counter = at_the_counter(price_fen=6800)
    redemption = counter.redeem()

    answers = together(
        times(12, lambda: undo_redemption(staff=counter.clerk, redemption_id=redemption.pk))
    )

    assert len(won(answers)) == 1
    assert refusals(answers) == {"already_undone": 11}
    counter.voucher.refresh_from_db()
    assert (counter.voucher.state, counter.voucher.uses_left) == ("active", 1)
    assert balance("escrow") == 6800
    assert broken() == set()


def test_two_vouchers_of_one_guest_are_not_both_the_last_of_the_day() -> None:
    counters = capped_for_one_guest(4)

    answers = together([counter.redeem for counter in counters] * 3)

    assert len(won(answers)) == 2
    assert set(refusals(answers)) <= {"cap_reached", "already_redeemed"}
    assert Redemption.objects.count() == 2
    assert broken() == set()


# Controls ------------------------------------------------------------------------------


def test_control_without_guards_one_voucher_is_redeemed_four_times() -> None:
    counter = at_the_counter(price_fen=6800)

    with without_constraint(*LAST_LINE):
        answers = meeting(times(4, counter.redeem), USES)

        assert len(won(answers)) == 4
        assert Redemption.objects.filter(voucher=counter.voucher).count() == 4
        assert balance("pending") == 4 * 6800
        assert balance("escrow") == -3 * 6800
        assert broken() == {"voucher_escrow", "merchant_credit", "uses_counted"}


def test_control_without_guards_one_redemption_is_undone_twice() -> None:
    counter = at_the_counter(kind="times_card", uses=2, price_fen=6800)
    redemption = counter.redeem()

    answers = meeting(
        times(
            2,
            lambda: _or_error(
                lambda: undo_redemption(staff=counter.clerk, redemption_id=redemption.pk)
            ),
        ),
        USES,
        compare_and_set(Redemption, "undone_at", "released_at"),
    )

    # Both passed every check of ours; the ledger's key is what let only one of them commit.
    assert sorted(type(answer).__name__ for answer in answers) == ["IntegrityError", "Redemption"]
    assert broken() == set()


def test_control_without_the_guests_lock_four_vouchers_pass_a_limit_of_two() -> None:
    counters = capped_for_one_guest(4)

    answers = meeting([counter.redeem for counter in counters], compare_and_set(Voucher))

    assert len(won(answers)) == Redemption.objects.count() == 4


def capped_for_one_guest(count: int) -> list[Counter]:
    """Vouchers of one guest for one deal, of which two a day can be used."""
    first = at_the_counter(price_fen=6800, uses_per_day=2)
    more = [
        make_voucher(owner=first.owner, product=first.voucher.product) for _n in range(count - 1)
    ]
    return [first, *(first._replace(voucher=voucher) for voucher in more)]


@pytest.mark.parametrize("guard", ["row lock", "compare-and-set", "unique index"])
def test_each_of_the_three_guards_is_enough_alone(guard: str) -> None:
    counter = at_the_counter(price_fen=6800)
    blind = compare_and_set(
        Voucher, *([] if guard == "compare-and-set" else ["state", "uses_used"])
    )
    # With the lock on, nobody reads before the one in front has written: no meeting there.
    jobs, locks = times(4, lambda: _or_error(counter.redeem)), guard == "row lock"

    answers = meeting(jobs, blind, before="no such words" if locks else "", locks=locks)

    assert sum(isinstance(answer, Redemption) for answer in answers) == 1
    assert Redemption.objects.count() == 1
    assert balance("pending") == 6800
    assert broken() == set()


def _or_error(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except IntegrityError as error:
        return error
