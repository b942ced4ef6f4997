"""What campaigns promise, kept by each process: it is fixed when they start (docs/adr/0015)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from campaigns.models import Campaign, Condition
from campaigns.selectors import with_terms
from campaigns.terms import Terms, terms_of

MOST_KEPT = 20_000
Kind = Condition.Kind


class Promise(NamedTuple):
    """What of a campaign never changes."""

    merchant_id: int
    terms: Terms
    uses_per_person: int | None


_kept: dict[int, Promise] = {}


def promises_of(campaign_ids: Collection[int]) -> dict[int, Promise]:
    """By campaign; one statement for those that this process has not met, and for drafts, which are not kept."""
    found = {pk: _kept[pk] for pk in campaign_ids if pk in _kept}
    missing = [pk for pk in campaign_ids if pk not in found]
    if not missing:
        return found
    if len(_kept) + len(missing) > MOST_KEPT:
        _kept.clear()
    for row in with_terms(Campaign.objects.filter(pk__in=missing)):
        promise = Promise(row.merchant_id, terms_of(row), row.uses_per_person)
        found[row.pk] = promise
        if row.state != Campaign.State.DRAFT:
            _kept[row.pk] = promise
    return found


def first_orders_of(campaign_ids: Collection[int]) -> list[tuple[int, int]]:
    """(merchant, campaign) of those among these that are for a first order, merchant 0 for one at any.

    Those at any come first.
    """
    found = []
    for pk, promise in promises_of(campaign_ids).items():
        if promise.terms.has(Kind.FIRST_EVER):
            found.append((0, pk))
        if promise.terms.has(Kind.FIRST_ORDER):
            found.append((promise.merchant_id, pk))
    return sorted(found)
