"""Reads of campaigns and coupons."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import JSONObject

from campaigns.codes import read_coupon_code
from campaigns.conditions.base import Said
from campaigns.errors import CouponsGone, NotClaimable
from campaigns.models import (
    AutomaticUse,
    Batch,
    Campaign,
    Condition,
    Coupon,
    CouponCode,
    CouponUse,
    Funder,
)
from campaigns.services.codes import why_unusable
from campaigns.services.coupons import refuse_unless_running
from campaigns.terms import Terms, terms_of
from campaigns.wording import headline, names_for, sentence, small_print
from catalog.models import Product
from kernel.db.prepared import Prepared
from kernel.errors import NotFound, Refusal
from stores.models import Merchant, Store

MOST_SHOWN = 5
"""Of the campaigns of a merchant on one page."""


class Claimable(NamedTuple):
    """A campaign whose coupons can be claimed now, or which comes by itself, in words.

    ``has_all``: this person has theirs.
    """

    campaign: Campaign
    headline: str
    small_print: str
    sentence: str
    has_all: bool


def with_terms(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """With what `terms_of` reads, in the same statement."""
    conditions = Condition.objects.filter(campaign=OuterRef("pk")).order_by("position")
    funders = Funder.objects.filter(campaign=OuterRef("pk")).order_by("party")
    return rows.select_related("benefit").annotate(
        said_rows=ArraySubquery(
            conditions.values(said=JSONObject(**{name: name for name in Said._fields}))
        ),
        funder_rows=ArraySubquery(
            funders.values(share=JSONObject(party="party", permille="permille"))
        ),
    )


def find_terms(campaign_id: int) -> Terms:
    """What a saved campaign promises; one statement."""
    return terms_of(with_terms(Campaign.objects.filter(pk=campaign_id)).get())


def coupons_for_price(
    *, owner_id: int, merchant_ids: Collection[int], named: Collection[int]
) -> list[tuple[Coupon, Terms]]:
    """The person's coupons that can be used at these merchants, and those ``named`` in any state.

    With their campaigns; those that end first come first. Two statements, one where there are none.
    """
    if len(merchant_ids) == 1 and not named:  # nearly every order
        rows = _usable_at_one.all(owner_id, *merchant_ids)
    else:
        wanted = Q(pk__in=named)
        if merchant_ids:
            wanted |= Q(state__in=Coupon.USABLE, campaign__merchant__in=merchant_ids)
        rows = list(_for_price(owner_id).filter(wanted))
    if rows:
        campaigns = with_terms(Campaign.objects.all())
        prefetch_related_objects(rows, Prefetch("campaign", campaigns))
    return [(row, terms_of(row.campaign)) for row in rows]


def _for_price(owner_id: int) -> QuerySet[Coupon]:
    return Coupon.objects.filter(owner_id=owner_id).order_by("ends_at", "pk")


_usable_at_one = Prepared(
    lambda owner_id, merchant_id: _for_price(owner_id).filter(
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
    """The campaigns that lower orders at these merchants by themselves now; one statement."""
    rows = with_terms(
        Campaign.objects.filter(
            merchant__in=merchant_ids,
            state=Campaign.State.RUNNING,
            way=Campaign.Way.AUTOMATIC,
            begins_at__lte=moment,
            ends_at__gt=moment,
        )
    ).order_by("pk")
    if buyer_id is not None:
        mine = AutomaticUse.objects.filter(
            buyer=buyer_id, campaign=OuterRef("pk"), state__in=AutomaticUse.LIVE
        )
        counted = mine.order_by().values("campaign").annotate(n=Count("pk")).values("n")
        rows = rows.annotate(
            uses_of_person=Case(
                When(uses_per_person__isnull=False, then=Subquery(counted)), default=Value(0)
            )
        )
    return [Automatic(row, terms_of(row), getattr(row, "uses_of_person", 0) or 0) for row in rows]


def first_orders_of(*, campaign_ids: Collection[int]) -> list[tuple[int, int]]:
    """(merchant, campaign) of those among these that are for a first order, merchant 0 for one at any.

    One statement; those at any come first.
    """
    kind = Condition.Kind
    rows = Condition.objects.filter(
        campaign__in=campaign_ids, kind__in=(kind.FIRST_ORDER, kind.FIRST_EVER)
    ).values_list("kind", "campaign__merchant", "campaign")
    return sorted(
        (0 if said == kind.FIRST_EVER else merchant_id, campaign_id)
        for said, merchant_id, campaign_id in rows
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

    Two statements, and one more for who is signed in; none without codes.
    """
    read = {text: read_coupon_code(text) for text in texts}
    wanted = set(filter(None, read.values()))
    if not wanted:
        return []
    rows = CouponCode.objects.filter(code__in=wanted).exclude(campaign__state=Campaign.State.DRAFT)
    rows = rows.filter(campaign__merchant__state=Merchant.State.APPROVED)
    joined = rows.select_related("coupon", "campaign__benefit")
    found = {row.code: row for row in joined.prefetch_related("campaign__conditions")}
    held: Counter[int] = Counter()
    if owner_id is not None and found:
        of_these = [row.campaign_id for row in found.values()]
        mine = Coupon.objects.filter(campaign__in=of_these, owner_id=owner_id)
        held.update(mine.values_list("campaign_id", flat=True))
    return [
        _code_for_price(text, row, owner_id, held[row.campaign_id])
        for text, code in read.items()
        if (row := found.get(code)) is not None
    ]


