"""Lists by cursor (kernel.http.keyset), as a page shows them; the API's are in `api_paging.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import QueryDict

from kernel.errors import InvalidInput
from kernel.http.keyset import Order, Page, cut_page, keyset_page

NEWEST = Order("newest", ("id",), descending=True)
PAGE_SIZE = 20


class ListPage(NamedTuple):
    """Rows, and the addresses (query strings) of the pages around them, "" where there is none."""

    items: list[Any]
    previous_url: str
    next_url: str


def newest_page(rows: QuerySet[Any], params: QueryDict, *, size: int = PAGE_SIZE) -> ListPage:
    """Cut the page that ``?cursor=`` names out of ``rows``, newest first. One query.

    Other parameters stay in the addresses. A cursor that is none, or an old one, is the first
    page: better than an error.
    """
    try:
        page = keyset_page([rows], order=NEWEST, cursor=params.get("cursor", ""), size=size)
    except InvalidInput:
        page = keyset_page([rows], order=NEWEST, size=size)
    return ListPage(page.rows, *page_urls(params, page))


def first_page(rows: Sequence[Any], params: QueryDict, *, size: int = PAGE_SIZE) -> ListPage:
    """The first page of a list, newest first, of at most ``size + 1`` rows read already."""
    page = cut_page([(0, row) for row in rows], order=NEWEST, start=None, size=size)
    return ListPage(page.rows, *page_urls(params, page))


def page_urls(params: QueryDict, page: Page[Any]) -> tuple[str, str]:
    """Return the query strings of the pages before and after ``page``; ``params`` stay in them."""

    def turn(cursor: str) -> str:
        if not cursor:
            return ""
        query = params.copy()
        query["cursor"] = cursor
        return f"?{query.urlencode()}"

    return turn(page.previous), turn(page.next)
