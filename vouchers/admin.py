"""Vouchers and redemptions in the admin: read by merchant and operator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kernel.bounds import MAX_COUNT
from kernel.errors import InvalidInput
from kernel.http.templatetags.fmt import datetime_local, fen
from kernel.numerals import read_number
from kernel.plaintext import isolate
from payments.models import Payment
from payments.parties import name_party
from stores.admin_actions import asked, attempt, choice_of, note_of
from stores.admin_base import ReadOnlyAdmin
from stores.admin_columns import badge, moment, money, plain
from stores.admin_filters import MERCHANT, STORE, DayFilter, choices
from stores.admin_inlines import TenantTabularInline
from stores.admin_rights import VIEW, person
from stores.rights import Right
from vouchers.access import find_by_code
from vouchers.admin_grants import GrantAdmin, state_badge
from vouchers.codes import CODE_LENGTH, typed_digits
from vouchers.components import returned_portions, total_of
from vouchers.errors import TryLater
from vouchers.kinds import unit_of
from vouchers.models import Redemption, Voucher, VoucherComponent, VoucherReturn
from vouchers.naming import name_redemption
from vouchers.outcome import VoucherState, reads_as, with_outcome
from vouchers.services.redeem import mask_name
from vouchers.services.refund import LOST, SHELF, return_redeemed
from vouchers.states import RedemptionState, with_state, word_standing

__all__ = ["GrantAdmin", "RedemptionAdmin", "VoucherAdmin"]

STANDINGS = {
    RedemptionState.UNDO_OPEN: "warning",
    RedemptionState.PAYABLE: "success",
    RedemptionState.ON_STATEMENT: "info",
    RedemptionState.PAID_OUT: "success",
    RedemptionState.UNDONE: "danger",
    RedemptionState.PARTLY_RETURNED: "warning",
    RedemptionState.RETURNED: "danger",
}


def _standing(state: RedemptionState) -> tuple[Any, Callable[[QuerySet[Any]], QuerySet[Any]]]:
    return state.label, lambda rows: with_state(rows).filter(standing=state.value)


OUTCOMES = choices("outcome", _("state"), {state.value: _standing(state) for state in STANDINGS})

VALUE = money("value_fen", _("value"))
PAID = money("received_fen", pgettext_lazy("amount", "paid"))
BACK = money("back_fen", _("came back"))
WORTH = money("value_fen", _("value"))
REDEEMED_BY = plain("staff", _("redeemed by"))
REDEEMED_ON = plain("device", _("redeemed on"))


@admin.display(description=pgettext_lazy("moment", "redeemed"), ordering="occurred_at")
def show_redeemed(redemption: Redemption) -> str:
    """When it happened, and when it was recorded where that was later."""
    zone = redemption.store.zone
    happened = datetime_local(redemption.occurred_at, zone)
    if not redemption.recorded_later:
        return happened
    when = {"when": datetime_local(redemption.redeemed_at, zone)}
    return f"{happened} · {gettext('Recorded on %(when)s') % when}"


UNDONE = moment("undone_at", pgettext_lazy("moment", "undone"), "store.time_zone")
RELEASED = moment("released_at", _("became payable"), "store.time_zone")
VALID_UNTIL = moment("valid_until", _("valid until"), "time_zone")


def _reading(state: VoucherState) -> tuple[Any, Callable[[QuerySet[Any]], QuerySet[Any]]]:
    return state.label, lambda rows: reads_as(rows, state)


STATES = choices(
    "state__exact", _("state"), {state.value: _reading(state) for state in VoucherState}
)
"""By the name that the stored state is filtered by: other pages lead here with it."""


class RedemptionInline(TenantTabularInline):
    model = Redemption
    operator_may = VIEW
    merchant_may = VIEW
    fields = ("store", REDEEMED_BY, "uses", VALUE, show_redeemed, UNDONE, RELEASED)
    readonly_fields = fields
    fk_name = "voucher"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redemption]:
        return super().get_queryset(request).select_related("store", "staff", "voucher__terms")


class ComponentInline(TenantTabularInline):
    model = VoucherComponent
    operator_may = VIEW
    merchant_may = VIEW
    fields = ("kind", "show_payer", money("amount_fen", _("amount")), "in_base")
    readonly_fields = fields

    @admin.display(description=_("payer"))
    def show_payer(self, component: VoucherComponent) -> str:
        """Who pays this part; of a buyer who pays in two steps, with which of them."""
        if component.kind == VoucherComponent.Kind.FUNDER:
            return name_party(component.party)
        buyer = gettext("the buyer")
        if component.purpose == Payment.Purpose.WHOLE:
            return buyer
        return f"{buyer} ({component.get_purpose_display()})"


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    """A merchant sees its vouchers with the code's last digits only: the code is the customer's."""

    see = Right.SEE_VOUCHERS
    list_display = (
        "title",
        "show_code",
        "merchant",
        "order_number",
        PAID,
        BACK,
        WORTH,
        "show_uses",
        "show_state",
        VALID_UNTIL,
    )
    list_filter = (STATES, ("created_at", DayFilter), ("valid_until", DayFilter), MERCHANT)
    search_help_text = _("Order number, product, or all twelve digits of a code")
    empty_text = _("Vouchers are issued when an order is paid.")
    list_select_related = ("merchant", "terms")
    search_fields = ("order_number", "product__title_en", "product__title_zh")
    operator_search_fields = ("owner__email", "owner__phone", "owner__display_name")
    inlines = (ComponentInline, RedemptionInline)
    fields = (
        "product",
        "show_code",
        "show_state",
        "kind",
        "merchant",
        "order_number",
        "show_gift",
        PAID,
        BACK,
        WORTH,
        "show_uses",
        moment("valid_from", _("valid from"), "time_zone"),
        VALID_UNTIL,
        moment("created_at", pgettext_lazy("voucher", "issued"), "time_zone"),
    )
    readonly_fields = fields

    @admin.display(description=_("product"), ordering="product")
    def title(self, voucher: Voucher) -> str:
        return voucher.title

    def get_queryset(self, request: HttpRequest) -> QuerySet[Voucher]:
        return with_outcome(super().get_queryset(request))

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, voucher: Voucher) -> str:
        return state_badge(voucher)

    @admin.display(description=_("gift"))
    def show_gift(self, voucher: Voucher) -> str:
        """Why it was given and by whom: the business and the operator alone read it."""
        grant = voucher.grant
        if grant is None or grant.issuer is None:
            return grant.get_reason_display() if grant else ""
        return f"{grant.get_reason_display()} · {grant.issuer.display_name}"

    @admin.display(description=_("code"))
    def show_code(self, voucher: Voucher) -> str:
        return str(voucher)

    @admin.display(description=_("used"))
    def show_uses(self, voucher: Voucher) -> str:
        return f"{voucher.uses_used} / {voucher.uses_total}"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """The full code finds its voucher; parts of codes find nothing."""
        found, distinct = super().get_search_results(request, queryset, search_term)
        digits = typed_digits(search_term)
        if len(digits) == CODE_LENGTH:
            try:
                found = found | find_by_code(queryset, digits, person=request.user)
            except TryLater as refusal:
                self._say_when(request, refusal)
        return found, distinct

    def _say_when(self, request: HttpRequest, refusal: TryLater) -> None:
        """A code that was not looked up must not read like a code that is not there. Said once."""
        if getattr(request, "_refused_search", False):  # the list is asked for more than once
            return
        request._refused_search = True  # type: ignore[attr-defined]
        minutes = -(-int(refusal.extra["retry_after_seconds"]) // 60)
        text = ngettext(
            "The code was not looked up: too many codes that do not exist were searched for. "
            "Try again in %(count)d minute.",
            "The code was not looked up: too many codes that do not exist were searched for. "
            "Try again in %(count)d minutes.",
            minutes,
        )
        self.message_user(request, text % {"count": minutes}, messages.WARNING)


class ReturnInline(TenantTabularInline):
    model = VoucherReturn
    operator_may = VIEW
    merchant_may = VIEW
    fields = ("uses", VALUE, "show_parts", moment("created_at", _("created")))
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[VoucherReturn]:
        return super().get_queryset(request).prefetch_related("parts__component", "parts__refund")

    @admin.display(description=_("goes back to"))
    def show_parts(self, taken: VoucherReturn) -> str:
        return ", ".join(
            f"{fen(part.amount_fen, 'exact')} {part.refund or name_party(part.component.party)}"
            for part in taken.parts.all()
        )


def _take_back(redemption: Redemption, typed: str, chosen: str, by: Any) -> VoucherReturn:
    """Take as many uses back as were typed; all that stand where nothing was."""
    uses: int | None = redemption.uses - redemption.returned_uses
    if typed.strip():
        uses = read_number(typed.strip(), most=MAX_COUNT)
    if not uses and typed.strip():
        raise InvalidInput(gettext("Enter how many uses to take back, in digits: 1 or more."))
    return return_redeemed(
        redemption_id=redemption.pk,
        uses=uses or 1,
        requested_by=by,
        on_shelf=chosen == SHELF,
    )


def _shelf_or_lost(redemption: Redemption) -> list[tuple[str, str]]:
    """Where the pieces of goods are that come back; nothing is asked of other vouchers."""
    if redemption.voucher.kind != Voucher.Kind.PICKUP:
        return []
    shelf = gettext("Back on the shelf at %(store)s: they can be sold again")
    return [
        (LOST, gettext("Lost: they cannot be sold any more")),
        (SHELF, shelf % {"store": isolate(str(redemption.store))}),
    ]


def _goes_back(redemption: Redemption) -> str:
    """What taking back all that stands of it returns, and to whom."""
    uses, voucher = redemption.kept_uses, redemption.voucher
    if redemption.undone_at or not uses or voucher.is_gift:
        return gettext("Nothing of it can go back.")
    facts = {
        "amount": fen(total_of(returned_portions(redemption, uses)), "exact"),
        "who": isolate(mask_name(voucher.owner.display_name)),
        "uses": unit_of(voucher.kind).counted % {"count": uses},
    }
    return gettext("%(amount)s for %(uses)s goes back to %(who)s, as it was paid.") % facts


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    see = Right.SEE_VOUCHERS
    act = Right.TAKE_BACK
    store_path = "store"
    list_display = (
        "show_title",
        "store",
        "staff",
        "uses",
        VALUE,
        show_redeemed,
        "show_outcome",
    )
    list_filter = (OUTCOMES, ("occurred_at", DayFilter), STORE)
    list_select_related = ("voucher__terms", "store", "staff", "device")
    search_fields = (
        "voucher__order_number",
        "voucher__product__title_en",
        "voucher__product__title_zh",
        "staff__display_name",
    )
    search_help_text = _("Order number, product or clerk")
    empty_text = _("What the stores redeem in their console appears here.")
    inlines = (ReturnInline,)
    actions = ("take_back",)
    fields = (
        "show_title",
        "show_outcome",
        "voucher",
        "store",
        REDEEMED_BY,
        REDEEMED_ON,
        "uses",
        VALUE,
        show_redeemed,
        UNDONE,
        plain("undone_by", _("undone by")),
        RELEASED,
        "returned_uses",
    )
    readonly_fields = fields

    @admin.display(description=_("product"))
    def show_title(self, redemption: Redemption) -> str:
        return redemption.voucher.title

    @admin.display(description=_("state"))
    def show_outcome(self, redemption: Redemption) -> str:
        state = RedemptionState(redemption.standing)  # type: ignore[attr-defined]
        word = word_standing(state, value_fen=redemption.value_fen)
        return badge(STANDINGS[state], word)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redemption]:
        return with_state(super().get_queryset(request))

    def name_row(self, row: Redemption) -> str:
        return name_redemption(row)

    @asked(
        _("Take back and refund"),
        _(
            "After-sales: the customers get the money of these redemptions back, and it is taken "
            "from what the merchant is owed. This cannot be undone."
        ),
        note=_("How many of its uses (empty: all that stand)"),
        choices=_shelf_or_lost,
        choices_label=_("Where are the pieces now?"),
        each=_goes_back,
        optional=True,
    )
    def take_back(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> None:
        for redemption in queryset:
            attempt(
                self,
                request,
                redemption,
                partial(
                    _take_back,
                    redemption,
                    note_of(request, redemption),
                    choice_of(request, redemption),
                    person(request),
                ),
                done=lambda taken: (
                    _("%(amount)s goes back to the customer.")
                    % {"amount": fen(taken.value_fen, "exact")}
                ),
            )
