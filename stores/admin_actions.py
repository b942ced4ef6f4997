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
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from o2o.errors import Refusal

SHOWN = 20
"""How many of the rows are named before the rest is only counted."""


def attempt(
    page: ModelAdmin,
    request: HttpRequest,
    row: Any,
    act: Callable[[], Any],
    done: Callable[[Any], Any] = lambda outcome: _("done"),
) -> None:
    """Run one service for one row and say what came of it: a refusal, or what ``done`` says."""
    try:
        outcome = act()
    except Refusal as refusal:
        page.message_user(request, f"{row}: {refusal}", messages.ERROR)
    else:
        page.message_user(request, f"{row}: {done(outcome)}", messages.SUCCESS)


def asked(description: Any, consequence: Any) -> Callable[[Any], Any]:
    """An action of a list that says its consequence and waits for a yes before it runs."""

    def decorate(act: Any) -> Any:
        @admin.action(description=description)
        @wraps(act)
        def action(
            page: ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]
        ) -> HttpResponse | None:
            if "confirmed" in request.POST:
                result: HttpResponse | None = act(page, request, queryset)
                return result
            return _ask(page, request, queryset, description, consequence)

        return action

    return decorate


def _ask(
    page: ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[Any],
    description: Any,
    consequence: Any,
) -> HttpResponse:
    rows = list(queryset)
    name_row = getattr(page, "name_row", str)
    context = {
        **page.admin_site.each_context(request),
        "title": description,
        "opts": page.model._meta,
        "consequence": consequence,
        "rows": [name_row(row) for row in rows[:SHOWN]],
        "more": max(0, len(rows) - SHOWN),
        "keys": [row.pk for row in rows],
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": request.POST.get("action", ""),
    }
    return TemplateResponse(request, "admin/ask.html", context)
