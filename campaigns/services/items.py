"""Items that a store hands over for a coupon alone: the voucher of a claim, and what the counter does with it."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Value, When
from django.utils.translation import gettext

from campaigns.errors import CouponKept, CouponTaken
from campaigns.models import Benefit, Campaign, Condition, Coupon, CouponUse
from campaigns.services.budget import return_budget, take_budget
from catalog.models import Product
from kernel.clock import now
from stores.models import Store
from vouchers.followers import register_gifts
from vouchers.models import Redemption, Voucher
from vouchers.services.claimed import Promised, issue_claimed, revoke_claimed

Kind = Benefit.Kind
LIMITS = ("budget_fen", "budget_count", "per_payer", "uses_per_person", "owner", "funders")
"""What only orders have: so many items are handed over as there are coupons."""


def check_item(merchant_id: int, asked: Any) -> dict[str, list[str]]:
    """What is wrong with a campaign that gives an item without a purchase, by field.

    ``asked`` is a `campaigns.services.campaigns.CampaignAsked`. Of conditions it has stores alone.
    """
    problems = {}
    if asked.way != Campaign.Way.COUPON:
        problems["way"] = [gettext("An item is handed over for a coupon: choose “with a coupon”.")]
    text = gettext(
        "An item is handed over without an order: say how many coupons there are instead."
    )
    problems |= {name: [text] for name in LIMITS if getattr(asked, name)}
    text = gettext("Without an order only stores can be named.")
    for said in asked.conditions:
        if said.kind != Condition.Kind.STORES:
            problems[said.kind] = [text]
        elif Store.objects.filter(merchant=merchant_id, pk__in=said.keys).count() != len(said.keys):
            problems[said.kind] = [gettext("Choose stores of this business only.")]
    return problems


def issue_item(*, campaign: Campaign, owner_id: int) -> Voucher | None:
    """The voucher of a coupon that is being claimed; None of a campaign that lowers orders.

    Runs in the caller's transaction, which holds the batch; ``campaign`` has its benefit and merchant
    joined. Nothing is read of those that lower orders.
    """
    benefit = campaign.benefit
    if benefit.kind != Kind.ITEM:
        return None
    stores = campaign.conditions.filter(kind=Condition.Kind.STORES).values_list("keys", flat=True)
    promised = Promised(
        campaign.merchant,
        Product.objects.get(pk__in=benefit.products or ()),
        campaign.ends_at,
        stores.first() or (),
    )
    return issue_claimed(owner_id=owner_id, promised=promised)


def revoke_item(*, coupon: Coupon, by: Any) -> None:
    """Take the voucher of a coupon back, before the coupon. Raises CouponKept where it is too late.

    Runs in the caller's transaction. Locks the voucher.
    """
    if coupon.voucher_id and not revoke_claimed(voucher_id=coupon.voucher_id, by=by):
        raise CouponKept(state=coupon.state)


def use_at_counter(redemption: Redemption) -> None:
    """The coupon of a voucher that was handed over is used; nothing for any other gift.

    In the transaction of the redemption, which holds the voucher. Locks: coupon, campaign. Writes by
    compare-and-set usable → used (also → from ended: what a device without a network tells later was
    in time), its use, and the campaign's count. Raises CouponTaken, so that nothing is handed over.
    """
    coupon = Coupon.objects.filter(voucher=redemption.voucher_id).first()
    if coupon is None:
        return
    open_ones = Coupon.objects.filter(pk=coupon.pk, state__in=(*Coupon.USABLE, Coupon.State.ENDED))
    won = open_ones.update(state=Coupon.State.USED)
    if not won or not take_budget(campaign_id=coupon.campaign_id, amount_fen=0):
        raise CouponTaken(coupon=coupon.pk)
    CouponUse.objects.update_or_create(
        coupon=coupon,
        order_number="",
        defaults={"amount_fen": 0, "state": CouponUse.State.USED, "redemption": redemption},
    )


def return_at_counter(redemption: Redemption) -> None:
    """The coupon of a redemption that was undone can be used again until its end; nothing for any other gift.

    In the transaction of the undo, which holds voucher and redemption. Locks: coupon, campaign.
    """
    uses = CouponUse.objects.filter(redemption=redemption.pk, state=CouponUse.State.USED)
    use = uses.select_related("coupon").first()
    if use is None:
        return
    Coupon.objects.filter(pk=use.coupon_id, state=Coupon.State.USED).update(
        state=Case(
            When(ends_at__lte=now(), then=Value(Coupon.State.ENDED)),
            default=Value(Coupon.State.RETURNED),
        )
    )
    return_budget(campaign_id=use.coupon.campaign_id, amount_fen=0)
    uses.update(state=CouponUse.State.RETURNED)


def register() -> None:
    """Follow what the counter hands over."""
    register_gifts(redeemed=use_at_counter, undone=return_at_counter)
