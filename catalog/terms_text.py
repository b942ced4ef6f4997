"""What is included, notes and provenance as lines of text that a merchant can type.

Included, one line each: ``2 × Pork dumplings | 猪肉水饺 | 36.00`` (quantity, English,
Chinese, value in yuan). Notes, one line each: ``English | 中文``. Provenance, one line each:
``farm: English | 中文``. Blackout times are read in `catalog.blackout_text`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.services.shapes import MAX_QUANTITY
from kernel.money import fen_to_yuan, yuan_to_fen
from kernel.numerals import read_number

_SIGNS = str.maketrans("｜＊∗﹡✕✖⨯╳ｘＸ\u3000", "|***××××xX ")
_QUANTITY = re.compile(r"^(\d+)(?:\s*×(?!\d)\s*|(?:\s*[xX]|\s+\*)\s+(?![\s\d]))(.+)$")
"""A sign between quantity and name. "x" and "*" are one only where they stand by themselves."""
_EITHER = re.compile(r"^(\d+)\s*(?:[×*]|[xX](?![A-Za-z-]))\s*(.+)$")
"""A size, a make or a quantity: "2X光片", "3*3 cube", "5* hotel". (A name: "3XL", "1 X-ray".)"""
_NO_WHOLE_NUMBER = re.compile(
    r"^([\d.,/½¼¾-]+|[一二两三四五六七八九十半]+|half|one|two|three|four|five|six|seven|eight|nine|ten)"
    r"\s*×\s*(.+)$",
    re.IGNORECASE,
)
"""What stands where a quantity should: "1,5 × Soup", "three × Tea", "半 × 西瓜"."""
_AMOUNT = re.compile(
    r"^(?:[¥￥]|rmb|cny)?\s*(-?\d+(?:\.\d+)?)\s*(?:元|块|yuan|rmb|cny)?$", re.IGNORECASE
)
_PRICE_INSIDE = re.compile(
    r"[¥￥]\s*\d|\d\s*(?:元|块(?:钱|$|\s))|\d\s*(?:yuan|rmb|cny)\b", re.IGNORECASE
)
_COUNT_BEHIND = re.compile(
    r"(?:\s|[×*])\s*\d+\s*[份个杯位只瓶盒件张次套例碗盘串]$|(?:[×*]|\b[xX])\s*\d+$"
)
_BARE_NUMBER = re.compile(
    r"(?:^|(?<![A-Za-z]-)(?<=[^A-Za-z\d.,#]))\d[\d.,]*[)）\]】]?$|\d[.,]\d{2}$"
)
"""A name that ends like "Cola 36" or "水饺36"; not "WD-40", "A4" and "No.5"."""
_FACT = re.compile(r"^(\w+)\s*[:：]\s*(.+)$")


def format_included(lines: list[dict[str, Any]]) -> str:
    """Return the text form of Product.included."""
    return "\n".join(
        f"{line.get('quantity', 1)} × {line.get('name_en', '')} | {line.get('name_zh', '')}"
        f" | {fen_to_yuan(line.get('value_fen') or 0)}"
        for line in lines
    )


def parse_included(text: str) -> list[dict[str, Any]]:
    """Return Product.included; raises ValidationError that names each line to mend, and why.

    A quantity or a price inside a name is refused: taken for a name it would be worth
    nothing, and nobody would notice. So is a beginning that may be a quantity or a size.
    """
    found: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, line in _lines(text):
        try:
            found.append(_included_line(number, line.translate(_SIGNS)))
        except ValidationError as error:
            problems += error.messages
    if problems:
        raise ValidationError(problems)
    return found


def _included_line(number: int, line: str) -> dict[str, Any]:
    quantity, rest = _quantity(number, line)
    parts = [part.strip() for part in rest.split("|")]
    if len(parts) == 2 and _AMOUNT.match(parts[1]):
        parts.insert(1, "")  # a name in one language, and its value
    if len(parts) > 3 or not any(parts[:2]):
        raise ValidationError(
            _("Line %(number)d: write it as “2 × English name | 中文名 | 36.00”."),
            params={"number": number},
        )
    parts += [""] * (3 - len(parts))
    for name in parts[:2]:
        plain = " ".join(name.split())
        if not parts[2] and _BARE_NUMBER.search(plain):
            raise ValidationError(
                _(
                    "Line %(number)d: “%(name)s” ends in a number that may be its price. Put the "
                    "value in yuan behind a second bar, as in “English name | 中文名 | 36.00”, "
                    "or 0 if it has none."
                ),
                params={"number": number, "name": name[:60]},
            )
        if _PRICE_INSIDE.search(plain) or _COUNT_BEHIND.search(plain):
            raise ValidationError(
                _(
                    "Line %(number)d: put the quantity before the name and the value behind a "
                    "bar, as in “2 × English name | 中文名 | 36.00”; “%(name)s” holds both."
                ),
                params={"number": number, "name": name[:60]},
            )
    value_fen = _value_fen(number, parts[2])
    return {"name_en": parts[0], "name_zh": parts[1], "quantity": quantity, "value_fen": value_fen}


def _quantity(number: int, line: str) -> tuple[int, str]:
    """The quantity that a line begins with, 1 without one, and the rest of the line."""
    match = _QUANTITY.match(line)
    if match is None:
        if either := _EITHER.match(line):
            raise ValidationError(
                _(
                    "Line %(number)d can be read in two ways. Write “%(count)s × %(rest)s” if "
                    "%(count)s is the quantity, or “1 × %(line)s” if it belongs to the name."
                ),
                params={
                    "number": number,
                    "count": either[1][:9],
                    "rest": either[2][:60],
                    "line": line[:60],
                },
            )
        if near := _NO_WHOLE_NUMBER.match(line):
            raise ValidationError(
                _(
                    "Line %(number)d: write the quantity as a whole number, as in “2 × %(rest)s”, not “%(quantity)s”."
                ),
                params={"number": number, "quantity": near[1][:20], "rest": near[2][:60]},
            )
        return 1, line
    quantity = read_number(unicodedata.normalize("NFKC", match[1]), most=MAX_QUANTITY)
    if not quantity:
        raise ValidationError(
            _("Line %(number)d: the quantity must be between 1 and 10,000."),
            params={"number": number},
        )
    return quantity, match[2]


def _value_fen(number: int, text: str) -> int:
    if not text:
        return 0
    amount = _AMOUNT.match(unicodedata.normalize("NFKC", text))
    try:
        return yuan_to_fen(amount[1] if amount else text)
    except (ValueError, ArithmeticError):
        raise ValidationError(
            _("Line %(number)d: the value must be an amount in yuan such as 36.00."),
            params={"number": number},
        ) from None


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
