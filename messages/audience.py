"""Who of a business hears its news, and by which channels: rights first, then what each chose."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import FilteredRelation, Q

from kernel.message_kinds import Channel, News, Pace
from stores.access import staff_who_may
from stores.rights import OFFICE_ROLES, ROLE_RIGHTS, Right


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
    rights = [Right(right) for right in (news.right, news.counter) if right]
    rows = staff_who_may(*rights, merchant_id=merchant_id, store_id=store_id)
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    choice = FilteredRelation(
        "user__message_preferences",
        condition=Q(
            user__message_preferences__merchant=merchant_id,
            user__message_preferences__news=news.code,
        ),
    )
    found = rows.annotate(choice=choice).values_list(
        "user_id", "role", "choice__channels", "choice__pace"
    )
    return [
        Listener(user, channels, role in OFFICE_ROLES, pace_of(news, pace))
        for user, role, chosen, pace in found
        if (channels := channels_of(news, chosen, ROLE_RIGHTS[role]))
    ]


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
