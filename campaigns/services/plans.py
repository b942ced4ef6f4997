"""Plan a campaign, answer its risks, let it stop by itself, copy it, write down what was learnt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext

from campaigns.errors import CampaignNotOver, GoalFixed
from campaigns.models import Batch, Campaign, Plan, PlanAnswer, PlanChannel
from campaigns.models.plan import MOST_ANSWER, MOST_LESSON
from campaigns.risks import promise_of, risks_of, steps_of
from campaigns.services.campaigns import (
    CampaignAsked,
    create_campaign,
    lock_campaign,
    lock_merchant,
    pause_campaign,
    refuse_editing,
    start_campaign,
)
from campaigns.services.funders import Share
from campaigns.services.readiness import FEWEST_USES, RISK, STEP, stop_reason
from campaigns.terms import terms_of
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.outbox.services import publish
from kernel.plaintext import clean_line, clean_text
from kernel.watch.sweeps import sweep
from stores.codes.models import Code
from stores.models import Merchant

SOON = dt.timedelta(days=1)
MOST_CHANNELS = 50
State = Campaign.State


class PlanAsked(NamedTuple):
    """The goal (``unit`` "" and None for none), the stop rule, and the codes that lead to it."""

    unit: str = ""
    goal: int | None = None
    stop_fen: int | None = None
    stop_uses: int | None = None
    stop_cost_fen: int | None = None
    codes: Sequence[int] = ()


def write_plan(*, campaign_id: int, asked: PlanAsked, by: Any) -> Plan:
    """Say what a campaign is to reach, when it stops by itself, and which codes lead to it.

    Locks the campaign. The goal is fixed once it has started; the rest may change until it is over.
    Raises NotFound, `refuse_without` Right.EDIT_CAMPAIGNS, GoalFixed, InvalidInput with the fields.
    """
    with transaction.atomic():
        row = lock_campaign(campaign_id)
        refuse_editing(by, row.merchant_id)
        plan = Plan.objects.filter(campaign=row).first() or Plan(campaign=row)
        if row.state != State.DRAFT and (plan.unit, plan.goal) != (asked.unit, asked.goal):
            raise GoalFixed
        _describe(plan, asked)
        known = Code.objects.filter(merchant=row.merchant_id, pk__in=asked.codes)
        codes = sorted(known.values_list("pk", flat=True))
        if len(codes) < len(set(asked.codes)) or len(codes) > MOST_CHANNELS:
            text = gettext("Choose codes of this business, %(most)d at most.")
            raise InvalidInput(fields={"codes": [text % {"most": MOST_CHANNELS}]})
        plan.save()
        PlanChannel.objects.filter(campaign=row).exclude(code__in=codes).delete()
        PlanChannel.objects.bulk_create(
            [PlanChannel(campaign=row, code_id=code) for code in codes], ignore_conflicts=True
        )
    return plan


def launch_campaign(
    *, merchant: Merchant, asked: CampaignAsked, answers: Mapping[str, str], by: Any
) -> Campaign:
    """Write a campaign with its answers and start it in one go.

    Errors as `create_campaign`, `answer_risks` and `start_campaign`: then nothing is written.
    """
    with transaction.atomic():
        row = create_campaign(merchant=merchant, asked=asked, by=by)
        answer_risks(campaign_id=row.pk, answers=answers, by=by)
        return start_campaign(campaign_id=row.pk, by=by)


def start_answered(*, campaign_id: int, answers: Mapping[str, str], by: Any) -> Campaign:
    """Answer risks of a draft and start it in one go: what is refused keeps no answer.

    Locks the merchant, then the campaign. Errors as `answer_risks` and `start_campaign`.
    """
    rows = Campaign.objects.filter(pk=campaign_id)
    merchant_id = rows.values_list("merchant_id", flat=True).first()
    if merchant_id is None:
        raise NotFound
    with transaction.atomic():
        lock_merchant(merchant_id)
        answer_risks(campaign_id=campaign_id, answers=answers, by=by)
        return start_campaign(campaign_id=campaign_id, by=by)


def answer_risks(*, campaign_id: int, answers: Mapping[str, str], by: Any) -> int:
    """Keep an answer for each risk that ``answers`` names, in place of an earlier one; how many.

    An empty answer, and one to what is no risk of the campaign any more, is passed over. Locks the
    campaign. Raises NotFound, `refuse_without`, InvalidInput for one that is too long.
    """
    with transaction.atomic():
        row = lock_campaign(campaign_id)
        refuse_editing(by, row.merchant_id)
        codes = {risk.code for risk in risks_of(promise_of(row, terms_of(row)))}
        kept = {RISK + code: clean_line(answers.get(code, "")) for code in codes}
        return _keep(row, kept, by)


def tick_steps(*, campaign_id: int, done: Sequence[str], by: Any) -> int:
    """Say which steps of preparation are done; those that are not named are open again. Locks the campaign."""
    with transaction.atomic():
        row = lock_campaign(campaign_id)
        refuse_editing(by, row.merchant_id)
        codes = {STEP + step.code for step in steps_of(row) if step.known is None}
        kept = {code: "done" for code in codes if code.removeprefix(STEP) in done}
        PlanAnswer.objects.filter(campaign=row, question__in=codes - kept.keys()).delete()
        known = PlanAnswer.objects.filter(campaign=row, question__in=kept)
        before = set(known.values_list("question", flat=True))
        return _keep(row, {code: kept[code] for code in kept.keys() - before}, by)


def note_lesson(*, campaign_id: int, text: str, by: Any) -> Plan:
    """Write down what the merchant would do again. Locks the campaign.

    Raises NotFound, `refuse_without`, CampaignNotOver, InvalidInput.
    """
    lesson = clean_text(text)
    if len(lesson) > MOST_LESSON:
        problem = gettext("%(most)d characters at most.") % {"most": MOST_LESSON}
        raise InvalidInput(fields={"lesson": [problem]})
    with transaction.atomic():
        row = lock_campaign(campaign_id)
        refuse_editing(by, row.merchant_id)
        if not row.is_over():
            raise CampaignNotOver
        plan, _made = Plan.objects.get_or_create(campaign=row)
        plan.lesson = lesson
        plan.save(update_fields=["lesson"])
    return plan


def copy_campaign(*, campaign_id: int, by: Any) -> Campaign:
    """A draft that promises the same, from tomorrow on for as long, with goal, stop rule and channels.

    Risks are asked anew. Raises NotFound, `refuse_without`, errors as `create_campaign`.
    """
    with transaction.atomic():
        row = lock_campaign(campaign_id)
        refuse_editing(by, row.merchant_id)
        begins = now() + SOON
        asked = asked_of(row)._replace(
            begins_at=begins, ends_at=begins + (row.ends_at - row.begins_at)
        )
        made = create_campaign(merchant=row.merchant, asked=asked, by=by)
        plan = Plan.objects.filter(campaign=row).first()
        copied = Plan(campaign=made, copied_from=row)
        if plan is not None:
            for name in ("unit", "goal", "stop_fen", "stop_uses", "stop_cost_fen"):
                setattr(copied, name, getattr(plan, name))
        copied.save()
        channels = PlanChannel.objects.filter(campaign=row, code__closed_at__isnull=True)
        PlanChannel.objects.bulk_create(
            PlanChannel(campaign=made, code_id=code)
            for code in channels.values_list("code_id", flat=True)
        )
    return made


def stop_campaigns_due(limit: int = 10_000) -> int:
    """Pause the campaigns whose stop rule is met, and let their merchants be told; how many.

    Safe to run twice and beside claims and orders. Outbox "campaign.stopped".
    """
    met = (
        Q(plan__stop_fen__lte=F("spent_fen"))
        | Q(plan__stop_uses__lte=F("spent_count"))
        | Q(
            spent_count__gte=FEWEST_USES,
            spent_fen__gt=F("plan__stop_cost_fen") * F("spent_count"),
        )
    )
    stopped = sweep(
        Campaign.objects.filter(met, state=State.RUNNING),
        _stop,
        by="ends_at",
        kind="campaigns.stop",
        noun="campaign",
        limit=limit,
    )
    return sum(stopped)


def asked_of(campaign: Campaign) -> CampaignAsked:
    """What a saved campaign was asked as; three statements at most."""
    columns = {field.name for field in Campaign._meta.concrete_fields}
    kept = {name: getattr(campaign, name) for name in CampaignAsked._fields if name in columns}
    terms = terms_of(campaign)
    batch = Batch.objects.filter(campaign=campaign.pk).first()
    if batch is not None:
        kept |= {"coupons": batch.count, "claiming": batch.claiming}
    funders = [Share(*pair) for pair in terms.funders]
    return CampaignAsked(gives=terms.gives, conditions=terms.conditions, funders=funders, **kept)


def _stop(campaign_id: int) -> bool:
    with transaction.atomic():
        row = pause_campaign(campaign_id=campaign_id, by=None)
        plan = Plan.objects.get(campaign=row)
        reason = stop_reason(row, plan)
        if not reason:  # given back since it was found
            transaction.set_rollback(True)
            return False
        plan.stopped_at, plan.stopped_by = now(), reason
        plan.save(update_fields=["stopped_at", "stopped_by"])
        publish("campaign.stopped", campaign_id=row.pk, reason=reason)
    return True


def _keep(row: Campaign, kept: Mapping[str, str], by: Any) -> int:
    said = {question: text for question, text in kept.items() if text}
    long = [question.removeprefix(RISK) for question in said if len(said[question]) > MOST_ANSWER]
    if long:
        problem = gettext("%(most)d characters at most.") % {"most": MOST_ANSWER}
        raise InvalidInput(fields={code: [problem] for code in long})
    moment = now()
    PlanAnswer.objects.bulk_create(
        [
            PlanAnswer(campaign=row, question=question, text=text, author=by, answered_at=moment)
            for question, text in sorted(said.items())
        ],
        update_conflicts=True,
        unique_fields=["campaign", "question"],
        update_fields=["text", "author", "answered_at"],
    )
    return len(said)


def _describe(plan: Plan, asked: PlanAsked) -> None:
    for name in ("unit", "goal", "stop_fen", "stop_uses", "stop_cost_fen"):
        setattr(plan, name, getattr(asked, name))
    problems: dict[str, list[str]] = {}
    try:
        plan.clean_fields(exclude=["campaign", "copied_from", "lesson"])
    except ValidationError as error:
        problems |= error.message_dict
    if bool(asked.unit) != bool(asked.goal):
        problems["goal"] = [gettext("Say a number and what it counts, or neither.")]
    if problems:
        raise InvalidInput(fields=problems)
