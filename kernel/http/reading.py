"""What stands in an address, a cookie or a form, read before anything is asked of the database.

Whoever writes an address may write anything into it. Each reader gives a value that a column
can be compared with, or says that there is none; nothing here raises.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import register_converter
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from kernel.numerals import read_number

LONGEST_ADDRESS = 2_000

_SLUG = re.compile(r"[-\w]{1,80}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
NOT_IN_TEXTS = re.compile("[\x00\ud800-\udfff]")
"""NUL and halves of surrogate pairs: no column holds them."""
UNSTORABLE = _("The text contains a character that cannot be stored. Remove it and try again.")


def read_slug(text: object) -> str:
    """``text`` when it can be a slug (letters, digits, "-", "_", at most 80), else ""."""
    return text if isinstance(text, str) and _SLUG.fullmatch(text) else ""


def has_control_characters(text: str) -> bool:
    """Whether it holds NUL, another control character or half of a surrogate pair."""
    return _CONTROL.search(text) is not None


def next_path(request: HttpRequest, text: object) -> str:
    """``text`` when it is a path of this site ("/products/?page=2"), else "".

    The one reader of ``next``: what it returns begins with a single slash, so it is neither
    another host's nor the name of a view.
    """
    if not isinstance(text, str) or not text.startswith("/") or len(text) > LONGEST_ADDRESS:
        return ""
    if has_control_characters(text):
        return ""
    ours = url_has_allowed_host_and_scheme(
        text, allowed_hosts=None, require_https=request.is_secure()
    )
    return text if ours else ""


def came_from(request: HttpRequest) -> str:
    """The path of the page of ours that led here, "" when there is none or it is this very page."""
    try:
        referer = urlsplit(request.headers.get("Referer", "")[:LONGEST_ADDRESS])
    except ValueError:  # "http://[": no address at all
        return ""
    if referer.netloc != request.get_host():
        return ""
    path = next_path(request, referer.path + (f"?{referer.query}" if referer.query else ""))
    same = request.method == "GET" and path == request.get_full_path()
    return "" if same else path


class IdConverter:
    """``<id:pk>``: a number that fits the key's column; anything else is no such page."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = read_number(value)
        if number is None:
            raise ValueError(value)
        return number

    def to_url(self, value: object) -> str:
        return str(value)


class NumberConverter:
    """``<number:number>``: a document number, as `kernel.ids.new_number` makes them."""

    regex = "[0-9A-Za-z-]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: object) -> str:
        return str(value)


class TokenConverter(NumberConverter):
    """``<token:token>``: a random or signed text, or a name, as we put them into addresses."""

    regex = r"[-0-9A-Za-z_.:=~]{1,500}"


def register_converters() -> None:
    """Make them known to the addresses of every room; called once, from the app's `ready`."""
    register_converter(IdConverter, "id")
    register_converter(NumberConverter, "number")
    register_converter(TokenConverter, "token")
