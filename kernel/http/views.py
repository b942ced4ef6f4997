"""Views that belong to no room."""

from __future__ import annotations

import sys

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from django.views.decorators.http import require_safe
from django.views.static import serve

from kernel.errors import NotFound
from kernel.http.busy import answer_busy
from kernel.http.problems import problem
from kernel.http.reading import next_path
from kernel.http.seo.public import public_file, public_page
from kernel.http.theme import chosen_theme

API_PATH = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: a page for people, a problem document for clients of the API."""
    if not request.path.startswith(API_PATH):
        return defaults.page_not_found(request, exception)
    return _problem(404, NotFound.code, NotFound.message)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: an address or a form that cannot be read."""
    if not request.path.startswith(API_PATH):
        return _alone(request, "400.html", 400)
    return _problem(400, "bad_request", _("The request could not be read."))


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


def _problem(status: int, code: str, sentence: object) -> JsonResponse:
    body = problem(status, code, sentence)
    return JsonResponse(body, status=status, content_type="application/problem+json")


def admin_login(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """The back office has no login form of its own: ours counts wrong passwords.

    Who is signed in but has no back office is told that there is nothing here.
    """
    if admin.site.has_permission(request):
        return redirect("admin:index")
    if request.user.is_authenticated:
        raise NotFound
    return redirect_to_login(next_path(request, request.GET.get("next")) or "/admin/")


def admin_password_change(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """Our page changes it: every other session and every API token ends with the old password."""
    return redirect("password_change")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its token: usually a page kept open over a login."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


@public_page()
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How buying, redeeming and refunds work; who to ask."""
    context = {
        "pay_minutes": settings.ORDER_TIMEOUT_MINUTES,
        "undo_minutes": settings.UNDO_WINDOW_MINUTES,
        "operator_email": settings.OPERATOR_EMAIL,
        "operator_phone": settings.OPERATOR_PHONE,
        "crumbs": [
            {"label": gettext("Home"), "url": reverse("home")},
            {"label": gettext("Help")},
        ],
    }
    return render(request, "help/page.html", context)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component on one page, where the operator allows it."""
    if not settings.STYLEGUIDE:
        raise Http404
    return render(request, "styleguide.html")


@public_file
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Uploaded pictures, where neither a proxy nor a bucket serves them (SERVE_MEDIA)."""
    try:
        return serve(request, path, document_root=settings.MEDIA_ROOT)
    except (OSError, ValueError) as error:  # longer than a file's name may be, or no name at all
        raise Http404 from error
