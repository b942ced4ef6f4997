"""What a person wants to hear of a business they work for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from kernel.errors import InvalidInput, NotFound
from kernel.message_kinds import Channel, Pace
from members.models import User
from messages.models import Preference
from messages.selectors import Business, preferences_of


def choose_news(
    *,
    user: User,
    merchant_id: int,
    chosen: Mapping[str, Collection[str]],
    paces: Mapping[str, str] | None = None,
) -> Business:
    """Say by which channels ``user`` hears each of the ``chosen`` news; others stay as they are.

    ``paces`` say how often, of news among ``chosen`` that can be told together (`Pace`).

    Returns all of them as they are now. Raises NotFound for a business that the person does not
    work for, InvalidInput for news that they may not hear there, for unknown channels and paces and
    for news that are told one by one alone; nothing is changed then. One statement; the last of two choices at
    once wins.
    """
    mine = {business.merchant.pk: business for business in preferences_of(user)}
    if merchant_id not in mine:
        raise NotFound
    heard = {one.news.code: one for one in mine[merchant_id].heard}
    _refuse_unknown(chosen, set(heard))
    paces = paces or {}
    _refuse_pace(paces, {code for code in chosen if heard[code].news.together})
    rows = [
        Preference(
            user=user,
            merchant_id=merchant_id,
            news=code,
            channels=[channel for channel in Channel.values if channel in channels],
            pace=paces.get(code, heard[code].pace),
        )
        for code, channels in sorted(chosen.items())
    ]
    Preference.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user", "merchant", "news"],
        update_fields=["channels", "pace"],
    )
    return next(found for found in preferences_of(user) if found.merchant.pk == merchant_id)


def _refuse_unknown(chosen: Mapping[str, Collection[str]], offered: set[str]) -> None:
    if set(chosen) - offered:
        raise InvalidInput(fields={"news": [_("Choose from the list. Nothing was changed.")]})
    if set().union(*chosen.values()) - set(Channel.values):
        raise InvalidInput(fields={"channels": [_("Choose from the list. Nothing was changed.")]})


def _refuse_pace(paces: Mapping[str, str], offered: set[str]) -> None:
    if set(paces) - offered or set(paces.values()) - set(Pace.values):
        raise InvalidInput(fields={"pace": [_("Choose from the list. Nothing was changed.")]})
