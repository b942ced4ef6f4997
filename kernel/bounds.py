"""What a date, a number, a text, a place may be: the one set of validators.

Every way in asks here: model fields carry these validators, so that admin forms, the API,
imports, commands and services give one refusal. All of them raise Django's ValidationError
with a sentence for people. They hold what a column, a calendar and a clock can take, and
what anybody can mean; a rule of the trade (a times card has two uses at least) stands with
its service.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from kernel.countries import read_country
from kernel.errors import InvalidInput
from kernel.money import MAX_AMOUNT_FEN
from kernel.plaintext import check_readable

FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
"""Nothing here is older, and nothing is promised for later."""
FIRST_MOMENT = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LAST_MOMENT = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
MAX_COUNT = 2_147_483_647
"""The largest number of a PostgreSQL integer: pieces, quotas, limits."""
DEFAULT_ZONE = "Asia/Shanghai"
MAX_USES, MAX_DAYS = 1000, 3650
MAX_PIECES = 99
"""Of one offer in a basket or a shop's order."""
MAX_TEXT_CHARS = 10_000
"""Of a text of several lines, unless its field says less: a page shows it to everybody."""
MAX_JSON_DEPTH = 6
MAX_JSON_CHARS = 50_000
_NOT_PLACES = frozenset({"Factory", "localtime", "posixrules"})
_NOT_PLACE_TREES = ("posix/", "right/", "SystemV/", "Etc/GMT+", "Etc/GMT-")
_TWO_LETTERS = re.compile(r"[A-Z]{2}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)


# Days and moments ----------------------------------------------------------------------


def validate_day(day: dt.date) -> None:
    """Refuse a calendar day outside FIRST_DAY … LAST_DAY."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(
            _("Choose a day between %(first)s and %(last)s."),
            code="day_out_of_range",
            params={"first": FIRST_DAY.isoformat(), "last": LAST_DAY.isoformat()},
        )


def validate_moment(moment: dt.datetime) -> None:
    """Refuse a moment (aware) outside the years 2000 to 2199, UTC."""
    if moment.tzinfo is None:
        raise ValidationError(_("Give the time with its time zone."), code="naive_moment")
    if not FIRST_MOMENT <= moment < LAST_MOMENT:
        raise ValidationError(
            _("Choose a day between %(first)s and %(last)s."),
            code="moment_out_of_range",
            params={"first": FIRST_DAY.isoformat(), "last": LAST_DAY.isoformat()},
        )


def read_day(text: Any) -> dt.date | None:
    """Return the day of ``YYYY-MM-DD`` when it is one and inside the bounds, else None."""
    if not is_day(text):
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def is_day(text: Any) -> bool:
    """Whether it is written as ``YYYY-MM-DD`` in ASCII digits: Python reads weeks and other digits, too."""
    return isinstance(text, str) and _DAY.fullmatch(text) is not None


def is_moment(text: Any) -> bool:
    """Whether it is written as a day, a time and a zone in ASCII: 2026-12-01T00:00:00+08:00."""
    return isinstance(text, str) and _MOMENT.fullmatch(text) is not None


def read_moment(text: Any) -> dt.datetime | None:
    """The moment that ``text`` writes (`is_moment`), else None; whether it is in the bounds is not asked."""
    if not is_moment(text):
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def read_clock(text: Any) -> dt.time | None:
    """Return the time of ``HH:MM``, else None; ``24:00`` reads as midnight."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{2}:[0-9]{2}", text):
        return None
    if text == "24:00":
        return dt.time.min
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        return None


# Numbers -------------------------------------------------------------------------------


def is_whole(number: Any, least: int, most: int) -> bool:
    """Whether ``number`` is an int (no bool) between ``least`` and ``most``."""
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= most


def validate_price_fen(amount_fen: int) -> None:
    """Refuse a price below one fen or above what one order may cost."""
    if not is_whole(amount_fen, 1, MAX_AMOUNT_FEN):
        raise ValidationError(
            _("A price must be between ¥0.01 and ¥100,000,000."), code="price_out_of_range"
        )


def validate_count(number: int) -> None:
    """Refuse a number of pieces that no column holds."""
    _validate_whole(number, 0, MAX_COUNT)


