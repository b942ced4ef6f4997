"""What came of a code: scans, visitors, orders, paid, came in; money from orders and redemptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import TruncDate

from insights.selectors import with_kept
from kernel.bounds import DEFAULT_ZONE, read_zone
from kernel.clock import now
from orders.models import Order, OrderSource
from orders.net import sold_lines, with_net
from stores.codes.models import Code, CodeDay, Touch
from vouchers.models import Redemption

DAYS = 30


class CodeFigures(NamedTuple):
    """Of one code, from its first day. Orders count where it was the last code before them.

    ``began`` counts orders that it was the first code of. ``paid_fen`` is less what was refunded,
    ``came`` how many of the orders had somebody come in, ``came_fen`` what was redeemed of them.
    ``visitors`` are told apart as far as they agreed to be (docs/privacy.md), of the months that are kept.
    """

    scans: int
    visitors: int
    began: int
    orders: int
    paid: int
    paid_fen: int
    came: int
    came_fen: int


# A code of the platform is a source of each merchant's part of one order.
_ORDERS = Count("order", distinct=True)


class CodeDays(NamedTuple):
    """The same per day of the code's store, oldest first."""

    days: list[dt.date]
    scans: list[int]
    orders: list[int]
    paid: list[int]
    paid_fen: list[int]
    came: list[int]
    came_fen: list[int]

    def rows(self) -> list[tuple[Any, ...]]:
        """One tuple per day, the newest first."""
        return list(zip(*self, strict=True))[::-1]


def code_figures(code: Code) -> CodeFigures:
    """Everything that came of a code; six queries, whatever it has."""
    sources = OrderSource.objects.filter(last=code)
    orders = sources.aggregate(all=_ORDERS)["all"]
    paid = sources.filter(order__state=Order.State.PAID).aggregate(all=_ORDERS)["all"]
    came = _redemptions(code).aggregate(
        orders=Count("voucher__order_number", distinct=True), fen=Sum("kept_fen")
    )
    return CodeFigures(
        scans=CodeDay.objects.filter(code=code).aggregate(all=Sum("scans"))["all"] or 0,
        visitors=Touch.objects.filter(code=code).aggregate(all=Count("visitor", distinct=True))[
            "all"
        ],
        began=OrderSource.objects.filter(first=code).aggregate(all=_ORDERS)["all"],
        orders=orders,
        paid=paid,
        paid_fen=_lines(code).aggregate(fen=Sum("net_fen"))["fen"] or 0,
        came=came["orders"],
        came_fen=came["fen"] or 0,
    )


def code_days(code: Code, *, days: int = DAYS) -> CodeDays:
    """The last ``days`` days of a code; five queries."""
    zone = read_zone(code.store.time_zone if code.store else DEFAULT_ZONE)
    today = now().astimezone(zone).date()
    dates = [today - dt.timedelta(days=back) for back in range(days - 1, -1, -1)]
    since = dt.datetime.combine(dates[0], dt.time(), zone)
    sources = OrderSource.objects.filter(last=code)
    paid = sources.filter(order__state=Order.State.PAID)
    scans = CodeDay.objects.filter(code=code, day__gte=dates[0]).values_list("day", "scans")

    def per_day(rows: QuerySet[Any], moment: str, **values: Any) -> dict[str, dict[Any, int]]:
        found = (
            rows.filter(**{f"{moment}__gte": since})
            .order_by()
            .annotate(on=TruncDate(moment, tzinfo=zone))
            .values("on")
            .annotate(**values)
        )
        kept = list(found)
        return {name: {row["on"]: row[name] for row in kept} for name in values}

    placed = per_day(sources, "order__created_at", orders=_ORDERS)
    bought = per_day(paid, "order__paid_at", paid=_ORDERS)
    money = per_day(_lines(code), "order__paid_at", fen=Sum("net_fen"))
    came = per_day(
        _redemptions(code),
        "redeemed_at",
        orders=Count("voucher__order_number", distinct=True),
        fen=Sum("kept_fen"),
    )
    return CodeDays(
        dates,
        *(
            [int(found.get(day) or 0) for day in dates]
            for found in (
                *(dict(scans), placed["orders"], bought["paid"], money["fen"]),
                *(came["orders"], came["fen"]),
            )
        ),
    )


def figures_of(codes: Iterable[Code]) -> dict[int, CodeFigures]:
    """Of several codes, by their ids: for the few that one person has."""
    return {code.pk: code_figures(code) for code in codes}


def _lines(code: Code) -> QuerySet[Any]:
    """Paid items of orders that the code was the last one of, of the merchant that it counts for."""
    return with_net(
        sold_lines().filter(order__sources__last=code, order__sources__merchant=F("merchant"))
    )


def _redemptions(code: Code) -> QuerySet[Any]:
    source = OrderSource.objects.filter(
        last=code,
        merchant=OuterRef("merchant"),
        order__number=OuterRef("voucher__order_number"),
    )
    return with_kept(Redemption.objects.kept().filter(Exists(source)))
