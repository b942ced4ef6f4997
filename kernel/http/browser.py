"""The secret by which a browser is known again, whoever is signed in and wherever it goes.

A phone's address changes with every street, and behind one address sit many people: limits that are
meant for strangers ask for the browser as well. The secret opens nothing.
"""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse

from kernel.ids import new_token

COOKIE = "browser"
KEPT_SECONDS = 400 * 24 * 60 * 60
"""The longest that browsers keep a cookie."""
_SECRET = re.compile(r"[\w-]{43}", re.ASCII)


def browser_of(request: HttpRequest) -> str:
    """The secret of the browser that asks; a new one, which `keep_browser` gives it, where it has none."""
    known = request.COOKIES.get(COOKIE, "")
    if not _SECRET.fullmatch(known):
        known = request.COOKIES[COOKIE] = new_token()
    return known


def keep_browser(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the browser keep its secret; returns ``response``."""
    response.set_cookie(
        COOKIE,
        browser_of(request),
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response
