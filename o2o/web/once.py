"""Idempotent POSTs of the API: one decorator around `o2o.idempotency.run_once`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from o2o.idempotency.services import fingerprint, run_once
from o2o.web.problems import refusal_problem


def answer_once(request: Request, action: Callable[[], tuple[int, Any]]) -> Response:
    """Run ``action`` under the request's Idempotency-Key and answer with its stored result.

    The caller has parsed the body already; the fingerprint covers method, path and data.
    A replayed answer carries ``Idempotency-Replayed: true``.
    """
    answer = run_once(
        scope=f"user:{request.user.pk}",
        key=request.headers.get("Idempotency-Key", ""),
        request_hash=fingerprint(request.method, request.path, request.data),
        action=action,
        refusal_body=refusal_problem,
    )
    response = Response(answer.body, status=answer.status)
    if answer.status >= 400:
        response["Content-Type"] = "application/problem+json"
        response.content_type = "application/problem+json"
    if answer.replayed:
        response["Idempotency-Replayed"] = "true"
    return response
