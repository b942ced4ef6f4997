"""Lists by cursor (kernel.http.keyset), as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from kernel.http.bodies import read_body
from kernel.http.fields import WholeField
from kernel.http.keyset import Page, keyset_page
from kernel.http.paging import NEWEST, PAGE_SIZE

MAX_PAGE_SIZE = 100


class PageParams(serializers.Serializer[Any]):
    """What every list of the API takes."""

    cursor = serializers.CharField(
        required=False, max_length=500, help_text="From next or previous."
    )
    page_size = WholeField(required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE)


def read_params(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the checked query parameters; raises DRF's ValidationError with the fields."""
    return read_body(serializer, request.query_params)


def page_addresses(request: Request, page: Page[Any]) -> dict[str, str | None]:
    """Return the ``next`` and ``previous`` addresses of an API list, None where there is none."""
    address = request.build_absolute_uri()

    def turn(cursor: str) -> str | None:
        return replace_query_param(address, "cursor", cursor) if cursor else None

    return {"next": turn(page.next), "previous": turn(page.previous)}


class CursorPages(BasePagination):
    """DRF's lists, newest first: ``{next, previous, results}``."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
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
        following = {**address, "example": "https://shop.example/api/v1/…?cursor=bz0xMg"}
        # The first page has none before it; an example of null would count as none at all.
        before = {**address, "example": "https://shop.example/api/v1/…?cursor=cj0x"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": following, "previous": before, "results": schema},
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
