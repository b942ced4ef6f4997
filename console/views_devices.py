"""The page on which a browser becomes a device of a store."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kernel.errors import Refusal
from kernel.http.limits import client_address
from kernel.http.refused import refused_page
from stores.device_access import DEVICE_COOKIE, find_device
from stores.services.devices import CODE_DIGITS, enrol_device

KEPT_SECONDS = 400 * 24 * 60 * 60
"""The longest that browsers keep a cookie."""
TYPED_LENGTH = 40


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def console_enrol(request: HttpRequest) -> HttpResponse:
    """Type or scan the one-time code; or let this browser be no device any more.

    Nobody needs an account for it: the code is the proof, and the device opens nothing alone.
    """
    refusal: Refusal | None = None
    code = (request.POST.get("code") or request.GET.get("code", "")).strip()[:TYPED_LENGTH]
    if request.method == "POST" and request.POST.get("answer") == "leave":
        response: HttpResponse = redirect("console_enrol")
        response.delete_cookie(DEVICE_COOKIE, samesite="Lax")
        messages.success(request, _("This browser is no device any more."))
        return response
    if request.method == "POST":
        try:
            return _enrolled(request, code)
        except Refusal as refused:
            refusal = refused
    context = {
        "device": find_device(token=request.COOKIES.get(DEVICE_COOKIE, "")),
        "has_cookie": DEVICE_COOKIE in request.COOKIES,
        "code": code,
        "digits": CODE_DIGITS,
        "refusal": refusal,
    }
    return refused_page(request, "console/enrol.html", context, refusal)


def _enrolled(request: HttpRequest, code: str) -> HttpResponse:
    device, token = enrol_device(
        code=code,
        client=client_address(request),
        browser=request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""),
        by=request.user,
    )
    response: HttpResponse = redirect("console_enrol")
    response.set_cookie(
        DEVICE_COOKIE,
        token,
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    names = {"device": device.name, "store": device.store.name}
    messages.success(request, _("This is “%(device)s” of %(store)s now.") % names)
    return response
