"""schema.org data: the few shapes that several rooms need, and how they are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from kernel.http.seo.public import absolute

Thing = dict[str, Any]
CONTEXT = "https://schema.org"
CARD = "img/card.png"
CARD_PIXELS = (1200, 630)
# Inside <script> nothing but "<" could end the element; the others keep careless parsers safe.
_ESCAPES = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}


def script(data: Thing) -> SafeString:
    """A data block for the page. It is never executed, so the strict content policy lets it be."""
    text = json.dumps({"@context": CONTEXT, **data}, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(  # noqa: S308 - every character that could leave the element is escaped
        f'<script type="application/ld+json">{text.translate(_ESCAPES)}</script>'
    )


def thing(kind: str, **facts: Any) -> Thing:
    """A thing with the facts that are known: empty ones are left out."""
    known = {name: fact for name, fact in facts.items() if fact not in (None, "", [], {})}
    return {"@type": kind, **known}


def yuan(amount_fen: int) -> str:
    """An amount as schema.org wants it: "68.00"."""
    return f"{amount_fen // 100}.{amount_fen % 100:02}"


def rating(average: Any, count: int) -> Thing | None:
    """The stars that the page shows; None where it shows none."""
    if not count or average is None:
        return None
    return thing("AggregateRating", ratingValue=str(average), reviewCount=count, bestRating=5)


def breadcrumbs(crumbs: Iterable[Mapping[str, str]], here: str) -> Thing:
    """The way back as components/crumbs.html shows it; the last crumb is the page itself."""
    steps = [
        thing(
            "ListItem",
            position=position,
            name=str(crumb["label"]),
            item=absolute(crumb["url"]) if crumb.get("url") else here,
        )
        for position, crumb in enumerate(crumbs, start=1)
    ]
    return thing("BreadcrumbList", itemListElement=steps)


def site(name: str, tagline: str, *, home: str, search: str) -> Thing:
    """The site, who runs it, and how to search it. ``search`` is the list's address."""
    look = thing("EntryPoint", urlTemplate=f"{absolute(search)}?q={{search_term_string}}")
    return thing(
        "WebSite",
        name=name,
        description=tagline,
        url=absolute(home),
        publisher=thing("Organization", name=name, url=absolute(home), logo=brand_card()),
        potentialAction={
            **thing("SearchAction", target=look),
            "query-input": "required name=search_term_string",
        },
    )


def brand_card() -> str:
    """The drawn picture of pages that have none of their own."""
    return absolute(static(CARD))


def page_address(request: HttpRequest) -> str:
    """The bare address of the page: what its things are called by, in every language."""
    return absolute(request.path)
