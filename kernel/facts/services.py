"""Record what guests do; keep the months, the salts, and what was promised about both."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from kernel.clock import now
from kernel.db.months import drop_months, make_months, month_after, month_of, months_around
from kernel.db.prepared import Statement
from kernel.facts.batches import Batch
from kernel.facts.models import DailySalt, Fact
from kernel.facts.traces import NOBODY, Trace, day_hash

Kind = Fact.Kind
AT_ONCE = frozenset(
    {
        *(Kind.CHECKOUT, Kind.PAID, Kind.REDEEMED, Kind.REVIEWED),
        *(Kind.SIGNED_UP, Kind.CLAIMED, Kind.CONSENT),
    }
)
"""Kinds that are written at once, in the caller's transaction; the others wait for a batch."""
TABLE = Fact._meta.db_table
MONTHS_KEPT = 13
MONTHS_AHEAD = 3
SALT_DAYS = 1
MOST_WORDS = 60
VIEW_MINUTES = 30
"""Somebody who looks at the same product again within that time has looked once."""


class About(NamedTuple):
    """What a fact is about. ``key`` tells it from others of its kind; "" for one of its own.

    ``follows`` is the key of the fact that it goes on with ("checkout:17"): visit, person, code and campaign
    are written there alone, and read from there.
    """

    key: str = ""
    merchant_id: int | None = None
    store_id: int | None = None
    product_id: int | None = None
    code_id: int | None = None
    campaign: str = ""
    words: str = ""
    number: int | None = None
    follows: str = ""


_PERSONAL = re.compile(r"[@\uff20\ufe6b]|(?:\d[\W_]{0,3}){6}")
"""An e-mail address, also as an input method of full width writes it; six digits, whatever parts them."""
_COLUMNS = (
    "month, at, kind, key, visit, visitor, subject, merchant_id, store_id, product_id, code_id,"
    " channel, campaign, device, words, count, follows"
)
_TYPES = (
    *("date", "timestamptz", "text", "text", "text", "text", "text"),
    *("bigint", "bigint", "bigint", "bigint", "text", "text", "text", "text", "integer"),
    "text",
)
_ONE = "(" + ", ".join(["%s"] * len(_TYPES)) + ")"
_PUT = f"INSERT INTO {TABLE} ({_COLUMNS}) VALUES {{}} ON CONFLICT (key, month) DO NOTHING"  # noqa: S608
_put_one = Statement(_PUT.format(_ONE), *_TYPES)


def record(
    kind: Kind, about: Iterable[About], *, trace: Trace = NOBODY, at: dt.datetime | None = None
) -> None:
    """Record facts of one kind and one moment: ``at``, or now (kernel.clock).

    Kinds of AT_ONCE are written by this connection, in the caller's transaction: one statement. The
    others are left to a batch, and only for a ``trace`` that counts (no robot, no page fetched ahead). A
    fact whose key is recorded already changes nothing. Of somebody who has not agreed to be counted no visit
    and no person is kept (kernel.facts.traces).
    """
    moment = at or now()
    if kind not in AT_ONCE:
        if trace.counts:
            for one in about:
                BATCH.add(_Left(kind, one, trace, moment))
        return
    rows = [_row(kind, one, trace, moment) for one in about]
    if rows:
        _put(rows)


def recordable(words: str) -> str:
    """What is kept of words that somebody looked for: "" where they may name a person.

    An e-mail address, a phone or a voucher's number typed into the wrong field is nobody's business.
    """
    short = " ".join(words.split())[:MOST_WORDS]
    return "" if _PERSONAL.search(short) else short


def visitor_of(trace: Trace, moment: dt.datetime) -> str:
    """The visitor's key as it is kept: the browser's own, or the hash of this day."""
    if trace.visitor or not trace.origin:
        return trace.visitor
    return day_hash(salt_of(moment.astimezone(dt.UTC).date()), trace.origin)


def flush_facts() -> int:
    """Write what waits in this process now; return how many facts."""
    return BATCH.flush()


def salt_of(day: dt.date) -> bytes:
    """The secret that hashes of ``day`` are made with, the same in every process."""
    kept = _salts.get(day)
    if kept is None:
        row, _made = DailySalt.objects.get_or_create(
            day=day, defaults={"salt": secrets.token_bytes(32)}
        )
        _salts.clear()
        kept = _salts[day] = bytes(row.salt)
    return kept


def keep_months() -> list[dt.date]:
    """Make the months ahead; return those that were missing. Safe to repeat."""
    return make_months(TABLE, months_around(now(), back=1, ahead=MONTHS_AHEAD))


def forget_old_facts() -> list[dt.date]:
    """Drop the months older than MONTHS_KEPT, and the salts of days that are over; return the months."""
    moment = now()
    last = moment.astimezone(dt.UTC).date() - dt.timedelta(days=SALT_DAYS)
    DailySalt.objects.filter(day__lt=last).delete()
    return drop_months(TABLE, before=month_after(month_of(moment), -MONTHS_KEPT))


def forget_subject(*, subject: str) -> int:
    """Take a person's key off every fact; what was done stays counted. Returns how many facts.

    For somebody who does not want to be counted any more, and for an account that is erased.
    """
    if not subject:
        return 0
    BATCH.flush()
    return Fact.objects.filter(subject=subject).update(subject="", visit="", visitor="")


_salts: dict[dt.date, bytes] = {}


class _Left(NamedTuple):
    """What a request leaves to the batch; the hash of its visitor is made when it is written."""

    kind: Kind
    about: About
    trace: Trace
    moment: dt.datetime


def _row(kind: Kind, one: About, trace: Trace, moment: dt.datetime) -> tuple[Any, ...]:
    names_an_order = kind in AT_ONCE and kind != Kind.CONSENT
    visitor = "" if names_an_order and not trace.agreed else visitor_of(trace, moment)
    return (
        *(month_of(moment), moment, kind.value),
        f"{kind.value}:{one.key or _own_key(kind, one, visitor, moment)}",
        trace.stay if trace.agreed else "",
        visitor,
        trace.subject if trace.agreed else "",
        *(one.merchant_id, one.store_id, one.product_id, one.code_id),
        *(trace.channel, one.campaign, trace.device, one.words, one.number, one.follows),
    )


def _own_key(kind: Kind, one: About, visitor: str, moment: dt.datetime) -> str:
    """Its own for each fact; the same for one visitor's looks at one product within VIEW_MINUTES."""
    if kind != Kind.PRODUCT_VIEW or not visitor:
        return secrets.token_hex(12)
    text = f"{visitor}:{one.product_id}:{int(moment.timestamp()) // (60 * VIEW_MINUTES)}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _put(rows: Sequence[tuple[Any, ...]]) -> None:
    if len(rows) == 1:
        _put_one.changed(*rows[0])
        return
    with connection.cursor() as cursor:
        values = [value for row in rows for value in row]
        cursor.execute(_PUT.format(", ".join([_ONE] * len(rows))), values)


def _write_left(left: Sequence[_Left]) -> None:
    _put([_row(*one) for one in left])


BATCH: Batch[_Left] = Batch("facts", _write_left)
