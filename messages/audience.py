"""Who of a business hears its news, and by which channels: rights first, then what each chose."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, NamedTuple

from django.db.models import F, FilteredRelation, Q, QuerySet

from kernel.db.prepared import Prepared
from kernel.message_kinds import Channel, News, Pace
from messages.models import Preference
from stores.access import staff_who_may
from stores.models import StaffMembership
from stores.rights import OFFICE_ROLES, ROLE_RIGHTS, Right, roles_with


class Listener(NamedTuple):
    """Somebody who is to be told; ``office`` says whether links into the back office open."""

    user_id: int
    channels: frozenset[str]
    office: bool
    pace: Pace


def listeners(
    news: News, *, merchant_id: int, store_id: int | None = None, user_id: int | None = None
) -> list[Listener]:
    """Who hears ``news`` of the merchant, at the store, at this moment; one query.

    Asked when a message is written and again before it leaves the house: who was dismissed, or
    moved to another store, or switched it off in between, hears nothing. ``user_id`` asks for
    one person.
    """
    rights = tuple(Right(right) for right in (news.right, news.counter) if right)
    asked = _asked(rights, news.code, news.without, store_id is not None, user_id is not None)
    # Their choice comes along as annotations, which the model does not know.
    found: list[Any] = asked.all(*(i for i in (merchant_id, store_id, user_id) if i is not None))
    return [
        Listener(one.user_id, channels, one.role in OFFICE_ROLES, pace_of(news, one.chosen_pace))
        for one in found
        if (channels := channels_of(news, one.chosen, ROLE_RIGHTS[one.role]))
    ]


_chosen = Prepared(
    lambda merchant, news: Preference.objects.filter(merchant=merchant, news=news).exclude(
        channels=[]
    ),
    *(int, str),
)


def may_be_heard(news: News, *, merchant_id: int) -> bool:
    """Whether anybody can hear ``news`` of the merchant: where nobody does who has not chosen to.

    One prepared look, so that who tells of every sale asks for nobody's stores in vain.
    """
    return bool(news.channels) or _chosen.first(merchant_id, news.code) is not None


@cache
def _asked(
    rights: tuple[Right, ...], code: str, without: str, at_store: bool, of_one: bool
) -> Prepared[StaffMembership]:
    """The statement of `listeners` for news of this ``code``: each sale and each e-mail asks it."""

    def build(merchant_id: int, *more: int) -> QuerySet[StaffMembership]:
        given = iter(more)
        store_id = next(given) if at_store else None
        rows = staff_who_may(*rights, merchant_id=merchant_id, store_id=store_id)
        if without:
            hears_more = Q(role__in=roles_with(Right(without)), limited=False)
            rows = rows.exclude(hears_more & ~Q(role=StaffMembership.Role.CLERK))
        if of_one:
            rows = rows.filter(user_id=next(given))
        choice = FilteredRelation(
            "user__message_preferences",
            condition=Q(
                user__message_preferences__merchant=merchant_id,
                user__message_preferences__news=code,
            ),
        )
        return rows.annotate(
            choice=choice, chosen=F("choice__channels"), chosen_pace=F("choice__pace")
        ).only("user_id", "role")

    return Prepared(build, int, *[int] * (at_store + of_one), most=None)


def channels_of(
    news: News, chosen: Collection[str] | None, rights: Collection[str]
) -> frozenset[str]:
    """By which channels: the person's own choice, else those of the news; of the counter's, none."""
    named = chosen
    if named is None:
        named = news.channels if news.right in rights else ()
    return frozenset(map(str, named)) & frozenset(Channel.values)


def pace_of(news: News, chosen: str | None) -> Pace:
    """How often: the person's own choice, for news that can be told together."""
    return Pace(chosen) if chosen in Pace.values and news.together else Pace.EACH
