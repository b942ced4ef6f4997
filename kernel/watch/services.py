"""Carry on after an error in one item, and report it to the operator.

One bad row must not take a shared page down, and one bad item must not stop a sweep. Whoever
goes on past it reports it here; the operator sees it on the overview.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction

from kernel.clock import now
from kernel.watch.models import Incident

logger = logging.getLogger(__name__)

REPORT_EVERY_SECONDS = 60
"""A page that leaves out the same row at each visit writes it down once a minute."""

Item = TypeVar("Item")
Result = TypeVar("Result")

_REPORT = """
INSERT INTO watch_incident (kind, subject, error, count, first_at, last_at)
VALUES (%s, %s, %s, 1, %s, %s)
ON CONFLICT (kind, subject) WHERE settled_at IS NULL
DO UPDATE SET count = watch_incident.count + 1, last_at = EXCLUDED.last_at, error = EXCLUDED.error
"""


def report_incident(*, kind: str, subject: str, error: BaseException | str) -> None:
    """Write down that ``subject`` ("product:17") could not be handled, and why.

    ``kind`` names what was being done ("catalog.card"). Never raises: reporting must not
    break what it reports on. The same trouble is written at most once in
    REPORT_EVERY_SECONDS, and logged each time. Inside a transaction that has failed already
    it is only logged.
    """
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    text, subject = _storable(text)[:2000], _storable(subject)[:120]
    logger.warning(
        "%s: %s could not be handled: %s",
        kind,
        subject,
        text,
        exc_info=error if isinstance(error, BaseException) else None,
    )
    if connection.in_atomic_block and connection.needs_rollback:
        return
    if not cache.add(f"incident:{kind}:{_digest(subject)}", 1, timeout=REPORT_EVERY_SECONDS):
        return
    moment = now()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_REPORT, [kind, subject, text, moment, moment])
    except DatabaseError:
        logger.exception("an incident could not be written down")


def try_each(
    items: Iterable[Item],
    action: Callable[[Item], Result],
    *,
    kind: str,
    subject: Callable[[Item], str] = str,
) -> list[Result]:
    """Return ``action(item)`` for each item; one that fails is left out and reported.

    For sweeps (``action`` opens its own transaction) and for the rows of shared pages.
    """
    results: list[Result] = []
    for item in items:
        try:
            results.append(action(item))
        except Exception as error:
            report_incident(kind=kind, subject=subject(item), error=error)
    return results


def _storable(text: str) -> str:
    """What PostgreSQL takes: no NUL, no half characters."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def settle_incidents(*, ids: Iterable[int]) -> int:
    """Mark open incidents as settled; the same trouble later opens a new one. Returns how many."""
    waiting = Incident.objects.filter(settled_at__isnull=True, pk__in=list(ids))
    return waiting.update(settled_at=now())
