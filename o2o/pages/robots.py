"""/robots.txt: what crawlers may look at, read off the URL configuration.

A new private address is closed by being there; nobody has to remember this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.views.decorators.http import require_safe

from kernel.http.seo.public import FILE_MARK, PAGE_MARK, absolute, public_file

_CONVERTER = re.compile(r"<[^>]+>")
_GROUP = re.compile(r"\(\?P?<?.*")
TRACKING = ("near", "sort", "cursor")
"""Parameters that make endless addresses of the same pages."""


@public_file
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The rules for all crawlers, and where the sitemap is."""
    response = HttpResponse("\n".join(_lines()) + "\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _lines() -> list[str]:
    if not settings.SEARCH_INDEXING:
        return ["User-agent: *", "Disallow: /"]
    return [
        "User-agent: *",
        *(f"Disallow: {prefix}" for prefix in private_prefixes()),
        *(f"Disallow: /*{sign}{name}=" for name in TRACKING for sign in "?&"),
        "",
        f"Sitemap: {absolute(reverse('sitemap'))}",
    ]


@cache
def private_prefixes() -> list[str]:
    """The shortest prefixes that cover every private address and no public one."""
    public: set[str] = set()
    private: set[str] = set()
    for route, view in _routes(get_resolver()):
        shown = hasattr(view, PAGE_MARK) or hasattr(view, FILE_MARK)
        (public if shown else private).add(_pattern(route))
    closed = {_shortest(path, public) for path in private - public}
    return sorted(path for path in closed if not _covered(path, closed - {path}))


def _routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, object]]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        else:
            yield from _routes(entry, route)


def _pattern(route: str) -> str:
    """A route as crawlers write it: ``vouchers/<int:pk>/`` is ``/vouchers/*/``."""
    plain = _GROUP.sub("", _CONVERTER.sub("*", route.removesuffix("$").replace("^", "")))
    return f"/{plain}"


def _shortest(path: str, public: set[str]) -> str:
    """``/basket/`` for ``/basket/lines/*/``; the whole path where something public is beside it."""
    parts = path.strip("/").split("/")
    for count in range(1, len(parts)):
        start = f"/{'/'.join(parts[:count])}/"
        if not any(open_path.startswith(start) for open_path in public):
            return start
    return path if path.endswith("/") or "." in parts[-1] else f"{path}$"


def _covered(path: str, others: set[str]) -> bool:
    return any(path.startswith(other) for other in others)
