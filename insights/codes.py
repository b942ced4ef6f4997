"""What came of a code: scans, visitors, orders, paid, came in; money from orders and redemptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate

from insights.selectors import with_kept
from kernel.bounds import DEFAULT_ZONE, read_zone
from kernel.clock import now
from orders.models import Order, OrderSource
from orders.net import sold_lines, with_net
from stores.codes.models import Code, CodeDay, Touch
from vouchers.models import Redemption

DAYS = 30


class CameOfCode(NamedTuple):
    """What is told of a code in short: as in `CodeFigures`."""

    scans: int
    orders: int
    paid: int
    came: int
    came_fen: int


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
    return CodeFigures(
        **came_of([code])[code.pk]._asdict(),
        visitors=Touch.objects.filter(code=code).aggregate(all=Count("visitor", distinct=True))[
            "all"
        ],
        began=OrderSource.objects.filter(first=code).aggregate(all=_ORDERS)["all"],
        paid_fen=_lines(code).aggregate(fen=Sum("net_fen"))["fen"] or 0,
    )


def came_of(codes: Collection[Code]) -> dict[int, CameOfCode]:
    """What came of several codes, by their ids; three queries, however many they are."""
    scans = dict(
        CodeDay.objects.filter(code__in=codes)
        .order_by()
        .values_list("code")
        .annotate(all=Sum("scans"))
    )
    ordered = _by_code(
        OrderSource.objects.filter(last__in=codes),
        "last",
        _ORDERS,
        Count("order", distinct=True, filter=Q(order__state=Order.State.PAID)),
    )
    came = _by_code(
        _redemptions(codes), "code", Count("voucher__order_number", distinct=True), Sum("kept_fen")
    )
    return {
        code.pk: CameOfCode(
            scans.get(code.pk, 0), *ordered.get(code.pk, (0, 0)), *came.get(code.pk, (0, 0))
        )
        for code in codes
    }


def _by_code(rows: QuerySet[Any], code: str, one: Any, other: Any) -> dict[int, tuple[int, int]]:
    found = rows.order_by().values_list(code).annotate(one=one, other=other)
    return {pk: (first, second) for pk, first, second in found}


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
        _redemptions([code]),
        "occurred_at",
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


def _lines(code: Code) -> QuerySet[Any]:
    """Paid items of orders that the code was the last one of, of the merchant that it counts for."""
    return with_net(
        sold_lines().filter(order__sources__last=code, order__sources__merchant=F("merchant"))
    )


def _redemptions(codes: Collection[Code]) -> QuerySet[Any]:
    """What was redeemed of orders that one of ``codes``, as ``code``, was the last one of."""
    source = OrderSource.objects.filter(
        last__in=codes,
        merchant=OuterRef("merchant"),
        order__number=OuterRef("voucher__order_number"),
    )
    found = Redemption.objects.kept().filter(Exists(source))
    return with_kept(found).annotate(code=Subquery(source.values("last")[:1]))
