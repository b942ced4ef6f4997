"""What can go wrong with a campaign: each is said before it starts, and waits for an answer.

A risk is worked out from what is promised, so it goes when the promise is mended.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Sum
from django.utils.translation import gettext, ngettext

from campaigns.models import Batch, Benefit, Campaign, Condition, PlanChannel
from campaigns.terms import Gives, Terms
from catalog.models import Stock
from kernel.http.templatetags.fmt import fen

LONG_DAYS = 92
MANY_EACH = 3
HALF = 500


class Risk(NamedTuple):
    """``code`` is stored with its answer; ``mend`` says how it goes away."""

    code: str
    text: str
    mend: str


class Promise(NamedTuple):
    """What risks are worked out from: the campaign, saved or not, its terms and number of coupons."""

    campaign: Campaign
    terms: Terms
    coupons: int | None

    @property
    def uses(self) -> int | None:
        """In how many orders it can be used at most, None where nothing says so."""
        known = [n for n in (self.coupons, self.campaign.budget_count) if n is not None]
        return min(known, default=None)

    @property
    def each_fen(self) -> int | None:
        """The most that one use takes off, None where nothing limits it."""
        gives = self.terms.gives
        if gives.kind == Benefit.Kind.AMOUNT:
            return max([gives.amount_fen or 0, *(tier.off for tier in gives.tiers)])
        return gives.at_most_fen

    @property
    def promised_fen(self) -> int | None:
        """What all uses take off at most, before the budget is looked at."""
        return None if self.uses is None or self.each_fen is None else self.uses * self.each_fen

    @property
    def most_fen(self) -> int | None:
        """The most that it can cost, None where nothing limits it."""
        known = [n for n in (self.promised_fen, self.campaign.budget_fen) if n is not None]
        return min(known, default=None)


def promise_of(campaign: Campaign, terms: Terms) -> Promise:
    """Of a campaign that is saved; one statement at most."""
    batch = Batch.objects.filter(campaign=campaign.pk).first()
    return Promise(campaign, terms, batch.count if batch else None)


def risks_of(promise: Promise) -> list[Risk]:
    """The risks of a campaign, in the order in which they are said; three statements at most."""
    found = [judge(promise) for judge in _JUDGES]
    return [risk for risk in found if risk is not None]


def _no_limit(promise: Promise) -> Risk | None:
    gift = promise.terms.gives.kind in (Benefit.Kind.GIFT, Benefit.Kind.ITEM)
    if promise.most_fen is not None or (gift and promise.uses is not None):
        return None  # of gifts the pieces are limited
    return Risk(
        "no_limit",
        gettext("Nothing limits what it can cost."),
        gettext("Say a budget, or the most of one discount."),
    )


def _more_promised(promise: Promise) -> Risk | None:
    budget, promised = promise.campaign.budget_fen, promise.promised_fen
    count = promise.campaign.budget_count
    if budget is not None and promised is not None and promised > budget:
        text = gettext(
            "All uses together could take off %(promised)s, the budget pays for %(budget)s: who comes "
            "late is told that it is used up."
        )
        text %= {"promised": fen(promised), "budget": fen(budget)}
    elif count is not None and promise.coupons is not None and count < promise.coupons:
        text = gettext(
            "There are %(coupons)d coupons and only %(count)d uses: who comes late is told that it is "
            "used up."
        )
        text %= {"coupons": promise.coupons, "count": count}
    else:
        return None
    return Risk("more_promised", text, gettext("Give out fewer, or raise the budget."))


def _free(promise: Promise) -> Risk | None:
    gives = promise.terms.gives
    if gives.kind != Benefit.Kind.AMOUNT or promise.terms.minimum_fen or not gives.amount_fen:
        return None
    text = gettext("There is no minimum: an order of %(amount)s or less costs nothing.")
    return Risk(
        "free", text % {"amount": fen(gives.amount_fen)}, gettext("Ask for a minimum spend.")
    )


def _half(promise: Promise) -> Risk | None:
    if _share(promise.terms.gives, promise.terms.minimum_fen) < HALF:
        return None
    return Risk(
        "half",
        gettext("An order can cost half or less of its price."),
        gettext("Take off less, or ask for a higher minimum."),
    )


def _share(gives: Gives, minimum_fen: int) -> int:
    """The largest share of an order that it takes off, in ‰; of single pieces nobody says so."""
    if gives.kind == Benefit.Kind.SHARE:
        return max([gives.permille or 0, *(tier.off for tier in gives.tiers)])
    if gives.kind != Benefit.Kind.AMOUNT or not minimum_fen:
        return 0
    steps = [(minimum_fen, gives.amount_fen or 0), *gives.tiers]
    return max(off * 1000 // least for least, off in steps)


def _long(promise: Promise) -> Risk | None:
    days = (promise.campaign.ends_at - promise.campaign.begins_at).days
    if days <= LONG_DAYS:
        return None
    text = gettext("It runs for %(days)d days, and what it gives can't be changed in that time.")
    return Risk("long", text % {"days": days}, gettext("Let it end earlier."))


def _many_each(promise: Promise) -> Risk | None:
    each = promise.campaign.per_person
    if not promise.coupons or each <= MANY_EACH:
        return None
    text = gettext("One person gets %(count)d coupons: a few people can use up many of them.")
    return Risk("many_each", text % {"count": each}, gettext("Give each person fewer."))


def _stock(promise: Promise) -> Risk | None:
    products = promise.terms.keys(Condition.Kind.PRODUCTS)
    if not products or promise.uses is None:
        return None
    stock = Stock.objects.filter(variant__product__in=products, variant__active=True)
    if stock.filter(available__isnull=True).exists():
        return None
    left = stock.aggregate(left=Sum("available"))["left"] or 0
    if left >= promise.uses:
        return None
    text = ngettext(
        "There is %(left)d piece for %(count)d uses: guests may come in vain.",
        "There are %(left)d pieces for %(count)d uses: guests may come in vain.",
        left,
    )
    mend = gettext("Give out fewer, or order more goods.")
    return Risk("stock", text % {"left": left, "count": promise.uses}, mend)


def _beside(promise: Promise) -> Risk | None:
    campaign = promise.campaign
    others = Campaign.objects.filter(
        merchant=campaign.merchant_id,
        state__in=(Campaign.State.RUNNING, Campaign.State.PAUSED),
        begins_at__lt=campaign.ends_at,
        ends_at__gt=campaign.begins_at,
    ).exclude(pk=campaign.pk)
    count = others.count()
    if not count:
        return None
    text = ngettext(
        "%(count)d other campaign of yours runs at the same time: of two coupons a guest uses the better "
        "one, and this one may reach less than its goal.",
        "%(count)d other campaigns of yours run at the same time: of two coupons a guest uses the better "
        "one, and this one may reach less than its goal.",
        count,
    )
    mend = gettext("Choose another time, or end the other one.")
    return Risk("beside", text % {"count": count}, mend)


_JUDGES: tuple[Any, ...] = (
    *(_no_limit, _more_promised, _free, _half, _long, _many_each, _stock, _beside),
)


class Step(NamedTuple):
    """A step of preparation; ``known`` is whether the shop can see by itself that it is done."""

    code: str
    text: str
    known: bool | None


def steps_of(campaign: Campaign) -> list[Step]:
    """What is good to have done before the first day; one statement."""
    channels = PlanChannel.objects.filter(campaign=campaign.pk).exists()
    return [
        Step("both_names", gettext("It has a name in both languages."), _named(campaign)),
        Step("channels", gettext("Guests can find it: a code or a link leads to it."), channels),
        Step("staff", gettext("The people at the counter know about it."), None),
        Step("goods", gettext("There is enough to sell, and enough hands."), None),
        Step("tried", gettext("It was tried as a customer."), None),
    ]


def _named(campaign: Campaign) -> bool:
    return bool(campaign.name_en and campaign.name_zh)
