"""Which responses the service worker may keep for use offline, and for whom.

The worker (static/sw.js) keeps a private page only when the page itself says so in a header:
the account it belongs to, as a name that tells nobody anything, and until when the copy may be
shown. Everything else is shown once and forgotten.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from kernel.clock import now
from vouchers.models import Voucher

HEADER = "X-Keep-Offline"
PREFETCHED = 12
_KEY_LENGTH = 16


def account_key(user: Any) -> str:
    """A name for the account in this browser's storage; "" for a guest."""
    if user is None or not user.is_authenticated:
        return ""
    return salted_hmac("vouchers.offline", str(user.pk)).hexdigest()[:_KEY_LENGTH]


def keep(response: HttpResponse, request: HttpRequest, until: dt.datetime) -> HttpResponse:
    """Let the worker keep this answer until then, at most as long as a session lives."""
    longest = now() + dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    last = int(min(until, longest).timestamp())
    response[HEADER] = f"{account_key(request.user)};{last}"
    return response


def keep_list(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """Let the worker keep the list of usable vouchers."""
    return keep(response, request, dt.datetime.max.replace(tzinfo=dt.UTC))


def change_mark(voucher: Voucher) -> str:
    """Changes when the voucher's page has something new to say; the worker compares it."""
    facts = (
        voucher.state,
        voucher.uses_used,
        voucher.qr_version,
        int(voucher.valid_until.timestamp()),
        get_language(),
    )
    return "-".join(map(str, facts))
