"""Make a campaign, start, pause and end it. What it gives is fixed when it starts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext

from campaigns.benefits import check_gives
from campaigns.conditions.base import Said
from campaigns.conditions.kinds import KINDS
from campaigns.errors import CampaignFixed, CampaignMoved, CampaignOver
from campaigns.models import Batch, Benefit, Campaign, Condition
from campaigns.models.campaign import MOST_PER_PERSON
from campaigns.services.funders import (
    Share,
    check_funders,
    refuse_unless_agreed,
    write_funders,
)
from campaigns.services.items import check_item
from campaigns.services.readiness import refuse_unready
from campaigns.terms import Gives, Terms, rows_of
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.outbox.services import publish
from kernel.watch.sweeps import sweep
from stores.access import refuse_unless_trading, refuse_without
from stores.models import Merchant
from stores.rights import Right

MOST_COUPONS = 10_000_000
MOST_CODES = 1_000_000
DESCRIBED = (
    *("name_en", "name_zh", "begins_at", "ends_at", "way", "per_person", "uses_per_person"),
    *("budget_fen", "budget_count", "per_payer", "group", "priority", "owner", "commission_base"),
)
"""What is kept on the campaign's own row."""
State = Campaign.State


class CampaignAsked(NamedTuple):
    """What a merchant wants to promise. Amounts in fen, the share in ‰.

    ``coupons`` and ``per_person`` are of one with coupons, ``uses_per_person`` of one that comes by itself.
    """

    name_en: str
    name_zh: str
    begins_at: dt.datetime
    ends_at: dt.datetime
    gives: Gives
    coupons: int = 0
    conditions: Sequence[Said] = ()
    per_person: int = 1
    budget_fen: int | None = None
    budget_count: int | None = None
    way: str = Campaign.Way.COUPON
    uses_per_person: int | None = None
    per_payer: int | None = None
    group: str = ""
    priority: int = 100
    claiming: str = Batch.Claiming.OPEN
    owner: str = ""
    funders: Sequence[Share] = ()
    commission_base: str = Campaign.Base.CONTRACT

    @property
    def terms(self) -> Terms:
        """The conditions in the order in which they are judged, whatever the order they came in."""
        order = list(KINDS)
        known = [said for said in self.conditions if said.kind in KINDS]
        return Terms(self.gives, tuple(sorted(known, key=lambda said: order.index(said.kind))))


def check_campaign(*, merchant: Merchant, asked: CampaignAsked, by: Any) -> Campaign:
    """Return the draft as it would be written, when ``by`` may make it; writes nothing.

    Raises `refuse_without` Right.EDIT_CAMPAIGNS, NotTrading, InvalidInput with the fields.
    """
    refuse_editing(by, merchant.pk)
    row = Campaign(merchant=merchant)
    _describe(row, asked, by)
    return row


def unsaved_campaign(*, asked: CampaignAsked, merchant: Merchant | None = None) -> Campaign:
    """The campaign that ``asked`` would become, to look at and to try; not checked and not written."""
    columns = {field.name for field in Campaign._meta.concrete_fields}
    values = {name: value for name, value in asked._asdict().items() if name in columns}
    return Campaign(**({"merchant": merchant} if merchant else {}), **values)


def create_campaign(*, merchant: Merchant, asked: CampaignAsked, by: Any) -> Campaign:
    """Write a draft: guests see nothing of it before it starts. Errors as `check_campaign`."""
    row = check_campaign(merchant=merchant, asked=asked, by=by)
    with transaction.atomic():
        row.save()
        _write_terms(row, asked)
        write_funders(row, asked.funders, by=by)
    return row


def change_campaign(*, campaign_id: int, asked: CampaignAsked, by: Any) -> Campaign:
    """Write a draft anew. Locks it. Raises NotFound, CampaignFixed, errors as `check_campaign`."""
    with transaction.atomic():
        row = lock_campaign(campaign_id)
        refuse_editing(by, row.merchant_id)
        if row.state != State.DRAFT:
            raise CampaignFixed(state=row.state)
        _describe(row, asked, by)
        row.save()
        Benefit.objects.filter(campaign=row).delete()
        Condition.objects.filter(campaign=row).delete()
        Batch.objects.filter(campaign=row).delete()
        _write_terms(row, asked)
        write_funders(row, asked.funders, by=by)
    return row


