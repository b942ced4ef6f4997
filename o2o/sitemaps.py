"""The sections of /sitemap.xml, from every room that has public pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from catalog.sitemap import PRODUCTS, category_pages
from kernel.http.seo.sitemap import Entry, Listed, Section
from stores.sitemap import STORES, city_pages


def _pages() -> Iterator[Entry]:
    yield Entry(reverse("home"))
    yield Entry(reverse("help"))
    yield from city_pages("product_list")
    yield from city_pages("store_list")
    yield from category_pages()


SECTIONS: dict[str, Section] = {
    "pages": Listed(_pages),
    "products": PRODUCTS,
    "stores": STORES,
}
