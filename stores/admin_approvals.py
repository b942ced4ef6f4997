"""What waits for a second person, in the admin."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action

from kernel.clock import now
from kernel.plaintext import isolate
from stores.admin_actions import ask_about, asked, attempt
from stores.admin_base import TenantAdmin
from stores.admin_columns import badge, moment, plain
from stores.admin_filters import choices
from stores.admin_rights import NOTHING, VIEW, desk_rights, person
from stores.approval_words import word_next
from stores.approvals import KINDS, lines_of, read_names
from stores.errors import SecondPersonNeeded
from stores.models import Approval
from stores.rights import Right
from stores.services.approvals import approvals_for, approve, reject, withdraw

COLOURS = {"waiting": "warning", "done": "success", "rejected": "danger", "withdrawn": "info"}
BREAK = mark_safe("<br>")
ASKED_BY = plain("asked_by", _("asked by"))
OPEN = choices(
    "open",
    _("state"),
    {
        "yes": (
            _("waits for a second person"),
            lambda rows: rows.filter(state="waiting", expires_at__gt=now()),
        ),
        "no": (
            _("decided or run out"),
            lambda rows: rows.exclude(state="waiting", expires_at__gt=now()),
        ),
    },
)


@admin.register(Approval)
class ApprovalAdmin(TenantAdmin):
    """Read word for word, then agreed to or turned down; whoever asked cannot agree."""

    see = act = Right.SEE_STORES
    merchant_path = None
    operator_may = VIEW
    merchant_may = NOTHING
    list_display = (
        "show_kind",
        "show_exactly",
        "show_state",
        ASKED_BY,
        moment("created_at", _("asked")),
        moment("expires_at", _("open until")),
        "show_decider",
    )
    list_filter = (OPEN,)
    list_display_links = ("show_kind",)
    search_fields = ("asked_by__display_name",)
    search_help_text = _("Who asked")
    empty_text = _("Payouts, commission rates and new owners that wait for a second person.")
    actions = ("agree", "turn_down", "withdraw")
    actions_detail = ("agree_here", "turn_down_here", "withdraw_here")
    fields = (
        "show_kind",
        "show_exactly",
        "show_state",
        "show_next",
        *list_display[3:],
        moment("decided_at", _("decided")),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        """Those of the kinds that the person could ask for."""
        rows = super().get_queryset(request)
        return rows.filter(pk__in=approvals_for(request.user).values("pk")).select_related(
            "asked_by", "decided_by"
        )

    def asked_of(self, what: str) -> tuple[Right, ...]:
        return tuple(dict.fromkeys(kind.right for kind in KINDS.values()))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(kind.right in desk_rights(request) for kind in KINDS.values())

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def _acts(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        read_names(rows)

    def name_row(self, row: Approval) -> str:
        lines = lines_of(row)
        return " · ".join(f"{label}: {value}" for label, value in lines)

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        """The page is called by the kind and whom it is about: "A payout · Otter Café"."""
        found: Approval | None = super().get_object(request, object_id, from_field)
        if found is None:
            return None
        found.words = capfirst(f"{KINDS[found.kind].label} · {lines_of(found)[0][1]}")
        found.next_text = word_next(found, viewer=request.user)  # type: ignore[attr-defined]
        return found

    @admin.display(description=_("kind"), ordering="kind")
    def show_kind(self, approval: Approval) -> str:
        return str(KINDS[approval.kind].label)

    @admin.display(description=_("what exactly"))
    def show_exactly(self, approval: Approval) -> str:
        return format_html_join(BREAK, "{}: {}", lines_of(approval))

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, approval: Approval) -> str:
        if approval.state == Approval.State.WAITING and not approval.is_open:
            return badge("danger", _("run out"))
        return badge(COLOURS[approval.state], _word_state(approval))

    @admin.display(description=_("decided by"), ordering="decided_by")
    def show_decider(self, approval: Approval) -> str:
        """Who agreed or turned it down; whoever withdrew it has decided nothing."""
        if approval.decided_by is None:
            return "—"
        if approval.state != Approval.State.WITHDRAWN:
            return str(approval.decided_by)
        return str(_("withdrawn by %(who)s") % {"who": isolate(str(approval.decided_by))})

    @admin.display(description=_("what comes next"))
    def show_next(self, approval: Any) -> str:
        return str(approval.next_text)

    @admin.action(description=_("Agree"))
    def agree(self, request: HttpRequest, queryset: QuerySet[Approval]) -> Any:
        """Whoever asked is told at once that it takes somebody else."""
        own = [row for row in queryset if row.asked_by_id == request.user.pk]
        for row in own:
            text = f"{self.name_row(row)}: {SecondPersonNeeded.message}"
            self.message_user(request, text, messages.ERROR)
        others = queryset.exclude(pk__in=[row.pk for row in own])
        return _agree(self, request, others) if others else None

    @asked(
        _("Turn down"),
        _("Nothing is done, and who asked sees that you turned it down."),
    )
    def turn_down(self, request: HttpRequest, queryset: QuerySet[Approval]) -> None:
        for row in queryset:
            act = partial(reject, approval_id=row.pk, by=person(request))
            attempt(
                self,
                request,
                self.name_row(row),
                act,
                done=lambda decided: decided.get_state_display(),
            )

    @asked(
        _("Withdraw"),
        _("Nothing is done. You can ask again at any time."),
    )
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Approval]) -> None:
        for row in queryset:
            act = partial(withdraw, approval_id=row.pk, by=person(request))
            attempt(self, request, self.name_row(row), act, done=_word_state)

    @action(description=_("Agree"), url_path="agree")
    def agree_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, _agree.question, "agree")

    @action(description=_("Turn down"), url_path="turn-down")
    def turn_down_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.turn_down.question, "turn_down")

    @action(description=_("Withdraw"), url_path="withdraw")
    def withdraw_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.withdraw.question, "withdraw")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """What is still open: who asked takes it back, everybody else agrees or turns it down."""
        row = self.get_object(request, str(object_id))
        if row is None or not row.is_open:
            return []
        own = row.asked_by_id == request.user.pk
        found = super().get_actions_detail(request, object_id)
        return [item for item in found if (item.path == "withdraw") == own]


@asked(
    _("Agree"),
    _("This is agreed to exactly as it stands here. You are the second person."),
)
def _agree(page: ApprovalAdmin, request: HttpRequest, queryset: QuerySet[Approval]) -> None:
    for row in queryset:
        act = partial(approve, approval_id=row.pk, digest=row.digest, by=person(request))
        attempt(page, request, page.name_row(row), act, done=_word_agreed)


def _word_agreed(approval: Approval) -> str:
    """That it is agreed to, and what is left to do."""
    after = KINDS[approval.kind].after
    return after(approval) if after else str(approval.get_state_display())


def _word_state(approval: Approval) -> str:
    """The state; what is only allowed by the agreement is not done by it."""
    if approval.state == Approval.State.DONE and KINDS[approval.kind].after:
        return str(pgettext_lazy("approval", "agreed to"))
    return str(approval.get_state_display())


def word_replaced(approval: Approval) -> str:
    """Which requests for the same this one has taken the place of; "" for none."""
    words = [
        _("It replaces the request of %(who)s (%(what)s).")
        % {
            "who": row.asked_by,
            "what": " · ".join(value for _label, value in lines_of(row)),
        }
        for row in approval.replaced
    ]
    return " ".join(map(str, words))