def start_campaign(*, campaign_id: int, by: Any) -> Campaign:
    """Let a draft, or a paused campaign, give coupons from its beginning on.

    Locks the merchant, then the campaign; marks the merchant as one that has campaigns. The first time
    outbox "campaign.started" {campaign_id}: a worker makes its codes. Raises NotFound, NotTrading,
    CampaignMoved, CampaignOver where its end has passed, FundersMissing, RisksUnanswered of a
    draft, StopRuleMet of one that has stopped by itself.
    """
    return _move(campaign_id, State.RUNNING, by)


def pause_campaign(*, campaign_id: int, by: Any) -> Campaign:
    """Give no more coupons for the moment; those that were claimed stay valid. As `start_campaign`."""
    return _move(campaign_id, State.PAUSED, by)


def end_campaign(*, campaign_id: int, by: Any) -> Campaign:
    """Give no more coupons for good; those that were claimed stay valid until their end."""
    return _move(campaign_id, State.ENDED, by)


def end_campaigns_due(limit: int = 10_000) -> int:
    """End campaigns whose time is over, and forget merchants that have none any more; how many ended.

    Safe to run twice and beside claims and orders.
    """
    moment = now()
    ended = sweep(
        Campaign.objects.filter(state__in=(State.RUNNING, State.PAUSED), ends_at__lte=moment),
        lambda campaign_id: _move(campaign_id, State.ENDED, None),
        by="ends_at",
        kind="campaigns.end",
        noun="campaign",
        limit=limit,
    )
    for merchant_id in Merchant.objects.filter(
        ~Exists(_live(moment).filter(merchant=OuterRef("pk"))), has_campaigns=True
    ).values_list("pk", flat=True):
        with transaction.atomic():
            _mark(lock_merchant(merchant_id))
    return len(ended)


def why_not_moved(campaign: Campaign, state: str) -> str:
    """Why a campaign does not come to ``state`` from where it stands, "" where it does."""
    if campaign.state not in Campaign.MOVES[state]:
        return str(CampaignMoved.message)
    if state == State.RUNNING and campaign.ends_at <= now():
        return str(CampaignOver.message)
    return ""


def _move(campaign_id: int, state: str, by: Any) -> Campaign:
    merchant_id = (
        Campaign.objects.filter(pk=campaign_id).values_list("merchant_id", flat=True).first()
    )
    if merchant_id is None:
        raise NotFound
    refuse_editing(by, merchant_id)
    with transaction.atomic():
        merchant = lock_merchant(merchant_id)
        row = lock_campaign(campaign_id)
        if state == State.RUNNING and row.ends_at <= now():
            raise CampaignOver
        if state == State.RUNNING and row.state in Campaign.MOVES[state]:
            refuse_unless_agreed(row)
            refuse_unready(row)
        won = Campaign.objects.filter(pk=row.pk, state__in=Campaign.MOVES[state]).update(
            state=state
        )
        if not won:
            raise CampaignMoved(state=row.state)
        if row.state == State.DRAFT and not row.is_automatic:
            publish("campaign.started", campaign_id=row.pk)
        row.state = state
        _mark(merchant)
    return row


def _live(moment: dt.datetime) -> Any:
    """Campaigns of which a coupon may still be claimed or used: claimed ones outlast an early end."""
    return Campaign.objects.filter(ends_at__gt=moment).exclude(state=State.DRAFT)


def _mark(merchant: Merchant) -> None:
    """Let orders and pages ask for coupons of the locked merchant, or not any more."""
    has = _live(now()).filter(merchant=merchant).exists()
    if merchant.has_campaigns != has:
        merchant.has_campaigns = has
        merchant.save(update_fields=["has_campaigns"])


