"""/sitemap.xml: an index of parts, from every room that has public pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.sitemap import PRODUCTS, category_pages, occasion_pages
from kernel.http.seo.public import absolute, public_file
from kernel.http.seo.sitemap import Entry, Listed, Section
from stores.sitemap import STORES, city_pages

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
ONE_HOUR = "public, max-age=3600"


def _pages() -> Iterator[Entry]:
    yield Entry(reverse("home"))
    yield Entry(reverse("help"))
    yield from city_pages("product_list")
    yield from city_pages("store_list")
    yield from category_pages()
    yield from occasion_pages()
    yield Entry(reverse("coupon_centre"))


SECTIONS: dict[str, Section] = {
    "pages": Listed(_pages),
    "products": PRODUCTS,
    "stores": STORES,
}


@public_file
@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Every part that has entries."""
    parts = [
        absolute(reverse("sitemap_part", args=[name, number]))
        for name, section in SECTIONS.items()
        for number in section.numbers()
    ]
    rows = "".join(f"<sitemap><loc>{escape(part)}</loc></sitemap>\n" for part in parts)
    return _xml(f'<sitemapindex xmlns="{NAMESPACE}">\n{rows}</sitemapindex>\n')


@public_file
@require_safe
def sitemap_part(request: HttpRequest, section: str, number: int) -> HttpResponse:
    """The addresses of one part."""
    entries = SECTIONS[section].entries(number) if section in SECTIONS else []
    if not entries:
        raise Http404
    rows = "".join(map(_row, entries))
    return _xml(f'<urlset xmlns="{NAMESPACE}">\n{rows}</urlset>\n')


def _row(entry: Entry) -> str:
    changed = ""
    if entry.changed is not None:
        moment = entry.changed.astimezone(dt.UTC).replace(microsecond=0)
        changed = f"<lastmod>{moment.isoformat()}</lastmod>"
    return f"<url><loc>{escape(absolute(entry.address))}</loc>{changed}</url>\n"


def _xml(body: str) -> HttpResponse:
    response = HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{body}', content_type="application/xml"
    )
    response["Cache-Control"] = ONE_HOUR
    return response