def _code_for_price(text: str, row: CouponCode, owner_id: int | None, has: int) -> CodeForPrice:
    campaign = row.campaign
    coupon = row.coupon or Coupon(campaign=campaign, ends_at=campaign.ends_at)
    coupon.campaign = campaign
    if owner_id is None:
        return CodeForPrice(text, coupon, terms_of(campaign), "sign_in_first", is_own=False)
    is_own = coupon.owner_id == owner_id
    refused = "" if is_own else why_unusable(row, owner_id=owner_id, has=has)
    return CodeForPrice(text, coupon, terms_of(campaign), refused, is_own)


def own_coupons(*, owner: Any) -> QuerySet[Coupon]:
    """A person's coupons with what a list says of them, newest first; one statement more."""
    return (
        Coupon.objects.filter(owner=owner)
        .prefetch_related(
            Prefetch("campaign", with_terms(Campaign.objects.select_related("merchant")))
        )
        .order_by("-pk")
    )


def campaigns_of_product(*, product: Product, person_id: int | None) -> list[Claimable]:
    """What a product's page tells of: to claim, or by itself; none, and no statement, where its merchant has none.

    Those for other products or categories are left out.
    """
    if not product.merchant.has_campaigns:
        return []
    return _claimable(
        product.merchant_id,
        person_id,
        lambda terms: (
            product.pk in terms.gives.products
            or all(
                not (keys := terms.keys(kind)) or key in keys
                for kind, key in (
                    (Condition.Kind.PRODUCTS, product.pk),
                    (Condition.Kind.CATEGORIES, product.category_id),
                )
            )
        ),
    )


def campaigns_of_store(*, store: Store, person_id: int | None) -> list[Claimable]:
    """What a store's page tells of; as `campaigns_of_product`, but for other stores."""
    if not store.merchant.has_campaigns:
        return []
    return _claimable(
        store.merchant_id,
        person_id,
        lambda terms: not (keys := terms.keys(Condition.Kind.STORES)) or store.pk in keys,
    )


class Offered(NamedTuple):
    """A campaign as its own page says it, and why nothing can be claimed ("": it can)."""

    card: Claimable
    refused: str
    way: str


