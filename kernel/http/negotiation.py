"""Which form an answer of the API has."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request


class AlwaysJson(BaseContentNegotiation):
    """JSON in, JSON out, whatever the Accept header lists: a picture's problem is JSON too."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return JSONRenderer(), JSONRenderer.media_type


class PlainFirst(DefaultContentNegotiation):
    """DRF's rule; who takes anything, or asks for JSON where there is nothing else, is not weighed by it."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = request.META.get("HTTP_ACCEPT", "*/*")
        overridden = format_suffix or "format=" in request.META.get("QUERY_STRING", "")
        if len(renderers) == 1 and asked in {"*/*", renderers[0].media_type} and not overridden:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
