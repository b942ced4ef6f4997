"""What pages of occasions show, and the API says: which there are, and which festival comes next."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from catalog.occasions import Occasion
from kernel.clock import now
from kernel.errors import NotFound
from kernel.festivals import FESTIVALS, next_day, next_festivals
from stores.models import City

AHEAD_DAYS = 45
"""How long before its day a festival is shown."""


class OccasionCard(NamedTuple):
    """An occasion, and of a festival its next day and how far that is; ``day`` None for any day."""

    code: str
    name: str
    day: dt.date | None
    in_days: int | None

    @property
    def url(self) -> str:
        return reverse("occasion_detail", args=[self.code])

    @property
    def is_near(self) -> bool:
        """Whether it is a festival of the coming weeks."""
        return self.in_days is not None and self.in_days <= AHEAD_DAYS


def today_in(city: City | None) -> dt.date:
    """The day in the visitor's city, or in the shop's own zone."""
    zone = ZoneInfo(city.time_zone if city else settings.TIME_ZONE)
    return now().astimezone(zone).date()


def occasion_card(code: str, today: dt.date) -> OccasionCard:
    """One occasion; raises NotFound for a code that is none."""
    if code not in Occasion.values:
        raise NotFound
    day = next_day(code, today) if code in FESTIVALS else None
    return OccasionCard(
        code, str(Occasion(code).label), day, None if day is None else (day - today).days
    )


def occasion_cards(today: dt.date) -> list[OccasionCard]:
    """Those of any day, then the festivals, the next one first."""
    cards = [occasion_card(code, today) for code in Occasion.values]
    never = dt.date.max
    return sorted(cards, key=lambda card: (card.code in FESTIVALS, card.day or never))


def coming_cards(today: dt.date) -> list[OccasionCard]:
    """Those of any day, and the festivals of the coming weeks, for the front page."""
    coming = {festival.code for festival in next_festivals(today, within_days=AHEAD_DAYS)}
    cards = occasion_cards(today)
    return [card for card in cards if card.code in coming or card.code not in FESTIVALS]
