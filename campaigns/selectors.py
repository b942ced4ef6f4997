"""Reads of campaigns and coupons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import JSONObject

from campaigns.conditions.base import Said
from campaigns.errors import CouponsGone, NotClaimable
from campaigns.models import (
    AutomaticUse,
    Batch,
    Benefit,
    Campaign,
    Condition,
    Coupon,
    CouponUse,
    Funder,
)
from campaigns.services.coupons import refuse_unless_running
from campaigns.terms import Terms, terms_of
from campaigns.wording import headline, names_for, sentence, small_print
from catalog.models import Product
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


def own_coupons(*, owner: Any) -> QuerySet[Coupon]:
    """A person's coupons with what a list says of them, newest first; one statement more."""
    return (
        Coupon.objects.filter(owner=owner)
        .select_related("voucher")
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
            or (
                terms.gives.kind != Benefit.Kind.ITEM
                and all(
                    not (keys := terms.keys(kind)) or key in keys
                    for kind, key in (
                        (Condition.Kind.PRODUCTS, product.pk),
                        (Condition.Kind.CATEGORIES, product.category_id),
                    )
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
    rows = with_terms(
        Campaign.objects.filter(
            pk=campaign_id, way=Campaign.Way.COUPON, merchant__state=Merchant.State.APPROVED
        ).exclude(state=Campaign.State.DRAFT)
    )
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
