"""What a business has sold, for who plans its campaigns (campaigns.history)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, ExtractHour, ExtractIsoWeekDay, TruncWeek

from campaigns.history import Hours, Outcome, Sales
from campaigns.models import AutomaticUse, CouponUse
from orders.first_orders import COUNTED
from orders.models import Order, OrderLine


class OrderHistory:
    """Counted from the lines of paid orders; each question is one statement."""

    def sales(
        self,
        *,
        merchant_id: int,
        since: dt.datetime,
        until: dt.datetime,
        minimum_fen: int,
        products: Collection[int],
        categories: Collection[int],
        hours: Hours | None,
    ) -> Sales:
        counts = Q()
        if products:
            counts &= Q(product__in=products)
        if categories:
            counts &= Q(product__category__in=categories)
        covered = Coalesce(Sum("gross_fen", filter=counts) if counts else Sum("gross_fen"), 0)
        orders = (
            _lines(merchant_id)
            .filter(order__paid_at__gte=since, order__paid_at__lt=until)
            .order_by()
            .values("order_id")
            .annotate(
                paid_fen=Sum("payable_fen"),
                covered_fen=covered,
                day=ExtractIsoWeekDay("order__paid_at"),
                hour=ExtractHour("order__paid_at"),
                first=Subquery(_first_at(merchant_id, OuterRef("order__buyer"))),
            )
        )
        fits = Q(covered_fen__gte=max(minimum_fen, 1))
        if hours is not None:
            fits &= Q(day__in=hours.weekdays, hour__gte=hours.begins, hour__lt=hours.ends)
        found = orders.aggregate(
            orders=Count("order_id"),
            all_fen=Coalesce(Sum("paid_fen"), 0),
            fitting=Count("order_id", filter=fits),
            fitting_fen=Coalesce(Sum("covered_fen", filter=fits), 0),
            firsts=Count("order_id", filter=Q(first=F("order_id"))),
        )
        return Sales(*(int(found[name]) for name in _SALES))

    def weekly(
        self, *, merchant_id: int, since: dt.datetime, until: dt.datetime
    ) -> dict[dt.date, int]:
        rows = (
            _lines(merchant_id)
            .filter(order__paid_at__gte=since, order__paid_at__lt=until)
            .order_by()
            .values(week=TruncWeek("order__paid_at"))
            .annotate(orders=Count("order", distinct=True))
        )
        return {row["week"].date(): row["orders"] for row in rows}

    def pieces(self, *, merchant_id: int, since: dt.datetime) -> dict[int, int]:
        rows = (
            _lines(merchant_id)
            .filter(order__paid_at__gte=since, variant__isnull=False)
            .order_by()
            .values("variant_id")
            .annotate(pieces=Sum("quantity"))
        )
        return {row["variant_id"]: row["pieces"] for row in rows}

    def outcome(self, *, merchant_id: int, campaign_id: int) -> Outcome:
        used = CouponUse.State.USED
        claimed = CouponUse.objects.filter(coupon__campaign=campaign_id, state=used)
        by_itself = AutomaticUse.objects.filter(campaign=campaign_id, state=used)
        lowered = claimed.values("order_number").union(by_itself.values("order_number"))
        found = (
            _lines(merchant_id)
            .filter(order__number__in=lowered)
            .order_by()
            .values("order_id", "order__buyer_id")
            .annotate(
                paid_fen=Sum("payable_fen"),
                first=Subquery(_first_at(merchant_id, OuterRef("order__buyer"))),
            )
            .aggregate(
                orders=Count("order_id"),
                guests=Count("order__buyer_id", distinct=True),
                new_guests=Count("order__buyer_id", filter=Q(first=F("order_id")), distinct=True),
                all_fen=Coalesce(Sum("paid_fen"), 0),
            )
        )
        return Outcome(*(int(found[name]) for name in _OUTCOME))


_SALES = ("orders", "all_fen", "fitting", "fitting_fen", "firsts")
_OUTCOME = ("orders", "guests", "new_guests", "all_fen")


def _lines(merchant_id: int) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(
        merchant=merchant_id, order__state=Order.State.PAID, product__isnull=False
    )


def _first_at(merchant_id: int, buyer: OuterRef) -> QuerySet[Any, Any]:
    """The first order of a buyer at the business, as discounts for a first order count it."""
    lines = OrderLine.objects.filter(
        merchant=merchant_id, order__buyer=buyer, order__state__in=COUNTED
    )
    return lines.order_by().values("order__buyer").annotate(first=Min("order_id")).values("first")
