"""Whether a campaign may run: no risk without an answer, no stop rule that is met."""

from __future__ import annotations

from campaigns.errors import RisksUnanswered, StopRuleMet
from campaigns.models import Campaign, Plan, PlanAnswer
from campaigns.risks import Risk, promise_of, risks_of
from campaigns.terms import terms_of

FEWEST_USES = 10
"""So many uses say what an order costs on average; fewer stop nothing."""
RISK, STEP = "risk:", "step:"


def open_risks(campaign: Campaign) -> list[Risk]:
    """The risks of a saved campaign that nobody has answered; seven statements at most."""
    return open_among(risks_of(promise_of(campaign, terms_of(campaign))), campaign)


def open_among(risks: list[Risk], campaign: Campaign) -> list[Risk]:
    """Those of ``risks`` without an answer; one statement."""
    known = PlanAnswer.objects.filter(campaign=campaign.pk, question__startswith=RISK)
    answered = set(known.values_list("question", flat=True)) if risks else set()
    return [risk for risk in risks if RISK + risk.code not in answered]


def refuse_unready(campaign: Campaign) -> None:
    """Before a campaign runs. Raises RisksUnanswered of a draft, StopRuleMet of one that was stopped."""
    if campaign.state == Campaign.State.DRAFT:
        if found := open_risks(campaign):
            raise RisksUnanswered(
                risks=[{"code": risk.code, "detail": risk.text} for risk in found]
            )
        return
    plan = Plan.objects.filter(campaign=campaign.pk).first()
    if plan is not None and stop_reason(campaign, plan):
        raise StopRuleMet(reason=stop_reason(campaign, plan))


def stop_reason(campaign: Campaign, plan: Plan) -> str:
    """Which part of its stop rule a campaign has met, "" where it goes on. No query."""
    spent, count = campaign.spent_fen, campaign.spent_count
    if plan.stop_fen is not None and spent >= plan.stop_fen:
        return Plan.Stop.FEN
    if plan.stop_uses is not None and count >= plan.stop_uses:
        return Plan.Stop.USES
    if (
        plan.stop_cost_fen is not None
        and count >= FEWEST_USES
        and spent > plan.stop_cost_fen * count
    ):
        return Plan.Stop.COST
    return ""
