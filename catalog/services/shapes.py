"""The shapes of a product's JSON fields, checked before they are stored.

included: ``[{name_en, name_zh, quantity, value_fen}]``. blackout: a list of rules with any of
``weekdays`` (0–6), ``from`` and ``to`` (dates), ``start`` and ``end`` (HH:MM). notes: ``[{en, zh}]``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

Problems = dict[str, list[str]]
RULE_KEYS = {"weekdays", "from", "to", "start", "end"}


def check_included(lines: Any) -> Problems:
    """Return the problems of an ``included`` list, by field name; empty when it is good."""
    if not isinstance(lines, list) or not all(_is_line(line) for line in lines):
        return {"included": [_("A list of {name_en, name_zh, quantity, value_fen}.")]}
    return {}


def _is_line(line: Any) -> bool:
    return (
        isinstance(line, dict)
        and bool(line.get("name_en") or line.get("name_zh"))
        and _is_count(line.get("quantity", 1), least=1)
        and _is_count(line.get("value_fen", 0), least=0)
    )


def _is_count(number: Any, *, least: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= least


def check_blackout(rules: Any) -> Problems:
    """Return the problems of a ``blackout`` list, by field name; empty when it is good."""
    if not isinstance(rules, list) or not all(_is_rule(rule) for rule in rules):
        return {
            "blackout": [_("A list of rules with any of weekdays [0-6], from, to, start and end.")]
        }
    return {}


def _is_rule(rule: Any) -> bool:
    """Weekdays, dates and times limit a rule together; it needs one of them at least."""
    if not isinstance(rule, dict) or not set(rule) <= RULE_KEYS or not any(rule.values()):
        return False
    days = rule.get("weekdays") or []
    if not isinstance(days, list) or not all(_is_count(day, least=0) and day <= 6 for day in days):
        return False
    dates = [rule[key] for key in ("from", "to") if rule.get(key)]
    times = [rule[key] for key in ("start", "end") if rule.get(key)]
    return (
        all(map(_is_date, dates))
        and all(map(_is_time, times))
        and (len(dates) < 2 or dates[0] <= dates[1])
    )


def check_notes(notes: Any) -> Problems:
    """Return the problems of a ``notes`` list, by field name; empty when it is good."""
    if not isinstance(notes, list) or not all(
        isinstance(note, dict) and bool(note.get("en") or note.get("zh")) for note in notes
    ):
        return {"notes": [_("A list of {en, zh}.")]}
    return {}


def _is_date(text: Any) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except (TypeError, ValueError):
        return False


def _is_time(text: Any) -> bool:
    try:
        return dt.time.fromisoformat(text) is not None
    except (TypeError, ValueError):
        return False
