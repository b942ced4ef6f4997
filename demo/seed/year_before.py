"""The year before the story, at one restaurant: an order a week, but for the weeks in which few came.

From it the calendar of campaigns knows which of the coming weeks were quiet a year ago.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

from catalog.models import Offer, Product
from demo.seed.counter_day import pay_at_cashier
from demo.seed.life import Life
from kernel.errors import Refusal
from members.models import User
from orders.services.place import place_order
from stores.access import stores_for_staff
from vouchers.models import Voucher
from vouchers.services.redeem import redeem_voucher

MERCHANT = "old-pier-kitchen"
WEEK = dt.timedelta(weeks=1)
FOUNDED = 56 * WEEK
"""The shops of the city are so old, that the story may tell of the year before."""
WEEKS = range(30, 55)
QUIET = frozenset({37, 38, 46, 49})
"""Weeks before the present; in the quiet ones nobody came."""


def plan_year_before(life: Life) -> None:
    """Put it into the story, before it is told; the shops have to be `FOUNDED` before the present."""
    monday = life.until - dt.timedelta(days=life.until.astimezone(life.zone).weekday())
    noon = monday.astimezone(life.zone).replace(hour=12, minute=0, second=0, microsecond=0)
    for number in WEEKS:
        if number not in QUIET:
            guest = life.cast.customers[number % len(life.cast.customers)]
            moment = noon - number * WEEK + dt.timedelta(days=number % 5)
            life.schedule(moment, partial(_visit, life, guest))


def _visit(life: Life, guest: User) -> None:
    """Order at noon, pay, and use it at once; what cannot be used there today is kept."""
    offers = Offer.objects.running().filter(
        merchant=life.shop.merchants[MERCHANT],
        kind=Offer.Kind.NORMAL,
        product__state=Product.State.ACTIVE,
    )
    offer = offers.exclude(product__kind=Product.Kind.GOODS).order_by("pk")[0]
    try:
        order = place_order(buyer=guest, lines=[(offer.pk, 1)])
    except Refusal:
        return  # sold out for the moment
    pay_at_cashier(guest, order.number)
    clerk = life.cast.clerks[MERCHANT]
    store = stores_for_staff(clerk).order_by("pk")[0]
    for voucher in Voucher.objects.filter(order_number=order.number).order_by("pk"):
        try:
            redeem_voucher(staff=clerk, store_id=store.pk, code=voucher.code)
        except Refusal:
            return
