"""What is included and blackout times as lines of text that a merchant can type.

Included, one line each: ``2 × Pork dumplings | 猪肉水饺 | 36.00`` (quantity, English,
Chinese, value in yuan). Blackout, one line each: ``Sat Sun 11:30-13:30`` or
``2026-10-01..2026-10-07``, times optional, in the store's time.
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
_SPAN = re.compile(r"^(\d{1,2}:\d{2})-(\d{1,2}:\d{2})$")
_PERIOD = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?$")


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
    lines = []
    for rule in rules:
        if "weekdays" in rule:
            head = " ".join(DAYS[day] for day in rule["weekdays"])
        else:
            head = f"{rule['from']}..{rule['to']}"
        span = f" {rule['start']}-{rule['end']}" if rule.get("start") else ""
        lines.append(head + span)
    return "\n".join(lines)


def parse_blackout(text: str) -> list[dict[str, Any]]:
    """Return Product.blackout; raises ValidationError that names the line to mend."""
    return [_blackout_line(number, line) for number, line in _lines(text)]


def _blackout_line(number: int, line: str) -> dict[str, Any]:
    words = line.split()
    rule: dict[str, Any] = {}
    if span := _SPAN.match(words[-1]):
        try:
            start, end = (dt.time.fromisoformat(part.zfill(5)) for part in span.groups())
        except ValueError:
            raise _blackout_error(number) from None
        rule |= {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
        words = words[:-1]
    if len(words) == 1 and (period := _PERIOD.match(words[0])):
        try:
            first, last = (dt.date.fromisoformat(day or period[1]) for day in period.groups())
        except ValueError:
            raise _blackout_error(number) from None
        if last < first:
            raise _blackout_error(number)
        return {"from": first.isoformat(), "to": last.isoformat(), **rule}
    days = [word.strip(",").title()[:3] for word in words]
    if not days or any(day not in DAYS for day in days):
        raise _blackout_error(number)
    return {"weekdays": sorted({DAYS.index(day) for day in days}), **rule}


def _blackout_error(number: int) -> ValidationError:
    return ValidationError(
        _("Line %(number)d: write “Sat Sun 11:30-13:30” or “2026-10-01..2026-10-07”."),
        params={"number": number},
    )


def _lines(text: str) -> list[tuple[int, str]]:
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, line) for number, line in lines if line]