def validate_some(number: int) -> None:
    """Refuse a number of pieces below one, or one that no column holds."""
    _validate_whole(number, 1, MAX_COUNT)


def validate_uses(number: int) -> None:
    """Refuse a number of uses outside 1 to 1,000."""
    _validate_whole(number, 1, MAX_USES)


def validate_days(number: int) -> None:
    """Refuse a number of days outside 1 to 3,650: ten years."""
    _validate_whole(number, 1, MAX_DAYS)


def validate_waiting_hours(number: int) -> None:
    """Refuse a number of hours outside 0 to 8,760: a year."""
    _validate_whole(number, 0, 8760)


def validate_person_limit(number: int) -> None:
    """Refuse a limit per person outside 1 to 32,767."""
    _validate_whole(number, 1, 32_767)


def _validate_whole(number: Any, least: int, most: int) -> None:
    if not is_whole(number, least, most):
        raise ValidationError(
            _("Enter a whole number between %(least)s and %(most)s."),
            code="number_out_of_range",
            params={"least": least, "most": f"{most:,}"},
        )


# Texts ---------------------------------------------------------------------------------


def bad_characters(text: str, *, lines: bool) -> list[str]:
    """The characters of ``text`` that no text of ours holds, as "U+001F", each once.

    Control characters, halves of surrogate pairs and code points that are no characters;
    line breaks and tabs are good where ``lines`` are.
    """
    good = "\n\r\t" if lines else ""
    found = dict.fromkeys(char for char in text if char not in good and _is_bad(char))
    return [f"U+{ord(char):04X}" for char in found]


REPLACEMENT = 0xFFFD
"""Stands for bytes that were no letters: something was lost before the text came here."""


def _is_bad(char: str) -> bool:
    # U+2028 and U+2029 break lines in places where nobody expects it.
    if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
        return True
    code = ord(char)
    return code == REPLACEMENT or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def validate_line(text: str) -> None:
    """Refuse a text of one line that holds control characters."""
    _validate_characters(text, lines=False)


def validate_text(text: str, most: int = MAX_TEXT_CHARS) -> None:
    r"""Refuse a text of several lines with control characters or more than ``most`` characters.

    A line end counts as one, as in the browser, which sends "\r\n".
    """
    count = len(text) - text.count("\r\n")
    if count > most:
        raise ValidationError(
            _("This has %(count)s characters; %(most)s is the most. Shorten it."),
            code="text_too_long",
            params={"count": count, "most": most},
        )
    _validate_characters(text, lines=True)


MAX_NOTE_CHARS = 2000


def check_note(note: str, *, field: str) -> str:
    """A note without blanks around it; raises InvalidInput for ``field`` when it cannot be kept."""
    text = note.strip()
    try:
        validate_text(text, MAX_NOTE_CHARS)
        check_readable(text)
    except ValidationError as error:
        raise InvalidInput(fields={field: error.messages}) from None
    return text


def _validate_characters(text: str, *, lines: bool) -> None:
    if found := bad_characters(text, lines=lines):
        raise ValidationError(
            _("Take out the invisible character %(character)s: it cannot be shown."),
            code="control_character",
            params={"character": found[0]},
        )


# JSON ----------------------------------------------------------------------------------


def validate_json(value: Any) -> None:
    """Refuse JSON that is nested or long beyond use, or whose texts hold what no text may hold."""
    _walk(value, depth=1)
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError):
        raise ValidationError(_("This is not valid JSON."), code="bad_json") from None
    if size > MAX_JSON_CHARS:
        raise ValidationError(_("This is too long."), code="json_too_long")


