"""What a business's last weeks say: how much it sells, which weeks are quiet, what lies on the shelf."""

from __future__ import annotations

import datetime as dt
from statistics import median
from typing import NamedTuple

from django.db.models import Count
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.utils import timezone

from campaigns.conditions.base import Said
from campaigns.history import Hours, Sales, history
from campaigns.terms import Terms
from catalog.models import Product, Stock
from kernel.clock import now
from vouchers.models import Redemption

WEEKS = 8
"""So many of the last weeks are looked at."""
WEEK = dt.timedelta(days=7)
QUIET = 0.75
"""A week is quiet that had fewer orders than this share of the year's middle week."""
FEWEST_WEEKS = 8
"""Of fewer weeks with orders nobody can say which is quiet."""
AHEAD = 13
"""So many weeks ahead a quiet one is looked for."""
MOST_SLOW = 5
SPAN, MOST_DAYS = 3, 4
"""Quiet hours are so many in a row, on so many days."""
DAYS = range(1, 8)
UNKNOWN = Hours((1, 2, 3, 4), 14, 17)


class Habits(NamedTuple):
    """``slow`` are the products with the most weeks of stock left, the longest first; ``cheapest`` one on sale."""

    orders_a_week: int
    average_fen: int
    quiet_weeks: list[dt.date]
    slow: list[int]
    hours: Hours
    cheapest: int | None = None


class Week(NamedTuple):
    """A week by its Monday; ``orders`` are those of the week a year before it."""

    monday: dt.date
    orders: int
    quiet: bool


def habits_of(merchant_id: int) -> Habits:
    """Seven statements."""
    on_sale = Product.objects.filter(merchant=merchant_id, state=Product.State.ACTIVE)
    sold = sales_of(merchant_id)
    quiet = [week.monday for week in weeks_ahead(merchant_id, AHEAD) if week.quiet]
    return Habits(
        round(sold.orders / WEEKS),
        round(sold.paid_fen / sold.orders) if sold.orders else 0,
        quiet,
        slow_products(merchant_id),
        quiet_hours(merchant_id),
        on_sale.order_by("list_price_fen", "pk").values_list("pk", flat=True).first(),
    )


def sales_of(merchant_id: int, terms: Terms | None = None) -> Sales:
    """What was sold in the last weeks, and how much of it the conditions of ``terms`` would have met."""
    until = now()
    return history().sales(
        merchant_id=merchant_id,
        since=until - WEEKS * WEEK,
        until=until,
        minimum_fen=terms.minimum_fen if terms else 0,
        products=terms.keys("products") if terms else (),
        categories=terms.keys("categories") if terms else (),
        hours=_hours(terms.said("hours")) if terms else None,
    )


def _hours(said: Said | None) -> Hours | None:
    """Whole hours; those over midnight are taken until midnight."""
    if said is None or said.from_minute is None:
        return None
    begins, ends = said.from_minute // 60, (said.to_minute or 0) // 60
    return Hours(said.keys, begins, ends if ends > begins else 24)


def quiet_hours(merchant_id: int) -> Hours:
    """Three hours of a day in which fewest came in the last weeks, and the days on which fewer did.

    Between the first and the last hour in which anybody came; one statement. Of a business without
    guests yet nobody knows: the afternoons from Monday to Thursday.
    """
    came = (
        Redemption.objects.kept()
        .filter(merchant=merchant_id, occurred_at__gte=now() - WEEKS * WEEK)
        .order_by()
        .values(day=ExtractIsoWeekDay("occurred_at"), hour=ExtractHour("occurred_at"))
        .annotate(guests=Count("pk"))
    )
    guests = {(row["day"], row["hour"]): row["guests"] for row in came}
    if not guests:
        return UNKNOWN
    hours = [hour for _day, hour in guests]
    first, last = min(hours), max(*hours, min(hours) + SPAN - 1)

    def of_span(day: int, begins: int) -> int:
        return sum(guests.get((day, hour), 0) for hour in range(begins, begins + SPAN))

    begins = min(
        range(first, max(first, last - SPAN + 1) + 1),
        key=lambda hour: (sum(of_span(day, hour) for day in DAYS), hour),
    )
    begins = min(begins, 24 - SPAN)
    by_day = sorted(DAYS, key=lambda day: (of_span(day, begins), day))
    return Hours(tuple(sorted(by_day[:MOST_DAYS])), begins, begins + SPAN)


def weeks_ahead(merchant_id: int, count: int, *, back: int = 0) -> list[Week]:
    """This week and those after it, with what the same weeks of last year had; one statement.

    52 weeks are a year here, so that a weekday stays one. ``back`` weeks before this one come first.
    """
    today = timezone.localdate(now())
    this = today - dt.timedelta(days=today.weekday())
    mondays = [this + number * WEEK for number in range(-back, count)]
    year = 52 * WEEK
    since = _start(this - year)
    # The whole year counts for the middle week, whatever part of it is shown.
    first = min(since, _start(mondays[0] - year))
    last = max(_start(this), _start(mondays[-1] - year + WEEK))
    found = history().weekly(merchant_id=merchant_id, since=first, until=last)
    known = sorted(count for monday, count in found.items() if this - year <= monday < this)
    limit = QUIET * median(known) if len(known) >= FEWEST_WEEKS else 0
    begun = min(found, default=this)
    weeks = []
    for monday in mondays:
        orders = found.get(monday - year, 0)
        weeks.append(Week(monday, orders, begun <= monday - year and orders < limit))
    return weeks


def slow_products(merchant_id: int) -> list[int]:
    """Products on sale with stock for the longest time at the pace of the last weeks; two statements."""
    left = (
        Stock.objects.filter(
            variant__product__merchant=merchant_id,
            variant__product__state=Product.State.ACTIVE,
            variant__active=True,
            available__gt=0,
        )
        .order_by("pk")
        .values_list("variant_id", "variant__product_id", "available")
    )
    sold = history().pieces(merchant_id=merchant_id, since=now() - WEEKS * WEEK)
    weeks: dict[int, float] = {}
    for variant_id, product_id, available in left:
        lasts = (available or 0) * WEEKS / (sold.get(variant_id, 0) or 0.5)
        weeks[product_id] = max(weeks.get(product_id, 0), lasts)
    slow = sorted((pk for pk in weeks if weeks[pk] > WEEKS), key=lambda pk: (-weeks[pk], pk))
    return slow[:MOST_SLOW]


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), timezone.get_current_timezone())
