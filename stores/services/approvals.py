"""Ask for what needs a second person; agree to it, turn it down, take it back."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from kernel.clock import now
from kernel.db.names import lock_name
from kernel.errors import NotFound
from stores.access import refuse_without
from stores.approval_fields import read_payload
from stores.approvals import KINDS, Kind, Payload, digest_of
from stores.errors import (
    AlreadyAsked,
    ApprovalChanged,
    ApprovalGone,
    AskerLostRight,
    NotAsker,
    SecondPersonNeeded,
)
from stores.models import Approval
from stores.rights import platform_rights

VALID = dt.timedelta(days=7)
State = Approval.State


def approvals_on() -> bool:
    """Whether a second person is asked; APPROVALS=off says that the operator works alone."""
    return bool(settings.APPROVALS)


def approvals_for(user: Any) -> QuerySet[Approval]:
    """Those of the kinds that ``user`` could ask for, the newest first."""
    rights = platform_rights(user)
    kinds = [kind.code for kind in KINDS.values() if kind.right in rights]
    return Approval.objects.filter(kind__in=kinds).select_related("asked_by", "decided_by")


def open_requests(*, kind: str, subject: str) -> QuerySet[Approval]:
    """What still waits for a second person about one subject, such as "statement:7"."""
    rows = Approval.objects.filter(kind=kind, subject=subject, state=State.WAITING)
    return rows.filter(expires_at__gt=now()).select_related("asked_by")


def waiting_for(user: Any) -> QuerySet[Approval]:
    """Those that ``user`` may agree to now: open, and asked by somebody else."""
    rows = approvals_for(user).filter(state=State.WAITING, expires_at__gt=now())
    return rows.exclude(asked_by_id=user.pk)


def ask(*, kind: str, payload: Payload, by: Any) -> Approval | None:
    """Ask for something; where the operator works alone (APPROVALS=off) it is done at once.

    The payload is read afresh from the rows first. A request for the same subject that still
    waits is withdrawn: the last one counts, and two at once wait for each other; ``replaced``
    of the answer holds those. None when it was done at once. Raises NotFound for who may not,
    InvalidInput by field for what the kind does not know or cannot read, AlreadyAsked where the
    very same waits and its kind is asked for once, and whatever the kind raises for what cannot be done.
    """
    found = _kind(kind)
    refuse_without(user=by, right=found.right)
    exact = found.refresh(read_payload(found.fields, payload))
    if not approvals_on():
        with transaction.atomic():
            found.run(exact, by, None)
        return None
    with transaction.atomic():
        subject = found.subject(exact)
        lock_name(f"approval:{kind}:{subject}")
        waiting = Approval.objects.filter(kind=kind, subject=subject, state=State.WAITING)
        replaced = tuple(row for row in waiting.select_related("asked_by") if row.is_open)
        # Read again: what waited at the first look may have been agreed to and done since.
        exact = found.refresh(exact)
        if found.once:
            _refuse_twin(replaced, digest_of(kind, exact))
        waiting.update(state=State.WITHDRAWN, decided_at=now())
        made = Approval.objects.create(
            kind=kind,
            subject=subject,
            payload=exact,
            digest=digest_of(kind, exact),
            asked_by=by,
            expires_at=now() + VALID,
        )
    made.replaced = replaced
    return made


def _refuse_twin(waiting: Iterable[Approval], digest: str) -> None:
    for row in waiting:
        if _same(row.digest, digest):
            raise AlreadyAsked(person=row.asked_by.display_name, approval=row.pk)


def approve(*, approval_id: int, digest: str, by: Any) -> Approval:
    """Agree to exactly the payload of ``digest``, and do it; one transaction.

    Locks the approval. The kept payload, what was shown (``digest``) and the payload as the
    rows read now must be the same to the letter. Raises NotFound (who may not), ApprovalGone
    (decided or run out), SecondPersonNeeded (who asked), AskerLostRight, ApprovalChanged, and
    whatever the kind raises.
    """
    with transaction.atomic():
        approval, kind = _lock(approval_id, by)
        if approval.asked_by_id == by.pk:
            raise SecondPersonNeeded
        if kind.right not in platform_rights(approval.asked_by):
            raise AskerLostRight
        kept = digest_of(approval.kind, approval.payload)
        if not (_same(kept, approval.digest) and _same(kept, digest)):
            raise ApprovalChanged
        if not _same(_digest_now(kind, approval), kept):
            raise ApprovalChanged
        _decide(approval, State.DONE, by)
        kind.run(approval.payload, approval.asked_by, by)
    return approval


def reject(*, approval_id: int, by: Any) -> Approval:
    """Turn a request down; one's own is withdrawn by it. Raises NotFound, ApprovalGone."""
    with transaction.atomic():
        approval, _kind_of_it = _lock(approval_id, by)
        own = approval.asked_by_id == by.pk
        _decide(approval, State.WITHDRAWN if own else State.REJECTED, by)
    return approval


def withdraw(*, approval_id: int, by: Any) -> Approval:
    """Take back what one has asked for oneself. Raises NotFound, ApprovalGone, NotAsker."""
    with transaction.atomic():
        approval, _kind_of_it = _lock(approval_id, by)
        if approval.asked_by_id != by.pk:
            raise NotAsker
        _decide(approval, State.WITHDRAWN, by)
    return approval


def refuse_alone(*, by: Any, approved_by: Any) -> None:
    """Raise SecondPersonNeeded unless two people stand behind it; called by what is guarded.

    ``by`` None is the platform itself (a command, the demo); APPROVALS=off asks nobody.
    """
    if by is None or not approvals_on():
        return
    if approved_by is None or approved_by.pk == by.pk:
        raise SecondPersonNeeded


def _lock(approval_id: int, by: Any) -> tuple[Approval, Kind]:
    rows = Approval.objects.select_related("asked_by").select_for_update(of=("self",), no_key=True)
    approval = rows.filter(pk=approval_id, kind__in=KINDS).first()
    if approval is None:
        raise NotFound
    kind = KINDS[approval.kind]
    refuse_without(user=by, right=kind.right)
    if not approval.is_open:
        raise ApprovalGone
    return approval, kind


def withdraw_open(*, kind: str, subject: str) -> int:
    """Take back what waits about ``subject``, for it can't be done any more; returns how many.

    Runs in the caller's transaction, which has just made it so.
    """
    rows = Approval.objects.filter(kind=kind, subject=subject, state=State.WAITING)
    return rows.update(state=State.WITHDRAWN, decided_at=now())


def _digest_now(kind: Kind, approval: Approval) -> str:
    """Of the payload as the rows read now; a payload that says nothing is not what was agreed to."""
    try:
        return digest_of(approval.kind, kind.refresh(approval.payload))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ApprovalChanged from None


def _decide(approval: Approval, state: str, by: Any) -> None:
    approval.state, approval.decided_by, approval.decided_at = state, by, now()
    approval.save(update_fields=["state", "decided_by", "decided_at"])


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise NotFound(gettext("There is no such kind of approval."))
    return KINDS[code]


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
