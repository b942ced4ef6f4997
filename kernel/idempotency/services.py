"""Run an action once per key and replay its first answer (docs/locking.md)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from kernel.clock import now
from kernel.db.prepared import Statement
from kernel.errors import KeyMissing, KeyReused, KeyUnfit, Refusal
from kernel.idempotency.models import IdempotencyKey

SHORTEST_KEY, LONGEST_KEY = 8, 200
REPLAYABLE_REFUSALS = frozenset({404, 409, 410, 422})


@dataclass(frozen=True)
class Answer:
    """What the caller gets: an HTTP status and a text of JSON. ``replayed`` says it is a copy."""

    status: int
    text: str
    replayed: bool = False

    @property
    def body(self) -> Any:
        """What the text says."""
        return json.loads(self.text)

    def saying(self, body: Any) -> Answer:
        """The same answer with another body."""
        return replace(self, text=as_json(body))


def as_json(body: Any) -> str:
    """``body`` as it is stored and sent."""
    return json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def fingerprint(*parts: Any) -> str:
    """Return the SHA-256 of the request's meaning: method, path and body, in that order."""
    text = json.dumps(parts, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def run_once(
    *,
    scope: str,
    key: str,
    request_hash: str,
    action: Callable[[], tuple[int, Any]],
    refusal_body: Callable[[Refusal], Any],
) -> Answer:
    """Run ``action`` once for (scope, key) and store its answer; later calls replay it.

    Locks: the unique (scope, key) row, before the action looks at any state, so parallel
    posts of one key wait for the first and then copy its answer. The action and the stored
    answer commit together. A business refusal (REPLAYABLE_REFUSALS) rolls everything back
    and is stored after that, in a transaction of its own: an action may refuse at any point
    and costs no savepoint. A copy that was waiting may run the action in between; whichever
    answer is stored first is everybody's. Any other error leaves the key free.

    ``scope`` names the caller (``user:7``). Raises KeyMissing for a key that is absent,
    KeyUnfit for one that is shorter than 8 or longer than 200 characters, KeyReused when the stored hash differs.
    """
    if not key:
        raise KeyMissing
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise KeyUnfit(characters=len(key), least=SHORTEST_KEY, most=LONGEST_KEY)
    status, text = 0, ""
    try:
        with transaction.atomic():
            row_id = _claim(scope, key, request_hash)
            if row_id is not None:
                status, body = action()
                text = as_json(body)
                _keep(row_id, status, text)
    except Refusal as refusal:
        if refusal.status not in REPLAYABLE_REFUSALS:
            raise
        status, text = refusal.status, as_json(refusal_body(refusal))
        with transaction.atomic():
            row_id = _claim(scope, key, request_hash)
            if row_id is not None:
                _keep(row_id, status, text)
    if row_id is None:
        return _replay(scope, key, request_hash)
    return Answer(status, text)


_CLAIM = Statement(
    "INSERT INTO idempotency_idempotencykey (scope, key, fingerprint, created_at)"
    " VALUES (%s, %s, %s, %s) ON CONFLICT (scope, key) DO NOTHING RETURNING id::bigint",
    *("text", "text", "text", "timestamptz"),
)
_KEEP = Statement(
    "UPDATE idempotency_idempotencykey SET status = %s, body = %s WHERE id = %s",
    *("bigint", "jsonb", "bigint"),
)


def _claim(scope: str, key: str, request_hash: str) -> int | None:
    rows = _CLAIM.rows(scope, key, request_hash, now())
    return rows[0][0] if rows else None


def _keep(row_id: int, status: int, body: str) -> None:
    _KEEP.changed(status, body, row_id)


def _replay(scope: str, key: str, request_hash: str) -> Answer:
    row = IdempotencyKey.objects.get(scope=scope, key=key)
    if row.fingerprint != request_hash or row.status is None:
        raise KeyReused
    return Answer(row.status, as_json(row.body), replayed=True)


def forget_old_keys(*, older_than_days: int = 30) -> int:
    """Delete keys older than ``older_than_days``; return how many."""
    limit = now() - dt.timedelta(days=older_than_days)
    return IdempotencyKey.objects.filter(created_at__lt=limit).delete()[0]
