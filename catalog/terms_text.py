"""What is included and blackout times as lines of text that a merchant can type.

Included, one line each: ``2 × Pork dumplings | 猪肉水饺 | 36.00`` (quantity, English,
Chinese, value in yuan). Blackout, one line each: ``Sat Sun 11:30-13:30`` or
``2026-10-01..2026-10-07`` or both, times optional, in the store's time. Notes, one line each:
``English | 中文``. Provenance, one line each: ``farm: English | 中文``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from o2o.money import fen_to_yuan, yuan_to_fen

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_QUANTITY = re.compile(r"^\s*(\d+)\s*[x×*]\s*(.+)$", re.IGNORECASE)
_SPAN = re.compile(r"^(\d{1,2}:\d{2})?-(\d{1,2}:\d{2})?$")
_DATE = r"\d{4}-\d{2}-\d{2}"
_PERIOD = re.compile(rf"^({_DATE})(?:\.\.({_DATE}))?$")
_FACT = re.compile(r"^(\w+)\s*[:：]\s*(.+)$")


def format_included(lines: list[dict[str, Any]]) -> str:
    """Return the text form of Product.included."""
    return "\n".join(
        f"{line.get('quantity', 1)} × {line.get('name_en', '')} | {line.get('name_zh', '')}"
        f" | {fen_to_yuan(line.get('value_fen') or 0)}"
        for line in lines
    )


def parse_included(text: str) -> list[dict[str, Any]]:
    """Return Product.included; raises ValidationError that names the line to mend."""
    return [_included_line(number, line) for number, line in _lines(text)]


def _included_line(number: int, line: str) -> dict[str, Any]:
    match = _QUANTITY.match(line)
    quantity, rest = (int(match[1]), match[2]) if match else (1, line)
    parts = [part.strip() for part in rest.split("|")]
    if len(parts) > 3 or not any(parts[:2]):
        raise ValidationError(
            _("Line %(number)d: write it as “2 × English name | 中文名 | 36.00”."),
            params={"number": number},
        )
    parts += [""] * (3 - len(parts))
    try:
        value_fen = yuan_to_fen(parts[2]) if parts[2] else 0
    except (ValueError, ArithmeticError):
        raise ValidationError(
            _("Line %(number)d: the value is an amount in yuan such as 36.00."),
            params={"number": number},
        ) from None
    return {"name_en": parts[0], "name_zh": parts[1], "quantity": quantity, "value_fen": value_fen}


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
    """Return Product.blackout; raises ValidationError that names the line to mend."""
    return [_blackout_rule(number, line) for number, line in _lines(text)]


def _blackout_rule(number: int, line: str) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    days: set[int] = set()
    for word in line.replace(",", " ").split():
        name = word.title()[:3]
        if name in DAYS:
            days.add(DAYS.index(name))
            continue
        part = _period(word) or _span(word)
        if not part or set(part) & set(rule):
            raise _blackout_error(number)
        rule |= part
    if rule.get("from") and rule.get("to") and rule["to"] < rule["from"]:
        raise _blackout_error(number)
    return {"weekdays": sorted(days), **rule} if days else rule


def _period(word: str) -> dict[str, str]:
    """``2026-10-01`` or ``2026-10-01..2026-10-07``; {} for anything else."""
    found = _PERIOD.match(word)
    if not found:
        return {}
    try:
        first, last = (dt.date.fromisoformat(day or found[1]) for day in found.groups())
    except ValueError:
        return {}
    return {"from": first.isoformat(), "to": last.isoformat()}


def _span(word: str) -> dict[str, str]:
    """``11:30-13:30``, or one end of it; {} for anything else."""
    found = _SPAN.match(word)
    if not found:
        return {}
    ends = {"start": found[1], "end": found[2]}
    try:
        times = {key: dt.time.fromisoformat(part.zfill(5)) for key, part in ends.items() if part}
    except ValueError:
        return {}
    return {key: f"{time:%H:%M}" for key, time in times.items()}


def _blackout_error(number: int) -> ValidationError:
    return ValidationError(
        _("Line %(number)d: write “Sat Sun 11:30-13:30” or “2026-10-01..2026-10-07”."),
        params={"number": number},
    )


def format_notes(notes: list[dict[str, str]]) -> str:
    """Return the text form of Product.notes."""
    return "\n".join(_pair_text(note.get("en", ""), note.get("zh", "")) for note in notes)


def parse_notes(text: str) -> list[dict[str, str]]:
    """Return Product.notes; raises ValidationError that names the line to mend."""
    notes = []
    for number, line in _lines(text):
        english, chinese = _pair(number, line)
        notes.append({"en": english, "zh": chinese})
    return notes


def format_provenance(facts: dict[str, Any]) -> str:
    """Return the text form of Product.provenance, a line per fact."""
    lines = []
    for key in dict.fromkeys(name.removesuffix("_en").removesuffix("_zh") for name in facts):
        english = str(facts.get(f"{key}_en") or facts.get(key) or "")
        lines.append(f"{key}: {_pair_text(english, str(facts.get(f'{key}_zh') or ''))}")
    return "\n".join(lines)


def parse_provenance(text: str) -> dict[str, str]:
    """Return Product.provenance; raises ValidationError that names the line to mend."""
    facts: dict[str, str] = {}
    for number, line in _lines(text):
        found = _FACT.match(line)
        if not found:
            raise ValidationError(
                _("Line %(number)d: write it as “farm: English | 中文”."), params={"number": number}
            )
        english, chinese = _pair(number, found[2])
        key = found[1].lower()
        facts |= {f"{key}_en": english, f"{key}_zh": chinese} if chinese else {key: english}
    return facts


def _pair_text(english: str, chinese: str) -> str:
    return f"{english} | {chinese}" if chinese else english


def _pair(number: int, line: str) -> tuple[str, str]:
    """English and Chinese of ``English | 中文``; a line without a bar is the same in both."""
    parts = [part.strip() for part in line.split("|")]
    if len(parts) > 2 or not any(parts):
        raise ValidationError(
            _("Line %(number)d: write it as “English | 中文”."), params={"number": number}
        )
    return parts[0], parts[1] if len(parts) == 2 else ""


def _lines(text: str) -> list[tuple[int, str]]:
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, line) for number, line in lines if line]
