"""Views that belong to no room."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.static import serve


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its token: usually a page kept open over a login."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component on one page, where the operator allows it."""
    if not settings.STYLEGUIDE:
        raise Http404
    return render(request, "styleguide.html")


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Uploaded pictures, where neither a proxy nor a bucket serves them (SERVE_MEDIA)."""
    return serve(request, path, document_root=settings.MEDIA_ROOT)
