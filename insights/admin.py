"""The audit's results and the outbox, for the operator."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from insights.models import AuditRun
from insights.wording import TOPICS, name_subjects, word_topic
from o2o.clock import now
from o2o.outbox.models import OutboxEvent
from o2o.outbox.services import wake_worker
from stores.admin_base import NOTHING, ReadOnlyAdmin, moment, worded
from stores.admin_filters import DayFilter, choices, words


@admin.register(AuditRun)
class AuditRunAdmin(ReadOnlyAdmin):
    merchant_path = None
    merchant_may = NOTHING
    list_display = (moment("ran_at", _("ran")), "is_clean", "show_count", "duration_ms")
    list_filter = ("is_clean",)
    fields = (moment("ran_at", _("ran")), "is_clean", "duration_ms", "show_findings")
    readonly_fields = fields

    @admin.display(description=_("broken rows"))
    def show_count(self, run: AuditRun) -> int:
        return len(run.findings)

    @admin.display(description=_("findings"))
    def show_findings(self, run: AuditRun) -> str:
        rows = (
            (row["rule"], row["subject"], row["expected"], row["actual"]) for row in run.findings
        )
        return format_html_join("\n", "<p>{} <b>{}</b>: {} ≠ {}</p>", rows) or str(_("None."))


CONDITION = choices(
    "condition",
    _("state"),
    {
        "failing": (
            _("keeps failing"),
            lambda rows: rows.filter(done_at__isnull=True, attempts__gt=2),
        ),
        "waiting": (_("waiting"), lambda rows: rows.filter(done_at__isnull=True)),
        "done": (_("done"), lambda rows: rows.filter(done_at__isnull=False)),
    },
)


class NamedSubjects:
    """A list that knows what its events are about, at a few queries for the whole page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)  # type: ignore[misc]
        self.result_list = list(self.result_list)  # type: ignore[has-type]
        name_subjects(self.result_list)


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    merchant_path = None
    merchant_may = NOTHING
    list_display = (
        worded("topic", _("task"), word_topic),
        "show_subject",
        "show_condition",
        "attempts",
        moment("created_at", _("created")),
        moment("done_at", _("done")),
    )
    list_filter = (CONDITION, words("topic", _("task"), TOPICS), ("created_at", DayFilter))
    actions = ("try_now",)
    empty_text = _("What follows a sale, a redemption or a refund passes through here.")
    fields = (
        worded("topic", _("task"), word_topic),
        "show_subject",
        "show_condition",
        "attempts",
        moment("created_at", _("created")),
        moment("due_at", _("due")),
        moment("done_at", _("done")),
        "error",
    )
    readonly_fields = fields

    @admin.display(description=_("about"))
    def show_subject(self, event: OutboxEvent) -> str:
        if not hasattr(event, "subject_text"):
            name_subjects([event])
        return str(event.subject_text) or "—"  # type: ignore[attr-defined]

    @display(
        description=_("state"),
        label={"done": "success", "waiting": "warning", "failing": "danger"},
    )
    def show_condition(self, event: OutboxEvent) -> tuple[str, Any]:
        if event.done_at:
            return "done", _("done")
        return ("failing", _("keeps failing")) if event.attempts > 2 else ("waiting", _("waiting"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type:
        return type("EventList", (NamedSubjects, super().get_changelist(request, **kwargs)), {})

    @admin.action(description=_("Try again now"))
    def try_now(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        queryset.filter(done_at__isnull=True).update(due_at=now())
        wake_worker()
