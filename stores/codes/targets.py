"""Where a code may lead: pages of the business itself, each kind registered by the room that has it.

A kind is the name of an address. Its finder is asked whose page it is and whether guests see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import QueryDict
from django.urls import Resolver404, resolve, reverse

from kernel.http.places import address_of
from kernel.http.reading import has_control_characters, read_slug
from stores.codes.models import Code
from stores.models import Merchant, Store

LONGEST = 200


def no_picture() -> None:
    """Of a page that shows none."""


class Page(NamedTuple):
    """A page that a code leads to: its own path, what it is called, the product it shows, its picture.

    ``picture`` gives the stored file ("" or None: there is none); only who prints it asks.
    ``has_stores``: it has stores to choose from, and takes one as its parameter ``store``.
    """

    path: str
    label: str
    product_id: int | None = None
    picture: Callable[[], Any] = no_picture
    has_stores: bool = False


Finder = Callable[[int | None, Mapping[str, Any], Mapping[str, str]], Page | None]
"""Asked with the merchant (None: the platform, whose codes lead anywhere), the parts and the query."""

_finders: dict[str, Finder] = {}


def register_target(name: str, finder: Finder) -> None:
    """Let codes lead to the page whose address has that name."""
    _finders[name] = finder


def find_page(text: str, *, merchant_id: int | None) -> Page | None:
    """The page that an address leads to, when a code of the merchant may lead there; else None.

    ``text`` is a path of ours ("/products/7/") or a whole address of this site.
    """
    path, query = _own_path(text)
    if not path:
        return None
    try:
        match = resolve(path)
    except Resolver404:
        return None
    finder = _finders.get(match.view_name)
    return finder(merchant_id, match.kwargs, query) if finder else None


def page_of(code: Code) -> Page:
    """The page that ``code`` (merchant and store joined) leads to, while it is open."""
    page = find_page(code.target, merchant_id=code.merchant_id) if code.target else None
    return page or fallback_page(merchant=code.merchant, store=code.store)


def fallback_page(*, merchant: Merchant | None, store: Store | None) -> Page:
    """Where a code leads that names no page, or one that is gone."""
    if store is not None and store.state == Store.State.ACTIVE:
        return _store_page(store)
    if merchant is not None:
        return _merchant_page(merchant)
    return Page(address_of("front"), settings.SITE_NAME)


def register_own() -> None:
    """Pages of stores, and of a business's list of them."""
    register_target("store_detail", _store)
    register_target("store_list", _merchant)


def _own_path(text: str) -> tuple[str, dict[str, str]]:
    """Path and query of an address of this site, ("", {}) for any other."""
    text = text.strip()
    if len(text) > LONGEST or has_control_characters(text):
        return "", {}
    base = f"{settings.BASE_URL}/"
    if text.startswith(base):
        text = text[len(base) - 1 :]
    try:
        parts = urlsplit(text)
    except ValueError:
        return "", {}
    if parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//"):
        return "", {}
    return parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()}


def _store(
    merchant_id: int | None, parts: Mapping[str, Any], query: Mapping[str, str]
) -> Page | None:
    rows = Store.objects.open_for_business().filter(pk=parts["pk"])
    store = (rows.filter(merchant=merchant_id) if merchant_id else rows).first()
    return _store_page(store) if store else None


def _merchant(
    merchant_id: int | None, parts: Mapping[str, Any], query: Mapping[str, str]
) -> Page | None:
    slug = read_slug(query.get("merchant", ""))
    rows = Merchant.objects.filter(slug=slug, state=Merchant.State.APPROVED)
    merchant = (rows.filter(pk=merchant_id) if merchant_id else rows).first()
    return _merchant_page(merchant) if merchant else None


def _store_page(store: Store) -> Page:
    path = reverse("store_detail", args=[store.pk])
    return Page(path, store.name, picture=lambda: store.picture)


def _merchant_page(merchant: Merchant) -> Page:
    query = QueryDict(mutable=True)
    query["merchant"] = merchant.slug
    return Page(f"{reverse('store_list')}?{query.urlencode()}", merchant.name)
