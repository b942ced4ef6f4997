"""The worker that keeps results up to date: it reads what tables have gained since it read them last."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F

from insights.models import Mark, OrderPart, PartCampaign, ResultDay
from insights.models.sums import OF_PARTS
from insights.services.reach import refresh_claims, refresh_codes
from insights.services.results import refresh_orders
from kernel.bounds import DEFAULT_ZONE
from kernel.db.months import kept_months
from kernel.db.names import lock_name
from stores.codes.models import CodeDay, Touch

MOST = 20_000
"""Rows of one table that one sweep reads; what is left comes with the next."""


WAIT_SECONDS = 0.5


class Source(NamedTuple):
    """A table that grows. ``rows`` yields its new keys (above ``done``, at most ``most``), and what each is about."""

    table: str
    rows: str
    follow: Callable[[list[Any]], Any]


def _orders(rows: list[Any]) -> None:
    refresh_orders(order_ids=[row[0] for row in rows if row[0] is not None])


def _codes(rows: list[Any]) -> None:
    refresh_codes(days=[(row[0], row[1]) for row in rows if row[0] is not None])


def _facts(rows: list[Any]) -> None:
    refresh_codes(days=[(code, day) for code, day, *_claim in rows if code is not None])
    refresh_claims(days=[(campaign, day) for *_code, campaign, day in rows if campaign is not None])


def _claims(rows: list[Any]) -> None:
    refresh_claims(days=[(row[0], row[1]) for row in rows])


# Rows of the last months alone: every other partition is left unread. One that was told later still
# has the month of its moment, hence the month before.
_MONTHS = (
    " AND (%(done)s = 0 OR month >="
    " (date_trunc('month', %(now)s::timestamptz) - interval '1 month')::date)"
)
SOURCES = (
    Source(
        "orders_order",
        "SELECT id, id FROM orders_order WHERE id > %(done)s ORDER BY id LIMIT %(most)s",
        _orders,
    ),
    Source(
        "payments_ledgertransaction",
        "SELECT t.id, o.id FROM (SELECT id FROM payments_ledgertransaction WHERE id > %(done)s"
        " ORDER BY id LIMIT %(most)s) t"
        " LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id AND e.voucher_ref IS NOT NULL"
        " LEFT JOIN vouchers_voucher v ON v.id = e.voucher_ref"
        " LEFT JOIN orders_order o ON o.number = v.order_number ORDER BY t.id",
        _orders,
    ),
    Source(
        "vouchers_redemption",
        "SELECT r.id, o.id FROM (SELECT id, voucher_id FROM vouchers_redemption"
        " WHERE id > %(done)s ORDER BY id LIMIT %(most)s) r"
        " JOIN vouchers_voucher v ON v.id = r.voucher_id"
        " LEFT JOIN orders_order o ON o.number = v.order_number ORDER BY r.id",
        _orders,
    ),
    Source(
        "codes_touch",
        "SELECT id, code_id, day FROM codes_touch WHERE id > %(done)s"  # noqa: S608 - of ours
        f"{_MONTHS} ORDER BY id LIMIT %(most)s",
        _codes,
    ),
    Source(
        "facts_fact",
        "SELECT f.id, f.code_id,"  # noqa: S608 - texts of ours
        " (f.at AT TIME ZONE COALESCE(s.time_zone, %(zone)s))::date,"
        " q.campaign_id, (q.claimed_at AT TIME ZONE %(zone)s)::date"
        " FROM (SELECT id, at, key, kind, code_id FROM facts_fact"
        " WHERE id > %(done)s AND kind IN ('signed_up', 'claimed')"
        f"{_MONTHS} ORDER BY id LIMIT %(most)s) f"
        " LEFT JOIN codes_code c ON c.id = f.code_id LEFT JOIN stores_store s ON s.id = c.store_id"
        " LEFT JOIN campaigns_coupon q ON q.id = CASE WHEN f.kind = 'claimed'"
        " THEN split_part(f.key, ':', 2)::bigint END ORDER BY f.id",
        _facts,
    ),
    Source(
        "campaigns_coupon",
        "SELECT id, campaign_id, (claimed_at AT TIME ZONE %(zone)s)::date FROM campaigns_coupon"
        " WHERE id > %(done)s AND owner_id IS NOT NULL ORDER BY id LIMIT %(most)s",
        _claims,
    ),
)
# Whoever began before a row was seen may still bring one with a lower number.
_OLDEST = (
    "SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def keep_results() -> int:
    """Follow what is new in each table, and orders that waited and do no more; how many rows were read.

    Safe to repeat, and beside another: each batch holds the name "results" while it writes. A transaction that
    is open stops no sweep: what it brings is read by a later one, however low its numbers are.
    """
    oldest = _one(_OLDEST)
    read = sum(_follow(source, oldest) for source in SOURCES)
    waited = (
        OrderPart.objects.filter(state__in=("pending", "deposit"))
        .exclude(order__state=F("state"))
        .values_list("order_id", flat=True)[:MOST]
    )
    settled = list(waited)
    refresh_orders(order_ids=settled)
    return read + len(settled)


def rebuild_results() -> int:
    """Make all sums anew from the books; how many rows were read, some of them twice.

    Visitors of months that are gone stay. Takes what it takes, batch by batch: reports show the part
    that is done meanwhile.
    """
    with transaction.atomic():
        lock_name("results")
        PartCampaign.objects.all().delete()
        OrderPart.objects.all().delete()
        ResultDay.objects.update(**dict.fromkeys((*OF_PARTS, "scans", "claims"), 0))
        kept = kept_months(Touch._meta.db_table)
        ResultDay.objects.filter(day__gte=min(kept, default=dt.date.min)).update(
            visitors=0, signups=0
        )
        Mark.objects.all().delete()
    days = list(CodeDay.objects.order_by("pk").values_list("code_id", "day"))
    for first in range(0, len(days), MOST):
        refresh_codes(days=days[first : first + MOST])
    read = 0
    before: tuple[int, ...] = ()
    while _is_behind() or not before:
        read += keep_results()
        marks = tuple(Mark.objects.order_by("table").values_list("done", flat=True))
        if marks == before:  # somebody's transaction is open longer than usual
            time.sleep(WAIT_SECONDS)
        before = marks
    return read


def _follow(source: Source, oldest: dt.datetime | None) -> int:
    mark, _made = Mark.objects.get_or_create(table=source.table)
    asked = {"done": mark.done, "most": MOST, "zone": DEFAULT_ZONE, "now": _one("SELECT now()")}
    with connection.cursor() as cursor:
        cursor.execute(source.rows, asked)
        rows = cursor.fetchall()
    source.follow([row[1:] for row in rows])
    last = rows[-1][0] if rows else mark.done
    has_more = len({row[0] for row in rows}) >= MOST
    settled = mark.seen_at is not None and (oldest is None or oldest > mark.seen_at)
    done = (min(mark.seen, last) if has_more else mark.seen) if settled else mark.done
    changed: dict[str, Any] = {"done": max(done, mark.done)}
    if (settled and not has_more) or mark.seen_at is None:
        seen = _one(f"SELECT COALESCE(max(id), 0) FROM {source.table}")  # noqa: S608 - of ours
        changed |= {"seen": max(seen, mark.seen), "seen_at": _one("SELECT clock_timestamp()")}
    Mark.objects.filter(pk=mark.pk).update(**changed)
    return len(rows)


def _is_behind() -> bool:
    return Mark.objects.filter(done__lt=F("seen")).exists()


def _one(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
