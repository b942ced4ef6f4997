"""What is included, notes and provenance as lines of text that a merchant can type.

Included, one line each: ``2 × Pork dumplings | 猪肉水饺 | 36.00`` (quantity, English,
Chinese, value in yuan). Notes, one line each: ``English | 中文``. Provenance, one line each:
``farm: English | 中文``. Blackout times are read in `catalog.blackout_text`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.services.shapes import MAX_NAME, MAX_NOTE, MAX_QUANTITY, line_problem
from kernel.money import fen_to_yuan, yuan_to_fen
from kernel.numerals import read_number

LONGEST_INCLUDED = 2 * MAX_NAME + 60
LONGEST_PAIR = 2 * MAX_NOTE + 60
"""Characters of a line: two texts, with what stands before, between and behind them."""
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
        + _value_text(line)
        for line in lines
    )


def _value_text(line: dict[str, Any]) -> str:
    """Nothing for no value, unless a name would then be asked for one."""
    value = line.get("value_fen")
    names = (str(line.get(key) or "") for key in ("name_en", "name_zh"))
    if value is None and not any(_BARE_NUMBER.search(name[:LONGEST_INCLUDED]) for name in names):
        return ""
    return f" | {fen_to_yuan(value or 0)}"


def parse_included(text: str) -> list[dict[str, Any]]:
    """Return Product.included; raises ValidationError with all that is to mend, line by line.

    A quantity or a price inside a name is refused: taken for a name it would be worth
    nothing, and nobody would notice. So is a beginning that may be a quantity or a size.
    """
    found: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, line in _lines(text, LONGEST_INCLUDED, problems):
        read, wrong = _included_line(number, line.translate(_SIGNS))
        if not wrong and (problem := line_problem(number, read)):
            wrong = [problem]
        found.append(read)
        problems += wrong
    if problems:
        raise ValidationError(problems)
    return found


def _included_line(number: int, line: str) -> tuple[dict[str, Any], list[str]]:
    """What a line says, and everything that is wrong with it: a person mends it once."""
    quantity, rest, problems = _quantity(number, line)
    parts = [part.strip() for part in rest.split("|")]
    if len(parts) == 2 and _AMOUNT.match(parts[1]):
        parts.insert(1, "")  # a name in one language, and its value
    if len(parts) > 3 or not any(parts[:2]):
        text = _("Line %(number)d: write it as “2 × English name | 中文名 | 36.00”.")
        return {}, [*problems, text % {"number": number}]
    parts += [""] * (3 - len(parts))
    problems += (text for name in parts[:2] if (text := _name_problem(number, name, parts[2])))
    read: dict[str, Any] = {"name_en": parts[0], "name_zh": parts[1], "quantity": quantity}
    try:
        read["value_fen"] = _value_fen(number, parts[2])
    except ValidationError as error:
        problems += error.messages
    return read, problems


def _name_problem(number: int, name: str, value: str) -> str:
    """Why a name holds more than a name; "" when it does not."""
    plain = " ".join(name.split())
    words = {"number": number, "name": name[:60]}
    if not value and _BARE_NUMBER.search(plain):
        text = _(
            "Line %(number)d: “%(name)s” ends in a number that may be its price. Put the "
            "value in yuan behind a second bar, as in “English name | 中文名 | 36.00”, "
            "or 0 if it has none."
        )
        return text % words
    if _PRICE_INSIDE.search(plain) or _COUNT_BEHIND.search(plain):
        text = _(
            "Line %(number)d: put the quantity before the name and the value behind a "
            "bar, as in “2 × English name | 中文名 | 36.00”; “%(name)s” holds both."
        )
        return text % words
    return ""


def _quantity(number: int, line: str) -> tuple[int, str, list[str]]:
    """The quantity that a line begins with, 1 without one, the rest of the line, and what is wrong."""
    match = _QUANTITY.match(line)
    if match is None:
        if either := _EITHER.match(line):
            text = _(
                "Line %(number)d can be read in two ways. Write “%(count)s × %(rest)s” if "
                "%(count)s is the quantity, or “1 × %(line)s” if it belongs to the name."
            )
            words = {"count": either[1][:9], "rest": either[2][:60], "line": line[:60]}
            return 1, either[2], [text % {"number": number, **words}]
        if near := _NO_WHOLE_NUMBER.match(line):
            text = _(
                "Line %(number)d: write the quantity as a whole number, as in “2 × %(rest)s”, not “%(quantity)s”."
            )
            words = {"rest": near[2][:60], "quantity": near[1][:20]}
            return 1, near[2], [text % {"number": number, **words}]
        return 1, line, []
    quantity = read_number(unicodedata.normalize("NFKC", match[1]), most=MAX_QUANTITY)
    if not quantity:
        text = _("Line %(number)d: the quantity must be between 1 and 10,000.")
        return 1, match[2], [text % {"number": number}]
    return quantity, match[2], []


def _value_fen(number: int, text: str) -> int | None:
    if not text:
        return None
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
    for number, line in _lines(text, LONGEST_PAIR):
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
    for number, line in _lines(text, LONGEST_PAIR):
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


def _lines(text: str, most: int, problems: list[str] | None = None) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers. One of more than ``most`` characters is
    refused before anybody reads it: added to ``problems`` where they are gathered, else raised.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            check_length(number, line, most)
        except ValidationError as error:
            if problems is None:
                raise
            problems += error.messages
        else:
            if line.strip():
                yield number, line.strip()


def check_length(number: int, line: str, most: int) -> None:
    """Refuse a line that is longer than anything it may say: patterns take their time with it."""
    if len(line) > most:
        raise ValidationError(
            _("Line %(number)d: it has %(count)s characters; at most %(most)s fit. Shorten it."),
            params={"number": number, "count": f"{len(line):,}", "most": f"{most:,}"},
        )
