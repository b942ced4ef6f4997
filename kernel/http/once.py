"""Idempotent POSTs of the API and of pages: two small adapters around `run_once`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from kernel.errors import KeyMissing, KeyReused, KeyUnfit, Refusal
from kernel.http.problems import refusal_problem
from kernel.idempotency.services import Answer, fingerprint, run_once

FORM_KEY = "form_key"
_NOT_MEANT = {FORM_KEY, "csrfmiddlewaretoken"}


def run_api_once(request: Request, action: Callable[[], tuple[int, Any]]) -> Answer:
    """Run ``action`` under the request's Idempotency-Key; the fingerprint covers method, path, data.

    For a view that must still do something after the commit (open a payment at its
    gateway) before it answers with `answer_response`; all others use `answer_once`.
    """
    return run_once(
        scope=f"user:{request.user.pk}",
        key=request.headers.get("Idempotency-Key", ""),
        request_hash=fingerprint(request.method, request.path, request.data),
        action=action,
        refusal_body=refusal_problem,
    )


def answer_response(answer: Answer) -> HttpResponse:
    """Turn a stored answer into a response; a copy carries ``Idempotency-Replayed: true``."""
    kind = "application/problem+json" if answer.status >= 400 else "application/json"
    response = HttpResponse(answer.text, status=answer.status, content_type=kind)
    if answer.replayed:
        response["Idempotency-Replayed"] = "true"
    return response


def answer_once(request: Request, action: Callable[[], tuple[int, Any]]) -> HttpResponse:
    """Run ``action`` under the request's Idempotency-Key and answer with its stored result.

    The caller has parsed the body already.
    """
    return answer_response(run_api_once(request, action))


class FormOutdated(Refusal):
    """The form came without its one-time key, or was sent before with other values."""

    code = "form_outdated"
    status = 409
    message = _(
        "This form was already sent, or the page is too old. Nothing was changed this time; "
        "open the page again and check what it says."
    )


class PageAnswer(NamedTuple):
    """``value`` is what the action returned the first time; ``replayed`` says it is a copy."""

    value: Any
    replayed: bool


class _RefusedError(Exception):
    """Carries a refusal past `run_once`, which would store it."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


def page_once(request: HttpRequest, action: Callable[[], Any]) -> PageAnswer:
    """Run a form's ``action`` once per hidden form key: double clicks and "back" do no harm.

    The form holds ``{% load once %}{% form_key %}``. ``action`` runs inside a transaction
    and returns something JSON-ready (ids, never an address that a template could make);
    sending the same form again returns that first value without running it. Unlike the
    API, a refusal is raised and not stored: nothing happened, so the same form may be
    tried again. Raises FormOutdated when the key is missing or came with other values.
    """

    def once() -> tuple[int, Any]:
        try:
            return 200, action()
        except Refusal as refusal:
            raise _RefusedError(refusal) from refusal

    meant = sorted((k, request.POST.getlist(k)) for k in request.POST if k not in _NOT_MEANT)
    try:
        answer = run_once(
            scope=_page_scope(request),
            key=request.POST.get(FORM_KEY, ""),
            request_hash=fingerprint(request.method, request.path, meant),
            action=once,
            refusal_body=refusal_problem,
        )
    except _RefusedError as refused:
        raise refused.refusal from None
    except (KeyMissing, KeyReused, KeyUnfit):
        raise FormOutdated from None
    return PageAnswer(answer.body, answer.replayed)


def _page_scope(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"page:user:{request.user.pk}"
    if not request.session.session_key:
        request.session.create()
    return f"page:session:{request.session.session_key}"
