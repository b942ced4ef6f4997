"""Filters that turn stored values into words for people, by the active language.

They never change a value: amounts arrive as ``*_fen`` integers, times as aware datetimes,
distances in metres. Empty input gives an empty string, so a template need not ask first.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from kernel import plaintext
from kernel.http.promises import REFUND_TIME

register = template.Library()

SIGN = "¥"
MINUS = "\N{MINUS SIGN}"
FEN_PER_YUAN = 100


def is_chinese() -> bool:
    """Whether the active language is any Chinese."""
    return (get_language() or "en").startswith("zh")


def split_fen(amount_fen: int) -> tuple[str, str, str]:
    """Return sign ("" or "−"), yuan with thousands separators, and two digits of fen."""
    yuan, rest = divmod(abs(amount_fen), FEN_PER_YUAN)
    return (MINUS if amount_fen < 0 else ""), f"{yuan:,}", f"{rest:02d}"


@register.filter
def fen(amount_fen: int | None, form: str = "") -> str:
    """Money as text: 6800 → "¥68", 123450 → "¥1,234.50".

    Everything a customer or a counter reads follows this one rule. The books (ledger, statements,
    payouts, columns of the back office) pass "exact" and keep the ".00", so that columns align.
    """
    if amount_fen is None or amount_fen == "":
        return ""
    sign, yuan, rest = split_fen(int(amount_fen))
    decimals = f".{rest}" if form == "exact" or rest != "00" else ""
    return f"{sign}{SIGN}{yuan}{decimals}"


@register.filter
def fen_off(amount_fen: int | None, form: str = "") -> str:
    """Money that is taken off, as `fen` writes it: 2000 → "−¥20"."""
    return fen(-int(amount_fen), form) if amount_fen else fen(amount_fen, form)


@register.filter
def distance(metres: float | None) -> str:
    """Metres as people say them: "<50 m", "350 m", "1.2 km", "28 km"."""
    if metres is None or metres == "":
        return ""
    value = float(metres)
    if value < 50:
        return gettext("under 50 m")
    if value < 995:
        return gettext("%(number)s m") % {"number": round(value / 10) * 10}
    kilometres = value / 1000
    text = f"{kilometres:.1f}" if kilometres < 9.95 else f"{kilometres:,.0f}"
    return gettext("%(number)s km") % {"number": text}


def _zone(zone: str | dt.tzinfo | None) -> dt.tzinfo:
    if not zone:
        return timezone.get_current_timezone()
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def _locale() -> str:
    return "zh_Hans_CN" if is_chinese() else "en_GB"


@register.filter
def datetime_local(value: dt.datetime | None, zone: str | dt.tzinfo | None = None) -> str:
    """An aware datetime in ``zone`` (a name or tzinfo; else the current one): "12 May 2025, 18:00"."""
    if not value:
        return ""
    pattern = "y年M月d日 HH:mm" if is_chinese() else "d MMM y, HH:mm"
    return format_datetime(value, pattern, tzinfo=_zone(zone), locale=_locale())


@register.filter
def date_local(value: dt.datetime | dt.date | None, zone: str | dt.tzinfo | None = None) -> str:
    """The day of a datetime in ``zone``, or a plain date: "12 May 2025", "2025年5月12日"."""
    if not value:
        return ""
    day = value.astimezone(_zone(zone)).date() if isinstance(value, dt.datetime) else value
    return format_date(day, "y年M月d日" if is_chinese() else "d MMM y", locale=_locale())


@register.filter
def time_local(value: dt.datetime | dt.time | None, zone: str | dt.tzinfo | None = None) -> str:
    """The time of day in 24 hours, in ``zone`` for a datetime: "18:00"."""
    if value is None or value == "":
        return ""
    if isinstance(value, dt.datetime):
        return format_time(value, "HH:mm", tzinfo=_zone(zone), locale=_locale())
    return f"{value:%H:%M}"


_HOURS = re.compile(r"\d{2}:\d{2}–\d{2}:\d{2}", re.ASCII)


@register.filter
def unbroken(text: str | None) -> SafeString:
    """Hours whose lines break between ranges only: "09:00–18:00" stays whole."""
    whole = r'<span class="unbroken">\g<0></span>'
    return mark_safe(_HOURS.sub(whole, conditional_escape(text or "")))  # noqa: S308  # escaped above


@register.filter
def isolate(name: str | None) -> str:
    """What a person or a merchant wrote, as a word of our sentence, whatever its script's direction."""
    return plaintext.isolate(str(name or ""))


@register.filter
def code_groups(code: str | None, size: int = 4) -> str:
    """A typed code in readable groups: "123456789012" → "1234 5678 9012"."""
    text = str(code or "").replace(" ", "").replace("-", "")
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


@register.filter
def percent(ratio: Decimal | float | None, digits: int = 1) -> str:
    """A ratio as a percentage, needless zeros dropped: 0.125 → "12.5%", 1 → "100%"."""
    if ratio is None or ratio == "":
        return ""
    step = Decimal(1).scaleb(-int(digits))
    value = (Decimal(str(ratio)) * 100).quantize(step, rounding=ROUND_HALF_UP)
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


@register.filter
def compact(number: int | None) -> str:
    """A count in short: 1280 → "1,280", 12800 → "12.8k" or "1.3万"."""
    if number is None or number == "":
        return ""
    value = int(number)
    if value < 10_000:
        return str(number_format(value, use_l10n=True, force_grouping=True))
    if is_chinese():
        return f"{value / 10_000:.1f}".removesuffix(".0") + "万"
    if value < 1_000_000:
        return f"{value / 1000:.1f}".removesuffix(".0") + "k"
    return f"{value / 1_000_000:.1f}".removesuffix(".0") + "M"


@register.simple_tag
def refund_time() -> str:
    """How long a refund takes: the one promise of all pages."""
    return str(REFUND_TIME)


@register.simple_tag
def discount(price_fen: int | None, list_price_fen: int | None) -> str:
    """What a price takes off: "20% off" in English, "8折" in Chinese; "" when nothing is off.

    Rounded against the shop, never in its favour: 19.9 % off is told as 19 %.
    """
    if not list_price_fen or price_fen is None or price_fen >= list_price_fen:
        return ""
    if is_chinese():
        tenths = -(-price_fen * 100 // list_price_fen)
        return f"{tenths / 10:.1f}".removesuffix(".0") + "折" if tenths < 100 else ""
    off = (list_price_fen - price_fen) * 100 // list_price_fen
    return gettext("%(percent)s%% off") % {"percent": off} if off else ""
