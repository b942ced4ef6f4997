"""Whose visit a request belongs to, as far as the shop may know.

Whoever scans a code gets the key of that visit, so that an order of the visit knows its code: a
cookie without a date, which ends with the browser and is kept with nothing but the touch. No answer
gives or takes it. Somebody who agreed to be counted (docs/privacy.md) has two keys more: one of this stay,
which ends with the browser too, and a visitor's, by which the stays of one browser belong together;
without that agreement no such cookie is set, and one that is there is not read. None of them says who
somebody is, and none opens anything. A browser that asks not to be followed (Global Privacy Control, Do
Not Track) has answered no, whatever a cookie says, and keeps no cookie of these at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from kernel.facts.traces import Trace, device_of, is_robot, kept_key, subject_key
from kernel.http.limits import client_address
from kernel.ids import new_token

VISIT_COOKIE = "visit"
STAY_COOKIE = "stay"
VISITOR_COOKIE = "visitor"
CONSENT_COOKIE = "consent"
VISITOR_SECONDS = 395 * 24 * 60 * 60
"""Thirteen months: the longest that a count of visitors is kept."""
CONSENT_SECONDS = 180 * 24 * 60 * 60
"""After half a year people are asked again."""
_COUNTED = ((STAY_COOKIE, None), (VISITOR_COOKIE, VISITOR_SECONDS))
"""The keys of somebody who agreed to be counted, and how long a browser keeps each."""
_KEY = re.compile(r"[\w-]{43}", re.ASCII)
_AHEAD = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_ANSWERS = {"yes": True, "no": False}


def asks_not_to_be_followed(request: HttpRequest) -> bool:
    """Whether the browser says for its person that nobody may follow what they do."""
    return request.META.get("HTTP_SEC_GPC") == "1" or request.META.get("HTTP_DNT") == "1"


def consent_of(request: HttpRequest) -> bool | None:
    """What the person has answered when asked to be counted; None before an answer."""
    if asks_not_to_be_followed(request):
        return False
    return _ANSWERS.get(request.COOKIES.get(CONSENT_COOKIE, ""))


def is_to_be_asked(request: HttpRequest) -> bool:
    """Whether neither this browser nor the member who is signed in has answered yet."""
    user = getattr(request, "user", None)
    if consent_of(request) is not None or user is None:
        return False
    return not (user.is_authenticated and user.counted is not None)


def begin_visit(request: HttpRequest) -> None:
    """Give a request that scans a code the key of a visit, which `keep_visit` hands out.

    One that has it keeps it; a browser that asks not to be followed gets none.
    """
    if not asks_not_to_be_followed(request):
        _known(request, VISIT_COOKIE)


def trace_of(request: HttpRequest, *, channel: str = "web", person: Any = None) -> Trace:
    """Whose doing this request is, for facts and touches (kernel.facts).

    Costs no statement but the person's own for somebody who agreed and is signed in, which the page asks
    anyway. ``person`` is who uses the API: a member's own answer holds there. What a browser fetches
    ahead, what only asks for headers and what robots do does not count.
    """
    agent = request.META.get("HTTP_USER_AGENT", "")
    counts = request.method != "HEAD" and not is_robot(agent) and not _is_ahead(request)
    may_follow = not asks_not_to_be_followed(request)
    visit, device = kept_key(_sent(request, VISIT_COOKIE)) if may_follow else "", device_of(agent)
    if person is not None and person.is_authenticated:
        agreed = bool(person.counted) and may_follow
        subject = subject_key(person.pk) if agreed else ""
        return Trace("", "", "", subject, channel, device, agreed, counts)
    agreed = bool(consent_of(request))
    member = _member(request) if agreed else None
    if not agreed or (member is not None and member.counted is False):
        origin = f"{client_address(request)}\n{agent}"
        return Trace("", origin, visit, "", channel, device, False, counts)
    browser = kept_key(_sent(request, VISITOR_COOKIE))
    subject = subject_key(member.pk) if member is not None else ""
    stay = kept_key(_sent(request, STAY_COOKIE))
    return Trace(browser, "", visit, subject, channel, device, True, counts, stay)


def _member(request: HttpRequest) -> Any:
    """Who is signed in; None for guests. Their "no" in one browser holds in every other."""
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def _is_ahead(request: HttpRequest) -> bool:
    """Whether a browser fetches the page before anybody has asked for it."""
    words = (request.META.get(name, "").lower() for name in _AHEAD)
    return any("prefetch" in word or "prerender" in word or "preview" in word for word in words)


def _sent(request: HttpRequest, name: str) -> str:
    """The key as it was sent or has just been made; "" where there is none."""
    key = request.COOKIES.get(name, "")
    return key if _KEY.fullmatch(key) else ""


def keep_visit(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the browser keep the key of the visit that `begin_visit` began; returns ``response``.

    Without consent the keys of earlier days are taken away.
    """
    if asks_not_to_be_followed(request):
        return _take_away(request, response, VISIT_COOKIE, STAY_COOKIE, VISITOR_COOKIE)
    _set(request, response, VISIT_COOKIE, request.COOKIES[VISIT_COOKIE], None)
    if not consent_of(request):
        _take_away(request, response, STAY_COOKIE, VISITOR_COOKIE)
    return response


def keep_consent(request: HttpRequest, response: HttpResponse, *, consent: bool) -> HttpResponse:
    """Let the browser keep the answer, and what follows from it; returns ``response``.

    The key of a visit with a scan stays, whatever is answered: it is of that scan alone. In a browser that asks
    not to be followed nothing stays.
    """
    answer = "yes" if consent else "no"
    if asks_not_to_be_followed(request):
        names = (CONSENT_COOKIE, VISIT_COOKIE, STAY_COOKIE, VISITOR_COOKIE)
        return _take_away(request, response, *names)
    request.COOKIES[CONSENT_COOKIE] = answer
    _set(request, response, CONSENT_COOKIE, answer, CONSENT_SECONDS)
    if consent:
        return _keep_counted(request, response)
    return _take_away(request, response, STAY_COOKIE, VISITOR_COOKIE)


class VisitMiddleware:
    """Hands a browser whose person agreed the keys that it lost or never had; costs others nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.COOKIES.get(CONSENT_COOKIE) != "yes" or not consent_of(request):
            return self.get_response(request)
        lost = not all(_sent(request, name) for name, _seconds in _COUNTED)
        for name, _seconds in _COUNTED:
            _known(request, name)
        response = self.get_response(request)
        return _keep_counted(request, response) if lost and consent_of(request) else response


def _keep_counted(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    for name, seconds in _COUNTED:
        _set(request, response, name, _known(request, name), seconds)
    return response


def _take_away(request: HttpRequest, response: HttpResponse, *names: str) -> HttpResponse:
    for name in names:
        if name in request.COOKIES:
            response.delete_cookie(name, samesite="Lax")
    return response


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
