"""What is answered when a request fails: a page for people, a problem document for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from kernel.errors import InvalidInput, NotFound
from kernel.http.busy import answer_busy
from kernel.http.problems import problem
from kernel.http.reading import UNSTORABLE
from kernel.http.theme import chosen_theme

API_PATH, OFFICE_PATH = "/api/", "/admin/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: a page for people, a problem document for clients of the API."""
    if request.path.startswith(OFFICE_PATH):
        return render(request, "errors/office.html", {"status": 404}, status=404)
    if not request.path.startswith(API_PATH):
        return defaults.page_not_found(request, exception)
    return _problem(404, NotFound.code, NotFound.message)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: an address or a form that cannot be read."""
    if not request.path.startswith(API_PATH):
        return _alone(request, "400.html", 400)
    return _problem(400, "bad_request", _("The request could not be read."))


def unstorable(request: HttpRequest, names: Iterable[str]) -> HttpResponse:
    """An address or a form with a character that no column holds, in the fields of these names."""
    if not request.path.startswith(API_PATH):
        return _alone(request, "400.html", 400)
    fields = {name: [str(UNSTORABLE)] for name in names}
    return _problem(InvalidInput.status, InvalidInput.code, InvalidInput.message, fields=fields)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403: signed in, but not as somebody who may."""
    if not request.path.startswith(API_PATH):
        return defaults.permission_denied(request, exception)
    return _problem(403, "permission_denied", _("This account cannot do that."))


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """For a view that answers other methods: most often a form's address opened by itself."""
    if not request.path.startswith(API_PATH):
        return _alone(request, "405.html", 405)
    return _problem(405, "method_not_allowed", _("This address does not take that method."))


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: our fault, told in the form that was asked for.

    A middleware too may have waited for the database in vain (sessions are kept there).
    """
    if busy := answer_busy(request, sys.exception()):
        return busy
    if not request.path.startswith(API_PATH):
        return _alone(request, "500.html", 500)
    sentence = _(
        "Something went wrong on our side. Try again; with the same key nothing happens twice."
    )
    return _problem(500, "server_error", sentence)


def _alone(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """A page that needs neither database nor session: they may be what is broken."""
    return HttpResponse(render_to_string(template, {"theme": chosen_theme(request)}), status=status)


def _problem(status: int, code: str, sentence: object, **facts: object) -> JsonResponse:
    body = problem(status, code, sentence, **facts)
    return JsonResponse(body, status=status, content_type="application/problem+json")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its token: usually a page kept open over a login."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
