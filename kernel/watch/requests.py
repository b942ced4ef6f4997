"""One id, one line in the log and one set of figures for every request.

The id goes out in the answer's X-Request-ID, into every log line and into the tasks the request
started (`tasks.py`). It is taken from the request only behind a proxy of ours (TRUST_PROXY): from a
stranger it could make two requests look like one.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from kernel.watch.figures import REQUEST_QUERIES, REQUEST_SECONDS
from kernel.watch.logs import begin_request

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
UNSEEN = frozenset({"/healthz", "/readyz", "/metrics"})
log = logging.getLogger("o2o.access")


class _Queries:
    """Counts the statements of one request (connection.execute_wrapper)."""

    counts_only = True
    """Statements may go out prepared under it (kernel/db/prepared.py)."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.count += 1
        return execute(*args)


class RequestMiddleware:
    """The outermost: what it measures is all that the application does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        identifier = request_id(request)
        begin_request(identifier)
        queries = _Queries()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        response["X-Request-ID"] = identifier
        if not response.streaming and not response.has_header("Content-Length"):
            # Answered before CommonMiddleware. Without a length the connection ends with the answer.
            response["Content-Length"] = str(len(response.content))
        if request.path not in UNSEEN:
            _report(request, response, time.perf_counter() - begun, queries.count)
        return response


def request_id(request: HttpRequest) -> str:
    """The id our proxy gave, else a new one."""
    given = request.headers.get("X-Request-ID", "") if settings.TRUST_PROXY else ""
    return given if SANE_ID.fullmatch(given) else secrets.token_hex(12)


def _report(request: HttpRequest, response: HttpResponse, seconds: float, queries: int) -> None:
    match = request.resolver_match
    name = (match.view_name if match else "") or ("static" if _is_static(request) else "none")
    in_seconds, in_queries = _figures(name, response.status_code // 100)
    in_seconds.observe(seconds)
    in_queries.observe(queries)
    line = {
        "request_id": response["X-Request-ID"],
        "method": request.method if request.method in _METHODS else "other",
        "route": match.route if match else name,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "queries": queries,
        **_person(request),
    }
    # As log.info, without asking the stack which line of the program speaks: it is always this one.
    log.handle(log.makeRecord(log.name, logging.INFO, __file__, 0, "%s", (line,), None))


@lru_cache(maxsize=4096)
def _figures(name: str, hundreds: int) -> tuple[Any, Any]:
    """Where the seconds and the statements of a view are counted."""
    return REQUEST_SECONDS.labels(name, f"{hundreds}xx"), REQUEST_QUERIES.labels(name)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _is_static(request: HttpRequest) -> bool:
    return request.path.startswith(settings.STATIC_URL)


def _person(request: HttpRequest) -> dict[str, Any]:
    """Who asked, where the request has found that out; never a question of our own."""
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject) and user.__dict__.get("_wrapped") is empty:
        return {}
    pk = getattr(user, "pk", None)
    if pk is None:
        return {}
    kind = "operator" if getattr(user, "is_superuser", False) else "person"
    return {"user": pk, "user_kind": kind}
