"""Every address of the URL configuration, found by walking it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Address(NamedTuple):
    """One pattern of the URL configuration; ``name`` with its namespaces."""

    name: str
    route: str
    view: Any


def addresses(resolver: URLResolver, space: str = "", before: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(space + (pattern.name or ""), route, pattern.callback)
        else:
            inner = space + (f"{pattern.namespace}:" if pattern.namespace else "")
            yield from addresses(pattern, inner, route)


SITE = [address for address in addresses(get_resolver()) if not address.name.startswith("admin:")]
NAMES = sorted({address.name for address in SITE})
BACK_OFFICE = [
    address for address in addresses(get_resolver()) if address.name.startswith("admin:")
]
