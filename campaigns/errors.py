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


class CodeRefused(Refusal):
    """Why a typed code brings no coupon; the answer of a quote has the same ``code`` and sentence."""


class CodeUnknown(CodeRefused):
    """No campaign has this code. Tries are counted: the limit is campaigns.access."""

    code = "unknown_code"
    status = 404
    message = _("We don't know this code. Check its spelling.")


class CodeMistyped(CodeRefused):
    """A letter is wrong, or two changed places: the last letter checks the others."""

    code = "code_mistyped"
    status = 400
    message = _("A letter of this code is wrong, or two have changed places. Compare it again.")


class CodeTaken(CodeRefused):
    """It became somebody else's coupon."""

    code = "code_taken"
    message = _("Somebody else has used this code already: each one is good once.")


class CodeSpent(CodeRefused):
    """It became this person's coupon, which is used, in an unpaid order, or over: ``state``."""

    code = "code_spent"
    message = _("You have used this code already. Its coupon is under “My coupons”.")


class CodeRevoked(CodeRefused):
    """The business took it back before anybody typed it."""

    code = "code_revoked"
    message = _("The business has taken this code back. Ask them why.")


class CodeEnded(CodeRefused):
    """It was good for some time only, which is over."""

    code = "code_ended"
    message = _("This code was good for a short time, which is over. Ask for another one.")


class NotClaimable(Refusal):
    """Coupons of this campaign come with a code, or are given by the business."""

    code = "needs_code"
    message = _("This coupon comes with a code, or is given to you at the store.")


class NotGranted(Refusal):
    """Guests claim the coupons of this campaign themselves: the business gives none."""

    code = "not_granted"
    message = _("Guests claim these coupons themselves. Nothing was given.")


class CouponKept(Refusal):
    """A coupon that is in an order, used, or over is not taken back; ``state`` says which."""

    code = "coupon_kept"
    message = _("It can't be taken back any more: it is in an order, used or over.")


class GrantsGone(Refusal):
    """The business, or this person, has given as many coupons as may be given within a day: ``limit``."""

    code = "grants_gone"
    message = _("As many coupons as may be given within a day were given. Go on tomorrow.")


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


class FundersMissing(Refusal):
    """Not every party has agreed to its share; ``parties`` are those that have not."""

    code = "funders_missing"
    message = _(
        "Not everybody who bears a part of it has agreed yet. Nothing was started; ask them to agree."
    )


class FunderAgreed(Refusal):
    """The party has agreed to its share before."""

    code = "funder_agreed"
    message = _("This share was agreed to before. Nothing was changed.")


class RisksUnanswered(Refusal):
    """A risk of the campaign has no answer yet; ``risks`` are code and sentence of each."""

    code = "risks_unanswered"
    message = _("Nothing was started: answer the risks first, or mend what they say.")


class StopRuleMet(Refusal):
    """The campaign's own stop rule is met, ``reason``: it would stop again at once."""

    code = "stop_rule_met"
    message = _("Nothing was started: its stop rule is met. Change the rule first.")


class GoalFixed(Refusal):
    """A goal is said before the campaign starts, or its result could not be read beside it."""

    code = "goal_fixed"
    message = _("The goal is fixed once the campaign has started. Nothing was changed.")


class CampaignNotOver(Refusal):
    """What was learnt is written down when the campaign is over."""

    code = "campaign_not_over"
    message = _("The campaign is not over yet. Nothing was written down.")
