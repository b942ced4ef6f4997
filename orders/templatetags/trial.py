"""Try a campaign as a customer, on the pages of campaigns in the back office."""

from __future__ import annotations

from typing import Any

from django import template

from campaigns.models import Campaign
from campaigns.terms import Terms
from kernel.errors import Refusal
from orders.pricing.wording import word_answer
from orders.trial import try_campaign
from orders.trial_form import TrialForm

register = template.Library()


@register.inclusion_tag("admin/campaigns/_trial_fields.html")
def trial_fields(merchant_id: int, data: Any) -> dict[str, Any]:
    """The fields of a trial, as they were sent with the page or as usual."""
    return {"form": TrialForm(merchant_id, _sent(data))}


@register.inclusion_tag("admin/campaigns/_trial.html")
def trial_result(campaign: Campaign, terms: Terms, data: Any, by: Any) -> dict[str, Any]:
    """What the basket comes to with the campaign, and what became of every rule; or what is refused.

    Without anything sent: as the form stands.
    """
    form = TrialForm(campaign.merchant_id, _sent(data) or _usual(campaign.merchant_id))
    if not form.is_valid():
        return {"form": form}
    try:
        trial = try_campaign(campaign=campaign, terms=terms, asked=form.asked(), by=by)
    except Refusal as refusal:
        form.refuse(refusal)
        return {"form": form}
    others = [row for row in trial.quote.answers if row.source != trial.answer.source]
    return {
        "form": form,
        "quote": trial.quote,
        "answer": trial.answer,
        "sentence": word_answer(trial.answer),
        "others": [(row, word_answer(row)) for row in others],
    }


def _sent(data: Any) -> Any:
    """The data of a page that holds a trial's fields; None where it was opened without."""
    return data if data and f"{TrialForm.prefix}-guest" in data else None


def _usual(merchant_id: int) -> dict[str, Any]:
    form = TrialForm(merchant_id)
    return {bound.html_name: bound.value() or "" for bound in form}
