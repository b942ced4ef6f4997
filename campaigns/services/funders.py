"""Who bears a campaign: said with the draft, agreed to by each party before it starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from campaigns.errors import FunderAgreed, FundersMissing
from campaigns.models import Campaign, Funder
from kernel.clock import now
from kernel.errors import NotFound
from payments.parties import (
    MERCHANT,
    PLATFORM,
    BadParty,
    Party,
    merchant_key,
    parse_party,
    party_key,
)
from stores.access import lacking_of
from stores.models import Merchant
from stores.rights import Right, may, platform_rights

WHOLE, MOST_FUNDERS = 1000, 6
OF_PLATFORM = party_key(PLATFORM)


class Share(NamedTuple):
    """A party's key, and how many ‰ it bears."""

    party: str
    permille: int


def check_funders(
    *, merchant_id: int, owner: str, funders: Sequence[Share], base: str, by: Any
) -> dict[str, list[str]]:
    """What is wrong with owner and shares, by field; nothing where they can be."""
    outside = by is not None and Right.EDIT_CAMPAIGNS not in platform_rights(by)
    if outside and base != Campaign.Base.CONTRACT:
        text = gettext("Only the platform's people choose on what commission is taken.")
        return {"commission_base": [text]}
    if outside and owner:
        text = gettext(
            "Campaigns of the platform or of a partner are made by the platform's people."
        )
        return {"owner": [text]}
    if owner and not _may_pay(owner, merchant_id):
        return {"owner": [gettext("Choose the platform or another business that trades.")]}
    if not funders:
        return {}
    parties = [share.party for share in funders]
    known = _trading(parties)
    if (
        len(set(parties)) < len(parties)
        or len(parties) > MOST_FUNDERS
        or not all(party in known or party == OF_PLATFORM for party in parties)
    ):
        text = gettext("Name the platform and businesses that trade, each once, %(most)d at most.")
        return {"funders": [text % {"most": MOST_FUNDERS}]}
    if min(share.permille for share in funders) < 1 or sum(s.permille for s in funders) != WHOLE:
        return {"funders": [gettext("The shares are above zero and 100 % together.")]}
    return {}


def write_funders(campaign: Campaign, funders: Sequence[Share], *, by: Any) -> None:
    """Write the shares of a draft anew; those of ``by``'s own parties are agreed to. In its transaction.

    Without any the owner bears it, and nothing is written for a merchant that bears its own.
    """
    Funder.objects.filter(campaign=campaign).delete()
    if not funders and campaign.owner:
        funders = [Share(campaign.owner, WHOLE)]
    own = merchant_key(campaign.merchant_id)
    if all(share.party == own for share in funders):
        return
    moment = now()
    Funder.objects.bulk_create(
        Funder(
            campaign=campaign,
            merchant_id=party.pk if party.kind == MERCHANT else None,
            party=share.party,
            permille=share.permille,
            agreed_at=moment if _agrees(by, party) else None,
            agreed_by=by if by is not None and _agrees(by, party) else None,
        )
        for share in funders
        for party in (parse_party(share.party),)
    )


def why_not_agreed(row: Funder) -> str:
    """Why a share can't be agreed to, "" where it can."""
    return str(FunderAgreed.message) if row.agreed_at else ""


def agree_to_fund(*, funder_id: int, by: Any) -> Funder:
    """Agree that a party bears its share of a draft, for good.

    Locks the campaign, then the share. Raises NotFound, `lacking_of` Right.EDIT_CAMPAIGNS for the party,
    FunderAgreed where somebody has already.
    """
    row = Funder.objects.filter(pk=funder_id).first()
    if row is None:
        raise NotFound
    if by is not None and not _agrees(by, parse_party(row.party)):
        raise lacking_of(by, Right.EDIT_CAMPAIGNS, merchant_id=row.merchant_id)
    with transaction.atomic():
        Campaign.objects.select_for_update(of=("self",), no_key=True).get(pk=row.campaign_id)
        won = Funder.objects.filter(pk=row.pk, agreed_at__isnull=True).update(
            agreed_at=now(), agreed_by=by
        )
        if not won:
            raise FunderAgreed
    row.refresh_from_db()
    return row


def refuse_unless_agreed(campaign: Campaign) -> None:
    """Raise FundersMissing while a party has not agreed to its share."""
    missing = Funder.objects.filter(campaign=campaign, agreed_at__isnull=True)
    if parties := list(missing.order_by("party").values_list("party", flat=True)):
        raise FundersMissing(parties=parties)


def _agrees(by: Any, party: Party) -> bool:
    """Whether who writes the draft speaks for the party; None is a command and speaks for all."""
    if by is None:
        return True
    if party == PLATFORM:
        return Right.EDIT_CAMPAIGNS in platform_rights(by)
    # The operator's people may do everything for a business, but not spend its money.
    return Right.EDIT_CAMPAIGNS not in platform_rights(by) and may(
        by, Right.EDIT_CAMPAIGNS, merchant_id=party.pk
    )


def _may_pay(owner: str, merchant_id: int) -> bool:
    if owner == OF_PLATFORM:
        return True
    return owner != merchant_key(merchant_id) and owner in _trading([owner])


def _trading(keys: Iterable[str]) -> set[str]:
    """Of these parties the businesses that trade; one statement."""
    wanted = {key: pk for key in keys if (pk := _merchant(key))}
    rows = Merchant.objects.filter(pk__in=wanted.values(), state=Merchant.State.APPROVED)
    return {merchant_key(pk) for pk in rows.values_list("pk", flat=True)}


def _merchant(key: str) -> int | None:
    try:
        party = parse_party(key)
    except BadParty:
        return None
    return party.pk if party.kind == MERCHANT else None