def find_offered(*, campaign_id: int, person_id: int | None) -> Offered:
    """One campaign that guests may see, also where it gives no coupons; raises NotFound, for a draft too."""
    rows = Campaign.objects.filter(
        pk=campaign_id, way=Campaign.Way.COUPON, merchant__state=Merchant.State.APPROVED
    )
    rows = with_terms(rows).exclude(state=Campaign.State.DRAFT)
    row = rows.select_related("batch", "merchant").first()
    if row is None:
        raise NotFound
    card = word_claimable([row], person_id=person_id)[0]
    return Offered(card, _why_not_claimable(row), row.batch.claiming)


def _why_not_claimable(campaign: Campaign) -> str:
    try:
        refuse_unless_running(campaign)
    except Refusal as refusal:
        return str(refusal)
    batch = campaign.batch
    if batch.claiming != Batch.Claiming.OPEN:
        return str(NotClaimable())
    return "" if batch.claimed < batch.count else str(CouponsGone())


def refuse_unseen(*, campaign_id: int) -> None:
    """Raise NotFound for what guests have never seen: a draft, or none at all."""
    seen = Campaign.objects.filter(pk=campaign_id, merchant__state=Merchant.State.APPROVED)
    if not seen.exclude(state=Campaign.State.DRAFT).exists():
        raise NotFound


def _claimable(merchant_id: int, person_id: int | None, fits: Any) -> list[Claimable]:
    """Four statements at most, and one per kind of condition that names rows."""
    rows = with_terms(Campaign.objects.shown().filter(merchant=merchant_id)).order_by(
        "ends_at", "pk"
    )
    found = [(row, terms) for row in rows if fits(terms := terms_of(row))]
    return _worded(found[:MOST_SHOWN], person_id)


def word_claimable(rows: Sequence[Campaign], *, person_id: int | None) -> list[Claimable]:
    """Campaigns of `with_terms` as a guest reads them; one statement, and one per kind that names rows."""
    return _worded([(row, terms_of(row)) for row in rows], person_id)


def _worded(found: Sequence[tuple[Campaign, Terms]], person_id: int | None) -> list[Claimable]:
    if not found:
        return []
    claimed: Counter[int] = Counter()
    if person_id is not None:
        mine = Coupon.objects.filter(campaign__in=[row for row, _terms in found], owner=person_id)
        claimed.update(mine.values_list("campaign_id", flat=True))
    names = names_for(terms for _row, terms in found)
    return [
        Claimable(
            row,
            headline(terms),
            small_print(terms, names),
            sentence(terms, names),
            not row.is_automatic and claimed[row.pk] >= row.per_person,
        )
        for row, terms in found
    ]


def funders_with_terms(rows: QuerySet[Funder]) -> QuerySet[Funder]:
    """Shares with their campaigns and what these give; one statement more."""
    campaigns = with_terms(Campaign.objects.select_related("merchant"))
    return rows.prefetch_related(Prefetch("campaign", campaigns))


class Figures(NamedTuple):
    """How a campaign's coupons, or its own uses, stand."""

    coupons: int
    claimed: int
    reserved: int
    used: int
    returned: int
    reserved_fen: int
    used_fen: int


def figures_of(campaign: Campaign) -> Figures:
    """Counted from the rows; a use that came back counts as returned, also if it was used again."""
    state = CouponUse.State
    uses: Any = CouponUse.objects.filter(coupon__campaign=campaign)
    if campaign.is_automatic:
        uses = AutomaticUse.objects.filter(campaign=campaign)
    found = uses.aggregate(
        reserved=Count("pk", filter=Q(state=state.RESERVED)),
        used=Count("pk", filter=Q(state=state.USED)),
        returned=Count("pk", filter=Q(state=state.RETURNED)),
        reserved_fen=Sum("amount_fen", filter=Q(state=state.RESERVED), default=0),
        used_fen=Sum("amount_fen", filter=Q(state=state.USED), default=0),
    )
    batch = None if campaign.is_automatic else campaign.batch
    return Figures(batch.count if batch else 0, batch.claimed if batch else 0, **found)
