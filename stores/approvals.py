"""What needs a second person: the registry of kinds, filled in AppConfig.ready.

A kind says which right both people need, reads the payload afresh from the rows (so that what
has changed since is seen), words it for the second person, and does it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext

from kernel.numerals import MAX_ID
from kernel.watch.services import report_incident
from stores.approval_fields import Field
from stores.models import Approval, Merchant
from stores.rights import PLATFORM_RIGHTS, Right

Payload = dict[str, Any]


class Kind(NamedTuple):
    """``fields`` are what may be sent (stores.approval_fields).

    ``refresh`` rebuilds a payload from the rows as they are now, and raises where it cannot.

    ``describe`` gives label and value of each line that the second person reads; ``run`` does
    it, with who asked and who agreed, inside the transaction of the decision; ``after``
    says what is left to do once it was agreed to; None where the agreement does all of it.
    """

    code: str
    label: Any
    right: Right
    fields: Mapping[str, Field]
    subject: Callable[[Payload], str]
    refresh: Callable[[Payload], Payload]
    describe: Callable[[Payload], list[tuple[str, str]]]
    run: Callable[[Payload, Any, Any], Any]
    after: Callable[[Approval], str] | None = None
    once: bool = False
    """Whether the very same request is refused while one waits, rather than taking its place."""


KINDS: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known; a second one of the same code replaces it."""
    KINDS[kind.code] = kind


def agreeing_roles() -> frozenset[str]:
    """Platform roles whose holders may agree to a request of some kind.

    Giving one of them takes two people itself, or somebody could make their own second person.
    """
    asked = {kind.right for kind in KINDS.values()}
    return frozenset(role for role, rights in PLATFORM_RIGHTS.items() if rights & asked)


def lines_of(approval: Approval) -> list[tuple[str, str]]:
    """What the second person reads of a request, line by line; a query where `read_names` was not asked."""
    if approval.lines is None:
        read_names([approval])
    return approval.lines or []


def read_names(approvals: Iterable[Approval]) -> None:
    """Write into each its lines, with merchants by their name in the reader's language: one query.

    One whose payload says nothing that can be read says so, and the others stand.
    ``name`` in the payload stands in its digest and is the same for every reader.
    """
    rows = list(approvals)
    keys = [row.payload.get("merchant") for row in rows if isinstance(row.payload, dict)]
    wanted = {key for key in keys if type(key) is int and 0 < key <= MAX_ID}
    names: dict[Any, str] = {}
    if wanted:
        names = {row.pk: row.name for row in Merchant.objects.filter(pk__in=wanted)}
    for row in rows:
        try:
            shown = dict(row.payload)
            if shown.get("merchant") in wanted:
                shown["name"] = names.get(shown["merchant"]) or shown["name"]
            row.lines = KINDS[row.kind].describe(shown)
        except Exception as error:
            report_incident(kind="stores.approval", subject=f"approval:{row.pk}", error=error)
            row.lines = [(gettext("Request"), gettext("What it asks for can't be read."))]


def canonical(payload: Payload) -> str:
    """The one spelling of a payload: keys sorted, no blanks, no numbers with a point."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(kind: str, payload: Payload) -> str:
    """SHA-256 over the kind and the canonical payload."""
    return hashlib.sha256(f"{kind}\n{canonical(payload)}".encode()).hexdigest()
