"""What comes from a counter, read in one place for its pages and its API.

Written by hand: this is the busiest path. Every function raises InvalidInput, which names the
field and says the same to people and programs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from kernel import bounds
from kernel.bounds import MAX_COUNT, read_day
from kernel.errors import InvalidInput
from kernel.numerals import MAX_ID, read_number

MAX_CODE_LENGTH = 200


class Scanned(NamedTuple):
    """A request of the API: what to redeem, and where."""

    store_id: int
    code: str
    uses: int
    nonce: str | None
    occurred_at: dt.datetime | None


def read_scan(data: Any) -> Scanned:
    """A JSON body: store and code, and where it says so uses, nonce and occurred_at."""
    if not isinstance(data, Mapping):
        raise _wrong("non_field_errors", _("Send a JSON object."))
    nonce = data.get("nonce")
    if not isinstance(nonce, str | None):
        raise _wrong("nonce", _("Send the nonce as text."))
    return Scanned(
        store_id=read_whole(data.get("store"), "store", most=MAX_ID),
        code=read_code(data.get("code")),
        uses=read_uses(data.get("uses", 1)),
        nonce=nonce,
        occurred_at=read_moment(data.get("occurred_at")),
    )


def read_code(value: Any) -> str:
    """Typed digits or a scanned text, as they came."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_CODE_LENGTH:
        raise _wrong("code", _("Send the typed digits or the scanned text."))
    return value


def read_uses(value: Any) -> int:
    """How many uses to redeem: a whole number from 1 on."""
    return read_whole(value, "uses", most=MAX_COUNT)


def read_whole(value: Any, field: str, *, most: int) -> int:
    """A whole number from 1 to ``most``, as a number or in digits."""
    if isinstance(value, str):
        value = read_number(value, most=most)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise _wrong(field, _("Send a whole number, 1 or more."))
    return value


def read_date(text: str | None) -> dt.date | None:
    """A day as YYYY-MM-DD; None where nothing was sent."""
    if text and read_day(text) is None:
        raise _wrong("date", _("Enter the date as YYYY-MM-DD."))
    return read_day(text)


def read_moment(value: Any) -> dt.datetime | None:
    """A moment with its zone (ISO 8601); None where nothing was sent."""
    if value is None:
        return None
    moment = bounds.read_moment(value)
    if moment is None:
        text = _("Send the moment with its time zone, such as 2026-05-12T18:00:00+08:00.")
        raise _wrong("occurred_at", text)
    return moment


def _wrong(field: str, text: str) -> InvalidInput:
    return InvalidInput(text, fields={field: [text]})
