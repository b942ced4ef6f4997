"""Blackout times as lines of text that a merchant can type.

A line names weekdays, dates and times, in English or Chinese, each part as often as it likes:
``Mon-Fri 11:30-13:30``, ``周一至周五、周日 22:00-02:00``, ``2026-10-01..2026-10-07``. Its times are
those of all its days, before or behind them; other days have other lines. It is read whole or
refused: a line half understood would sell vouchers under terms that nobody meant.
Times are the store's own.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.terms_text import check_length
from kernel.bounds import FIRST_DAY, LAST_DAY

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENGLISH = {
    "mon": 0,
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "weds": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
    "monday": 0,
    "tuesday": 1,
    "wednesday": 2,
    "thursday": 3,
    "friday": 4,
    "saturday": 5,
    "sunday": 6,
}
_CHINESE = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}
_GROUPS = {
    "weekend": (5, 6),
    "weekends": (5, 6),
    "周末": (5, 6),
    "weekdays": (0, 1, 2, 3, 4),
}
_EVERY_DAY = ("every day", "daily", "每天", "每日")
_TO = r"\s*(?:-|~|\bto\b|至|到)\s*"
_NAME = rf"(?:{'|'.join(sorted(_ENGLISH, key=len, reverse=True))})s?(?![a-z])"
_ZH = "[一二三四五六日天]"
_WEEK = "(?:周|星期|礼拜)"
_DATE = r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?(?!\d)"
_TIME = r"(\d{1,2}):(\d{2})(?!\d)"

_SEPARATOR = re.compile(r"(?:[\s,;、]|\band\b|和|与|及)+")
_ENGLISH_DAYS = re.compile(rf"(?<![a-z])({_NAME})(?:{_TO}({_NAME}))?")
_CHINESE_DAYS = re.compile(
    rf"{_WEEK}{_ZH}(?:{_TO}{_WEEK}?{_ZH})?(?:[、,和与及\s]*{_WEEK}?{_ZH}(?:{_TO}{_WEEK}?{_ZH})?)*"
)
_CHINESE_PART = re.compile(rf"{_WEEK}?({_ZH})(?:{_TO}{_WEEK}?({_ZH}))?")
_WORD = re.compile(
    "|".join(re.escape(word) for word in sorted((*_GROUPS, *_EVERY_DAY), key=len, reverse=True))
)
_PERIOD = re.compile(rf"{_DATE}(?:(?:\s*\.\.\s*|{_TO}){_DATE})?")
_SPAN = re.compile(rf"(?:{_TIME})?{_TO}(?:{_TIME})?")


LONGEST_RULE = 500
"""Characters of a line."""


class _NotUnderstood(Exception):
    """A line cannot be read; the message says why, in the reader's language."""


def format_blackout(rules: list[dict[str, Any]]) -> str:
    """Return the text form of Product.blackout."""
    return "\n".join(_blackout_text(rule) for rule in rules)


def _blackout_text(rule: dict[str, Any]) -> str:
    words = [DAYS[day] for day in rule.get("weekdays") or []]
    first, last = rule.get("from") or rule.get("to"), rule.get("to") or rule.get("from")
    if first:
        words.append(first if first == last else f"{first}..{last}")
    if rule.get("start") or rule.get("end"):
        words.append(f"{rule.get('start') or ''}-{rule.get('end') or ''}")
    return " ".join(words)


def parse_blackout(text: str) -> list[dict[str, Any]]:
    """Return Product.blackout; raises ValidationError that names each line to mend, and why."""
    rules: list[dict[str, Any]] = []
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            check_length(number, line, LONGEST_RULE)
        except ValidationError as error:
            problems += error.messages
            continue
        try:
            rules += _read_line(line)
        except _NotUnderstood as reason:
            problems.append(
                _(
                    "Line %(number)d: write “Mon-Fri 11:30-13:30” or “2026-10-01..2026-10-07”; %(reason)s"
                )
                % {"number": number, "reason": reason}
            )
    if problems:
        raise ValidationError(problems)
    return rules


