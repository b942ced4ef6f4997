"""Codes at the counter: what a scanned poster is, and the codes that stand for the person at work."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from insights.codes import came_of
from kernel import qr
from stores.codes.models import Code
from stores.codes.services import address_of_code, own_codes
from stores.codes.touches import scanned_code
from stores.models import Store

MOST_SHOWN = 20


def recognised_page(request: HttpRequest, store: Store, text: str) -> HttpResponse | None:
    """What a scanned text is when it is the address of a code and no voucher; None for all others."""
    found = scanned_code(text)
    if found is None:
        return None
    own = found.merchant_id in (None, store.merchant_id)
    context = {"store": store, "console_tab": "scan", "found": found, "own": own}
    return render(request, "console/code.html", context)


@never_cache
@login_required
@require_safe
def console_codes(request: HttpRequest) -> HttpResponse:
    """My codes: to show to guests, and what came of them."""
    codes = list(own_codes(request.user)[:MOST_SHOWN])
    found = came_of(codes)
    rows = [(code, _drawing(code), address_of_code(code), found[code.pk]) for code in codes]
    return render(request, "console/codes.html", {"rows": rows})


def _drawing(code: Code) -> str:
    return mark_safe(qr.svg(address_of_code(code)))  # noqa: S308 - our own drawing of an address
