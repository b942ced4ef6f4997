"""The shapes of a product's JSON fields, checked before they are stored.

included: ``[{name_en, name_zh, quantity, value_fen}]``. blackout: a list of rules with any of
``weekdays`` (0–6), ``from`` and ``to`` (dates), ``start`` and ``end`` (HH:MM). notes: ``[{en, zh}]``.
provenance: ``{fact: text}``.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kernel.bounds import is_whole, read_clock, read_day
from kernel.money import MAX_AMOUNT_FEN

Problems = dict[str, list[str]]
RULE_KEYS = {"weekdays", "from", "to", "start", "end"}
MAX_LINES = 60
MAX_NAME, MAX_NOTE = 200, 1000
MAX_QUANTITY = 10_000


def check_included(lines: Any) -> Problems:
    """Return the problems of an ``included`` list, by field name; empty when it is good."""
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        return {"included": [_("A list of {name_en, name_zh, quantity, value_fen}.")]}
    problems = [line_problem(number, line) for number, line in enumerate(lines, start=1)]
    return _listed("included", lines, problems)


def line_problem(number: int, line: dict[str, Any]) -> str:
    """What is wrong with one line of an ``included`` list; "" when nothing is."""
    names = [line.get(key) for key in ("name_en", "name_zh")]
    if not any(names) or not all(_is_text(name or "", MAX_NAME) for name in names):
        text = _("Line %(number)d: enter a name of at most %(most)d letters.")
        return text % {"number": number, "most": MAX_NAME}
    if not is_whole(line.get("quantity", 1), 1, MAX_QUANTITY):
        text = _("Line %(number)d: the quantity must be between 1 and 10,000.")
        return text % {"number": number}
    value = line.get("value_fen", 0)
    if not (value is None or is_whole(value, 0, MAX_AMOUNT_FEN)):
        text = _("Line %(number)d: the value must be between ¥0 and ¥100,000,000.")
        return text % {"number": number}
    return ""


def check_blackout(rules: Any) -> Problems:
    """Return the problems of a ``blackout`` list, by field name; empty when it is good."""
    if not isinstance(rules, list) or not all(_is_rule(rule) for rule in rules):
        return {
            "blackout": [_("A list of rules with any of weekdays [0-6], from, to, start and end.")]
        }
    problems = [
        ""
        if _are_days(rule)
        else _("Line %(number)d: choose days between 2000 and 2199, the first one first.")
        % {"number": number}
        for number, rule in enumerate(rules, start=1)
    ]
    return _listed("blackout", rules, problems)


def _is_rule(rule: Any) -> bool:
    """Weekdays, dates and times limit a rule together; it needs one of them at least."""
    if not isinstance(rule, dict) or not set(rule) <= RULE_KEYS or not any(rule.values()):
        return False
    days = rule.get("weekdays") or []
    if not isinstance(days, list) or not all(is_whole(day, 0, 6) for day in days):
        return False
    times = [rule[key] for key in ("start", "end") if rule.get(key)]
    dates = [rule[key] for key in ("from", "to") if rule.get(key)]
    return all(isinstance(date, str) for date in dates) and all(
        read_clock(time) is not None for time in times
    )


def _are_days(rule: dict[str, Any]) -> bool:
    days = [read_day(rule[key]) for key in ("from", "to") if rule.get(key)]
    known = [day for day in days if day]
    return len(known) == len(days) and known == sorted(known)


def check_notes(notes: Any) -> Problems:
    """Return the problems of a ``notes`` list, by field name; empty when it is good."""
    if not isinstance(notes, list) or not all(_is_note(note) for note in notes):
        return {"notes": [_("A list of {en, zh}.")]}
    return _listed("notes", notes, [])


def _is_note(note: Any) -> bool:
    if not isinstance(note, dict):
        return False
    texts = [note.get(key) for key in ("en", "zh")]
    return any(texts) and all(_is_text(text or "", MAX_NOTE) for text in texts)


def check_provenance(facts: Any) -> Problems:
    """Return the problems of a ``provenance`` dict, by field name; empty when it is good."""
    if not isinstance(facts, dict) or not all(
        _is_text(key, MAX_NAME) and _is_text(text, MAX_NOTE) for key, text in facts.items()
    ):
        return {"provenance": [_("A set of facts and their texts, such as farm and batch.")]}
    return _listed("provenance", list(facts), [])


def _is_text(text: Any, most: int) -> bool:
    return isinstance(text, str) and len(text) <= most


def _listed(name: str, lines: list[Any], problems: list[str]) -> Problems:
    found = [problem for problem in problems if problem]
    if len(lines) > MAX_LINES:
        found.append(_("At most %(most)d lines.") % {"most": MAX_LINES})
    return {name: found} if found else {}
