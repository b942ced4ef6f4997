"""Parts of a page that all visitors see alike, drawn once in some seconds.

What such a part shows may be that much behind: a price on a card, an opening time. The page
of the product, the basket and the order always read the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

Value = TypeVar("Value")


def shared_part(
    template: str,
    about: tuple[Any, ...] | None,
    context: Callable[[], dict[str, Any]],
    request: HttpRequest,
) -> SafeString:
    """Return ``template`` rendered with ``context()``, or what it was for the same ``about`` just now.

    ``about`` names everything the part depends on besides the language, and must have few
    values: keys that visitors can make up would fill the cache. None: never kept. Context
    processors do not run, so that nobody's name, basket or form token can get into it.
    """

    def draw() -> SafeString:
        values = Context({"request": request, **context()})
        values.request = request  # type: ignore[attr-defined]  # {% querystring %} looks there
        return get_template(template).template.render(values)  # type: ignore[attr-defined]

    return shared_value(about and (template, get_language(), *about), draw)


def shared_value(about: tuple[Any, ...] | None, make: Callable[[], Value]) -> Value:
    """Return ``make()``, or what it gave for the same ``about`` just now; the rules are the same."""
    seconds = settings.SHARED_PART_SECONDS
    if about is None or not seconds:
        return make()
    digest = hashlib.sha256(repr(about).encode()).hexdigest()
    kept: Value | None = cache.get_or_set(f"part:{digest}", make, seconds)
    return make() if kept is None else kept
