"""The templates, by goal. Each asks for six things at most and proposes all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from campaigns.conditions.base import Said
from campaigns.gallery.habits import WEEK, Habits
from campaigns.models import Benefit, Campaign, Condition
from campaigns.services.campaigns import CampaignAsked
from campaigns.terms import Gives, Tier
from kernel.clock import end_of_day, first_at, now

YUAN = 100
FEW = 20
"""The fewest coupons that are proposed."""
AVERAGE_FEN = 8000
"""What an order comes to where there was none yet to tell."""
MOST_INPUTS = 6


class Goal(TextChoices):
    """What a merchant wants of a campaign."""

    QUIET = "quiet", _("Fill quiet times")
    BACK = "back", _("Bring guests back")
    NEW = "new", _("Win new guests")
    CLEAR = "clear", _("Clear stock")
    SEASON = "season", _("Make the most of a season")


def _off(data: Mapping[str, Any]) -> Gives:
    """A share where one is asked for, otherwise an amount; with a second step where there is one."""
    if "percent" in data:
        percent = data["percent"]
        permille = None if percent is None else int(percent * 10)
        return Gives(Benefit.Kind.SHARE, permille=permille, at_most_fen=data.get("at_most_fen"))
    tiers = (Tier(data["next_minimum"], data["next_fen"]),) if "next_fen" in data else ()
    return Gives(Benefit.Kind.AMOUNT, data["amount_fen"], tiers=tiers)


def _cheapest_free(data: Mapping[str, Any]) -> Gives:
    kind, most = Benefit.Kind.CHEAPEST, data.get("at_most_fen")
    return Gives(kind, permille=1000, at_most_fen=most, every=data["every"])


def _gift(data: Mapping[str, Any]) -> Gives:
    return Gives(Benefit.Kind.GIFT, every=1, price_fen=0, products=tuple(data["gifts"]))


def _handed_over(data: Mapping[str, Any]) -> Gives:
    item = data["item"]
    return Gives(Benefit.Kind.ITEM, products=() if item is None else (item,))


class Template(NamedTuple):
    """A campaign to begin from.

    ``name`` is what guests read, ``inputs`` what is asked for; ``propose`` fills it in, in fen, days
    and numbers of rows. ``per_person``, ``first_order``, ``gives`` and ``way`` belong to what the
    template is.
    """

    code: str
    goal: Goal
    icon: str
    title: Any
    pitch: Any
    name: Any
    inputs: tuple[str, ...]
    propose: Callable[[Habits], dict[str, Any]]
    per_person: int = 1
    first_order: bool = False
    gives: Callable[[Mapping[str, Any]], Gives] = _off
    way: str = Campaign.Way.COUPON

    def ask(self, data: Mapping[str, Any]) -> CampaignAsked:
        """The campaign that the inputs ask for; what was not asked for is as proposed for nobody."""
        said = [Said(Condition.Kind.FIRST_ORDER)] if self.first_order else []
        if data.get("weekdays"):
            begins, ends = data["hours"]
            minutes = {"from_minute": begins * 60, "to_minute": ends % 24 * 60}
            said.append(Said(Condition.Kind.HOURS, tuple(data["weekdays"]), **minutes))
        if data.get("products"):
            said.append(Said(Condition.Kind.PRODUCTS, tuple(data["products"])))
        if data.get("minimum"):
            said.append(Said(Condition.Kind.MINIMUM, amount_fen=data["minimum"]))
        return CampaignAsked(
            name_en=_in("en", self.name),
            name_zh=_in("zh-hans", self.name),
            begins_at=_begin(data.get("begins_at")),
            ends_at=end_of_day(data["ends_at"], timezone.get_current_timezone()),
            gives=self.gives(data),
            conditions=said,
            coupons=data.get("coupons", 0),
            per_person=self.per_person,
            budget_fen=data.get("budget_fen"),
            budget_count=data.get("budget_count"),
            way=self.way,
            uses_per_person=data.get("uses_per_person"),
        )


def _in(language: str, text: Any) -> str:
    with translation.override(language):
        return str(text)


def _begin(day: dt.date | None) -> dt.datetime:
    """The first moment of a day; now for today, and where none is asked for."""
    if day is None or day <= timezone.localdate(now()):
        return now()
    return first_at(dt.datetime.combine(day, dt.time()), timezone.get_current_timezone())


def _round(amount_fen: float, step_yuan: int = 5) -> int:
    step = step_yuan * YUAN
    return max(step, round(amount_fen / step) * step)


def _today() -> dt.date:
    return timezone.localdate(now())


def _spend(habits: Habits, times: float) -> int:
    """A minimum: so many times what an order comes to."""
    return _round((habits.average_fen or AVERAGE_FEN) * times)


def _coupons(habits: Habits, weeks: float, share: float) -> int:
    """Coupons for a share of the orders of so many weeks, in tens."""
    return max(FEW, round(habits.orders_a_week * weeks * share / 10) * 10)


def _amount(minimum_fen: int, share: float, coupons: int) -> dict[str, Any]:
    """An amount off over a minimum, with a budget that pays for every coupon."""
    off = max(YUAN, round(minimum_fen * share / YUAN) * YUAN)
    return {
        "amount_fen": off,
        "minimum": minimum_fen,
        "coupons": coupons,
        "budget_fen": off * coupons,
    }


def _quiet_week(habits: Habits) -> dict[str, Any]:
    this = _today() - dt.timedelta(days=_today().weekday())
    coming = [monday for monday in habits.quiet_weeks if monday > this]
    begins = coming[0] if coming else this + WEEK
    dates = {"begins_at": begins, "ends_at": begins + dt.timedelta(days=6)}
    return _amount(_spend(habits, 1), 0.15, _coupons(habits, 1, 0.5)) | dates


def _quiet_hours(habits: Habits) -> dict[str, Any]:
    proposed = _amount(_spend(habits, 0.8), 0.15, _coupons(habits, 4, 0.2))
    del proposed["budget_fen"]
    return proposed | {
        "weekdays": list(habits.hours.weekdays),
        "hours": (habits.hours.begins, habits.hours.ends),
        "ends_at": _today() + dt.timedelta(days=28),
    }


def _come_again(habits: Habits) -> dict[str, Any]:
    dates = {"ends_at": _today() + dt.timedelta(days=45)}
    return _amount(_spend(habits, 1), 0.1, _coupons(habits, 6, 0.3)) | dates


def _welcome(habits: Habits) -> dict[str, Any]:
    dates = {"ends_at": _today() + dt.timedelta(days=60)}
    return _amount(_spend(habits, 0.8), 0.2, _coupons(habits, 8, 0.2)) | dates


def _clear(habits: Habits) -> dict[str, Any]:
    coupons = _coupons(habits, 3, 0.2)
    at_most = _round((habits.average_fen or AVERAGE_FEN) * 0.3)
    return {
        "products": habits.slow,
        "percent": 20,
        "at_most_fen": at_most,
        "ends_at": _today() + dt.timedelta(days=21),
        "coupons": coupons,
        "budget_fen": at_most * coupons,
    }


def _season(habits: Habits) -> dict[str, Any]:
    begins = _today() + dt.timedelta(days=7)
    dates = {"begins_at": begins, "ends_at": begins + dt.timedelta(days=27)}
    return _amount(_spend(habits, 1.3), 0.15, _coupons(habits, 4, 0.3)) | dates


def _steps(habits: Habits) -> dict[str, Any]:
    uses = _coupons(habits, 4, 0.3)
    proposed = _amount(_spend(habits, 1), 0.1, uses)
    del proposed["coupons"]
    above = max(_spend(habits, 1.6), proposed["minimum"] + 5 * YUAN)
    off = max(proposed["amount_fen"] + YUAN, round(above * 0.15 / YUAN) * YUAN)
    return proposed | {
        "next_minimum": above,
        "next_fen": off,
        "ends_at": _today() + dt.timedelta(days=28),
        "budget_fen": off * uses,
    }


def _one_free(habits: Habits) -> dict[str, Any]:
    uses = _coupons(habits, 3, 0.2)
    at_most = _round((habits.average_fen or AVERAGE_FEN) * 0.5)
    return {
        "products": habits.slow,
        "every": 3,
        "at_most_fen": at_most,
        "ends_at": _today() + dt.timedelta(days=21),
        "budget_count": uses,
        "budget_fen": at_most * uses,
    }


def _gift_above(habits: Habits) -> dict[str, Any]:
    return {
        "gifts": habits.slow[:1],
        "minimum": _spend(habits, 1.3),
        "ends_at": _today() + dt.timedelta(days=28),
        "budget_count": _coupons(habits, 4, 0.2),
        "uses_per_person": 1,
    }


def _item(habits: Habits) -> dict[str, Any]:
    return {
        "item": habits.cheapest or next(iter(habits.slow), None),
        "ends_at": _today() + dt.timedelta(days=21),
        "coupons": _coupons(habits, 2, 0.5),
    }


_OVER = ("amount_fen", "minimum")
_MANY = ("coupons", "budget_fen")
TEMPLATES = {
    template.code: template
    for template in (
        Template(
            "quiet_week",
            Goal.QUIET,
            "event_busy",
            _("A quiet week"),
            _("A week that had few orders last year gets a reason to come."),
            _("Quiet week"),
            (*_OVER, "begins_at", "ends_at", *_MANY),
            _quiet_week,
        ),
        Template(
            "quiet_hours",
            Goal.QUIET,
            "hourglass_empty",
            _("Quiet hours"),
            _("Three hours of the day in which few guests came: who orders then pays less."),
            _("A quiet hour"),
            (*_OVER, "weekdays", "hours", "ends_at", "coupons"),
            _quiet_hours,
        ),
        Template(
            "come_again",
            Goal.BACK,
            "replay",
            _("Two visits, two coupons"),
            _("Each guest gets two coupons: the second one is why they come back."),
            _("See you again"),
            (*_OVER, "ends_at", *_MANY),
            _come_again,
            per_person=2,
        ),
        Template(
            "welcome",
            Goal.NEW,
            "waving_hand",
            _("A first visit"),
            _("Something off the first order at your business, and only the first."),
            _("Welcome"),
            (*_OVER, "ends_at", *_MANY),
            _welcome,
            first_order=True,
        ),
        Template(
            "clear",
            Goal.CLEAR,
            "inventory",
            _("What lies on the shelf"),
            _("A share off the products whose stock lasts longest at the pace of the last weeks."),
            _("Off the shelf"),
            ("products", "percent", "at_most_fen", "ends_at", *_MANY),
            _clear,
        ),
        Template(
            "season",
            Goal.SEASON,
            "celebration",
            _("A larger table"),
            _("In a busy time guests come anyway: thank those who spend more than usual."),
            _("Season's table"),
            (*_OVER, "begins_at", "ends_at", *_MANY),
            _season,
        ),
        Template(
            "steps",
            Goal.SEASON,
            "stairs",
            _("Spend more, save more"),
            _("Without a coupon: from one sum on something is off, from a higher one more."),
            _("More off for more"),
            (*_OVER, "next_minimum", "next_fen", "ends_at", "budget_fen"),
            _steps,
            way=Campaign.Way.AUTOMATIC,
        ),
        Template(
            "one_free",
            Goal.CLEAR,
            "add_shopping_cart",
            _("Take several, the cheapest is free"),
            _("Without a coupon: who takes several pieces pays nothing for the cheapest."),
            _("One of them free"),
            ("products", "every", "at_most_fen", "ends_at", "budget_count", "budget_fen"),
            _one_free,
            gives=_cheapest_free,
            way=Campaign.Way.AUTOMATIC,
        ),
        Template(
            "gift_above",
            Goal.BACK,
            "redeem",
            _("A gift with a larger order"),
            _(
                "Without a coupon: from a sum on a product of yours costs nothing in the same order."
            ),
            _("A gift for you"),
            ("gifts", "minimum", "ends_at", "budget_count", "uses_per_person"),
            _gift_above,
            gives=_gift,
            way=Campaign.Way.AUTOMATIC,
        ),
        Template(
            "free_item",
            Goal.NEW,
            "redeem",
            _("Something free in the store"),
            _("Guests claim it, show the code, and are handed the item: nothing has to be bought."),
            _("On us"),
            ("item", "ends_at", "coupons"),
            _item,
            gives=_handed_over,
        ),
    )
}
