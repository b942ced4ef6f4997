"""Texts of the stores room that belong to no model."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from django.utils.translation import gettext_lazy as _

from kernel.http.templatetags.fmt import is_chinese
from stores.models import Merchant, Store

SERVICES = {
    "wifi": _("Free Wi-Fi"),
    "parking": _("Parking"),
    "step-free": _("Step-free entrance"),
    "private-room": _("Private rooms"),
    "outdoor-seats": _("Outdoor seats"),
    "high-chair": _("High chairs"),
    "pet-friendly": _("Pets welcome"),
    "power-sockets": _("Power sockets"),
    "lockers": _("Lockers"),
    "showers": _("Showers"),
    "card-payment": _("Foreign cards accepted"),
    "charging-piles": _("EV charging"),
    "baby-room": _("Baby care room"),
    "sea-view": _("Sea view"),
    "english": _("English spoken"),
    "delivery": _("Delivery"),
    "reservation": _("Table booking"),
}


def zone_note(store: Store, zone: str, moment: dt.datetime) -> str:
    """The store's time zone in words where its clocks differ from those of ``zone``; else ""."""
    if moment.astimezone(store.zone).utcoffset() == moment.astimezone(ZoneInfo(zone)).utcoffset():
        return ""
    locale = "zh_Hans_CN" if is_chinese() else "en_GB"
    return get_timezone_name(store.zone, width="long", zone_variant="generic", locale=locale)


def service_names(keys: list[str]) -> list[str]:
    """The services in the active language; a key that we have no word for is shown as typed."""
    return [str(SERVICES.get(key, key)) for key in keys]


def name_among_own(store: Store, merchant: Merchant) -> str:
    """The store's name without its merchant's in front, for a list of that merchant's stores.

    The whole name where it does not begin so, or says nothing more.
    """
    whole = store.name
    rest = whole.removeprefix(merchant.name)
    if rest == whole or _goes_on_a_word(rest):
        return whole
    rest = rest.strip(_JOINTS)
    pair = rest[:1] + rest[-1:]
    if pair in _BRACKETS:
        rest = rest[1:-1].strip()
    return rest or whole


_JOINTS = " ,·•:|/-–—，、：｜"
_BRACKETS = {"()", "（）", "[]", "【】"}
_FIRST_IDEOGRAPH = "\u2e80"


def _goes_on_a_word(rest: str) -> bool:
    """ "Salt" is not the merchant of "Saltworks"; words of Chinese have no space between them."""
    return bool(rest) and rest[0].isalnum() and rest[0] < _FIRST_IDEOGRAPH
