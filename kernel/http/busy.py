"""A page whose wait for the database timed out answers 503, "try again in a moment", not 500.

The web waits for a lock and for a statement a bounded time (`kernel/db/patience.py`). When it
gives up, PostgreSQL has rolled the open transaction back, so nothing is half done; what an earlier
transaction of the same request has written stays, and every POST about money can be repeated with
its key. Logged and counted (``o2o_busy_answers``): many of them mean that a row is kept locked for
long, or that a statement needs an index.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from psycopg2 import errorcodes

from kernel.http.problems import problem
from kernel.http.theme import chosen_theme
from kernel.watch.figures import BUSY_ANSWERS

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5
_REASONS = {errorcodes.LOCK_NOT_AVAILABLE: "lock", errorcodes.QUERY_CANCELED: "statement"}


class BusyMiddleware:
    """Answers 503 for a view that has waited too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_busy(request, error)


def answer_busy(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The answer if ``error`` is a wait for the database that was given up, else None."""
    reason = _given_up(error)
    if reason is None:
        return None
    match = request.resolver_match
    where = match.view_name if match else "?"
    BUSY_ANSWERS.labels(where, reason).inc()
    logger.warning("gave up waiting for a %s in %s", reason, where, exc_info=error)
    answer = _for_programs if request.path.startswith("/api/") else _for_people
    response = answer(request)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _given_up(error: BaseException | None) -> str | None:
    """What was waited for, "lock" or "statement"; None for every other error."""
    if not isinstance(error, OperationalError):
        return None
    return _REASONS.get(getattr(error.__cause__, "pgcode", ""))


def _for_people(request: HttpRequest) -> HttpResponse:
    """A page without the request: what other pages know (basket, inbox) asks the database."""
    context = {
        "here": request.get_full_path() if request.method in {"GET", "HEAD"} else "",
        "theme": chosen_theme(request),
    }
    return HttpResponse(render_to_string("503.html", context), status=503)


def _for_programs(request: HttpRequest) -> HttpResponse:
    sentence = _(
        "The server is too busy right now, and your request timed out. "
        "Send the same request again in a few seconds; with the same key nothing happens twice."
    )
    body = problem(503, "busy", sentence, retry_after_seconds=RETRY_SECONDS)
    return JsonResponse(body, status=503, content_type="application/problem+json")
