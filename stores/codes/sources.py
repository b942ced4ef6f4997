"""Whence an order comes: the codes its buyer followed before, as they stand when it is placed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q

from kernel.facts.traces import Trace
from stores.codes.models import PRINTED, Touch

DAY, WINDOW = dt.timedelta(hours=24), dt.timedelta(days=30)
MOST_TOUCHES = 200
_STEP = ("code_id", "code__merchant_id", "code__kind", "code__store_id", "code__campaign", "at")


class Step(NamedTuple):
    """One touch before an order."""

    code_id: int
    merchant_id: int | None
    kind: str
    store_id: int | None
    campaign: str
    at: dt.datetime


class Source(NamedTuple):
    """Whence an order of one merchant comes. ``store_id`` is that of the scan in a store, if any."""

    first: Step
    last: Step
    store_id: int | None


def sources_of(
    *, trace: Trace, merchant_ids: Iterable[int], moment: dt.datetime
) -> dict[int, Source]:
    """The source of each merchant's part of an order that is placed now; none without a touch.

    Looks at what this visit, this browser or this person followed within WINDOW (the latter two
    only of somebody who agreed to be counted). A code counts for its own merchant; one of the platform
    for all. A touch counts once its batch is written, within a second. One query; none for a trace of nobody.
    """
    wanted = set(merchant_ids)
    mine = _mine(trace)
    if mine is None or not wanted:
        return {}
    rows = (
        Touch.objects.since(moment - WINDOW)
        .filter(mine, Q(code__merchant__in=wanted) | Q(code__merchant=None), at__lte=moment)
        .order_by("-at", "-id")
        .values_list(*_STEP)[:MOST_TOUCHES]
    )
    steps = [Step(*row) for row in reversed(rows)]
    found = {
        merchant_id: choose_source(
            [step for step in steps if step.merchant_id in (None, merchant_id)], moment
        )
        for merchant_id in wanted
    }
    return {merchant_id: source for merchant_id, source in found.items() if source}


def code_of_signup(*, trace: Trace, moment: dt.datetime) -> Step | None:
    """The last code, of whatever business, that somebody followed before they opened an account now."""
    mine = _mine(trace)
    if mine is None:
        return None
    rows = Touch.objects.since(moment - WINDOW).filter(mine, at__lte=moment).order_by("-at", "-id")
    found = rows.values_list(*_STEP)[:MOST_TOUCHES]
    source = choose_source([Step(*row) for row in reversed(found)], moment)
    return source.last if source else None


def choose_source(steps: Sequence[Step], moment: dt.datetime) -> Source | None:
    """First and last of ``steps`` (oldest first), and the store; None of none.

    The last code that was scanned in a store within 24 hours wins over links that were followed later:
    the poster is why the guest stood there.
    """
    if not steps:
        return None
    in_store = [
        step for step in steps if step.kind in PRINTED and step.store_id and moment - step.at <= DAY
    ]
    last = in_store[-1] if in_store else steps[-1]
    return Source(steps[0], last, in_store[-1].store_id if in_store else None)


def _mine(trace: Trace) -> Q | None:
    """Touches of the same visit, browser or person; None for somebody of whom nothing is known."""
    found = [Q(visit=trace.visit)] if trace.visit else []
    if trace.agreed and trace.visitor:
        found.append(Q(visitor=trace.visitor))
    if trace.agreed and trace.subject:
        found.append(Q(subject=trace.subject))
    if not found:
        return None
    mine = found[0]
    for other in found[1:]:
        mine |= other
    return mine
