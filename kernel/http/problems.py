"""Errors of the API as problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from kernel.errors import InvalidInput, NotFound, Refusal
from kernel.http.refused import tell_wait

TITLES = {
    400: _("Invalid request"),
    401: _("Sign in first"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    409: _("Not possible now"),
    422: _("Cannot be processed"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
    503: _("Try again shortly"),
}


def problem(status: int, code: str, detail: Any, **extra: Any) -> dict[str, Any]:
    """Build a problem document. ``extra`` members stand beside the standard ones."""
    return {
        "type": f"/api/docs/#{code}",
        "title": str(TITLES.get(status, _("Refused"))),
        "status": status,
        "detail": str(detail),
        "code": code,
        **extra,
    }


def refusal_problem(refusal: Refusal) -> dict[str, Any]:
    """The problem document of a business refusal, its details included."""
    return problem(refusal.status, refusal.code, refusal.message, **refusal.extra)


class Known(NamedTuple):
    """A code of an error, with the status and the sentence that it usually has."""

    code: str
    status: int
    sentence: str


def known_problems() -> list[Known]:
    """Every code that an answer of the API can have, by name: `type` of a problem points at it."""
    found = {code: Known(code, status, str(TITLES[status])) for code, status in _WITHOUT_CLASS}
    for kind in _kinds(exceptions.APIException):
        code, status = getattr(kind, "default_code", ""), getattr(kind, "status_code", 0)
        found.setdefault(code, Known(code, status, str(getattr(kind, "default_detail", ""))))
    for refusal in _kinds(
        Refusal
    ):  # a kind of its own comes behind the one that it is derived from
        if refusal.code not in found or refusal.__base__ is Refusal:
            found[refusal.code] = Known(refusal.code, refusal.status, str(refusal.message))
    return [found[code] for code in sorted(found) if code]


_WITHOUT_CLASS = (("bad_request", 400), ("busy", 503), ("maintenance", 503), ("server_error", 500))


def _kinds(base: Any) -> Iterator[Any]:
    yield base
    for kind in base.__subclasses__():
        yield from _kinds(kind)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of the API leaves as a problem document."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, Refusal):
        response = tell_wait(Response(refusal_problem(error), status=error.status), error)
    elif isinstance(error, exceptions.ValidationError):
        body = problem(400, "invalid", InvalidInput.message, fields=_fields(error.detail))
        response = Response(body, status=400)
    else:
        if isinstance(error, PermissionDenied):
            error = exceptions.PermissionDenied()
        handled = exception_handler(error, context)
        if handled is None or not isinstance(error, exceptions.APIException):
            return None
        code = str(error.get_codes())
        handled.data = problem(error.status_code, code, error.detail)
        response = handled
    response["Content-Type"] = "application/problem+json"
    response.content_type = "application/problem+json"
    return response


def _fields(detail: Any) -> dict[str, list[Any]]:
    if isinstance(detail, dict):
        return detail
    return {"non_field_errors": detail if isinstance(detail, list) else [detail]}
