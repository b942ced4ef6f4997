"""A message is stored once, in bulk where many are told, and worded when it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from kernel.clock import now
from kernel.db.prepared import insert_rows
from kernel.http.places import address_of
from kernel.message_kinds import Channel, all_kinds
from kernel.outbox.services import publish, publish_many
from messages.audience import listeners
from messages.errors import UnknownKind
from messages.models import Notification

BATCH = 2000
"""Messages in one statement: long enough to be quick, short enough to hold no lock for long."""


def notify(
    *, user_id: int, kind: str, params: Mapping[str, Any], link: str, dedupe_key: str
) -> Notification | None:
    """Put a message into a person's inbox, once per ``dedupe_key``; None when it is there already.

    ``kind`` and the names in ``params`` (JSON-ready) are those of messages.wording; ``link`` is
    a path of this site. Publishes "notification.created" in the same transaction. Raises
    UnknownKind.
    """
    if kind not in all_kinds():
        raise UnknownKind(kind)
    notification = Notification(
        user_id=user_id, kind=kind, params=dict(params), link=link, dedupe_key=dedupe_key
    )
    with transaction.atomic(savepoint=False):
        if insert_rows([notification], unless="dedupe_key"):
            return None
        publish("notification.created", notification_id=notification.pk)
    return notification


def tell_business(
    *,
    kind: str,
    merchant_id: int,
    params: Mapping[str, Any],
    link: str,
    dedupe_key: str,
    store_id: int | None = None,
    but: int | None = None,
) -> int:
    """Tell those who work for a merchant and want to hear it; return how many there were.

    Who that is, and by which channels, is asked now (`listeners`), and for e-mail again before it
    is sent. ``but`` is who did it and knows. ``link`` leads into the back office; clerks, who may
    not open it, are led to the
    counter. ``dedupe_key`` names the event; each person's message has the person in its own.
    For handlers of the outbox: one query, one insert, one event per e-mail. Raises UnknownKind.
    """
    news = all_kinds()[kind].news if kind in all_kinds() else None
    if news is None:
        raise UnknownKind(kind)
    found = listeners(news, merchant_id=merchant_id, store_id=store_id)
    told = [listener for listener in found if listener.user_id != but]
    write_messages(
        messages=[
            Notification(
                user_id=listener.user_id,
                merchant_id=merchant_id,
                store_id=store_id,
                kind=kind,
                params=dict(params),
                link=link if listener.office else address_of("counter"),
                dedupe_key=f"{dedupe_key}:{listener.user_id}",
                in_inbox=Channel.INBOX in listener.channels,
                # What is not there is not unread: the bell counts by the index of unread rows.
                read_at=None if Channel.INBOX in listener.channels else now(),
            )
            for listener in told
        ],
        by_email={one.user_id for one in told if Channel.EMAIL in one.channels},
    )
    return len(told)


# Columns as arrays: the database takes them apart, which costs a worker half of what a VALUES list does.
_INSERT = """
INSERT INTO members_notification
    (user_id, merchant_id, store_id, kind, params, link, dedupe_key, in_inbox, created_at, read_at)
SELECT reader, merchant, store, kind, params::jsonb, link, key, in_inbox, created, read
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::boolean[], %s::timestamptz[], %s::timestamptz[])
    AS row (reader, merchant, store, kind, params, link, key, in_inbox, created, read)
ON CONFLICT (dedupe_key) DO NOTHING RETURNING id, dedupe_key
"""


def _insert(batch: Sequence[Notification]) -> list[Notification]:
    """Insert those whose key is not taken, set their ids, return them; one statement."""
    columns: list[Any] = [
        [one.user_id for one in batch],
        [one.merchant_id for one in batch],
        [one.store_id for one in batch],
        [one.kind for one in batch],
        [json.dumps(one.params) for one in batch],
        [one.link for one in batch],
        [one.dedupe_key for one in batch],
        [one.in_inbox for one in batch],
        [one.created_at for one in batch],
        [one.read_at for one in batch],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
        ids = {key: pk for pk, key in cursor.fetchall()}
    new = []
    for message in batch:
        if (pk := ids.pop(message.dedupe_key, None)) is not None:
            message.pk, message._state.adding = pk, False
            new.append(message)
    return new


def write_messages(*, messages: Sequence[Notification], by_email: set[int]) -> int:
    """Write many messages, each once per its key, BATCH at a time; return how many are new.

    ``by_email`` are the readers who get theirs by e-mail as well: an event for each, in the
    transaction of its message.
    """
    written = 0
    for start in range(0, len(messages), BATCH):
        batch = messages[start : start + BATCH]
        with transaction.atomic(savepoint=False):
            new = _insert(batch)
            mailed = [{"notification_id": one.pk} for one in new if one.user_id in by_email]
            publish_many("notification.created", mailed)
        written += len(new)
    return written
