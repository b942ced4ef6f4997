"""Follow a code, and keep its touches.

The way of a scan is short: a look at what this process knows of the code, a redirect, and a row that is
left to a batch (kernel.facts.batches).
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from kernel.bounds import DEFAULT_ZONE, read_zone
from kernel.clock import now
from kernel.db.months import drop_months, make_months, month_after, month_of, months_around
from kernel.facts.batches import Batch
from kernel.facts.services import MONTHS_AHEAD, MONTHS_KEPT, About, Kind, record, visitor_of
from kernel.facts.traces import Trace
from kernel.ids import read_short_code
from stores.codes.models import Code, CodeDay, Touch
from stores.codes.sources import WINDOW
from stores.codes.targets import page_of
from stores.models import Merchant

TABLE = Touch._meta.db_table
MOST_KNOWN = 10_000


class Known(NamedTuple):
    """What a process knows of a code: enough to follow it."""

    id: int
    kind: str
    merchant_id: int | None
    store_id: int | None
    product_id: int | None
    campaign: str
    zone: ZoneInfo
    path: str
    """Where it leads; "" for one that leads nowhere any more."""


def known_code(text: str) -> Known | None:
    """The code that somebody followed, None for one that never was.

    Kept for settings.NEAR_SECONDS in this process: a closed code leads on for so long at most.
    """
    short = read_short_code(text)
    if not short:
        return None
    copy = _known.get(short)
    if copy is not None and time.monotonic() < copy[0]:
        return copy[1]
    found = _look_up(short)
    if found is not None and settings.NEAR_SECONDS:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[short] = (time.monotonic() + settings.NEAR_SECONDS, found)
    return found


def scanned_code(text: str) -> Code | None:
    """The code whose address was scanned ("https://…/q/XXXXXXX"); None for a text that is none."""
    try:
        path = urlsplit(text.strip()[:2000]).path
    except ValueError:
        return None
    head, _slash, last = path.rstrip("/").rpartition("/")
    return find_code(last) if head.endswith("/q") else None


def find_code(text: str) -> Code | None:
    """The row of a short code, with its merchant and store; one query."""
    short = read_short_code(text)
    rows = Code.objects.select_related("merchant", "store")
    return rows.filter(code=short).first() if short else None


def touch_code(*, code: Known, trace: Trace, referrer: str = "") -> None:
    """Keep that somebody followed ``code`` now; nothing of robots and of what is fetched ahead.

    Costs no statement: touch and fact are left to their batches. ``referrer`` is the address that led
    here, of which the host is kept.
    """
    if not trace.counts:
        return
    TOUCHES.add(_Left(code, trace, now(), _host(referrer)))
    about = About(
        merchant_id=code.merchant_id,
        store_id=code.store_id,
        product_id=code.product_id,
        code_id=code.id,
        campaign=code.campaign,
    )
    record(Kind.CODE_TOUCH, [about], trace=trace)


def flush_touches() -> int:
    """Write what waits in this process now; return how many touches."""
    return TOUCHES.flush()


def keep_months() -> list[dt.date]:
    """Make the months of touches ahead; return those that were missing. Safe to repeat."""
    return make_months(TABLE, months_around(now(), back=1, ahead=MONTHS_AHEAD))


def forget_old_touches() -> list[dt.date]:
    """Drop the months that were kept long enough, as those of facts; the counts per day stay.

    The visit is only for the order of that visit (`sources_of`): after its window it is taken off.
    """
    dropped = drop_months(TABLE, before=month_after(month_of(now()), -MONTHS_KEPT))
    over = now() - WINDOW
    late = Touch.objects.filter(at__lt=over, month__lte=month_of(over)).exclude(visit="")
    late.update(visit="")
    return dropped


def forget_subject(*, subject: str) -> int:
    """Take a person's keys off every touch; the touch stays counted. Returns how many.

    The visit stays until its window is over, as with everybody who is a stranger: nothing else knows its key.
    """
    if not subject:
        return 0
    TOUCHES.flush()
    return Touch.objects.filter(subject=subject).update(subject="", visitor="")


class _Left(NamedTuple):
    code: Known
    trace: Trace
    moment: dt.datetime
    referrer: str


_known: dict[str, tuple[float, Known]] = {}


def _look_up(short: str) -> Known | None:
    code = find_code(short)
    if code is None:
        return None
    zone = read_zone(code.store.time_zone if code.store else DEFAULT_ZONE)
    return Known(
        *(code.pk, code.kind, code.merchant_id, code.store_id, code.product_id, code.campaign),
        *(zone, _path(code)),
    )


def _path(code: Code) -> str:
    merchant = code.merchant
    if not code.is_open or (merchant and merchant.state != Merchant.State.APPROVED):
        return ""
    page = page_of(code)
    if page.has_stores and code.store_id is not None:  # who scans it collects there, most likely
        return f"{page.path}?{urlencode({'store': code.store_id})}"
    return page.path


def _host(address: str) -> str:
    try:
        return (urlsplit(address[:2000]).hostname or "")[:100]
    except ValueError:
        return ""


def _write(left: Sequence[_Left]) -> None:
    """Touches and their counts per day, in one transaction."""
    touches = [
        Touch(
            month=month_of(one.moment),
            at=one.moment,
            day=one.moment.astimezone(one.code.zone).date(),
            code_id=one.code.id,
            visit=one.trace.visit,
            visitor=visitor_of(one.trace, one.moment),
            subject=one.trace.subject,
            device=one.trace.device,
            referrer=one.referrer,
        )
        for one in left
    ]
    Touch.objects.bulk_create(touches)
    counts = Counter((touch.code_id, touch.day) for touch in touches)
    with connection.cursor() as cursor:
        # In the order of the key: two processes that count the same codes never wait for each other in a circle.
        for (code_id, day), scans in sorted(counts.items()):
            cursor.execute(
                f"INSERT INTO {CodeDay._meta.db_table} (code_id, day, scans) VALUES (%s, %s, %s)"  # noqa: S608
                " ON CONFLICT (code_id, day) DO UPDATE"
                " SET scans = codes_codeday.scans + EXCLUDED.scans",
                [code_id, day, scans],
            )


TOUCHES: Batch[_Left] = Batch("touches", _write)
