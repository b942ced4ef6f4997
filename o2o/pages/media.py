"""Uploaded pictures."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.static import serve

from kernel.http.seo.public import public_file


@public_file
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Uploaded pictures, where neither a proxy nor a bucket serves them (SERVE_MEDIA)."""
    try:
        return serve(request, path, document_root=settings.MEDIA_ROOT)
    except (OSError, ValueError) as error:  # longer than a file's name may be, or no name at all
        raise Http404 from error
