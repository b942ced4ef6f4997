"""Lists by cursor (kernel.http.keyset), as a page shows them and as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from kernel.errors import InvalidInput
from kernel.http.fields import WholeField
from kernel.http.keyset import Order, Page, keyset_page

NEWEST = Order("newest", ("id",), descending=True)
PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


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


def page_urls(params: QueryDict, page: Page[Any]) -> tuple[str, str]:
    """Return the query strings of the pages before and after ``page``; ``params`` stay in them."""

    def turn(cursor: str) -> str:
        if not cursor:
            return ""
        query = params.copy()
        query["cursor"] = cursor
        return f"?{query.urlencode()}"

    return turn(page.previous), turn(page.next)


class PageParams(serializers.Serializer[Any]):
    """What every list of the API takes."""

    cursor = serializers.CharField(
        required=False, max_length=500, help_text="From next or previous."
    )
    page_size = WholeField(required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE)


def read_params(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the checked query parameters; raises DRF's ValidationError with the fields."""
    params = serializer(data=request.query_params)
    params.is_valid(raise_exception=True)
    values: dict[str, Any] = params.validated_data
    return values


def page_addresses(request: Request, page: Page[Any]) -> dict[str, str | None]:
    """Return the ``next`` and ``previous`` addresses of an API list, None where there is none."""
    address = request.build_absolute_uri()

    def turn(cursor: str) -> str | None:
        return replace_query_param(address, "cursor", cursor) if cursor else None

    return {"next": turn(page.next), "previous": turn(page.previous)}


class CursorPages(BasePagination):
    """DRF's lists, newest first: ``{next, previous, results}``."""

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        """Return one page; raises InvalidInput for a foreign cursor, ValidationError for a size."""
        asked = read_params(PageParams, request)
        page = keyset_page(
            [queryset], order=NEWEST, cursor=asked.get("cursor", ""), size=asked["page_size"]
        )
        self._around = page_addresses(request, page)
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({**self._around, "results": data})

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        address = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_PAGE_SIZE,
            "default": PAGE_SIZE,
        }
        return [
            _parameter("cursor", {"type": "string", "maxLength": 500}, "From next or previous."),
            _parameter("page_size", size, "Rows on a page."),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "required": False,
        "in": "query",
        "description": description,
        "schema": schema,
    }
