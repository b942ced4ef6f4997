"""A message is stored once, in bulk where many are told, and worded when it is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from kernel.clock import now
from kernel.db.prepared import insert_rows
from kernel.http.places import address_of
from kernel.message_kinds import Channel, News, Pace, all_kinds
from kernel.outbox.services import publish
from kernel.watch.logs import current_request_id
from messages.audience import Listener, listeners
from messages.errors import UnknownKind
from messages.models import Notification
from messages.services.gather import period_end, publish_gathered
from messages.services.write import business_message, write_messages


class Telling(NamedTuple):
    """One of several messages of a kind that are written together; ``request_id`` is what it comes of."""

    params: Mapping[str, Any]
    link: str
    dedupe_key: str
    request_id: str


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


def notify_each(
    *, kinds: Sequence[str], readers: Sequence[int], tellings: Sequence[Telling]
) -> None:
    """As `notify` for many: the first of ``tellings`` goes to the first of ``readers``, and so on."""
    if unknown := set(kinds) - set(all_kinds()):
        raise UnknownKind(*sorted(unknown))
    messages = [
        Notification(
            user_id=reader,
            kind=kind,
            params=dict(telling.params),
            link=telling.link,
            dedupe_key=telling.dedupe_key,
        )
        for kind, reader, telling in zip(kinds, readers, tellings, strict=True)
    ]
    write_messages(
        messages=messages,
        by_email=set(readers),
        request_ids={one.dedupe_key: one.request_id for one in tellings},
    )


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
    is sent. Who wants such news together hears them when their hour or day is over (`gather`).
    ``but`` is who did it and knows. ``link`` leads into the back office; clerks, who may
    not open it, are led to the
    counter. ``dedupe_key`` names the event; each person's message has the person in its own.
    For handlers of the outbox: one query, one insert, one event per e-mail and for each end of a
    period. Raises UnknownKind.
    """
    telling = Telling(params, link, dedupe_key, current_request_id())
    return tell_business_of_each(
        *(kind, merchant_id, [telling]),
        store_id=store_id,
        but=but,
    )


def tell_business_of_each(
    kind: str,
    merchant_id: int,
    tellings: Sequence[Telling],
    *,
    store_id: int | None = None,
    but: int | None = None,
) -> int:
    """As `tell_business` for several events of one kind; as many statements as for one."""
    news = _news_of(kind)
    found = listeners(news, merchant_id=merchant_id, store_id=store_id)
    told = [listener for listener in found if listener.user_id != but]
    moment = now()
    messages = [
        business_message(
            listener,
            merchant_id=merchant_id,
            store_id=store_id,
            kind=kind,
            params=dict(telling.params),
            link=telling.link,
            dedupe_key=f"{telling.dedupe_key}:{listener.user_id}",
            until=period_end(listener.pace, moment),
        )
        for telling in tellings
        for listener in told
    ]
    request_ids = [telling.request_id for telling in tellings for _listener in told]
    _write(news, merchant_id, told, messages, request_ids)
    return len(told)


def tell_stores(
    *,
    kind: str,
    merchant_id: int,
    store_ids: Collection[int],
    params_for: Callable[[frozenset[int]], Mapping[str, Any]],
    dedupe_key: str,
) -> int:
    """Tell the people of several stores of one event, each once, whichever of these they work at.

    ``params_for`` makes the details of what concerns somebody's stores. The link leads to the
    counter. As `tell_business` otherwise; a query for each store.
    """
    news = _news_of(kind)
    told: dict[int, Listener] = {}
    theirs: dict[int, list[int]] = {}
    for store_id in sorted(set(store_ids)):
        for listener in listeners(news, merchant_id=merchant_id, store_id=store_id):
            told[listener.user_id] = listener
            theirs.setdefault(listener.user_id, []).append(store_id)
    moment = now()
    messages = [
        business_message(
            listener,
            merchant_id=merchant_id,
            store_id=theirs[user_id][0],
            kind=kind,
            params=dict(params_for(frozenset(theirs[user_id]))),
            link=address_of("counter"),
            dedupe_key=f"{dedupe_key}:{user_id}",
            until=period_end(listener.pace, moment),
        )
        for user_id, listener in sorted(told.items())
    ]
    _write(news, merchant_id, list(told.values()), messages)
    return len(told)


def _news_of(kind: str) -> News:
    news = all_kinds()[kind].news if kind in all_kinds() else None
    if news is None:
        raise UnknownKind(kind)
    return news


def _write(
    news: News,
    merchant_id: int,
    told: Sequence[Listener],
    messages: Sequence[Notification],
    request_ids: Sequence[str] = (),
) -> None:
    """Store them, with an event for each e-mail and each end of a period, in one transaction."""
    keys = [message.dedupe_key for message in messages]
    by_email = {
        one.user_id for one in told if Channel.EMAIL in one.channels and one.pace == Pace.EACH
    }
    with transaction.atomic(savepoint=False):
        write_messages(
            messages=messages,
            by_email=by_email,
            request_ids=dict(zip(keys, request_ids, strict=True)) if request_ids else None,
        )
        publish_gathered(news=news, merchant_id=merchant_id, messages=messages)
