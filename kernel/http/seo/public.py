"""Public pages and their one address.

A view is private unless ``@public_page`` says otherwise: forgetting it hides a page from
search engines, it never shows a wallet to them. The decorator names the parameters that make
another page; all others (position, cursor, sorting, tracking) are left out of the address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.http import HttpRequest

from kernel.http.language import LANGUAGE_PARAMETER, asked_language

PAGE_MARK, FILE_MARK = "seo_public_page", "seo_public_file"
View = TypeVar("View", bound=Callable[..., Any])


class PublicPage(NamedTuple):
    """Parameters of the clean address: ``keep`` unless empty, ``blank`` also when empty.

    ``search`` are kept too, but a page with one of them is not offered to indexes: its text
    was written by whoever made the link.
    """

    keep: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


def public_page(
    *keep: str, blank: tuple[str, ...] = (), search: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """Mark a view as a page for everybody, found by search engines. Outermost decorator."""

    def mark(view: View) -> View:
        setattr(view, PAGE_MARK, PublicPage(keep, blank, search))
        return view

    return mark


def public_file(view: View) -> View:
    """Mark a view that serves a file to everybody and decides itself how long it is kept."""
    setattr(view, FILE_MARK, True)
    return view


def public_page_of(request: HttpRequest | None) -> PublicPage | None:
    """What the view of this request declares; None for private pages and unknown addresses."""
    match = request.resolver_match if request else None
    return getattr(match.func, PAGE_MARK, None) if match else None


def is_search(request: HttpRequest, page: PublicPage) -> bool:
    """Whether the page shows what somebody searched for."""
    return any(request.GET.get(name, "").strip() for name in page.search)


def absolute(address: str) -> str:
    """An address of this site, or one that is complete already, with scheme and host."""
    return urljoin(f"{settings.BASE_URL}/", address)


def clean_address(request: HttpRequest, page: PublicPage, *, language: str = "") -> str:
    """The page's address without anything that makes no other page, in ``language`` if given."""
    pairs = []
    for name in (*page.search, *page.keep, *page.blank):
        value = request.GET.get(name)
        if value is not None and (value.strip() or name in page.blank):
            pairs.append((name, value.strip()))
    if language:
        pairs.append((LANGUAGE_PARAMETER, language))
    query = f"?{urlencode(pairs)}" if pairs else ""
    return absolute(f"{request.path}{query}")


def canonical(request: HttpRequest, page: PublicPage) -> str:
    """The address that stands for this page; a page in an asked-for language stands for itself."""
    return clean_address(request, page, language=asked_language(request))


def alternates(request: HttpRequest, page: PublicPage) -> list[tuple[str, str]]:
    """(hreflang, address) for each language and for "whatever the visitor speaks"."""
    spoken = [
        (_tag(code), clean_address(request, page, language=code)) for code, _ in settings.LANGUAGES
    ]
    return [*spoken, ("x-default", clean_address(request, page))]


def _tag(code: str) -> str:
    """``zh-hans`` as search engines write it: ``zh-Hans``."""
    language, _, script = code.partition("-")
    return f"{language}-{script.title()}" if script else language
