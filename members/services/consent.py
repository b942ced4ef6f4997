"""The answer to being counted (docs/privacy.md): of a browser, and of a member."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from kernel.clock import now
from kernel.facts import services as facts
from kernel.facts.services import About, Kind, record
from kernel.facts.traces import Trace, subject_key
from kernel.outbox.services import publish
from members.models import User
from stores.codes import touches

LATE = dt.timedelta(seconds=10)
"""By then every process has written what it had in its batch (BATCH_SECONDS)."""


def answer_consent(*, user: User | None, consent: bool, trace: Trace) -> None:
    """Keep an answer: as a fact, and with the account of who is signed in.

    A member's "no" after a "yes" publishes "consent.withdrawn", and a worker takes their key off every
    fact and touch there is. ``trace`` is of somebody who has not agreed: the question itself is
    asked of strangers.
    """
    withdrawn = user is not None and user.counted and not consent
    with transaction.atomic():
        record(Kind.CONSENT, [About(words="yes" if consent else "no")], trace=trace)
        if user is not None:
            user.counted = consent
            user.save(update_fields=["counted"])
        if withdrawn and user is not None:
            publish("consent.withdrawn", due_at=now() + LATE, user_id=user.pk)


def forget_member(*, user_id: int, **_: Any) -> None:
    """Handler of "consent.withdrawn": nothing that was done names the member any more. Safe to repeat."""
    facts.forget_subject(subject=subject_key(user_id))
    touches.forget_subject(subject=subject_key(user_id))


def adopt_consent(*, user: User, answered: bool | None) -> bool | None:
    """The answer that holds in a browser in which ``user`` has just signed in; None where there is none.

    The member's own, where they ever gave one; else that of the browser (``answered``), which becomes theirs.
    """
    if user.counted is None and answered is not None:
        user.counted = answered
        user.save(update_fields=["counted"])
    return user.counted
