"""A hostile gateway: words doubled, reordered, altered, forged, senseless, beside people and sweeps.

Whatever arrives in whatever order, an order whose money is at the gateway ends paid, once, or
with its money on the way back; and nobody is given anything for money that never came.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from kernel.clock import at, now
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.paid import apply_notification
from orders.services.sandbox import deliver_undelivered
from orders.tasks import query_waiting_payments, query_waiting_refunds, time_out_orders
from payments.gateways.base import Notification
from payments.models import Payment, Refund, SandboxTrade
from payments.sandbox.services import decide
from payments.sandbox.signing import sign
from tests.factories import make_order, make_product, make_user, offer_of
from tests.forms import LONG
from tests.races.books import SignedMessage, balance, begin_payment, broken, deliver
from tests.races.conftest import deleted_afterwards  # noqa: F401 - the database is emptied quickly
from tests.races.together import together
from tests.torture.at_once import BY_THE_WALL_CLOCK
from tests.torture.machine import held_by_the_gateway
from tests.torture.seeds import seeds
from vouchers.models import Voucher

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ORDERS = 24 if LONG else 8
Job = Callable[[], Any]


def timed(moment: dt.datetime, job: Job) -> Job:
    """``job`` at ``moment``, in whichever thread it runs."""

    def run() -> Any:
        with at(moment):
            return job()

    return run


def altered(message: SignedMessage, **changes: Any) -> SignedMessage:
    """Another message, really signed by the gateway."""
    body = json.dumps(json.loads(message[1]) | changes).encode()
    return sign(body), body


def forged_paid(payment: Payment) -> bytes:
    """What somebody without the key would send to get goods for nothing."""
    told = {"event_id": f"forged-{payment.number}", "kind": "payment", "state": "paid"}
    told |= {"out_trade_no": payment.number, "amount_fen": payment.amount_fen}
    return json.dumps(told | {"currency": "CNY", "gateway_number": f"F{payment.number}"}).encode()


def gullible(body: bytes) -> str:
    """A shop that believes what it is sent: the control."""
    message = json.loads(body)
    notification = Notification(
        event_id=message["event_id"],
        kind=message["kind"],
        out_trade_no=message["out_trade_no"],
        state=message["state"],
        amount_fen=message["amount_fen"],
        gateway_number=message["gateway_number"],
        occurred_at=now(),
    )
    return apply_notification(gateway="sandbox", notification=notification, body=body)


class Storm:
    """Orders at the cashier, and everything that happens to them at once."""

    def __init__(self, seed: int, *, believes: bool = False) -> None:
        self.chance = random.Random(seed)
        self.believes = believes
        self.moment = now()
        self.jobs: list[Job] = []
        offers = [offer_of(make_product(price_fen=fen, stock=60)) for fen in (4999, 1, 70001)]
        buyers = [make_user() for _ in range(3)]
        for _ in range(ORDERS):
            buyer, offer = self.chance.choice(buyers), self.chance.choice(offers)
            self._trouble(make_order(buyer, offer, self.chance.choice((1, 2, 3))))
        self.jobs += [timed(self.moment, query_waiting_payments)] * 3
        self.jobs += [timed(self.moment + dt.timedelta(minutes=20), time_out_orders)] * 2
        self.jobs += [timed(self.moment + dt.timedelta(minutes=1), deliver_undelivered)] * 2
        self.chance.shuffle(self.jobs)

    def _trouble(self, order: Order) -> None:
        payment = begin_payment(order)
        forged = forged_paid(payment)
        if self.chance.random() < 0.75:
            message = decide(token=payment.pay_url.rstrip("/").rsplit("/", 1)[-1], outcome="paid")
            assert message is not None
            self._tell(message, times=self.chance.choice((0, 1, 2, 4)))
            self._lie(message)
        elif self.believes:
            self.jobs.append(lambda: gullible(forged))
        self.jobs.append(lambda: deliver((sign(b"{}"), forged)))
        if self.chance.random() < 0.3:
            self.jobs.append(lambda: cancel_order(buyer=order.buyer, number=order.number))

    def _tell(self, message: SignedMessage, *, times: int) -> None:
        self.jobs += [lambda: deliver(message)] * times

    def _lie(self, message: SignedMessage) -> None:
        """Words that are really signed, and old, wrong or without sense."""
        lies = (
            {"state": "closed", "event_id": f"c{self.chance.random()}"},
            {"state": "failed", "event_id": f"f{self.chance.random()}"},
            {"amount_fen": 7, "event_id": f"a{self.chance.random()}"},
            {"currency": "USD", "event_id": f"u{self.chance.random()}"},
            {"amount_fen": 2**70, "event_id": f"b{self.chance.random()}"},
            {"event_id": None},
            {"out_trade_no": None},
            {"out_trade_no": "P0", "event_id": f"o{self.chance.random()}"},
            {"state": "\x00", "event_id": "\x00"},
            {"merchant_id": "somebody-else", "event_id": f"m{self.chance.random()}"},
        )
        for lie in self.chance.sample(lies, 4):
            told = altered(message, **lie)
            self.jobs.append(lambda told=told: deliver(told))

    def run(self, drain: Callable[..., int]) -> None:
        """Everything at once; then the sweeps of the next hour, until nothing moves."""
        together(self.jobs)
        for minutes in (2, 21, 40, 60):
            with at(self.moment + dt.timedelta(minutes=minutes)):
                deliver_undelivered()
                query_waiting_payments()
                time_out_orders()
                drain()
                query_waiting_refunds()


def wrong() -> list[str]:
    """What is not as it must be once the storm is over."""
    found = [code for code in broken() if code not in BY_THE_WALL_CLOCK]
    if -balance("gateway") != held_by_the_gateway():
        found.append(f"gateway: {-balance('gateway')} ≠ {held_by_the_gateway()}")
    for order in Order.objects.all():
        vouchers = Voucher.objects.filter(order_number=order.number)
        paid = order.state == Order.State.PAID
        wanted = sum(order.lines.values_list("quantity", flat=True)) if paid else 0
        if vouchers.count() != wanted:
            found.append(f"{order.number}: {vouchers.count()} vouchers, {wanted} due")
    for trade in SandboxTrade.objects.filter(state="paid"):
        payment = Payment.objects.get(number=trade.out_trade_no)
        kept = Order.objects.filter(payment=payment, state=Order.State.PAID).exists()
        returned = Refund.objects.filter(payment=payment, state=Refund.State.SUCCEEDED).exists()
        if kept == returned:
            found.append(f"{trade.out_trade_no}: kept {kept}, returned {returned}")
    return found


@pytest.mark.parametrize("seed", seeds(short=2, long=int(os.environ.get("STORMS", "12"))))
def test_a_hostile_gateway_gets_nothing_and_loses_nobody_s_money(
    seed: int, drain: Callable[..., int]
) -> None:
    Storm(seed).run(drain)
    assert wrong() == []


def test_a_shop_that_does_not_verify_gives_goods_for_nothing(drain: Callable[..., int]) -> None:
    """The control: without the check of the signature the same storm does its damage."""
    Storm(1, believes=True).run(drain)
    assert any(line.startswith("gateway") for line in wrong())
