"""Lists of the API: cursor pages that cost the same on page 1 and on page 10,000."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from o2o.errors import InvalidInput
from o2o.web.reading import MAX_ID


class CursorPages(CursorPagination):
    """``{next, previous, results}``; ``page_size`` up to 100."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering: Any = "-id"

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        """One page; raises InvalidInput for a cursor whose place no row can have."""
        self._rows = queryset
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            field = self._rows.model._meta.get_field(self.ordering[0].lstrip("-"))
            if not _is_place(field, str(cursor.position)):
                raise InvalidInput(fields={"cursor": [_("This is no cursor of this list.")]})
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data}
        )


def _is_place(field: Any, text: str) -> bool:
    """Whether a row may have ``text`` in ``field``: a key of its column, a moment of our age."""
    try:
        value = field.to_python(text)
    except (ValidationError, ValueError, OverflowError):
        return False
    if isinstance(value, int):
        return abs(value) <= MAX_ID
    return isinstance(value, dt.datetime) and 1900 <= value.year <= 2999
