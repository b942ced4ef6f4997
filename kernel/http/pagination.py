"""Lists of the API: cursor pages that cost the same on page 1 and on page 10,000."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import InvalidInput
from kernel.http.reading import has_control_characters
from kernel.numerals import MAX_ID, read_number


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

    def get_page_size(self, request: Request) -> int | None:
        """How many rows were asked for; raises InvalidInput for what is no number of rows."""
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        size = read_number(text)
        if not size:
            raise InvalidInput(
                fields={
                    self.page_size_query_param: [
                        _("Enter a whole number from 1 to %(most)d.") % {"most": self.max_page_size}
                    ]
                }
            )
        return min(size, self.max_page_size)

    def decode_cursor(self, request: Request) -> Any:
        if has_control_characters(request.query_params.get(self.cursor_query_param, "")):
            raise _no_cursor()
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            field = self._rows.model._meta.get_field(self.ordering[0].lstrip("-"))
            if not _is_place(field, str(cursor.position)):
                raise _no_cursor()
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data}
        )


def _no_cursor() -> InvalidInput:
    return InvalidInput(fields={"cursor": [_("This is no cursor of this list.")]})


def _is_place(field: Any, text: str) -> bool:
    """Whether a row may have ``text`` in ``field``: a key of its column, a moment of our age."""
    try:
        value = field.to_python(text)
    except (ValidationError, ValueError, OverflowError):
        return False
    if isinstance(value, int):
        return abs(value) <= MAX_ID
    return isinstance(value, dt.datetime) and 1900 <= value.year <= 2999
