"""Statements and payouts in the admin: asked for, agreed to, transferred, recorded."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from unfold.decorators import action

from kernel.http.context import site
from kernel.http.templatetags.fmt import fen
from kernel.plaintext import isolate
from payments.admin_base import AMOUNT, STATE
from payments.agreements import (
    PAYOUT,
    WRITE_OFF,
    Step,
    at_step,
    step_of,
    subject_of,
    with_requests,
)
from payments.models import LedgerEntry, Payout, SettlementLine, Statement
from payments.next_steps import word_next
from payments.paper.statement import statement_response
from payments.selectors import taken_off_by
from payments.services.collection import carry_statement, collect_statement
from payments.services.payouts import return_payout, send_payout
from payments.subjects import name_entries
from payments.wording import signed, word_entry
from stores.admin_actions import ask_about, asked, attempt, note_of
from stores.admin_approvals import word_replaced
from stores.admin_base import ReadOnlyAdmin
from stores.admin_columns import badge, moment, money, plain
from stores.admin_filters import MERCHANT, DayFilter, choices
from stores.admin_inlines import TenantTabularInline
from stores.admin_rights import VIEW, desk_rights, is_operator, person
from stores.models import Approval
from stores.rights import Right
from stores.services.approvals import ask, open_requests

GROSS = money("gross_fen", _("redeemed"))
NET = money("net_fen", _("net"))
_SHEET = "statement.pdf"
CLOSING = {
    "collected_reference": "collected_reference",
    "closed_at": moment("closed_at", _("closed")),
    "closed_by": plain("closed_by", _("closed by")),
    "approved_by": plain("approved_by", _("agreed to by")),
}
"""What is said of a negative statement that was closed: field → column."""
SENT = moment("sent_at", pgettext_lazy("moment", "sent"))


class LineInline(TenantTabularInline):
    model = SettlementLine
    merchant_path = "statement__merchant"
    operator_may = VIEW
    merchant_may = VIEW
    fields = ("show_event", "show_about", "amount_money")
    readonly_fields = fields
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[SettlementLine]:
        return super().get_queryset(request).select_related("entry__transaction")

    @admin.display(description=_("what happened"))
    def show_event(self, line: SettlementLine) -> str:
        return word_entry(line.entry)

    @admin.display(description=_("about"))
    def show_about(self, line: SettlementLine) -> str:
        return _subjects(line.statement)[line.entry_id]

    @admin.display(description=_("amount"))
    def amount_money(self, line: SettlementLine) -> str:
        return signed(-line.entry.amount_fen)


def _subjects(statement: Statement) -> dict[int, str]:
    """What the entries of a statement are about, looked up once for all its lines."""
    found: dict[int, str] | None = getattr(statement, "line_subjects", None)
    if found is None:
        rows = LedgerEntry.objects.filter(settlement_line__statement=statement)
        entries = list(rows.select_related("transaction"))
        name_entries(entries)
        found = {entry.pk: entry.subject_text for entry in entries}  # type: ignore[attr-defined]
        statement.line_subjects = found  # type: ignore[attr-defined]
    return found


def _sum_up(statements: list[Statement]) -> str:
    """How many statements a payout is about, to how many merchants, and what leaves the bank."""
    count, merchants = len(statements), len({statement.merchant_id for statement in statements})
    return _("%(statements)s, %(merchants)s, together %(total)s") % {
        "statements": ngettext("%(count)d statement", "%(count)d statements", count)
        % {"count": count},
        "merchants": ngettext("%(count)d merchant", "%(count)d merchants", merchants)
        % {"count": merchants},
        "total": fen(sum(statement.net_fen for statement in statements), "exact"),
    }


def _why_not(statement: Any, step: Step) -> str:
    """Why a statement is not at ``step``; "" when it is."""
    found = step_of(statement)
    if found == step:
        return ""
    return _("Not now: %(state)s.") % {"state": found.label}


def _word_sent(payout: Payout) -> str:
    return _("%(amount)s to %(merchant)s is recorded, reference %(reference)s.") % {
        "amount": fen(payout.amount_fen, "exact"),
        "merchant": isolate(str(payout.merchant)),
        "reference": payout.bank_reference,
    }


def _word_asked(statement: Statement, approval: Approval | None) -> str:
    """What was asked for, so that a slip is seen at once, and who is next."""
    facts = {
        "amount": fen(statement.net_fen, "exact"),
        "merchant": isolate(str(statement.merchant)),
    }
    if approval is None:
        return _("%(amount)s to %(merchant)s can be transferred: you work alone.") % facts
    text = _("%(amount)s to %(merchant)s waits for a second person. Do not transfer it yet.")
    return f"{text % facts} {word_replaced(approval)}".strip()


def _word_carried(statement: Statement) -> str:
    facts = {"amount": fen(-statement.net_fen, "exact")}
    return _("%(amount)s stands on the next statement.") % facts


def _word_given_up(approval: Approval | None) -> str:
    if approval is None:
        return str(_("The debt was written off."))
    return f"{_('It waits for a second person.')} {word_replaced(approval)}".strip()


STEP_COLOURS = {
    Step.ASK: "warning",
    Step.AGREE: "warning",
    Step.TRANSFER: "warning",
    Step.SENT: "success",
    Step.COLLECT: "danger",
    Step.CLOSED: "info",
}


def _next(step: Step) -> tuple[Any, Any]:
    return step.label, lambda rows: at_step(rows, step)


NEXT = choices("next", _("what comes next"), {step.value: _next(step) for step in Step})


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    see = Right.SEE_MONEY
    act = Right.PAY_OUT
    list_display = (
        "number",
        "merchant",
        "day",
        GROSS,
        NET,
        "show_state",
    )
    list_filter = ("state", NEXT, ("issued_at", DayFilter), MERCHANT)
    list_select_related = ("merchant",)
    search_fields = ("number", "merchant__name_en", "merchant__name_zh")
    search_help_text = _("Number or merchant")
    empty_text = _("A statement is issued every night for what became payable.")
    inlines = (LineInline,)
    actions = ("ask_for_payout", "record_payout", "collect", "carry", "write_off")
    actions_detail = (
        *("print_here", "ask_here", "record_here"),
        *("collect_here", "carry_here", "write_off_here"),
    )
    fields = (
        "number",
        "show_state",
        "show_next",
        "merchant",
        "day",
        GROSS,
        money("commission_fen", _("commission")),
        money("returns_fen", _("returned")),
        money("dues_fen", _("part of others' discounts")),
        money("referral_fen", _("referral fees")),
        money("carried_fen", _("owed by statements before")),
        NET,
        *CLOSING.values(),
        "show_payouts",
        "show_waiting",
        moment("cutoff_at", _("up to")),
        moment("issued_at", _("issued")),
    )
    readonly_fields = fields

    def get_list_filter(self, request: HttpRequest) -> Any:
        """The merchant is not told of the steps inside the platform."""
        found = super().get_list_filter(request)
        return found if is_operator(request) else [item for item in found if item is not NEXT]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What waits for a second person is shown to who could be one; what is empty to nobody."""
        hidden: set[Any] = set()
        if Right.PAY_OUT not in desk_rights(request):
            hidden.add("show_waiting")
        if obj is not None:
            hidden |= {column for name, column in CLOSING.items() if not getattr(obj, name)}
        return [field for field in super().get_fields(request, obj) if field not in hidden]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Statement]:
        rows = with_requests(super().get_queryset(request))
        return rows.annotate(of_desk=Value(is_operator(request), output_field=BooleanField()))

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        """With what comes next, as this reader is told."""
        found = super().get_object(request, object_id, from_field)
        found.next_text = word_next(
            found,
            desk=is_operator(request),
            decides=Right.PAY_OUT in desk_rights(request),
            viewer=request.user,
        )
        return found

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, statement: Any) -> str:
        """Where the payout is; the merchant is not told of the steps inside the platform."""
        step = step_of(statement)
        inside = step in {Step.ASK, Step.AGREE, Step.TRANSFER}
        plain_words = step == Step.CLOSED or (inside and not statement.of_desk)
        words = statement.get_state_display() if plain_words else step.label
        return badge(STEP_COLOURS[step], words)

    @admin.display(description=_("what comes next"))
    def show_next(self, statement: Any) -> str:
        """In words; the statement that took in what this one carries is led to."""
        later = taken_off_by(statement) if statement.state == Statement.State.CARRIED else None
        if later is None:
            return statement.next_text or "—"
        url = reverse("admin:payments_statement_change", args=[later.pk])
        link = format_html('<a class="text-link" href="{}">{}</a>', url, later.number)
        before, _number, after = statement.next_text.partition(later.number)
        return format_html("{}{}{}", before, link, after)

    @admin.display(description=_("payout"))
    def show_payouts(self, statement: Statement) -> str:
        """Number, the bank's reference and state of each, the newest first."""
        rows = [
            (
                reverse("admin:payments_payout_change", args=[row.pk]),
                row.number,
                row.bank_reference,
                row.get_state_display(),
            )
            for row in statement.payouts.order_by("-pk")
        ]
        link = '<a class="text-link" href="{}">{}</a> · {} · {}'
        return format_html_join(mark_safe("<br>"), link, rows) or "—"

    @admin.display(description=_("waits for a second person"))
    def show_waiting(self, statement: Statement) -> str:
        rows = [
            (reverse("admin:stores_approval_change", args=[row.pk]), row.asked_by)
            for kind in (PAYOUT, WRITE_OFF)
            for row in open_requests(kind=kind, subject=subject_of(statement.pk))
        ]
        link = '<a class="text-link" href="{}">{}</a>'
        return format_html_join(mark_safe("<br>"), link, rows) or "—"

    def name_row(self, row: Statement) -> str:
        return f"{row.merchant} · {fen(row.net_fen, 'exact')} · {row}"

    @action(description=_("PDF"), url_path=_SHEET)
    def print_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """The statement to print or file, for whoever may read it."""
        statement = self.get_object(request, str(object_id))
        return statement_response(statement, site=site(request)["site"]["name"])

    @asked(
        _("Ask for the payout"),
        _(
            "Make no transfer yet: a second person reads the amount and the merchant and agrees. "
            "Then the money is transferred, and the bank's reference is entered here."
        ),
        summary=_sum_up,
        why_not=lambda row: _why_not(row, Step.ASK),
    )
    def ask_for_payout(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        for row in queryset:
            act = partial(ask, kind=PAYOUT, payload={"statement": row.pk}, by=person(request))
            attempt(self, request, row, act, done=partial(_word_asked, row))

    @asked(
        _("Enter the bank's reference"),
        _("The books will say that this money has left the bank: make the transfers first."),
        note=_("The bank's reference of the transfer"),
        summary=_sum_up,
        why_not=lambda row: _why_not(row, Step.TRANSFER),
    )
    def record_payout(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        for row in queryset:
            act = partial(
                send_payout,
                statement_id=row.pk,
                sent_by=person(request),
                bank_reference=note_of(request, row),
            )
            attempt(self, request, row, act, done=_word_sent)

    @action(description=_("Ask for the payout"), url_path="ask")
    def ask_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.ask_for_payout.question, "ask_for_payout")

    @action(description=_("Enter the bank's reference"), url_path="reference")
    def record_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.record_payout.question, "record_payout")

    @action(description=_("Record what was collected"), url_path="collect")
    def collect_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.collect.question, "collect")

    @action(description=_("Carry into the next statement"), url_path="carry")
    def carry_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.carry.question, "carry")

    @action(description=_("Write off"), url_path="write-off")
    def write_off_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.write_off.question, "write_off")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """The sheet, and what can come next to who may do it; the page says who else."""
        steps = {
            Step.ASK: {"ask"},
            Step.TRANSFER: {"reference"},
            Step.COLLECT: {"collect", "carry", "write-off"},
        }
        paths = {_SHEET}
        if self._acts(request):
            paths |= steps.get(step_of(self.get_object(request, str(object_id))), set())
        found = super().get_actions_detail(request, object_id)
        return [item for item in found if item.path in paths]

    @asked(
        _("Record what was collected"),
        _("Wait for the transfer first: the books will say that this money has reached the bank."),
        note=_("The bank's reference of the transfer"),
    )
    def collect(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        for row in queryset:
            attempt(
                self,
                request,
                row,
                partial(
                    collect_statement,
                    statement_id=row.pk,
                    bank_reference=note_of(request, row),
                    collected_by=person(request),
                ),
                done=lambda statement: (
                    _("%(amount)s was collected.") % {"amount": fen(-statement.net_fen, "exact")}
                ),
            )

    @asked(
        _("Carry into the next statement"),
        _("What is owed is taken off what the merchant earns next."),
        why_not=lambda row: _why_not(row, Step.COLLECT),
    )
    def carry(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        for row in queryset:
            act = partial(carry_statement, statement_id=row.pk, carried_by=person(request))
            attempt(self, request, row, act, done=_word_carried)

    @asked(
        _("Write off"),
        _("Once a second person has agreed, what is owed is the platform's loss."),
        why_not=lambda row: _why_not(row, Step.COLLECT),
    )
    def write_off(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        for row in queryset:
            payload = {"statement": row.pk}
            act = partial(ask, kind=WRITE_OFF, payload=payload, by=person(request))
            attempt(self, request, row, act, done=_word_given_up)


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    see = Right.SEE_MONEY
    act = Right.PAY_OUT
    list_display = (
        "number",
        "merchant",
        "statement",
        AMOUNT,
        STATE,
        "bank_reference",
        SENT,
    )
    list_filter = ("state", ("sent_at", DayFilter), MERCHANT)
    list_select_related = ("merchant", "statement")
    search_fields = ("number", "statement__number", "bank_reference")
    search_help_text = _("Number, statement or the bank's reference")
    empty_text = _("Payouts follow statements.")
    actions = ("record_return",)
    fields = (
        "number",
        STATE,
        "merchant",
        "statement",
        AMOUNT,
        "bank_reference",
        SENT,
        plain("asked_by", _("asked for by")),
        plain("approved_by", _("agreed to by")),
        plain("sent_by", _("reference entered by")),
        moment("returned_at", _("returned at")),
        plain("returned_by", _("marked as returned by")),
    )
    readonly_fields = fields

    def name_row(self, row: Payout) -> str:
        return f"{row.merchant} · {fen(row.amount_fen, 'exact')} · {row}"

    @asked(
        _("The bank returned it"),
        _("The money is owed to the merchant again, and its statement waits for a new payout."),
    )
    def record_return(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        for row in queryset:
            attempt(
                self,
                request,
                row,
                partial(return_payout, payout_id=row.pk, by=person(request)),
                done=lambda payout: (
                    _("%(amount)s is owed to %(merchant)s again.")
                    % {
                        "amount": fen(payout.amount_fen, "exact"),
                        "merchant": isolate(str(payout.merchant)),
                    }
                ),
            )
