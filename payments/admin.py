"""Money in the admin: books to read, and the few decisions a person takes."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from kernel.http.templatetags.fmt import fen
from kernel.plaintext import isolate
from payments.admin_base import AMOUNT, COLOURS, CREATED, GATEWAY, STATE, OperatorBook
from payments.admin_bills import (
    GatewayBillAdmin,
    ReconciliationExceptionAdmin,
    ReconciliationRunAdmin,
)
from payments.admin_contracts import ContractAdmin
from payments.admin_ledger import LedgerEntryAdmin, LedgerTransactionAdmin, signed
from payments.approvals import PAYOUT, WRITE_OFF
from payments.models import (
    GatewayEvent,
    LedgerEntry,
    Payment,
    Payout,
    Refund,
    SettlementLine,
    Statement,
)
from payments.services.collection import carry_statement, collect_statement
from payments.services.payouts import return_payout
from payments.services.refunds import retry_refund
from payments.subjects import REFUND, name_entries, names_of
from payments.wording import NOTIFICATIONS, word_entry, word_notification, word_outcome
from payments.wording import OUTCOMES as RESULTS
from stores.admin_actions import asked, attempt, note_of
from stores.admin_approvals import word_replaced
from stores.admin_base import ReadOnlyAdmin
from stores.admin_columns import badge, moment, money, plain, worded
from stores.admin_filters import MERCHANT, DayFilter, words
from stores.admin_inlines import TenantTabularInline
from stores.admin_rights import VIEW, desk_rights, person
from stores.models import Approval
from stores.rights import Right
from stores.services.approvals import ask, has_open_request, open_requests

__all__ = [
    "ContractAdmin",
    "GatewayBillAdmin",
    "GatewayEventAdmin",
    "LedgerEntryAdmin",
    "LedgerTransactionAdmin",
    "PaymentAdmin",
    "PayoutAdmin",
    "ReconciliationExceptionAdmin",
    "ReconciliationRunAdmin",
    "RefundAdmin",
    "StatementAdmin",
]

REFUNDED = money("refunded_fen", _("refunded"))
GROSS = money("gross_fen", _("redeemed"))
NET = money("net_fen", _("net"))
REQUESTED = moment("created_at", _("requested"))
SENT = moment("sent_at", pgettext_lazy("moment", "sent"))


@admin.register(Payment)
class PaymentAdmin(OperatorBook):
    list_display = (
        "number",
        "reference",
        "purpose",
        GATEWAY,
        AMOUNT,
        REFUNDED,
        STATE,
        CREATED,
    )
    list_filter = ("state", "purpose", ("created_at", DayFilter))
    search_fields = (
        "number",
        "reference",
        "gateway_trade_no",
        "payer__display_name",
        "payer__email",
        "payer__phone",
    )
    search_help_text = _("Number of the payment, order or gateway, or the payer")
    empty_text = _("Every attempt to pay an order appears here.")
    fields = (
        "number",
        STATE,
        "reference",
        "purpose",
        plain("payer", _("payer")),
        GATEWAY,
        "gateway_trade_no",
        AMOUNT,
        REFUNDED,
        CREATED,
        moment("expires_at", _("pay before")),
        moment("succeeded_at", _("paid at")),
    )
    readonly_fields = fields


@admin.register(Refund)
class RefundAdmin(OperatorBook):
    act = Right.RECONCILE
    list_display = (
        "number",
        "payment",
        AMOUNT,
        "reason",
        STATE,
        REQUESTED,
    )
    list_filter = ("state", "reason", ("created_at", DayFilter))
    list_select_related = ("payment",)
    search_fields = (
        "number",
        "payment__number",
        "payment__reference",
        "payment__payer__display_name",
        "payment__payer__email",
        "payment__payer__phone",
    )
    search_help_text = _("Number of the refund, payment or order, or the payer")
    empty_text = _("Money that goes back to customers appears here.")
    actions = ("try_again",)
    fields = (
        "number",
        STATE,
        "payment",
        AMOUNT,
        "reason",
        "show_voucher",
        "gateway_refund_no",
        "error",
        plain("requested_by", _("requested by")),
        REQUESTED,
        moment("succeeded_at", _("returned at")),
    )
    readonly_fields = fields

    @admin.display(description=_("vouchers"))
    def show_voucher(self, refund: Refund) -> str:
        return names_of(REFUND, [refund.pk]).get(refund.pk, "—")

    @admin.action(description=_("Try the gateway again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        for refund in queryset:
            act = partial(retry_refund, refund_id=refund.pk)
            attempt(self, request, refund, act, done=lambda sent: _("The gateway was asked again."))


@admin.register(GatewayEvent)
class GatewayEventAdmin(OperatorBook):
    list_display = (
        worded("kind", _("kind"), word_notification),
        GATEWAY,
        "payment_number",
        worded("outcome", _("outcome"), word_outcome),
        moment("received_at", _("received")),
    )
    list_filter = (
        words("kind", _("kind"), NOTIFICATIONS),
        words("outcome", _("outcome"), RESULTS),
        ("received_at", DayFilter),
    )
    search_fields = ("event_id", "payment_number")
    search_help_text = _("Number of the payment")
    fields = (*list_display, "event_id", "body")
    readonly_fields = fields


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


def _word_asked(statement: Statement, reference: str, approval: Approval | None) -> str:
    """What was asked for, or recorded where the operator works alone, so that a slip is seen at once."""
    facts = {
        "amount": fen(statement.net_fen, "exact"),
        "merchant": statement.merchant,
        "reference": approval.payload["bank_reference"] if approval else reference,
    }
    if approval is None:
        return _("%(amount)s to %(merchant)s is recorded, reference %(reference)s.") % facts
    text = _("%(amount)s to %(merchant)s, reference %(reference)s, waits for a second person.")
    return f"{text % facts} {word_replaced(approval)}".strip()


def _word_carried(statement: Statement) -> str:
    facts = {"amount": fen(-statement.net_fen, "exact")}
    return _("%(amount)s stands on the next statement.") % facts


def _word_given_up(approval: Approval | None) -> str:
    if approval is None:
        return str(_("The debt was written off."))
    return f"{_('It waits for a second person.')} {word_replaced(approval)}".strip()


def _payout_waits() -> Exists:
    """Whether the payout of a statement waits for a second person."""
    subject = Concat(Value("statement:"), Cast(OuterRef("pk"), CharField()))
    return has_open_request(kind=PAYOUT, subject=subject)


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
    list_filter = ("state", ("issued_at", DayFilter), MERCHANT)
    list_select_related = ("merchant",)
    search_fields = ("number", "merchant__name_en", "merchant__name_zh")
    search_help_text = _("Number or merchant")
    empty_text = _("A statement is issued every night for what became payable.")
    inlines = (LineInline,)
    actions = ("pay_out", "collect", "carry", "write_off")
    fields = (
        "number",
        "show_state",
        "merchant",
        "day",
        GROSS,
        money("commission_fen", _("commission")),
        money("returns_fen", _("returned")),
        money("dues_fen", _("part of others' discounts")),
        money("referral_fen", _("referral fees")),
        money("carried_fen", _("owed by statements before")),
        NET,
        "collected_reference",
        moment("closed_at", _("closed")),
        plain("closed_by", _("closed by")),
        plain("approved_by", _("agreed to by")),
        "show_payouts",
        "show_waiting",
        moment("cutoff_at", _("up to")),
        moment("issued_at", _("issued")),
    )
    readonly_fields = fields

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What waits for a second person is shown to who could be one."""
        shown = super().get_fields(request, obj)
        if Right.PAY_OUT in desk_rights(request):
            return shown
        return [field for field in shown if field != "show_waiting"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Statement]:
        second = Right.PAY_OUT in desk_rights(request)
        waits: Any = _payout_waits() if second else Value(False, output_field=BooleanField())
        return super().get_queryset(request).annotate(payout_waits=waits)

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, statement: Any) -> str:
        if statement.payout_waits and statement.state == Statement.State.ISSUED:
            return badge("warning", _("payout waits for a second person"))
        return badge(COLOURS.get(statement.state, "info"), statement.get_state_display())

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
            (
                reverse("admin:stores_approval_change", args=[row.pk]),
                row.payload["bank_reference"],
                row.asked_by,
            )
            for row in open_requests(kind=PAYOUT, subject=f"statement:{statement.pk}")
        ]
        link = '<a class="text-link" href="{}">{}</a> · {}'
        return format_html_join(mark_safe("<br>"), link, rows) or "—"

    def name_row(self, row: Statement) -> str:
        return f"{row.merchant} · {fen(row.net_fen, 'exact')} · {row}"

    @asked(
        _("Record the payout"),
        _(
            "Make the transfers first: once a second person has agreed, the books say that this "
            "money has left the bank."
        ),
        note=_("The bank's reference of the transfer"),
        summary=_sum_up,
    )
    def pay_out(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        for row in queryset:
            payload = {"statement": row.pk, "bank_reference": note_of(request, row)}
            act = partial(ask, kind=PAYOUT, payload=payload, by=person(request))
            attempt(self, request, row, act, done=partial(_word_asked, row, note_of(request, row)))

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
    )
    def carry(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        for row in queryset:
            act = partial(carry_statement, statement_id=row.pk, carried_by=person(request))
            attempt(self, request, row, act, done=_word_carried)

    @asked(
        _("Write off"),
        _("Once a second person has agreed, what is owed is the platform's loss."),
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
        plain("sent_by", _("sent by")),
        plain("approved_by", _("agreed to by")),
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
