"""A campaign's budget: taken in one UPDATE with what bounds it, and given back."""

from __future__ import annotations

from django.db.models import F, Q

from campaigns.models import Campaign


def take_budget(*, campaign_id: int, amount_fen: int, running: Q | None = None) -> bool:
    """Take one use of ``amount_fen``; False where it is not left, or the campaign not ``running``.

    Runs in the caller's transaction, which holds the campaign's row from here on.
    """
    within = Q(budget_fen__isnull=True) | Q(budget_fen__gte=F("spent_fen") + amount_fen)
    within &= Q(budget_count__isnull=True) | Q(budget_count__gt=F("spent_count"))
    rows = Campaign.objects.filter(within, running or Q(), pk=campaign_id)
    return bool(
        rows.update(spent_fen=F("spent_fen") + amount_fen, spent_count=F("spent_count") + 1)
    )


def return_budget(*, campaign_id: int, amount_fen: int, count: int = 1) -> None:
    """Give back what ``count`` uses have taken. Runs in the caller's transaction."""
    Campaign.objects.filter(pk=campaign_id).update(
        spent_fen=F("spent_fen") - amount_fen, spent_count=F("spent_count") - count
    )
