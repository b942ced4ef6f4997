"""Small middlewares: health, the admin's content policy, refusals as pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from csp.constants import HEADER, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from kombu import Connection
from kombu.exceptions import OperationalError

from kernel.errors import Refusal
from kernel.http.failures import method_not_allowed
from kernel.http.reading import came_from
from kernel.http.refused import refused_page

PATIENCE_SECONDS = 0.5
GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """``/healthz``: this process lives. ``/readyz``: it reaches the database.

    Answered before sessions and host checks: probes come by address, not by name. The queue
    is told but does not count: without it the shop sells and redeems, only messages wait.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "ok"})
        if request.path == "/readyz":
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
            except DatabaseError:
                return JsonResponse({"status": "database unreachable"}, status=503)
            return JsonResponse({"status": "ok", "queue": _queue_state()})
        return self.get_response(request)


def _queue_state() -> str:
    """Whether the broker answers within half a second."""
    try:
        with Connection(
            settings.CELERY_BROKER_URL,
            connect_timeout=PATIENCE_SECONDS,
            transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        ) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except (OperationalError, OSError):
        return "unreachable"
    return "ok"


@cache
def _plain_policy() -> str:
    return build_policy()


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp, with the header's text built once for the many responses that change nothing.

    The admin theme runs Alpine.js, which evaluates expressions: relaxed for /admin/ only.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": [UNSAFE_EVAL, UNSAFE_INLINE],
                "style-src": [UNSAFE_INLINE],
            }
        if hasattr(request, "_csp_nonce") or any(name in vars(response) for name in _OWN_POLICY):
            return super().process_response(request, response)
        response.setdefault(HEADER, _plain_policy())  # type: ignore[attr-defined]
        return response


_OWN_POLICY = ("_csp_update", "_csp_replace", "_csp_config", "_csp_exempt")


class RefusalMiddleware:
    """A Refusal that a page's view did not catch becomes a page with its sentence.

    So does Django's bare answer to a method that a view does not take.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = method_not_allowed(request)
            page["Allow"] = response.get("Allow", "")
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        template = "404.html" if error.status == 404 else "refused.html"
        context = {"refusal": error, "back_url": came_from(request)}
        return refused_page(request, template, context, error)
