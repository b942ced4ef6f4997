"""News that come often, told together: each is written down at once, and told when its period is over.

A message that waits is a row like any other, once per event and person by its key, so what a worker
does twice is still told once. Its transaction publishes an event that is due at the end of the
period: whoever handles it sees every row that waited for it, and takes each exactly once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kernel.clock import now
from kernel.message_kinds import Channel, News, Pace, all_kinds
from kernel.outbox.services import publish
from messages.audience import listeners
from messages.models import Notification
from messages.services.write import business_message, write_messages

Params = Mapping[str, Any]


def period_end(pace: Pace, moment: dt.datetime) -> dt.datetime | None:
    """When the hour or the day of ``moment`` is over, by the platform's clock; None for "each"."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    if pace == Pace.HOUR:
        return local.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    if pace == Pace.DAY:
        tomorrow = local.date() + dt.timedelta(days=1)
        return dt.datetime.combine(tomorrow, dt.time(), tzinfo=local.tzinfo)
    return None


def publish_gathered(*, news: News, merchant_id: int, messages: Sequence[Notification]) -> None:
    """Have those of ``messages`` that wait told when they are due; in their transaction.

    An event of each transaction, not of each period: one that was published by somebody else could
    be handled before these rows are there.
    """
    for until in sorted({one.gathered_until for one in messages if one.gathered_until}):
        publish(
            f"{news.code}.gathered",
            due_at=until,
            merchant_id=merchant_id,
            until=until.isoformat(),
        )


def tell_gathered(
    *,
    news: News,
    merchant_id: int,
    until: str,
    link: str,
    sum_up: Callable[[Sequence[Params]], dict[str, Any]],
) -> int:
    """Tell each person in one message what waited for them until then; return how many were told.

    Handler of "<news>.gathered"; nothing is done twice. ``sum_up`` makes the details of one message out
    of those of many, oldest first; the moments of the first and the last are added. Who left, or
    switched such news off, hears nothing. Locks the waiting rows.
    """
    moment = parse_datetime(until)
    with transaction.atomic():
        by_reader: dict[int, list[Notification]] = {}
        for row in _take(news, merchant_id, moment):
            by_reader.setdefault(row.user_id, []).append(row)
        if not by_reader:
            return 0
        told = [
            listener
            for listener in listeners(news, merchant_id=merchant_id)
            if listener.user_id in by_reader
        ]
        messages = [
            business_message(
                listener,
                merchant_id=merchant_id,
                kind=news.together,
                params=_params(by_reader[listener.user_id], sum_up),
                link=link,
                dedupe_key=f"{news.together}:{by_reader[listener.user_id][0].pk}",
            )
            for listener in told
        ]
        write_messages(
            messages=messages,
            by_email={one.user_id for one in told if Channel.EMAIL in one.channels},
        )
    return len(told)


def _params(
    rows: Sequence[Notification], sum_up: Callable[[Sequence[Params]], dict[str, Any]]
) -> dict[str, Any]:
    return {
        **sum_up([row.params for row in rows]),
        "first_at": rows[0].created_at.isoformat(),
        "last_at": rows[-1].created_at.isoformat(),
    }


def _take(news: News, merchant_id: int, until: dt.datetime | None) -> list[Notification]:
    """The rows that are due, oldest first, which are nobody else's any more."""
    kinds = [kind.code for kind in all_kinds().values() if kind.news is news]
    waiting = Notification.objects.filter(
        merchant=merchant_id, kind__in=kinds, gathered_until__lte=until, gathered_at__isnull=True
    )
    rows = list(waiting.order_by("pk").select_for_update(no_key=True))
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(gathered_at=now())
    return rows