def _walk(value: Any, *, depth: int) -> None:
    if depth > MAX_JSON_DEPTH:
        raise ValidationError(_("This is nested too deeply."), code="json_too_deep")
    if isinstance(value, str):
        validate_text(value)
        check_readable(value)
    elif isinstance(value, list):
        for item in value:
            _walk(item, depth=depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            validate_line(str(key))
            check_readable(str(key))
            _walk(item, depth=depth + 1)


# Places --------------------------------------------------------------------------------


@cache
def zone_names() -> frozenset[str]:
    """Time zones that Python and PostgreSQL both know and that are zones of places.

    Judging a store's hours asks both of them. Not ``localtime`` and ``Factory``, which
    depend on a machine or mean nothing, and not offsets such as Etc/GMT+2, whose sign is
    written the wrong way round more often than not. Read once per process.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        known = {name for (name,) in cursor}
    return frozenset(
        name
        for name in available_timezones() & known
        if name not in _NOT_PLACES and not name.startswith(_NOT_PLACE_TREES)
    )


def read_zone(name: str) -> ZoneInfo:
    """The zone of that name, or China's where this machine knows none of the name.

    For rows that are written: a voucher is redeemed and refunded whatever its zone says.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(DEFAULT_ZONE)


def validate_time_zone(name: str) -> None:
    """Refuse a name that is no time zone of a place, or that the database does not know."""
    if name not in zone_names():
        raise ValidationError(
            _("“%(name)s” is not a time zone such as Asia/Shanghai."),
            code="unknown_time_zone",
            params={"name": name},
        )


def validate_latitude(degrees: float) -> None:
    """Refuse what is no latitude: not a finite number from −90 to 90."""
    _validate_degrees(degrees, 90)


def validate_longitude(degrees: float) -> None:
    """Refuse what is no longitude: not a finite number from −180 to 180."""
    _validate_degrees(degrees, 180)


def _validate_degrees(degrees: float, most: int) -> None:
    if not (math.isfinite(degrees) and -most <= degrees <= most):
        raise ValidationError(
            _("Enter a number of degrees between −%(most)s and %(most)s."),
            code="degrees_out_of_range",
            params={"most": most},
        )


def validate_position(latitude: float, longitude: float) -> None:
    """Refuse 0, 0: a point in the sea that stands for "nobody filled it in"."""
    if latitude == 0 and longitude == 0:
        raise ValidationError(
            _("The position is 0, 0: nobody filled it in. Copy it from a map."), code="no_position"
        )


def validate_country(code: str) -> None:
    """Refuse what is not a country's ISO 3166 code: two capital letters."""
    if not _TWO_LETTERS.fullmatch(code) or read_country(code) != code:
        raise ValidationError(
            _("Enter the country as a two-letter code, such as CN."), code="unknown_country"
        )


# Models --------------------------------------------------------------------------------


def within_moments(column: str) -> models.Q:
    """The CHECK of a moment that is none, or inside the bounds that every driver reads."""
    inside = models.Q((f"{column}__gte", FIRST_MOMENT), (f"{column}__lt", LAST_MOMENT))
    return models.Q((f"{column}__isnull", True)) | inside


def field_problems(row: models.Model, *, exclude: Iterable[str] = ()) -> dict[str, list[str]]:
    """What is wrong with the columns of ``row``, by field; empty when nothing is.

    ``exclude``: fields that the caller does not judge. Foreign keys are not looked up.
    """
    related = {field.name for field in row._meta.concrete_fields if field.remote_field}
    try:
        row.clean_fields(exclude={*exclude, *related})
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


class Bounded:
    """A model whose every text is judged when it is cleaned: its length, no control characters, readable.

    ``clean_fields`` is what forms and services both call, so there is no way around it.
    """

    def clean_fields(self, exclude: Any = None) -> None:
        errors: dict[str, list[ValidationError]] = {}
        try:
            super().clean_fields(exclude=exclude)  # type: ignore[misc]
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for field in self._meta.concrete_fields:  # type: ignore[attr-defined]
            if field.name in (exclude or ()) or field.name in errors:
                continue
            validate = _text_validator(field)
            value = getattr(self, field.attname)
            if validate is None or not value:
                continue
            try:
                validate(value)
                if isinstance(value, str):
                    check_readable(value)
            except ValidationError as error:
                errors[field.name] = error.error_list
        if errors:
            raise ValidationError(errors)


def _text_validator(field: models.Field[Any, Any]) -> Callable[[Any], None] | None:
    if isinstance(field, models.TextField):
        return partial(validate_text, most=field.max_length or MAX_TEXT_CHARS)
    if isinstance(field, models.FileField):
        return None
    if isinstance(field, models.CharField):
        return validate_line
    return validate_json if isinstance(field, models.JSONField) else None
