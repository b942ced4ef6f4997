"""Actions of the admin: services run for rows, and asked about first where they cannot be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin

from kernel.errors import Refusal

SHOWN = 20
"""How many of the rows are named before the rest is only counted."""


class Refused(NamedTuple):
    """A row that is asked about, and why its note was refused ("" the first time)."""

    row: Any
    why: str


class Question(NamedTuple):
    """What an action says before it runs: see `asked`."""

    title: Any
    consequence: Any
    note: Any
    summary: Callable[[list[Any]], Any]
    why_not: Callable[[Any], str]
    choices: Callable[[Any], Sequence[tuple[str, Any]]]
    choices_label: Any
    each: Callable[[Any], str]
    optional: bool

    def about(self, rows: Iterable[Any]) -> list[Refused]:
        """The rows as the page that asks shows them."""
        return [Refused(row, self.why_not(row)) for row in rows]


def attempt(
    page: ModelAdmin,
    request: HttpRequest,
    row: Any,
    act: Callable[[], Any],
    *,
    done: Callable[[Any], Any],
) -> bool:
    """Run one service for one row and say what came of it: a refusal, or what ``done`` says.

    Returns whether it was done. What was typed is never lost: a button of a form lets the refusal
    through, and the form is shown again; a page that asked for notes shows it beside the note.
    """
    try:
        outcome = act()
    except Refusal as refusal:
        if getattr(request, "_acting", False):
            raise
        notes: list[Refused] | None = getattr(request, "_refused_notes", None)
        if notes is None:
            page.message_user(request, f"{row}: {refusal}", messages.ERROR)
        else:
            notes.append(Refused(row, str(refusal)))
        return False
    page.message_user(request, f"{row}: {done(outcome)}", messages.SUCCESS)
    return True


def asked(
    description: Any,
    consequence: Any,
    *,
    note: Any = "",
    summary: Callable[[list[Any]], Any] = lambda rows: "",
    why_not: Callable[[Any], str] = lambda row: "",
    choices: Callable[[Any], Sequence[tuple[str, Any]]] = lambda row: (),
    choices_label: Any = "",
    each: Callable[[Any], str] = lambda row: "",
    optional: bool = False,
) -> Callable[[Any], Any]:
    """An action of a list that says its consequence and waits for a yes before it runs.

    ``note`` is the label of a short text that every row is asked for (``note_of`` reads it), which
    may stay empty where it is ``optional``; ``each`` says what becomes of one row;
    ``summary`` says what the rows come to together; ``why_not`` why a row would be refused, which is said
    before the yes ("": it would not); ``choices`` what one has to choose between for a row, the
    first of them unless another is chosen (``choice_of`` reads it), and ``choices_label`` asks which.
    Rows whose note was refused are asked about again, with what was typed.
    """

    def decorate(act: Any) -> Any:
        question = Question(
            description,
            consequence,
            note,
            summary,
            why_not,
            choices,
            choices_label,
            each,
            optional,
        )

        @admin.action(description=description)
        @wraps(act)
        def action(
            page: ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]
        ) -> HttpResponse | None:
            if "confirmed" not in request.POST:
                name = request.POST.get("action", "")
                return _ask(page, request, question, question.about(queryset), name)
            refused: list[Refused] = []
            request._refused_notes = refused if note else None  # type: ignore[attr-defined]
            result: HttpResponse | None = act(page, request, queryset)
            name = request.POST.get("action", "")
            return _ask(page, request, question, refused, name) if refused else result

        action.question = question  # type: ignore[attr-defined]
        return action

    return decorate


def ask_about(
    page: ModelAdmin, request: HttpRequest, object_id: Any, question: Question, name: str
) -> HttpResponse:
    """Ask about one row, whose own page leads here by a link; the list's action ``name`` does the rest.

    Whatever is sent along, nothing is done before the page is answered. Not found for who has no
    such action in the list.
    """
    row = page.get_object(request, str(object_id))
    if row is None or name not in page.get_actions(request):
        raise Http404
    meta = page.model._meta
    target = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return _ask(page, request, question, question.about([row]), name, target)


def note_of(request: HttpRequest, row: Any) -> str:
    """What was typed for ``row`` on the page that asked."""
    return str(request.POST.get(f"note_{row.pk}", ""))


def choice_of(request: HttpRequest, row: Any) -> str:
    """What was chosen for ``row`` on the page that asked; "" where nothing was asked."""
    return str(request.POST.get(f"choice_{row.pk}", ""))


def _ask(
    page: ModelAdmin,
    request: HttpRequest,
    question: Question,
    rows: list[Refused],
    action: str,
    target: str = "",
) -> HttpResponse:
    name_row = getattr(page, "name_row", str)
    shown = rows if question.note else rows[:SHOWN]
    context = {
        **page.admin_site.each_context(request),
        "title": question.title,
        "consequence": question.consequence,
        "note": question.note,
        "optional": question.optional,
        "choices_label": question.choices_label,
        "opts": page.model._meta,
        "summary": question.summary([row for row, _why in rows]),
        "rows": [
            {
                "key": row.pk,
                "name": name_row(row),
                "each": question.each(row),
                "typed": note_of(request, row),
                "why": why,
                "choices": question.choices(row),
                "chosen": choice_of(request, row),
            }
            for row, why in shown
        ],
        "more": len(rows) - len(shown),
        "keys": [row.pk for row, why in rows if question.note or not why],
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": action,
        "target": target,
    }
    return TemplateResponse(request, "admin/ask.html", context)
