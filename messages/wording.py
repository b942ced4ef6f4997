"""A stored message in words.

A notification stores its kind and details; the words are made when somebody reads it, in that
person's language. Details become words by the ending of their name:

    amount_fen = 1250                    {amount}  "¥12.50"
    used_at = "2026-05-12T10:00:00Z"     {used}    "12 May 2026, 18:00", in {zone} when given
    day_on = "2026-05-12"                {day}     "12 May 2026"
    title_en, title_zh                   {title}   the reader's language, else the other one
    items = [{…}, …]                     what was bought: rows of details of their own
    anything else                        itself
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.dateparse import parse_date, parse_datetime

from kernel.bilingual import pick
from kernel.http.templatetags.fmt import date_local, datetime_local, fen
from kernel.message_kinds import Kind, kind_of
from kernel.plaintext import isolate

if TYPE_CHECKING:
    from messages.models import Notification


class Message(NamedTuple):
    """A notification in words, in the active language.

    ``details`` are label and value; ``items`` what an order holds (title, quantity, total, until).
    """

    title: str
    body: str
    action: str
    icon: str
    details: list[tuple[str, str]]
    items: list[dict[str, str]]
    group: str


def word_notification(notification: Notification) -> Message:
    """Put a notification into words in the active language."""
    wording = kind_of(notification.kind)
    details = _Details(word_details(notification.params))
    told = wording.collected if wording.collected and details["collect"] else wording.body
    title, body = (str(text).format_map(details).strip() for text in (wording.title, told))
    return Message(
        title,
        body,
        str(wording.action),
        wording.icon,
        _lines(wording, details),
        [_Details(word_details(item)) for item in notification.params.get("items", ())],
        wording.group,
    )


def word_details(params: Mapping[str, Any]) -> dict[str, str]:
    """Turn stored details into words by their endings (see the top of this file)."""
    zone = params.get("zone") or None
    words: dict[str, str] = {}
    for name, value in params.items():
        if name == "items":
            continue
        if name.endswith("_fen"):
            words[name.removesuffix("_fen")] = fen(value)
        elif name.endswith("_at"):
            words[name.removesuffix("_at")] = datetime_local(_moment(value), zone)
        elif name.endswith("_on"):
            words[name.removesuffix("_on")] = date_local(parse_date(value or ""))
        elif name.endswith("_en"):
            base = name.removesuffix("_en")
            words[base] = isolate(pick(value or "", params.get(f"{base}_zh") or ""))
        elif not name.endswith("_zh"):
            words[name] = "" if value is None else isolate(str(value))
    return words


def _lines(wording: Kind, details: Mapping[str, str]) -> list[tuple[str, str]]:
    """The details that this message has, in their order; older messages have fewer."""
    told = [(str(label), value.format_map(details)) for label, value in wording.details]
    return [(label, value) for label, value in told if value]


def _moment(value: str | None) -> dt.datetime | None:
    return parse_datetime(value) if value else None


class _Details(dict[str, str]):
    """A detail that was not stored reads as nothing: old messages outlive new wordings."""

    def __missing__(self, key: str) -> str:
        return ""
