"""Parts of a page that all visitors see alike, drawn once in some seconds.

What such a part shows may be that much behind: a price on a card, an opening time. The page
of the product, the basket and the order always read the database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

Value = TypeVar("Value")


def shared_part(
    template: str, key: str | None, context: Callable[[], dict[str, Any]]
) -> SafeString:
    """Return ``template`` rendered with ``context()``, or what it was under ``key`` just now.

    ``key`` comes from kernel/cache/keys.py and holds everything the part depends on; None: never
    kept. Keys that visitors can invent would fill the cache. The template gets no request and no
    context processor runs, so that nothing of one visitor can get into another's page.
    """
    return SafeString(shared_value(key, lambda: _drawn(template, context())))


def shared_parts(
    templates: dict[str, str], key: str | None, context: Callable[[], dict[str, Any]]
) -> dict[str, SafeString]:
    """Several parts of one page, by name, drawn from one context and kept together under ``key``.

    The rules are those of `shared_part`.
    """

    def draw() -> dict[str, str]:
        facts = context()
        return {name: _drawn(template, facts) for name, template in templates.items()}

    return {name: SafeString(html) for name, html in shared_value(key, draw).items()}


def _drawn(template: str, facts: dict[str, Any]) -> str:
    html = get_template(template).template.render(Context(facts))  # type: ignore[attr-defined]
    # A plain text is kept: a pickled SafeString would name a class of Django's.
    return str.__str__(html)


def shared_value(key: str | None, make: Callable[[], Value]) -> Value:
    """Return ``make()``, or what it gave under ``key`` just now; the rules are the same."""
    seconds = settings.SHARED_PART_SECONDS
    if key is None or not seconds:
        return make()
    kept: Value | None = cache.get_or_set(key, make, seconds)
    return make() if kept is None else kept
