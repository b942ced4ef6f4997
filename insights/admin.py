"""The audit's results and the outbox, for the operator."""

from __future__ import annotations

from operator import methodcaller
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from unfold.decorators import action

from insights.admin_results import ChannelPlanAdmin, OrderPartAdmin
from insights.incidents import thing_of, words_of
from insights.models import AuditRun
from insights.wording import TOPICS, name_subjects, word_task, word_topic
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.outbox.services import try_again
from kernel.watch.models import LEFT_OUT, SENT, Incident
from kernel.watch.services import settle_incidents
from stores.admin_actions import ask_about, asked
from stores.admin_base import ReadOnlyAdmin
from stores.admin_columns import badge, moment, worded
from stores.admin_filters import DayFilter, choices, words
from stores.admin_rights import NOTHING
from stores.rights import Right

__all__ = [
    "AuditRunAdmin",
    "ChannelPlanAdmin",
    "IncidentAdmin",
    "OrderPartAdmin",
    "OutboxEventAdmin",
]

RAN = moment("ran_at", _("ran"))


@admin.register(AuditRun)
class AuditRunAdmin(ReadOnlyAdmin):
    see = Right.SEE_SYSTEM
    merchant_path = None
    merchant_may = NOTHING
    list_display = (RAN, "show_result", "show_duration")
    list_filter = ("is_clean", ("ran_at", DayFilter))
    empty_text = _("The books are checked every night; the result appears here.")
    fields = (RAN, "show_result", "show_duration", "show_findings")
    readonly_fields = fields

    @admin.display(description=_("result"), ordering="is_clean")
    def show_result(self, run: AuditRun) -> str:
        if run.is_clean:
            return badge("success", _("all in order"))
        count = len(run.findings)
        text = ngettext("%(count)d broken row", "%(count)d broken rows", count)
        return badge("danger", text % {"count": count})

    @admin.display(description=_("took"), ordering="duration_ms")
    def show_duration(self, run: AuditRun) -> str:
        return _("%(seconds)s s") % {"seconds": f"{run.duration_ms / 1000:.1f}"}

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
        "parked": (_("given up"), methodcaller("parked")),
        "failing": (_("keeps failing"), methodcaller("failing")),
        "waiting": (_("waiting"), methodcaller("waiting")),
        "done": (_("done"), methodcaller("done")),
    },
)
BADGES = {
    "parked": ("danger", _("given up")),
    "failing": ("danger", _("keeps failing")),
    "waiting": ("warning", _("waiting")),
    "done": ("success", _("done")),
}


