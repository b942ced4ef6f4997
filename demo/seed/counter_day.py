"""Two days at one counter, told hour by hour: what the console's day shows to its staff.

The story of `demo.seed.life` spreads its guests over the whole city. Here one store has a day worth
looking at: two people, a till, a slip that is undone, and what was bought overnight.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from catalog.models import Product
from demo.content import CITY
from demo.content import types as content
from demo.seed.people import Cast
from demo.seed.shop import Shop
from kernel.errors import Refusal
from kernel.message_kinds import Channel
from members.models import User
from messages.services.preferences import choose_news
from orders.services.pay import open_payment, prepare_payment
from orders.services.place import place_order
from orders.services.sandbox import decide_and_deliver
from payments.models import SandboxTrade
from stores.models import Device, Store
from stores.services.devices import add_device, enrol_device
from vouchers.models import Voucher
from vouchers.services.redeem import redeem_voucher, undo_redemption

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
AHEAD = 26 * HOUR
"""Bought so long before, that every rule about a first use is met."""
GUESTS = ("10:20", "11:05", "11:40", "12:10", "12:35", "13:15", "17:50", "18:25", "19:05", "19:40")
EVENING = 6
"""From this guest on the owner stands at the counter."""
OVERNIGHT = ("21:45", "22:30", "23:20", "30:50", "31:40")
"""Hours past midnight are those of the morning after."""
Schedule = Callable[[dt.datetime, Callable[[], object]], None]


class CounterDay:
    """What happens at the first merchant's first store on the days that begin at a midnight."""

    def __init__(self, *, cast: Cast, shop: Shop, schedule: Schedule) -> None:
        slug = CITY.merchants[0].slug
        self.rows = [row for row in CITY.products if row.merchant == slug and row.stock != 0]
        self.store: Store = shop.stores[self.rows[0].stores[0]]
        store_slug = self.rows[0].stores[0]
        self.rows = [row for row in self.rows if store_slug in row.stores]
        self.products = shop.products
        self.clerk, self.owner = cast.clerks[slug], cast.owners[slug]
        self.customers = cast.customers
        self.schedule = schedule
        self.random = random.Random(store_slug)
        self.till: Device | None = None
        self.slipped: set[dt.date] = set()

    def listen(self) -> None:
        """Both want to hear of what the other one redeems here."""
        for person in (self.clerk, self.owner):
            choose_news(
                user=person,
                merchant_id=self.store.merchant_id,
                chosen={"redemptions": [Channel.INBOX]},
            )

    def plan(self, midnight: dt.datetime) -> None:
        """One day and the night after it."""
        self.schedule(midnight + 8 * HOUR, self._enrol_till)
        for number, clock_time in enumerate(GUESTS):
            buyer = self.random.choice(self.customers)
            row = self.rows[number % len(self.rows)]
            visit = midnight + _since_midnight(clock_time)
            self.schedule(visit - AHEAD, partial(self._buy_for_visit, buyer, row, visit, number))
        for clock_time in OVERNIGHT:
            buyer, row = self.random.choice(self.customers), self.random.choice(self.rows)
            pieces = self.random.randint(1, 2) if row.kind == Product.Kind.GOODS else 1
            moment = midnight + _since_midnight(clock_time)
            self.schedule(moment, partial(self._buy, buyer, row, pieces))

    def _enrol_till(self) -> None:
        if self.till is None:
            made = add_device(store=self.store, name="Till 1", by=self.owner)
            self.till, _token = enrol_device(code=made.code, client="127.0.0.1", by=self.owner)

    def _buy(self, buyer: User, row: content.Product, pieces: int = 1) -> list[Voucher]:
        product = self.products[row.slug]
        offer = product.offers.filter(kind="normal", active=True).earliest("pk")
        try:
            order = place_order(buyer=buyer, lines=[(offer.pk, pieces)])
        except Refusal:
            return []  # sold out, or all that one person may have
        pay_at_cashier(buyer, order.number)
        return list(Voucher.objects.filter(order_number=order.number).order_by("pk"))

    def _buy_for_visit(
        self, buyer: User, row: content.Product, visit: dt.datetime, number: int
    ) -> None:
        for voucher in self._buy(buyer, row)[:1]:
            self.schedule(visit, partial(self._visit, voucher, number))

    def _visit(self, voucher: Voucher, number: int) -> None:
        staff = self.owner if number >= EVENING else self.clerk
        device = self.till if number % 3 else None
        with suppress(Refusal):  # a time at which its terms allow no visit
            made = redeem_voucher(
                staff=staff, store_id=self.store.pk, code=voucher.code, device=device
            )
            if (day := self.store.local_day(made.occurred_at)) not in self.slipped:
                self.slipped.add(day)  # the first guest of a day: a slip of the hand
                undo_redemption(staff=staff, redemption_id=made.pk, device=device)


def pay_at_cashier(buyer: User, number: str) -> None:
    """Pay an order at the sandbox's cashier, and let its message arrive."""
    payment = open_payment(payment=prepare_payment(buyer=buyer, number=number, gateway="sandbox"))
    token = SandboxTrade.objects.values_list("token", flat=True).get(out_trade_no=payment.number)
    decide_and_deliver(token=token, outcome="paid")


def _since_midnight(clock_time: str) -> dt.timedelta:
    hours, minutes = clock_time.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE
