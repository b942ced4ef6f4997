"""What the price of an order asks: which coupons and campaigns may lower it. Few statements, prepared."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet

from campaigns.codes import read_coupon_code
from campaigns.models import AutomaticUse, Campaign, Coupon, CouponCode
from campaigns.promises import promises_of
from campaigns.services.codes import why_unusable
from campaigns.terms import Terms
from kernel.db.prepared import Prepared
from stores.models import Merchant


def coupons_for_price(
    *, owner_id: int, merchant_ids: Collection[int], named: Collection[int]
) -> list[tuple[Coupon, Terms]]:
    """The person's coupons that can be used at these merchants, and those ``named`` in any state.

    Those that are for an item in the store lower no order: they come only where they are named.

    With their campaigns; those that end first come first. One statement, and that of `promises_of`.
    """
    if len(merchant_ids) == 1 and not named:  # nearly every order
        rows = _usable_at_one.all(owner_id, *merchant_ids)
    else:
        wanted = Q(pk__in=named)
        if merchant_ids:
            wanted |= Q(state__in=Coupon.USABLE, campaign__merchant__in=merchant_ids)
        rows = list(_of_person(owner_id).filter(wanted))
    rows = [row for row in rows if row.voucher_id is None or row.pk in named]
    kept = promises_of({row.campaign_id for row in rows})
    return [(row, kept[row.campaign_id].terms) for row in rows]


def _of_person(owner_id: int) -> QuerySet[Coupon]:
    rows = Coupon.objects.filter(owner_id=owner_id)
    return rows.select_related("campaign").order_by("ends_at", "pk")


_usable_at_one = Prepared(
    lambda owner_id, merchant_id: _of_person(owner_id).filter(
        state__in=Coupon.USABLE, campaign__merchant=merchant_id
    ),
    *(int, int),
    most=None,
)


class Automatic(NamedTuple):
    """A campaign that comes by itself, and in how many orders of the person it is."""

    campaign: Campaign
    terms: Terms
    uses: int


def automatic_for_price(
    *, buyer_id: int | None, merchant_ids: Collection[int], moment: dt.datetime
) -> list[Automatic]:
    """The campaigns that lower orders at these merchants by themselves now.

    One statement, that of `promises_of`, and one where a person may have one in so many orders.
    """
    if len(merchant_ids) == 1:
        rows = _running_at_one.all(*merchant_ids, moment)
    else:
        rows = list(_running(moment).filter(merchant__in=merchant_ids))
    kept = promises_of([row.pk for row in rows])
    limited = [row.pk for row in rows if row.uses_per_person is not None]
    uses: Counter[int] = Counter()
    if limited and buyer_id is not None:
        live = AutomaticUse.objects.filter(
            buyer=buyer_id, campaign__in=limited, state__in=AutomaticUse.LIVE
        )
        uses.update(live.values_list("campaign_id", flat=True))
    return [Automatic(row, kept[row.pk].terms, uses[row.pk]) for row in rows]


def _running(moment: dt.datetime) -> QuerySet[Campaign]:
    rows = Campaign.objects.filter(state=Campaign.State.RUNNING, way=Campaign.Way.AUTOMATIC)
    return rows.filter(begins_at__lte=moment, ends_at__gt=moment).order_by("pk")


_running_at_one = Prepared(
    lambda merchant_id, moment: _running(moment).filter(merchant=merchant_id),
    *(int, dt.datetime),
    most=None,
)


class CodeForPrice(NamedTuple):
    """A code as it was typed, the coupon that it is or would become, and why it brings none ("": it does).

    ``is_own``: it is the person's coupon already.
    """

    text: str
    coupon: Coupon
    terms: Terms
    refused: str
    is_own: bool


def codes_for_price(*, owner_id: int | None, texts: Sequence[str]) -> list[CodeForPrice]:
    """What typed codes would bring a person (None: a guest); unknown ones are left out.

    One statement, that of `promises_of`, and one more for who is signed in; none without codes.
    """
    read = {text: read_coupon_code(text) for text in texts}
    wanted = set(filter(None, read.values()))
    if not wanted:
        return []
    rows = CouponCode.objects.filter(code__in=wanted).exclude(campaign__state=Campaign.State.DRAFT)
    rows = rows.filter(campaign__merchant__state=Merchant.State.APPROVED)
    found = {row.code: row for row in rows.select_related("coupon", "campaign")}
    kept = promises_of({row.campaign_id for row in found.values()})
    held: Counter[int] = Counter()
    if owner_id is not None and found:
        of_these = [row.campaign_id for row in found.values()]
        mine = Coupon.objects.filter(campaign__in=of_these, owner_id=owner_id)
        held.update(mine.values_list("campaign_id", flat=True))
    return [
        _code_for_price(text, row, kept[row.campaign_id].terms, owner_id, held[row.campaign_id])
        for text, code in read.items()
        if (row := found.get(code)) is not None
    ]


def _code_for_price(
    text: str, row: CouponCode, terms: Terms, owner_id: int | None, has: int
) -> CodeForPrice:
    campaign = row.campaign
    coupon = row.coupon or Coupon(campaign=campaign, ends_at=campaign.ends_at)
    coupon.campaign = campaign
    if owner_id is None:
        return CodeForPrice(text, coupon, terms, "sign_in_first", is_own=False)
    is_own = coupon.owner_id == owner_id
    refused = "" if is_own else why_unusable(row, owner_id=owner_id, has=has)
    return CodeForPrice(text, coupon, terms, refused, is_own)