def _read_line(line: str) -> list[dict[str, Any]]:
    """The rules of a line: one for each of its periods and times."""
    text = unicodedata.normalize("NFKC", line).casefold()
    text = re.sub("[–—−‐‑〜～]", "-", text).strip()
    days: set[int] = set()
    periods: list[dict[str, str]] = []
    spans: list[dict[str, str]] = []
    order: list[str] = []
    place, apart = 0, True
    while place < len(text):
        if found := _SEPARATOR.match(text, place):
            apart, place = True, found.end()
            continue
        if found := _PERIOD.match(text, place):
            periods.append(_period(found))
            _follow(order, "days")
        elif (found := _SPAN.match(text, place)) and (found[1] or (apart and found[3])):
            spans.append(_span(found))
            _follow(order, "times")
        elif found := _CHINESE_DAYS.match(text, place):
            _follow(order, "days")
            for part in _CHINESE_PART.finditer(found[0]):
                _add(days, _from_to(_CHINESE[part[1]], _CHINESE[part[2]] if part[2] else None))
        elif found := _ENGLISH_DAYS.match(text, place):
            first, last = found.groups()
            _follow(order, "days")
            _add(days, _from_to(_english(first), _english(last) if last else None))
        elif found := _WORD.match(text, place):
            _follow(order, "days")
            _add(days, set(_GROUPS.get(found[0], ())))
        else:
            rest = text[place:].split()
            raise _NotUnderstood(
                _("we do not understand “%(part)s”.") % {"part": rest[0][:40] if rest else ""}
            )
        apart, place = False, found.end()
    if not (days or periods or spans):
        raise _NotUnderstood(_("it names no weekday, date or time."))
    weekdays = {"weekdays": sorted(days)} if days else {}
    return [{**weekdays, **period, **span} for period in periods or [{}] for span in spans or [{}]]


def _follow(order: list[str], kind: str) -> None:
    """Note that ``kind`` comes next: "Mon 11:00-12:00 Sat" would say of Saturday what nobody meant."""
    if order[-1:] != [kind]:
        order.append(kind)
    if len(order) > 2:
        raise _NotUnderstood(_("write other days and times on a line of their own."))


def _add(days: set[int], more: set[int]) -> None:
    """Add weekdays; one that is named again was meant to be another."""
    if twice := days & more:
        raise _NotUnderstood(_("it names %(day)s twice.") % {"day": DAYS[min(twice)]})
    days |= more


def _english(name: str) -> int:
    return _ENGLISH[name] if name in _ENGLISH else _ENGLISH[name.removesuffix("s")]


def _from_to(first: int, last: int | None) -> set[int]:
    """The weekdays from ``first`` to ``last``, over the weekend where it lies between them."""
    length = 1 if last is None else (last - first) % 7 + 1
    return {(first + ahead) % 7 for ahead in range(length)}


def _period(found: re.Match[str]) -> dict[str, str]:
    first = _day(*found.groups()[:3])
    last = _day(*found.groups()[3:]) if found[4] else first
    if last < first:
        raise _NotUnderstood(_("the last day lies before the first one."))
    return {"from": first.isoformat(), "to": last.isoformat()}


def _day(year: str, month: str, day: str) -> dt.date:
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise _NotUnderstood(
            _("there is no day %(day)s.") % {"day": f"{year}-{month:0>2}-{day:0>2}"}
        ) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise _NotUnderstood(_("the day %(day)s lies too far away.") % {"day": found.isoformat()})
    return found


def _span(found: re.Match[str]) -> dict[str, str]:
    start_hour, start_minute, end_hour, end_minute = found.groups()
    start = _time(start_hour, start_minute) if start_hour else ""
    end = _time(end_hour, end_minute, may_be_midnight=True) if end_hour else ""
    if start == end:
        raise _NotUnderstood(_("it ends at the time at which it starts."))
    return {key: time for key, time in (("start", start), ("end", end)) if time}


def _time(hour: str, minute: str, *, may_be_midnight: bool = False) -> str:
    text = f"{hour:0>2}:{minute}"
    if int(minute) > 59 or (int(hour) > 23 and not (may_be_midnight and text == "24:00")):
        raise _NotUnderstood(_("there is no time %(time)s.") % {"time": text})
    return text
