"""From when until when a voucher can be used, and in which zone its days are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kernel.bounds import DEFAULT_ZONE, read_zone
from kernel.clock import end_of_day
from kernel.db.prepared import Statement
from stores.models import Store
from vouchers.models import Voucher
from vouchers.terms import Terms, terms_of


class Time(NamedTuple):
    """From when until when, and in which zone the days are told."""

    start: dt.datetime
    end: dt.datetime
    zone: str


def last_end(
    zones: Iterable[str], day_in: Callable[[ZoneInfo], dt.date]
) -> tuple[dt.datetime, str]:
    """Where the day that ``day_in`` names ends last, and when; without a zone the shop's.

    Stores in several zones end the same calendar day one after the other; the guest gets the
    last of them.
    """
    ends = []
    for name in set(zones) or {DEFAULT_ZONE}:
        zone = read_zone(name)
        ends.append((end_of_day(day_in(zone), zone), name))
    return max(ends)


_ZONES = Statement(
    "SELECT DISTINCT merchant_id::bigint, time_zone::text FROM stores_store"
    " WHERE merchant_id = ANY(%s)",
    "bigint[]",
)


def zones_by_merchant(merchant_ids: set[int]) -> dict[int, set[str]]:
    """The time zones of the stores of each merchant. One query."""
    zones: dict[int, set[str]] = {}
    for merchant_id, zone in _ZONES.rows(list(merchant_ids)):
        zones.setdefault(merchant_id, set()).add(zone)
    return zones


def validity(
    merchant_id: int, terms: Terms, days: int, zones: dict[int, set[str]], moment: dt.datetime
) -> Time:
    """The validity of what is issued under ``terms`` at ``moment``, until the end of a day.

    ``zones`` are those of `zones_by_merchant`. One query where the terms name their stores and
    the merchant has stores in several zones.
    """
    names: Iterable[str] = zones.get(merchant_id, set())
    store_ids = terms.store_ids
    if store_ids and len(zones.get(merchant_id, ())) > 1:
        names = Store.objects.filter(pk__in=store_ids).values_list("time_zone", flat=True)
    end, zone = last_end(
        names, lambda zone: moment.astimezone(zone).date() + dt.timedelta(days=days)
    )
    return Time(moment + dt.timedelta(hours=terms.usable_after_hours), end, zone)


def time_of(voucher: Voucher, moment: dt.datetime) -> Time:
    """From when until when a voucher can be used that becomes usable at ``moment``."""
    terms = terms_of(voucher)
    zones = zones_by_merchant({voucher.merchant_id})
    return validity(voucher.merchant_id, terms, terms.validity_days, zones, moment)
