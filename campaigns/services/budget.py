"""A campaign's budget: taken in one UPDATE with what bounds it, and given back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Q, QuerySet

from campaigns.models import Campaign
from kernel.db.prepared import Change


def take_budget(*, campaign_id: int, amount_fen: int) -> bool:
    """Take one use of ``amount_fen``; False where it is not left.

    Runs in the caller's transaction, which holds the campaign's row from here on.
    """
    return bool(_take.rows(campaign_id, amount_fen))


def take_running_budget(*, campaign_id: int, amount_fen: int, moment: dt.datetime) -> bool:
    """As `take_budget`, of a campaign that runs at ``moment``; False where it does not, too."""
    return bool(_take_running.rows(campaign_id, amount_fen, moment))


def return_budget(*, campaign_id: int, amount_fen: int, count: int = 1) -> None:
    """Give back what ``count`` uses have taken. Runs in the caller's transaction."""
    Campaign.objects.filter(pk=campaign_id).update(
        spent_fen=F("spent_fen") - amount_fen, spent_count=F("spent_count") - count
    )


def _taken(campaign_id: int, amount_fen: int) -> tuple[QuerySet[Campaign], dict[str, Any]]:
    within = Q(budget_fen__isnull=True) | Q(budget_fen__gte=F("spent_fen") + amount_fen)
    within &= Q(budget_count__isnull=True) | Q(budget_count__gt=F("spent_count"))
    spent = {"spent_fen": F("spent_fen") + amount_fen, "spent_count": F("spent_count") + 1}
    return Campaign.objects.filter(within, pk=campaign_id), spent


def _taken_running(
    campaign_id: int, amount_fen: int, moment: dt.datetime
) -> tuple[QuerySet[Campaign], dict[str, Any]]:
    rows, spent = _taken(campaign_id, amount_fen)
    return rows.filter(state=Campaign.State.RUNNING, ends_at__gt=moment), spent


_take = Change(_taken, int, int)
_take_running = Change(_taken_running, int, int, dt.datetime)
