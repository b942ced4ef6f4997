"""Answers that carry a refusal: its status and, where it is over after a while, how long to wait."""

from __future__ import annotations

from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from kernel.errors import Refusal

Answer = TypeVar("Answer", bound=HttpResponseBase)


def refused_page(
    request: HttpRequest, template: str, context: dict[str, Any], refusal: Refusal | None
) -> HttpResponse:
    """The page with the status of ``refusal``, 200 without one."""
    status = refusal.status if refusal else 200
    return tell_wait(render(request, template, context, status=status), refusal)


def tell_wait(response: Answer, refusal: Refusal | None) -> Answer:
    """Say in Retry-After what ``refusal`` says about coming back (RFC 9110, 10.2.3)."""
    if refusal and (wait := refusal.extra.get("retry_after_seconds")):
        response["Retry-After"] = str(wait)
    return response
