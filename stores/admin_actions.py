"""Actions of the admin: services run for rows, and asked about first where they cannot be undone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from kernel.errors import Refusal

SHOWN = 20
"""How many of the rows are named before the rest is only counted."""


def attempt(
    page: ModelAdmin,
    request: HttpRequest,
    row: Any,
    act: Callable[[], Any],
    *,
    done: Callable[[Any], Any],
) -> None:
    """Run one service for one row and say what came of it: a refusal, or what ``done`` says."""
    try:
        outcome = act()
    except Refusal as refusal:
        page.message_user(request, f"{row}: {refusal}", messages.ERROR)
    else:
        page.message_user(request, f"{row}: {done(outcome)}", messages.SUCCESS)


def asked(
    description: Any,
    consequence: Any,
    *,
    note: Any = "",
    summary: Callable[[list[Any]], Any] = lambda rows: "",
) -> Callable[[Any], Any]:
    """An action of a list that says its consequence and waits for a yes before it runs.

    ``note`` is the label of a short text that every row is asked for (``note_of`` reads it);
    ``summary`` says what the rows come to together.
    """

    def decorate(act: Any) -> Any:
        @admin.action(description=description)
        @wraps(act)
        def action(
            page: ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]
        ) -> HttpResponse | None:
            if "confirmed" in request.POST:
                result: HttpResponse | None = act(page, request, queryset)
                return result
            question = {"title": description, "consequence": consequence, "note": note}
            return _ask(page, request, queryset, question, summary)

        return action

    return decorate


def note_of(request: HttpRequest, row: Any) -> str:
    """What was typed for ``row`` on the page that asked."""
    return str(request.POST.get(f"note_{row.pk}", ""))


def _ask(
    page: ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[Any],
    question: dict[str, Any],
    summary: Callable[[list[Any]], Any],
) -> HttpResponse:
    rows = list(queryset)
    name_row = getattr(page, "name_row", str)
    shown = rows if question["note"] else rows[:SHOWN]
    context = {
        **page.admin_site.each_context(request),
        **question,
        "opts": page.model._meta,
        "summary": summary(rows),
        "rows": [(row.pk, name_row(row)) for row in shown],
        "more": len(rows) - len(shown),
        "keys": [row.pk for row in rows],
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": request.POST.get("action", ""),
    }
    return TemplateResponse(request, "admin/ask.html", context)
