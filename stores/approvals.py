"""What needs a second person: the registry of kinds, filled in AppConfig.ready.

A kind says which right both people need, reads the payload afresh from the rows (so that what
has changed since is seen), words it for the second person, and does it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from stores.models import Merchant
from stores.rights import Right

Payload = dict[str, Any]


class Kind(NamedTuple):
    """``refresh`` rebuilds a payload from the rows as they are now, and raises where it cannot.

    ``describe`` gives label and value of each line that the second person reads; ``run`` does
    it, with who asked and who agreed, inside the transaction of the decision.
    """

    code: str
    label: Any
    right: Right
    subject: Callable[[Payload], str]
    refresh: Callable[[Payload], Payload]
    describe: Callable[[Payload], list[tuple[str, str]]]
    run: Callable[[Payload, Any, Any], Any]


KINDS: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known; a second one of the same code replaces it."""
    KINDS[kind.code] = kind


def merchant_name(payload: Payload) -> str:
    """The merchant of a payload by its name in the reader's language; one query.

    ``name`` in the payload stands in its digest and is the same for every reader.
    """
    merchant = Merchant.objects.filter(pk=payload["merchant"]).first()
    return merchant.name if merchant else str(payload["name"])


def canonical(payload: Payload) -> str:
    """The one spelling of a payload: keys sorted, no blanks, no numbers with a point."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(kind: str, payload: Payload) -> str:
    """SHA-256 over the kind and the canonical payload."""
    return hashlib.sha256(f"{kind}\n{canonical(payload)}".encode()).hexdigest()
