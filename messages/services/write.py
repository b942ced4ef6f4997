"""Messages of a business made for their readers, and written many at a time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from kernel.clock import now
from kernel.http.places import address_of
from kernel.message_kinds import Channel
from kernel.outbox.services import publish_many
from messages.audience import Listener
from messages.models import Notification

BATCH = 2000
"""Messages in one statement: long enough to be quick, short enough to hold no lock for long."""


def business_message(
    listener: Listener, *, link: str, until: dt.datetime | None = None, **fields: Any
) -> Notification:
    """A message for one listener, not written yet; gathered when it has an ``until``."""
    seen = Channel.INBOX in listener.channels and until is None
    return Notification(
        user_id=listener.user_id,
        link=link if listener.office else address_of("counter"),
        in_inbox=seen,
        # What is not there is not unread: the bell counts by the index of unread rows.
        read_at=None if seen else now(),
        gathered_until=until,
        **fields,
    )


# Columns as arrays: the database takes them apart, which costs a worker half of what a VALUES list does.
_INSERT = """
INSERT INTO members_notification
    (user_id, merchant_id, store_id, kind, params, link, dedupe_key, in_inbox, created_at, read_at,
     gathered_until)
SELECT reader, merchant, store, kind, params::jsonb, link, key, in_inbox, created, read, until
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::boolean[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
    AS row (reader, merchant, store, kind, params, link, key, in_inbox, created, read, until)
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
        [one.gathered_until for one in batch],
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


def write_messages(
    *,
    messages: Sequence[Notification],
    by_email: set[int],
    request_ids: Mapping[str, str] | None = None,
) -> int:
    """Write many messages, each once per its key, BATCH at a time; return how many are new.

    ``by_email`` are the readers who get theirs by e-mail as well: an event for each, in the
    transaction of its message. ``request_ids`` names, by the key of a message, the request it comes
    of, where they come of several.
    """
    written = 0
    for start in range(0, len(messages), BATCH):
        batch = messages[start : start + BATCH]
        with transaction.atomic(savepoint=False):
            new = _insert(batch)
            mailed = [one for one in new if one.user_id in by_email]
            publish_many(
                "notification.created",
                [{"notification_id": one.pk} for one in mailed],
                request_ids=[request_ids[one.dedupe_key] for one in mailed] if request_ids else (),
            )
        written += len(new)
    return written
