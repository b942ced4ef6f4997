"""The audit's results and the outbox, for the operator."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from insights.models import AuditRun
from o2o.clock import now
from o2o.outbox.models import OutboxEvent
from o2o.outbox.services import wake_worker
from stores.admin_base import NOTHING, ReadOnlyAdmin, moment


@admin.register(AuditRun)
class AuditRunAdmin(ReadOnlyAdmin):
    merchant_path = None
    merchant_may = NOTHING
    list_display = (moment("ran_at", _("ran")), "is_clean", "show_count", "duration_ms")
    list_filter = ("is_clean",)
    fields = ("ran_at", "is_clean", "duration_ms", "show_findings")
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


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    merchant_path = None
    merchant_may = NOTHING
    list_display = (
        "topic",
        "payload",
        "attempts",
        moment("created_at", _("created")),
        moment("done_at", _("done")),
        "error",
    )
    list_filter = ("topic", ("done_at", admin.EmptyFieldListFilter))
    actions = ("try_now",)

    @admin.action(description=_("Try again now"))
    def try_now(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        queryset.filter(done_at__isnull=True).update(due_at=now())
        wake_worker()
