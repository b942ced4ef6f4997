"""Figures for the dashboards, each one query, scoped to some merchants or to all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from catalog.models import Offer, Product
from catalog.usable import taken_nowhere
from insights.models import AuditRun
from kernel.clock import now
from kernel.outbox.selectors import failing_events, parked_events
from kernel.watch.models import Incident
from orders.net import sold_lines, with_net, with_pieces
from payments.agreements import Step, count_issued
from payments.models import (
    Account,
    LedgerEntry,
    Payout,
    ReconciliationException,
    Refund,
    Statement,
)
from reviews.models import Review
from stores.admin_rights import Reach
from stores.models import Merchant, Store
from vouchers.models import Redemption, VoucherReturn

DAYS = 30


class Series(NamedTuple):
    """Values per day, oldest first, days without rows as 0."""

    days: list[dt.date]
    values: list[int]


def _scoped(
    queryset: QuerySet[Any],
    merchants: Sequence[int] | None,
    stores: Sequence[int] = (),
    store_path: str = "store",
) -> QuerySet[Any]:
    """The rows of ``merchants`` (None: of all), and those of single ``stores``."""
    if merchants is None:
        return queryset
    kept = Q(merchant__in=merchants)
    if stores:
        kept |= Q(**{f"{store_path}__in": stores})
    return queryset.filter(kept)


def _window(days: int) -> tuple[dt.datetime, list[dt.date]]:
    today = timezone.localdate(now())
    dates = [today - dt.timedelta(days=back) for back in range(days - 1, -1, -1)]
    midnight = dt.datetime.combine(dates[0], dt.time(), timezone.get_current_timezone())
    return midnight, dates


def _per_day(
    queryset: QuerySet[Any], field: str, value: Any, since: dt.datetime, dates: list[dt.date]
) -> Series:
    rows = dict(
        queryset.filter(**{f"{field}__gte": since})
        .order_by()
        .annotate(day=TruncDate(field))
        .values_list("day")
        .annotate(value=value)
    )
    return Series(dates, [int(rows.get(day) or 0) for day in dates])


def sales_by_day(*, merchants: Sequence[int] | None, days: int = DAYS) -> Series:
    """Sales in fen by the day they were paid, less what was refunded of them since."""
    since, dates = _window(days)
    lines = _scoped(sold_lines(), merchants)
    return _per_day(with_net(lines), "order__paid_at", Sum("net_fen"), since, dates)


def redemptions_by_day(
    *, merchants: Sequence[int] | None, stores: Sequence[int] = (), days: int = DAYS
) -> Series:
    """Redeemed value in fen per day, without what was undone or given back since."""
    since, dates = _window(days)
    rows = _scoped(Redemption.objects.kept(), merchants, stores)
    return _per_day(with_kept(rows), "occurred_at", Sum("kept_fen"), since, dates)


def with_kept(redemptions: QuerySet[Redemption]) -> QuerySet[Any]:
    """Add ``kept_fen``: the value less what returns gave back of it."""
    returns = VoucherReturn.objects.filter(redemption=OuterRef("pk")).order_by()
    given_back = returns.values("redemption").annotate(fen=Sum("value_fen")).values("fen")
    return redemptions.annotate(kept_fen=F("value_fen") - Coalesce(Subquery(given_back), 0))


def best_sellers(
    *, merchants: Sequence[int] | None, days: int = DAYS, count: int = 8
) -> list[dict[str, Any]]:
    """The products with the highest sales of the window after refunds: title, sold, left_fen.

    ``sold`` counts the pieces that were sold and not given back, as the shop does.
    """
    since, _dates = _window(days)
    lines = _scoped(
        sold_lines().filter(order__paid_at__gte=since),
        merchants,
    )
    rows = (
        with_pieces(with_net(lines))
        .order_by()
        .values("product_id", "product__title_en", "product__title_zh")
        .annotate(sold=Sum("net_pieces"), left_fen=Sum("net_fen"))
        .filter(left_fen__gt=0)
        .order_by("-left_fen")[:count]
    )
    return list(rows)


def busiest_stores(
    *, merchants: Sequence[int] | None, stores: Sequence[int] = (), days: int = DAYS, count: int = 8
) -> list[dict[str, Any]]:
    """The stores with the most redemptions of the window: name, redemptions, total_fen, after returns."""
    since, _dates = _window(days)
    rows = _scoped(Redemption.objects.kept().filter(occurred_at__gte=since), merchants, stores)
    found = (
        with_kept(rows)
        .order_by()
        .values("store_id", "store__name_en", "store__name_zh")
        .annotate(redemptions=Count("id"), total_fen=Sum("kept_fen"))
        .order_by("-redemptions")[:count]
    )
    return list(found)


def balances(*, merchants: Sequence[int] | None) -> dict[str, int]:
    """Escrow, pending, payable, settled and paid out, in fen, as positive amounts."""
    sums = dict(
        _scoped(LedgerEntry.objects.filter(merchant__isnull=False), merchants)
        .order_by()
        .values_list("account")
        .annotate(total=Sum("amount_fen"))
    )
    paid = _scoped(Payout.objects.filter(state=Payout.State.SENT), merchants).aggregate(
        total=Sum("amount_fen")
    )
    return {
        "escrow": -sums.get(Account.ESCROW, 0),
        "pending": -sums.get(Account.PENDING, 0),
        "payable": -sums.get(Account.PAYABLE, 0),
        "settled": -sums.get(Account.SETTLED, 0),
        "paid": paid["total"] or 0,
    }


def review_score(*, merchants: Sequence[int] | None, stores: Sequence[int] = ()) -> dict[str, Any]:
    """Average stars and number of published reviews, and how many wait for a reply."""
    rows = _scoped(Review.objects.filter(state=Review.State.PUBLISHED), merchants, stores)
    found = rows.aggregate(average=Avg("rating"), count=Count("id"))
    found["unanswered"] = rows.filter(reply="").count()
    return found


def merchant_worklist(*, goods: Sequence[int], reviews: Reach, stores: Reach) -> dict[str, int]:
    """What waits for a merchant: first steps, reviews, stock, products that no store
    takes, drafts, offers that end.

    ``goods`` are the merchants whose products count; ``reviews`` and ``stores`` say where those count.
    """
    products = Product.objects.filter(merchant__in=goods)
    on_sale = products.filter(state=Product.State.ACTIVE)
    return {
        "unanswered": review_score(merchants=reviews.merchants, stores=reviews.stores)[
            "unanswered"
        ],
        "sold_out": on_sale.filter(variants__active=True, variants__stock__available=0)
        .distinct()
        .count(),
        "low": on_sale.filter(variants__active=True, variants__stock__available__range=(1, 5))
        .distinct()
        .count(),
        "nowhere": taken_nowhere(on_sale).count(),
        "drafts": products.filter(state=Product.State.DRAFT).count(),
        "ending": Offer.objects.filter(merchant__in=goods).ending_soon().count(),
        "stores": _scoped(Store.objects.all(), stores.merchants, stores.stores, "pk").count(),
        "products": products.count(),
    }


def operator_worklist() -> dict[str, Any]:
    """What waits for the operator: applications, exceptions, failed refunds, given-up and
    failing background tasks, audit."""
    last_audit = AuditRun.objects.first()
    commission = LedgerEntry.objects.filter(account=Account.COMMISSION).aggregate(
        total=Sum(-F("amount_fen"))
    )
    statements = count_issued(Statement.objects.all())
    return {
        "applications": Merchant.objects.filter(state=Merchant.State.APPLIED).count(),
        "exceptions": ReconciliationException.objects.filter(
            state=ReconciliationException.State.OPEN
        ).count(),
        "failed_refunds": Refund.objects.filter(state=Refund.State.FAILED).count(),
        "incidents": Incident.objects.left_out().count(),
        "stuck_events": failing_events(),
        "parked_events": parked_events(),
        "to_ask": statements[Step.ASK],
        "to_transfer": statements[Step.TRANSFER],
        "to_collect": statements[Step.COLLECT],
        "audit": last_audit,
        "broken": len(last_audit.findings) if last_audit and not last_audit.is_clean else 0,
        "commission_fen": commission["total"] or 0,
    }
