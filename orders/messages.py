"""What is told of an order. Registered in AppConfig.ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.message_kinds import BUSINESS, Kind, News

_ORDER = (pgettext_lazy("fact", "Order"), "{number}")
_AMOUNT = (pgettext_lazy("fact", "Amount"), "{amount}")
_COLLECT = (pgettext_lazy("fact", "To be collected at"), "{collect}")

SALES = News("sales", _("Every sale"), "see_sales", together="sales_made")
SALES_HERE = News(
    "sales_here",
    _("Sales for your stores, without amounts"),
    "see_sales",
    (),
    at_store=True,
    counter="redeem",
    without="see_sales",
)

KINDS = (
    Kind(
        "sale_made",
        _("Sold: {title}"),
        _("{quantity} in all, for {total}. Order {number}."),
        _("See the sale"),
        "cart",
        (
            _ORDER,
            (pgettext_lazy("fact", "Pieces"), "{quantity}"),
            (pgettext_lazy("fact", "Paid"), "{total}"),
            (pgettext_lazy("fact", "Paid on"), "{paid}"),
            _COLLECT,
        ),
        BUSINESS,
        SALES,
        collected=_(
            "{quantity} in all, for {total}. Order {number}. To be collected at {collect}."
        ),
    ),
    Kind(
        "sales_made",
        _("Sales: {sales}, for {total}"),
        _("{quantity} pieces in all, from {first} to {last}."),
        _("See the sales"),
        "cart",
        (
            (pgettext_lazy("fact", "Sales"), "{sales}"),
            (pgettext_lazy("fact", "Pieces"), "{quantity}"),
            (pgettext_lazy("fact", "Paid"), "{total}"),
        ),
        BUSINESS,
        SALES,
    ),
    Kind(
        "sold_here",
        _("Sold for your store: {title}"),
        _("{quantity} in all. Guests come with their code."),
        _("Open the counter"),
        "cart",
        ((pgettext_lazy("fact", "Pieces"), "{quantity}"), _COLLECT),
        BUSINESS,
        SALES_HERE,
        collected=_("{quantity} in all. To be collected at {collect}."),
    ),
    Kind(
        "order_paid",
        _("Paid: {title}"),
        _(
            "We received {total}. Your vouchers are in your wallet, ready to show. The store "
            "gets the money only after you have been served."
        ),
        _("Show my vouchers"),
        "ticket",
        (
            _ORDER,
            (pgettext_lazy("fact", "Paid"), "{total}"),
            (pgettext_lazy("fact", "Paid on"), "{paid}"),
            _COLLECT,
        ),
        collected=_(
            "We received {total}. Your vouchers are in your wallet, ready to show; collect your goods "
            "at {collect}. The store gets the money only after you have been served."
        ),
    ),
    Kind(
        "order_free",
        _("Ordered: {title}"),
        _("There was nothing to pay. Your vouchers are in your wallet, ready to show."),
        _("Show my vouchers"),
        "ticket",
        (_ORDER, _COLLECT),
        collected=_(
            "There was nothing to pay. Your vouchers are in your wallet, ready to show; collect your "
            "goods at {collect}."
        ),
    ),
    Kind(
        "late_payment_refunded",
        _("{amount} refunded"),
        _("Your payment for order {number} came too late or twice. We refunded it."),
        _("See the order"),
        "refund",
        (_ORDER, _AMOUNT),
    ),
)
