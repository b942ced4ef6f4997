"""Lists on pages: "older" and "newer" by primary key, as cheap on the last page as on the first."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Model, QuerySet
from django.http import QueryDict

from kernel.numerals import read_number


class IdPage(NamedTuple):
    """Rows, newest first, and the addresses (query strings) of the pages around them."""

    items: list[Any]
    previous_url: str
    next_url: str


def id_page(rows: QuerySet[Any], params: QueryDict, *, size: int = 20) -> IdPage:
    """Cut one page out of ``rows``; ``?before=ID`` is the next page, ``?after=ID`` the previous.

    One query. Other parameters stay in the addresses; a number that is none is ignored.
    """
    before, after = read_number(params.get("before")), read_number(params.get("after"))
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        items = found[:size][::-1]
        newer, older = len(found) > size, True
    else:
        found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: size + 1])
        items = found[:size]
        newer, older = before is not None, len(found) > size
    return IdPage(
        items,
        _url(params, "after", items[0]) if items and newer else "",
        _url(params, "before", items[-1]) if items and older else "",
    )


def _url(params: QueryDict, name: str, row: Model) -> str:
    query = params.copy()
    for used in ("before", "after"):
        query.pop(used, None)
    query[name] = str(row.pk)
    return f"?{query.urlencode()}"
