"""One rule for indexes and caches, on every answer of every view."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from kernel.http.seo.public import FILE_MARK, is_search, public_page_of

GetResponse = Callable[[HttpRequest], HttpResponse]
UNSEEN = "no-store, private"
ASK_AGAIN = "private, no-cache"


class ExposureMiddleware:
    """Private answers are never indexed and never kept; public pages are asked for again.

    Public is what a view declares (`kernel.http.seo.public`), everything else is private: pages
    of an account, refusals, errors, the API. A public page is not shared between people
    either, because its header shows the basket, but a browser may go back to it at once.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not settings.SEARCH_INDEXING:
            response["X-Robots-Tag"] = "noindex, nofollow"
        if _is_file(request) and response.status_code < 400:
            return response
        page = public_page_of(request)
        if page is None or response.status_code >= 400:
            _hide(response)
            return response
        if is_search(request, page):
            response.setdefault("X-Robots-Tag", "noindex, follow")  # type: ignore[attr-defined]
        if "Cache-Control" not in response:
            response["Cache-Control"] = ASK_AGAIN
        patch_vary_headers(response, ("Cookie",))
        return response


def _is_file(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and getattr(match.func, FILE_MARK, False)


def _hide(response: HttpResponse) -> None:
    if "no-store" not in response.get("Cache-Control", ""):
        response["Cache-Control"] = UNSEEN
    response.setdefault("X-Robots-Tag", "noindex")  # type: ignore[attr-defined]
