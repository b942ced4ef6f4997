"""A voucher drawn: `sheet.typ`, one page to print, and `picture.typ`, a card for the phone's album."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, pgettext

from kernel import qr
from kernel.paper.sheets import draw
from vouchers.paper.keepsake import Keepsake

_PICTURE_QR_PIXELS = 640
_BRIEF_LINES = 6
_BRIEF = ("uses", "blackout", "stores", "refund", "note")


def draw_sheet(voucher: Keepsake) -> bytes:
    """The voucher as a PDF of one page. Raises PaperBusy, PaperFailed."""
    paid = gettext("Paid: %(amount)s") % {"amount": voucher.price} if voucher.price else ""
    note = voucher.more_places
    if not voucher.places:
        note = gettext("No store accepts it at the moment.")
    data = _facts(voucher) | {
        "url": voucher.url,
        "paid": paid,
        "lines": [line.text for line in voucher.lines],
        "places": [place._asdict() for place in voucher.places],
        "places_note": note,
        "labels": {
            "show": gettext("Show this code to the staff, on paper or on the screen."),
            "qr": gettext("QR code of the voucher"),
            "how": pgettext("voucher", "How it works"),
            "where": gettext("Where it can be used"),
        },
    }
    drawings = {"qr": qr.pdf(voucher.qr)}
    return draw("vouchers/sheet", data, "pdf", language=voucher.language, drawings=drawings)


def draw_picture(voucher: Keepsake) -> bytes:
    """The voucher as a PNG, 1080 pixels wide. Raises PaperBusy, PaperFailed."""
    side = len(qr.modules(voucher.qr))
    brief = [line.text for kind in _BRIEF for line in voucher.lines if line.kind == kind]
    hint = gettext("Show this code to the staff. Turn the brightness up if it does not scan.")
    data = _facts(voucher) | {
        # Two pixels are a point; an even number of them to a square keeps all squares whole.
        "qr_width": side * (_PICTURE_QR_PIXELS // 2 // side),
        "brief": brief[:_BRIEF_LINES],
        "places": [place._asdict() for place in voucher.places if len(voucher.places) == 1],
        "labels": {"show": hint},
    }
    drawings = {"qr": qr.pdf(voucher.qr)}
    return draw("vouchers/picture", data, "png", language=voucher.language, drawings=drawings)


def _facts(voucher: Keepsake) -> dict[str, Any]:
    """What both of them say."""
    names = ("site", "title", "merchant", "code", "valid", "uses", "order", "drawn", "keep_private")
    return {name: getattr(voucher, name) for name in names}
