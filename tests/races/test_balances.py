"""A balance against what makes it wrong: refund, rebate and expiry of the vouchers that wait for it.

Whoever comes first, the buyer's money is on a usable voucher or on its way back, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from kernel.clock import at
from orders.models import Order
from payments.models import Payment
from tests.factories import cast, make_order, make_product, offer_of, pay_order
from tests.orders.payers import vouchers_of
from tests.races.books import SignedMessage, balance, broken, deliver, paid_notification
from tests.races.together import together, won
from tests.races.unguarded import compare_and_set, overtaken
from vouchers.models import Voucher
from vouchers.services import balance as balances
from vouchers.services.balance import rebate_voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.money_back import lock_vouchers
from vouchers.services.refund import refund_voucher

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 4
VOUCHER = compare_and_set(Voucher, "state", "uses_used", "valid_until")


def waiting_for_its_balance(quantity: int = 1) -> tuple[Order, list[Voucher], SignedMessage]:
    """¥10 of each ¥50 are paid, the rest at the gateway; the shop has not heard of it yet."""
    people = cast()
    goods = make_product(merchant=people.merchant, stores=[people.store], price_fen=5_000)
    order = make_order(people.buyer, offer_of(goods), quantity, deposit_fen=1_000 * quantity)
    order = pay_order(order)
    return order, vouchers_of(order), paid_notification(order)


def hears(message: SignedMessage) -> Callable[[], str]:
    return lambda: deliver(message)


def sent_back(order: Order, voucher: Voucher) -> Callable[[], Any]:
    return lambda: refund_voucher(owner=order.buyer, voucher_id=voucher.pk)


def cheaper(voucher: Voucher, fen: int) -> Callable[[], Any]:
    return lambda: rebate_voucher(voucher_id=voucher.pk, amount_fen=fen)


def over(voucher: Voucher) -> Callable[[], Any]:
    """The sweep, whose clock says: not paid in time."""

    def job() -> int:
        with at(voucher.valid_until):
            return expire_voucher(voucher_id=voucher.pk)

    return job


def whose(order: Order) -> tuple[int, int]:
    """What vouchers hold, and what is on its way back; all that was paid, together."""
    return balance("escrow"), balance("refund_due")


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_a_voucher_is_sent_back_while_its_balance_arrives(round_number: int) -> None:
    order, (voucher,), message = waiting_for_its_balance()
    jobs = [sent_back(order, voucher), hears(message)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    assert len(won(answers)) == 2  # whatever has arrived, an unused voucher can be sent back
    assert whose(order) == (0, 5_000)
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_one_of_two_vouchers_is_sent_back_while_the_balance_of_both_arrives(
    round_number: int,
) -> None:
    order, (first, second), message = waiting_for_its_balance(2)
    jobs = [sent_back(order, first), hears(message)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    second.refresh_from_db()
    if "late" in answers:
        assert second.state == "held"
        assert whose(order) == (1_000, 9_000)
    else:
        assert second.state == "active"
        assert whose(order) == (5_000, 5_000)
    assert broken() == set()


@pytest.mark.parametrize("fen", [500, 4_000, 4_500])
@pytest.mark.parametrize("round_number", range(ROUNDS // 2))
def test_a_voucher_gets_cheaper_while_its_balance_arrives(round_number: int, fen: int) -> None:
    order, (voucher,), message = waiting_for_its_balance()
    jobs = [cheaper(voucher, fen), hears(message)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    assert len(won(answers)) == 2
    escrow, back = whose(order)
    assert escrow + back == 5_000
    voucher.refresh_from_db()
    assert escrow == voucher.received_fen
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_a_voucher_ends_while_its_balance_arrives(round_number: int) -> None:
    order, (voucher,), message = waiting_for_its_balance()
    jobs = [over(voucher), hears(message)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    voucher.refresh_from_db()
    late = "late" in answers
    assert voucher.state == ("refunding" if late else "active")
    assert whose(order) == ((0, 5_000) if late else (5_000, 0))
    assert broken() == set()


def test_whoever_waits_for_the_voucher_looks_at_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The balance has found its voucher while it was held, and gets its lock after the expiry."""
    order, (voucher,), message = waiting_for_its_balance()

    def after_the_expiry(found: Iterable[int]) -> list[Voucher]:
        found = list(found)
        assert together([over(voucher)]) == [1]
        return lock_vouchers(found)

    monkeypatch.setattr(balances, "lock_vouchers", after_the_expiry)

    assert deliver(message) == "late"
    assert whose(order) == (0, 5_000)
    assert Payment.objects.get(purpose="balance").refunded_fen == 4_000
    assert broken() == set()


def test_control_without_guards_the_balance_stays_on_a_voucher_that_has_ended() -> None:
    order, (voucher,), message = waiting_for_its_balance()

    answers = overtaken(hears(message), over(voucher), VOUCHER)

    assert answers == ("paid", 1)
    assert whose(order) == (4_000, 1_000)  # usable, with a part of its money on the way back
    assert "voucher_escrow" in broken()
