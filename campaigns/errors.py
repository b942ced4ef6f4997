"""What campaigns refuse, one class per rule."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class CampaignFixed(Refusal):
    """A campaign that has started gives what it promised; ``state`` is where it stands."""

    code = "campaign_fixed"
    message = _(
        "What a campaign gives is fixed once it has started. Nothing was changed; end it, and make "
        "another one."
    )


class CampaignMoved(Refusal):
    """The campaign is in another state by now, ``state``."""

    code = "campaign_moved"
    message = _("The campaign stands elsewhere by now. Nothing was changed; look at it again.")


class CampaignNotBegun(Refusal):
    """Its coupons can be claimed from ``begins_at`` on."""

    code = "campaign_not_begun"
    message = _("These coupons can't be claimed yet. Come back when the campaign has begun.")


class CampaignPaused(Refusal):
    """The merchant gives no coupons for the moment."""

    code = "campaign_paused"
    message = _("No coupons are given for the moment. Those that were claimed stay valid.")


class CampaignOver(Refusal):
    """The campaign has ended."""

    code = "campaign_over"
    message = _("This campaign is over. Nothing was claimed.")


class CouponsGone(Refusal):
    """All coupons of the batch were claimed."""

    code = "coupons_gone"
    message = _("All coupons have been claimed. Nothing was claimed for you.")


class CouponLimitReached(Refusal):
    """The person has claimed as many as one person may: ``limit``."""

    code = "coupon_limit_reached"
    message = _("You have claimed all the coupons that one person gets. Look under “My coupons”.")


class CouponTaken(Refusal):
    """The coupon is in another order by now; ``coupon`` names it."""

    code = "coupon_taken"
    message = _(
        "Your coupon was put into another order a moment ago. Nothing was ordered; look at the total "
        "again."
    )


class BudgetGone(Refusal):
    """What is left of the campaign's budget does not pay for this discount.

    ``coupon`` names it, or ``campaign`` where it comes without one.
    """

    code = "budget_gone"
    message = _(
        "Other guests have used up what this discount may come to. Nothing was ordered; look at the "
        "total again."
    )


class SaleNotOpen(Refusal):
    """The sale has not begun, is paused or over: nobody takes a place in its line. ``state`` says which."""

    code = "sale_not_open"
    message = _("This sale is not open now. Nobody waits yet, and you have lost nothing.")


class NotLetIn(Refusal):
    """The offer is sold to those whom its waiting line has let in; ``sale`` names it."""

    code = "not_let_in"
    message = _(
        "There is a waiting line for this price, and you have not been let in, or your time is over. "
        "Nothing was ordered; take a place in the line."
    )


class DiscountEnded(Refusal):
    """A discount that comes by itself was paused or ended a moment ago; ``campaign`` names it."""

    code = "discount_ended"
    message = _(
        "A discount of this order ended a moment ago. Nothing was ordered; look at the total again."
    )


class DiscountLimitReached(Refusal):
    """The person has had the discount ``campaign`` in as many orders as one person may, ``limit``."""

    code = "discount_limit_reached"
    message = _(
        "You have had this discount as often as one person gets it. Nothing was ordered; look at the "
        "total again."
    )
