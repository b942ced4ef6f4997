"""The maintenance switch is a file: while it exists, the shop says that it will be back.

A file needs neither database nor cache, which are what is usually being maintained, and every
process sees it at its next request. `manage.py maintenance on|off` writes and removes it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.http.problems import problem
from kernel.http.theme import chosen_theme

GetResponse = Callable[[HttpRequest], HttpResponse]
USUAL_MINUTES, MOST_MINUTES = 15, 7 * 24 * 60
LONGEST_WAIT_SECONDS, SHORTEST_WAIT_SECONDS = 3600, 60
OPEN_PATHS = ("/admin/", "/static/", "/media/")
OPEN_VIEWS = frozenset(
    {
        "login",
        "logout",
        "password_reset",
        "password_reset_confirm",
        "set_language",
        "payment_notify",
        "sandbox_cashier",
        "service_worker",
    }
)
"""The operator's way in, and money: what a gateway tells us now it may not tell again."""


class Maintenance(NamedTuple):
    """It began at ``since`` and should be over at ``until``."""

    since: dt.datetime
    until: dt.datetime

    def wait_seconds(self, moment: dt.datetime) -> int:
        """When to come back: at the announced end, and then every minute."""
        left = int((self.until - moment).total_seconds())
        return min(max(left, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)


def switch_on(*, minutes: int = USUAL_MINUTES) -> Maintenance:
    """Close the shop for about ``minutes``; said again, it changes the announced end."""
    moment, before = now(), current()
    since = before.since if before else moment
    state = Maintenance(since, moment + dt.timedelta(minutes=minutes))
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(json.dumps([at.isoformat() for at in state]))
    draft.replace(path)
    return state


def switch_off() -> bool:
    """Open the shop; returns whether it was closed."""
    closed = _path().exists()
    _path().unlink(missing_ok=True)
    return closed


def current() -> Maintenance | None:
    """The maintenance going on, None while the shop is open. A file made by hand counts too."""
    try:
        with open(settings.MAINTENANCE_FILE, encoding="utf-8") as file:
            text = file.read()
    except OSError:  # no such file: the shop is open
        return None
    try:
        since, until = (dt.datetime.fromisoformat(at) for at in json.loads(text))
        return Maintenance(since, until) if since.tzinfo and until.tzinfo else _by_hand()
    except (ValueError, TypeError):
        return _by_hand()


def _by_hand() -> Maintenance:
    since = dt.datetime.fromtimestamp(_path().stat().st_mtime, dt.UTC)
    return Maintenance(since, since + dt.timedelta(minutes=USUAL_MINUTES))


def _path() -> Path:
    return Path(settings.MAINTENANCE_FILE)


class MaintenanceMiddleware:
    """While the switch is on: 503 and when to come back, for people and for programs.

    Behind the language, so that the page speaks the visitor's; before everything that asks
    the database.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        state = current()
        if state is None or _open(request):
            return self.get_response(request)
        wait = state.wait_seconds(now())
        answer = _for_programs if request.path.startswith("/api/") else _for_people
        response = answer(request, state, wait)
        response["Retry-After"] = str(wait)
        return response


def _open(request: HttpRequest) -> bool:
    if request.path.startswith(OPEN_PATHS):
        return True
    try:
        return resolve(request.path_info).url_name in OPEN_VIEWS
    except Resolver404:
        return False


def _for_people(request: HttpRequest, state: Maintenance, wait: int) -> HttpResponse:
    context: dict[str, Any] = {
        "until": state.until if state.until > now() else None,
        "here": request.get_full_path() if request.method in {"GET", "HEAD"} else "/",
        "theme": chosen_theme(request),
    }
    # Without the request: what every other page knows (basket, inbox) asks the database.
    return HttpResponse(render_to_string("maintenance.html", context), status=503)


def _for_programs(request: HttpRequest, state: Maintenance, wait: int) -> HttpResponse:
    sentence = _("The shop is being maintained. Nothing was changed; try again later.")
    body = problem(503, "maintenance", sentence, retry_after_seconds=wait)
    return JsonResponse(body, status=503, content_type="application/problem+json")