TASK = worded("topic", _("task"), word_topic)
CREATED = moment("created_at", _("created"))
HANDED_OUT = moment("expanded_at", pgettext_lazy("moment", "handed out"))


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    see = Right.SEE_SYSTEM
    edit = Right.MEND_SYSTEM
    merchant_path = None
    merchant_may = NOTHING
    list_display = (
        TASK,
        "show_subject",
        "show_condition",
        CREATED,
        HANDED_OUT,
    )
    list_filter = (CONDITION, words("topic", _("task"), TOPICS), ("created_at", DayFilter))
    actions = ("try_again",)
    empty_text = _("What follows a sale, a redemption or a refund passes through here.")
    fields = (
        TASK,
        "show_subject",
        "show_condition",
        CREATED,
        moment("due_at", _("due")),
        HANDED_OUT,
        "error",
        "show_deliveries",
        "request_id",
    )
    readonly_fields = fields

    @admin.display(description=_("about"))
    def show_subject(self, event: OutboxEvent) -> str:
        if not hasattr(event, "subject_text"):
            name_subjects([event])
        return str(event.subject_text) or "—"  # type: ignore[attr-defined]

    @admin.display(description=_("state"))
    def show_condition(self, event: OutboxEvent) -> str:
        return badge(*BADGES[event.condition])  # type: ignore[attr-defined]

    @admin.display(description=_("tasks"))
    def show_deliveries(self, event: OutboxEvent) -> str:
        """Each task of the event: its lane, how it stands, how often it was tried, what went wrong."""
        rows = (
            (
                word_task(delivery.consumer),
                delivery.get_lane_display(),
                badge(*_standing(delivery)),
                ngettext("tried %(count)d time", "tried %(count)d times", delivery.attempts)
                % {"count": delivery.attempts},
                delivery.error,
            )
            for delivery in event.deliveries.all()
        )
        return format_html_join("\n", "<p><b>{}</b> ({}) {} {} {}</p>", rows) or str(_("None."))

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        name_subjects(rows)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxEvent]:
        events: Any = super().get_queryset(request)
        rows: QuerySet[OutboxEvent] = events.with_condition()
        return rows

    @admin.action(description=_("Try again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        count = try_again(event_ids=queryset.values_list("pk", flat=True))
        if not count:
            self.message_user(request, _("Nothing to try again: this is done."), messages.WARNING)
            return
        text = ngettext(
            "%(count)d task is tried again now.", "%(count)d tasks are tried again now.", count
        )
        self.message_user(request, text % {"count": count})


def _standing(delivery: Delivery) -> tuple[str, Any]:
    if delivery.done_at:
        return BADGES["done"]
    if delivery.parked_at:
        return BADGES["parked"]
    return BADGES["failing" if delivery.is_failing else "waiting"]


SETTLED = choices(
    "settled",
    _("state"),
    {
        "open": (_("open"), lambda rows: rows.filter(LEFT_OUT)),
        "sent": (
            _("unreadable requests"),
            lambda rows: rows.filter(settled_at__isnull=True, kind=SENT),
        ),
        "settled": (_("settled"), lambda rows: rows.filter(settled_at__isnull=False)),
    },
)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """What pages left out and sweeps skipped, so that the rest could go on."""

    see = Right.SEE_SYSTEM
    edit = Right.MEND_SYSTEM
    merchant_path = None
    merchant_may = NOTHING
    list_display = (
        "show_happened",
        "show_thing",
        "show_state",
        "count",
        moment("first_at", _("first seen")),
        moment("last_at", _("last seen")),
    )
    list_filter = (SETTLED, ("last_at", DayFilter))
    actions = ("settle",)
    actions_detail = ("settle_here",)
    empty_text = _("Nothing was left out or skipped.")
    fields = ("show_happened", "show_advice", *list_display[1:], "show_technical")
    readonly_fields = fields

    @admin.display(description=_("what happened"), ordering="kind")
    def show_happened(self, incident: Incident) -> str:
        return str(words_of(incident).happened)

    @admin.display(description=_("what to do"))
    def show_advice(self, incident: Incident) -> str:
        return str(words_of(incident).advice)

    @admin.display(description=_("about"), ordering="subject")
    def show_thing(self, incident: Incident) -> str:
        return thing_of(incident)

    @admin.display(description=_("technical text"))
    def show_technical(self, incident: Incident) -> str:
        """Folded: for whoever maintains the platform."""
        return format_html(
            "<details><summary>{}</summary><pre>{} {}\n{}</pre></details>",
            _("For whoever maintains the platform"),
            incident.kind,
            incident.subject,
            incident.error,
        )

    @admin.display(description=_("state"), ordering="settled_at")
    def show_state(self, incident: Incident) -> str:
        if incident.settled_at:
            return badge("success", _("settled"))
        return badge("warning", _("open"))

    @action(description=_("Mark as settled"), url_path="settle")
    def settle_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.settle.question, "settle")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Nothing to press on an incident that is settled, or by who may only read."""
        incident = self.get_object(request, str(object_id))
        if incident is None or incident.settled_at or not self._acts(request):
            return []
        return super().get_actions_detail(request, object_id)

    @asked(
        _("Mark as settled"),
        _("They leave the list of what is open. The same trouble later opens a new one."),
    )
    def settle(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        settle_incidents(ids=queryset.values_list("pk", flat=True))
