"""How a campaign stands beside its goal and its budget."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count

from campaigns.history import Outcome, history
from campaigns.models import Benefit, Campaign, CouponUse, Plan
from kernel.clock import now
from kernel.http.templatetags.fmt import fen


class Progress(NamedTuple):
    """``reached`` beside ``goal`` in ``unit`` (None and "" without one); shares in %, 100 at most.

    ``cost_fen`` is what an order with the discount costs on average, None of none. ``is_item``: counted is
    what was handed over without an order.
    """

    outcome: Outcome
    unit: str
    goal: int | None
    reached: int
    spent_fen: int
    budget_fen: int | None
    cost_fen: int | None
    gone: int
    is_item: bool

    @property
    def goal_share(self) -> int:
        return _share(self.reached, self.goal)

    @property
    def budget_share(self) -> int:
        return _share(self.spent_fen, self.budget_fen)

    @property
    def is_reached(self) -> bool:
        return self.goal is not None and self.reached >= self.goal

    @property
    def goal_said(self) -> str:
        return _said(self.unit, self.goal or 0)

    @property
    def reached_said(self) -> str:
        return _said(self.unit, self.reached)


def progress_of(campaign: Campaign, plan: Plan | None) -> Progress:
    """Counted from paid orders, or from what was handed over without one; one statement."""
    is_item = campaign.benefit.kind == Benefit.Kind.ITEM
    if is_item:
        found = _handed_over(campaign)
    else:
        found = history().outcome(merchant_id=campaign.merchant_id, campaign_id=campaign.pk)
    unit = plan.unit if plan else ""
    reached = getattr(found, unit) if unit else found.orders
    count = campaign.spent_count
    whole = campaign.ends_at - campaign.begins_at
    return Progress(
        found,
        unit,
        plan.goal if plan else None,
        reached,
        campaign.spent_fen,
        campaign.budget_fen,
        round(campaign.spent_fen / count) if count else None,
        max(0, min(100, round((now() - campaign.begins_at) / whole * 100))),
        is_item,
    )


def _handed_over(campaign: Campaign) -> Outcome:
    """Of a campaign for an item: each that was handed over counts where orders count, and brings no sales."""
    uses = CouponUse.objects.filter(coupon__campaign=campaign, state=CouponUse.State.USED)
    counted = uses.aggregate(orders=Count("pk"), guests=Count("coupon__owner", distinct=True))
    return Outcome(**counted)


def _share(part: int, whole: int | None) -> int:
    return min(100, part * 100 // whole) if whole else 0


def _said(unit: str, count: int) -> str:
    if unit == Plan.Unit.PAID:
        return fen(count)
    return f"{count} {Plan.Unit(unit).label}" if unit else str(count)
