"""What became of a line of an order: its vouchers, redemptions and refunds, as links.

A merchant reads here about its own goods and nothing about the buyer: every row hangs on the
line itself, vouchers show the end of their code, redemptions the store and the clerk.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from kernel.http.templatetags.fmt import datetime_local, fen, fen_off
from orders.models import OrderDiscount, OrderLine
from orders.pricing.quotes import sum_discounts
from payments.models import Refund
from payments.parties import name_parties
from stores.admin_columns import badge
from vouchers.models import Redemption, Voucher
from vouchers.outcome import state_of, with_returned
from vouchers.states import RedemptionState, with_state

REFUND_COLOURS: dict[str, str] = {
    Refund.State.SUCCEEDED: "success",
    Refund.State.FAILED: "danger",
}


def line_link(line: OrderLine) -> str:
    """What was bought, as a link to the line's own page."""
    url = reverse("admin:orders_orderline_change", args=[line.pk])
    return format_html('<a href="{}">{}</a>', url, line.title)


def discount_lines(parts: Iterable[OrderDiscount]) -> str:
    """What was taken off and who bears it, one row for each rule; for merchant and operator."""
    sums = sum_discounts(parts)
    names = name_parties(row.funder for row in sums)
    if not sums:
        return _("None")
    return _listed(
        format_html(
            "<bdi>{}</bdi> · {} · {}",
            row.label or row.source,
            fen_off(row.amount_fen, "exact"),
            _("funded by %(party)s") % {"party": names[row.funder]},
        )
        for row in sums
    )


def voucher_links(line: OrderLine) -> str:
    """Every voucher of the line with its uses and state, a link each."""
    return _listed(
        format_html(
            '<a href="{}">{}</a> · {} / {} {}',
            reverse("admin:vouchers_voucher_change", args=[voucher.pk]),
            voucher,
            voucher.uses_used,
            voucher.uses_total,
            badge("info", state_of(voucher).label),
        )
        for voucher in with_returned(_vouchers(line))
    )


def redemption_links(line: OrderLine) -> str:
    """Where and when the line's vouchers were redeemed and what became of it, a link each."""
    rows = with_state(Redemption.objects.filter(voucher__in=_vouchers(line)))
    return _listed(
        format_html(
            '<a href="{}">{}</a> · <bdi>{}</bdi> · {} {}',
            reverse("admin:vouchers_redemption_change", args=[row.pk]),
            datetime_local(row.occurred_at, row.store.time_zone),
            row.store.name,
            fen(row.value_fen, "exact"),
            badge("info", RedemptionState(row.standing).label),
        )
        for row in rows.select_related("store").order_by("pk")
    )


def refund_lines(line: OrderLine, *, linked: bool) -> str:
    """What went back to the customer for the line; ``linked`` for those who may open refunds."""
    refunds = (
        Refund.objects.filter(parts__voucher__in=_vouchers(line).order_by().values("pk"))
        .annotate(back_fen=Sum("parts__amount_fen"))
        .order_by("pk")
    )
    return _listed(
        format_html(
            "{} · {} · {} {}",
            _number(refund, linked=linked),
            fen(refund.back_fen, "exact"),
            datetime_local(refund.succeeded_at or refund.created_at),
            badge(REFUND_COLOURS.get(refund.state, "warning"), refund.get_state_display()),
        )
        for refund in refunds
    )


def _vouchers(line: OrderLine) -> QuerySet[Voucher]:
    return Voucher.objects.filter(order_number=line.order.number, order_line_ref=line.pk).order_by(
        "pk"
    )


def _number(refund: Refund, *, linked: bool) -> str:
    if not linked:
        return refund.number
    url = reverse("admin:payments_refund_change", args=[refund.pk])
    return format_html('<a href="{}">{}</a>', url, refund.number)


def _listed(rows: Iterable[str]) -> str:
    """One row below the other, "None yet." without any."""
    return format_html_join("", "<div>{}</div>", ((row,) for row in rows)) or _("None yet.")