def lock_merchant(merchant_id: int) -> Merchant:
    return Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)


def lock_campaign(campaign_id: int) -> Campaign:
    """The campaign, locked for its merchant's writes. Raises NotFound."""
    rows = Campaign.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=campaign_id).first()
    if row is None:
        raise NotFound
    return row


def refuse_editing(by: Any, merchant_id: int) -> None:
    """Raise unless ``by`` (None: the shop itself) may write the merchant's campaigns, and it trades."""
    if by is not None:
        refuse_without(user=by, right=Right.EDIT_CAMPAIGNS, merchant_id=merchant_id)
    refuse_unless_trading(merchant_id=merchant_id, by=by)


def _write_terms(row: Campaign, asked: CampaignAsked) -> None:
    benefit, conditions = rows_of(row, asked.terms)
    benefit.save()
    Condition.objects.bulk_create(conditions)
    if not row.is_automatic:
        Batch.objects.create(campaign=row, count=asked.coupons, claiming=asked.claiming)


def _describe(row: Campaign, asked: CampaignAsked, by: Any) -> None:
    """Put what is asked for onto the row, and raise InvalidInput for what cannot be promised."""
    for name in DESCRIBED:
        setattr(row, name, getattr(asked, name))
    problems: dict[str, list[str]] = {}
    try:
        row.clean_fields()
    except ValidationError as error:
        problems |= error.message_dict
    if not (row.name_en or row.name_zh):
        problems["name_en"] = [gettext("Give it a name, in one language at least.")]
    if not {"begins_at", "ends_at"} & problems.keys() and row.ends_at <= max(row.begins_at, now()):
        problems["ends_at"] = [gettext("It has to end later than it begins, and later than now.")]
    if not 1 <= asked.per_person <= MOST_PER_PERSON:
        text = gettext("Between 1 and %(most)d coupons per person.")
        problems["per_person"] = [text % {"most": MOST_PER_PERSON}]
    if asked.per_payer is not None and not 1 <= asked.per_payer <= MOST_PER_PERSON:
        text = gettext("Between 1 and %(most)d, or empty for no limit.")
        problems["per_payer"] = [text % {"most": MOST_PER_PERSON}]
    if row.is_automatic:
        if asked.uses_per_person is not None and not 1 <= asked.uses_per_person <= MOST_PER_PERSON:
            text = gettext("Between 1 and %(most)d, or empty for no limit.")
            problems["uses_per_person"] = [text % {"most": MOST_PER_PERSON}]
    elif asked.uses_per_person is not None:
        problems["uses_per_person"] = [gettext("Of coupons, say how many one person gets.")]
    elif not 1 <= asked.coupons <= MOST_COUPONS:
        problems["coupons"] = [gettext("Between 1 and %(most)d coupons.") % {"most": MOST_COUPONS}]
    if asked.claiming not in Batch.Claiming.values:
        problems["claiming"] = [gettext("Choose how guests get a coupon.")]
    if asked.claiming == Batch.Claiming.CODE and asked.coupons > MOST_CODES:
        text = gettext("With codes, between 1 and %(most)d coupons.")
        problems["coupons"] = [text % {"most": MOST_CODES}]
    problems |= check_funders(
        merchant_id=row.merchant_id,
        owner=asked.owner,
        funders=asked.funders,
        base=asked.commission_base,
        by=by,
    )
    problems |= check_gives(row.merchant_id, asked.terms)
    if asked.gives.kind == Benefit.Kind.ITEM:
        problems |= check_item(row.merchant_id, asked)
    else:
        problems |= _check_conditions(row.merchant_id, asked.terms)
    if problems:
        raise InvalidInput(fields=problems)


def _check_conditions(merchant_id: int, terms: Terms) -> dict[str, list[str]]:
    found = {said.kind: KINDS[said.kind].check(merchant_id, said) for said in terms.conditions}
    return {kind: [problem] for kind, problem in found.items() if problem}
