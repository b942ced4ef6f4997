"""Whose visit a request belongs to, as far as the shop may know.

A visit ends with the browser: its key is a cookie without a date. Somebody who agreed to be
counted (docs/privacy.md) has a visitor's key as well, by which visits of one browser belong
together; without that agreement no such cookie is set, and one that is there is not read. Neither
key says who somebody is, and neither opens anything.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from kernel.ids import new_token

VISIT_COOKIE = "visit"
VISITOR_COOKIE = "visitor"
CONSENT_COOKIE = "consent"
VISITOR_SECONDS = 395 * 24 * 60 * 60
"""Thirteen months: the longest that a count of visitors is kept."""
CONSENT_SECONDS = 180 * 24 * 60 * 60
"""After half a year people are asked again."""
_KEY = re.compile(r"[\w-]{43}", re.ASCII)
_ANSWERS = {"yes": True, "no": False}


class Visit(NamedTuple):
    """``visitor`` is "" without consent; ``consent`` is None while nobody has answered."""

    key: str
    visitor: str
    consent: bool | None


def consent_of(request: HttpRequest) -> bool | None:
    """What the person has answered when asked to be counted; None before an answer."""
    return _ANSWERS.get(request.COOKIES.get(CONSENT_COOKIE, ""))


def visit_of(request: HttpRequest) -> Visit:
    """The visit that a request belongs to; new keys, which `keep_visit` hands out, where there are none."""
    consent = consent_of(request)
    visitor = _known(request, VISITOR_COOKIE) if consent else ""
    return Visit(_known(request, VISIT_COOKIE), visitor, consent)


def keep_visit(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the browser keep the keys of its visit; returns ``response``.

    Without consent a visitor's key of earlier days is taken away.
    """
    visit = visit_of(request)
    _set(request, response, VISIT_COOKIE, visit.key, None)
    if visit.visitor:
        _set(request, response, VISITOR_COOKIE, visit.visitor, VISITOR_SECONDS)
    elif VISITOR_COOKIE in request.COOKIES:
        response.delete_cookie(VISITOR_COOKIE, samesite="Lax")
    return response


def keep_consent(request: HttpRequest, response: HttpResponse, *, consent: bool) -> HttpResponse:
    """Let the browser keep the answer, and what follows from it; returns ``response``."""
    answer = "yes" if consent else "no"
    request.COOKIES[CONSENT_COOKIE] = answer
    _set(request, response, CONSENT_COOKIE, answer, CONSENT_SECONDS)
    return keep_visit(request, response)


def _known(request: HttpRequest, name: str) -> str:
    key = request.COOKIES.get(name, "")
    if not _KEY.fullmatch(key):
        key = request.COOKIES[name] = new_token()
    return key


def _set(
    request: HttpRequest, response: HttpResponse, name: str, value: str, seconds: int | None
) -> None:
    response.set_cookie(
        name, value, max_age=seconds, httponly=True, samesite="Lax", secure=request.is_secure()
    )
