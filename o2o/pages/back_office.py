"""The door of the back office."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from kernel.errors import NotFound
from kernel.http.reading import next_path


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
