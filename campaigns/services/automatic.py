"""Campaigns that lower an order by themselves: reserved in it, used when it is paid, or given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from campaigns.errors import BudgetGone, DiscountEnded, DiscountLimitReached
from campaigns.models import AutomaticUse, Campaign
from campaigns.promises import promises_of
from campaigns.services.budget import return_budget, take_running_budget
from kernel.clock import now
from kernel.db.prepared import insert_rows

State = AutomaticUse.State


class Taking(NamedTuple):
    """A campaign that lowers an order, and by how much."""

    campaign_id: int
    amount_fen: int


def reserve_automatic(*, buyer_id: int, order_number: str, wanted: Sequence[Taking]) -> None:
    """Put campaigns into an order that is being placed, with what each takes off.

    Runs in the caller's transaction, behind its coupons. Locks: the campaigns' rows, ascending; under
    them the person's uses are counted. Writes: the budgets by compare-and-set, and a use each.
    Raises BudgetGone, DiscountEnded, DiscountLimitReached: nothing may be kept of the transaction then.
    """
    moment = now()
    for row in sorted(wanted):
        if not take_running_budget(
            campaign_id=row.campaign_id, amount_fen=row.amount_fen, moment=moment
        ):
            running = Campaign.objects.filter(state=Campaign.State.RUNNING, ends_at__gt=moment)
            if running.filter(pk=row.campaign_id).exists():
                raise BudgetGone(campaign=row.campaign_id)
            raise DiscountEnded(campaign=row.campaign_id)
    _refuse_beyond_limits(buyer_id, [row.campaign_id for row in wanted])
    insert_rows(
        [
            AutomaticUse(
                campaign_id=row.campaign_id,
                buyer_id=buyer_id,
                order_number=order_number,
                amount_fen=row.amount_fen,
            )
            for row in wanted
        ]
    )


def use_automatic(*, order_number: str) -> int:
    """The order's reserved discounts are used: its first money has come. How many; safe to repeat.

    Runs in the caller's transaction, which holds the order.
    """
    uses = AutomaticUse.objects.filter(order_number=order_number, state=State.RESERVED)
    return uses.update(state=State.USED)


def give_back_automatic(*, order_number: str, only: Collection[int] | None = None) -> int:
    """Give back what the order's campaigns (``only`` some) took of their budgets; how many.

    Runs in the caller's transaction, which holds the order, behind its coupons. Locks: uses, then
    campaigns, ascending. Safe to repeat: by compare-and-set.
    """
    uses = AutomaticUse.objects.filter(order_number=order_number, state__in=AutomaticUse.LIVE)
    if only is not None:
        uses = uses.filter(campaign__in=only)
    back = 0
    for use in uses.order_by("campaign"):
        if AutomaticUse.objects.filter(pk=use.pk, state__in=AutomaticUse.LIVE).update(
            state=State.RETURNED
        ):
            return_budget(campaign_id=use.campaign_id, amount_fen=use.amount_fen)
            back += 1
    return back


def _refuse_beyond_limits(buyer_id: int, campaign_ids: Collection[int]) -> None:
    """Exact, as the campaigns' rows are held: who else takes one of them for this person waits."""
    limits = {
        pk: promise.uses_per_person
        for pk, promise in promises_of(campaign_ids).items()
        if promise.uses_per_person is not None
    }
    if not limits:
        return
    live = AutomaticUse.objects.filter(
        buyer=buyer_id, campaign__in=limits, state__in=AutomaticUse.LIVE
    )
    has = Counter(live.values_list("campaign_id", flat=True))
    for campaign_id, limit in sorted(limits.items()):
        if has[campaign_id] >= limit:
            raise DiscountLimitReached(campaign=campaign_id, limit=limit)
