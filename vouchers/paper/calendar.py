"""The last day of a voucher as a calendar entry (iCalendar, RFC 5545).

A whole day, so no time zone is needed, with one reminder. The code is not in it: calendars are
shared and copied to other companies' servers; the link opens the voucher for its owner only.
"""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from django.utils.translation import gettext

from kernel.clock import now
from kernel.plaintext import isolate
from vouchers.paper.keepsake import Keepsake

CONTENT_TYPE = "text/calendar; charset=utf-8"
_LINE_OCTETS = 75
_REMINDER = "-P2DT15H"
"""Before the midnight at which the last day begins: nine in the morning, three days before."""


def entry(voucher: Keepsake) -> bytes:
    """The file."""
    day = voucher.last_day
    title = gettext("Last day: %(title)s") % {"title": isolate(voucher.title)}
    about = "\n".join(
        (
            gettext("Valid until the end of this day at %(merchant)s.")
            % {"merchant": isolate(str(voucher.merchant))},
            gettext("Open the voucher: %(url)s") % {"url": voucher.url},
        )
    )
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_text(voucher.site)}//{voucher.language}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:voucher-{voucher.voucher_id}@{urlsplit(voucher.url).hostname}",
        f"DTSTAMP:{now().astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(title)}",
        f"DESCRIPTION:{_text(about)}",
        *_location(voucher),
        f"URL:{voucher.url}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(title)}",
        f"TRIGGER:{_REMINDER}",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _location(voucher: Keepsake) -> list[str]:
    """Where to go, when there is only one such place."""
    if len(voucher.places) != 1:
        return []
    place = voucher.places[0]
    return [f"LOCATION:{_text(', '.join(part for part in (place.name, place.address) if part))}"]


def _text(value: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line break escaped; no control characters."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    escaped = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(char for char in escaped if char >= " " or char == "\t")


def _folded(line: str) -> bytes:
    """One content line, folded so that no piece is longer than 75 octets or cuts a character."""
    pieces: list[bytes] = []
    piece = b""
    for char in line:
        octets = char.encode("utf-8")
        room = _LINE_OCTETS - (1 if pieces else 0)
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece = b""
        piece += octets
    pieces.append(piece)
    return b"\r\n ".join(pieces) + b"\r\n"
