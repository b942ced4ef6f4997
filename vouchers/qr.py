"""The signed QR of a voucher: written, read, drawn.

``O2O1.<id, base 36>.<version>.<26 characters of base 32>``: the last part is HMAC-SHA256 of
what stands before it, cut to 128 bits. Capital letters, digits and dots only, so that a QR
code holds it in its compact alphanumeric mode. Raising a voucher's ``qr_version`` makes
every older picture of it worthless.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
from typing import NamedTuple

from django.conf import settings
from PIL import Image

from kernel import qr
from kernel.numerals import MAX_ID
from vouchers.models import Voucher

PREFIX = "O2O1"
_SECRET_BYTES = 16
_PATTERN = re.compile(r"O2O1\.([0-9A-Z]{1,13})\.([0-9]{1,5})\.([A-Z2-7]{26})")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Reading(NamedTuple):
    """What a genuine QR code says."""

    voucher_id: int
    version: int


def payload(voucher: Voucher) -> str:
    """The text inside the voucher's QR code."""
    head = f"{PREFIX}.{_base36(voucher.pk)}.{voucher.qr_version}"
    return f"{head}.{_signature(head)}"


def is_payload(text: str) -> bool:
    """Whether ``text`` wants to be one of our QR codes, genuine or not."""
    return text.startswith(f"{PREFIX}.")


def read(text: str) -> Reading | None:
    """Return what a genuine code says, or None. The signature is compared in constant time."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    head, _dot, signature = text.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(head).encode()):
        return None
    voucher_id = int(match[1], 36)
    return Reading(voucher_id, int(match[2])) if voucher_id <= MAX_ID else None


def svg(voucher: Voucher) -> str:
    """The QR code as an SVG document, dark on white, quiet zone included."""
    return qr.svg(payload(voucher))


def png(voucher: Voucher, scale: int = 8) -> bytes:
    """The QR code as a PNG, ``scale`` pixels per module, quiet zone included."""
    matrix = modules(voucher)
    size = len(matrix)
    image = Image.new("1", (size, size), 1)
    image.putdata([0 if dark else 1 for row in matrix for dark in row])
    image = image.resize((size * scale, size * scale), Image.Resampling.NEAREST)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def modules(voucher: Voucher) -> list[list[bool]]:
    """The QR code's squares, row by row, True for dark; quiet zone included."""
    return qr.modules(payload(voucher))


def _signature(head: str) -> str:
    digest = hmac.digest(settings.QR_SECRET.encode(), head.encode(), hashlib.sha256)
    return base64.b32encode(digest[:_SECRET_BYTES]).decode().rstrip("=")


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"
