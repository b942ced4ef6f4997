"""Pieces of a page that look the same for the same content, drawn once per process.

A list page is two dozen cards that change far less often than they are shown. What is kept is
found by its whole content and the language, so nothing shown can be older than the data.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

KEPT = 2048
"""Pieces per process; a card with its key takes about 4 kB."""


def drawn(template: str, card: Mapping[str, Hashable], **options: Hashable) -> SafeString:
    """Return ``template`` rendered with ``card`` and ``options``.

    All values must be hashable and say everything that the template shows: it gets no request
    and must not ask the clock. Whoever works on templates (DEBUG) sees each change.
    """
    draw = _draw.__wrapped__ if settings.DEBUG else _draw
    return draw(template, get_language(), tuple(card.items()), tuple(options.items()))


@lru_cache(maxsize=KEPT)
def _draw(
    template: str,
    _language: str | None,
    card: tuple[tuple[str, Any], ...],
    options: tuple[tuple[str, Any], ...],
) -> SafeString:
    return SafeString(get_template(template).render({"card": dict(card), **dict(options)}))
