"""Orders in words and shapes for pages: badge, steps, filter chips, our own addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from kernel.clock import now
from kernel.errors import Refusal
from kernel.http.badges import Badge
from kernel.http.templatetags.fmt import datetime_local, fen
from kernel.plaintext import isolate
from orders.errors import QuoteChanged
from orders.models import Order
from orders.parts import PartState, word_part
from orders.selectors import OrderView, RefundOfOrder
from orders.services.tenders import Due, due_of
from orders.states import DepositOutcome, OrderState
from payments.models import Refund
from stores.routes import route_to

_KINDS = {
    OrderState.PENDING: "warn",
    OrderState.DEPOSIT: "warn",
    OrderState.PAID: "ok",
    OrderState.COMPLETED: "",
    OrderState.REFUNDED: "",
    OrderState.CANCELLED: "",
    OrderState.TIMED_OUT: "",
}


def held_in_wallet(view: OrderView) -> str:
    """What of the order can be used now, as one counts it: "2 vouchers, 3 pieces to pick up"."""
    vouchers, pieces = view.in_wallet
    parts = []
    if vouchers:
        text = ngettext("%(count)s voucher", "%(count)s vouchers", vouchers)
        parts.append(text % {"count": vouchers})
    if pieces:
        text = ngettext("%(count)s piece to pick up", "%(count)s pieces to pick up", pieces)
        parts.append(text % {"count": pieces})
    return gettext(", ").join(parts)


_PART_KINDS = {PartState.UNPAID: "warn", PartState.WAITING: "ok", PartState.STARTED: "ok"}


def is_payable(order: Order) -> bool:
    """Whether the order still waits for money and its time is not over."""
    return order.pay_before is not None and order.pay_before > now()


def word_pay(view: OrderView) -> str:
    """What the button to pay says in a list; "" where nothing is to be paid."""
    order = view.order
    if not is_payable(order) or view.standing == OrderState.REFUNDED:
        return ""
    if order.state == Order.State.DEPOSIT:
        return _("Pay the balance")
    return _("Pay %(total)s") % {"total": fen(order.deposit_fen or order.total_fen)}


def due_now(order: Order) -> Due | None:
    """What is to be paid of the order now; None where nothing is. One query for a balance."""
    if not is_payable(order):
        return None
    try:
        return due_of(order)
    except Refusal:
        return None


def word_deposit(view: OrderView) -> str:
    """What became of the deposit of an order whose balance was not paid in time; "" of others."""
    texts = {
        DepositOutcome.KEPT: _(
            "The balance was not paid in time. The deposit of %(deposit)s stays with the merchant, "
            "as the terms said."
        ),
        DepositOutcome.REFUNDED: _(
            "The balance was not paid in time. The deposit of %(deposit)s goes back the way you paid."
        ),
        DepositOutcome.PART_REFUNDED: _(
            "The balance was not paid in time. Of the deposit of %(deposit)s, %(back)s goes back the "
            "way you paid; %(kept)s stays with the merchant, as the terms said."
        ),
    }
    if view.deposit_outcome is None:
        return ""
    return texts[view.deposit_outcome] % {
        "deposit": fen(view.received_fen),
        "back": fen(view.refunded_fen),
        "kept": fen(view.net_fen),
    }


def may_cancel(order: Order) -> bool:
    """Whether its buyer can take the order back: nothing of it is paid."""
    return order.state == Order.State.PENDING


def view_badge(view: OrderView) -> Badge:
    """The order's state (orders/states.py) for the buyer's pages."""
    return Badge(capfirst(str(view.standing.label)), _KINDS[view.standing])


def told_parts(view: OrderView) -> list[dict[str, Any]]:
    """What each store hands over, how far it is, and the way there. No query."""
    return [
        {
            "title": ", ".join(isolate(line.title) for line in part.lines),
            "merchant": part.lines[0].merchant,
            "store": part.store,
            "route": route_to(part.store) if part.store else None,
            "badge": Badge(word_part(part), _PART_KINDS.get(part.state, "")),
            "ready_from": part.ready_from,
            "is_open": part.state.is_open,
        }
        for part in view.parts
    ]


def steps_of(view: OrderView) -> list[dict[str, Any]]:
    """Placed → paid → use it, for components/steps.html."""
    order = view.order
    placed = {"label": _("Placed"), "note": datetime_local(order.created_at), "state": "done"}
    if order.state == Order.State.PAID:
        paid = {"label": _("Paid"), "note": datetime_local(order.paid_at), "state": "done"}
        use = {"label": _("Show the voucher in store"), "note": "", "state": "now"}
        if view.standing == OrderState.COMPLETED:
            use = {"label": _("Completed"), "note": "", "state": "done"}
        if view.standing == OrderState.REFUNDED:
            use = {"label": view_badge(view).label, "note": "", "state": "done"}
        return [placed, paid, use]
    if view.standing == OrderState.REFUNDED:
        paid = {"label": _("Deposit paid"), "note": "", "state": "done"}
        note = datetime_local(order.closed_at) if order.closed_at else ""
        return [placed, paid, {"label": view_badge(view).label, "note": note, "state": "done"}]
    if is_payable(order):
        until = _("Pay before %(moment)s") % {"moment": datetime_local(order.pay_before)}
        waiting = _("Waiting for payment")
        if order.state == Order.State.DEPOSIT:
            waiting = _("Deposit paid, waiting for the balance")
        paid = {"label": waiting, "note": until, "state": "now"}
        return [
            placed,
            paid,
            {"label": _("Show the voucher in store"), "note": "", "state": "todo"},
        ]
    note = datetime_local(order.closed_at or order.expires_at)
    return [placed, {"label": view_badge(view).label, "note": note, "state": "failed"}]


def refund_steps(refunds: Sequence[RefundOfOrder]) -> list[dict[str, Any]]:
    """What went back of an order, or is on its way, as further steps: what, how much, when, how far."""
    return [_refund_step(row) for row in refunds]


def _refund_step(row: RefundOfOrder) -> dict[str, Any]:
    refund = row.refund
    facts = {"amount": fen(refund.amount_fen), "title": isolate(row.title)}
    asked = {"moment": datetime_local(refund.created_at)}
    if row.is_back:
        state, note = "done", _("Money returned on %(moment)s")
        asked = {"moment": datetime_local(refund.succeeded_at)}
    elif refund.state == Refund.State.FAILED:
        state, note = "failed", _("Requested on %(moment)s; delayed, the money is safe")
    else:
        state, note = "now", _("Requested on %(moment)s; on its way to you")
    label = _("Refund of %(amount)s: %(title)s") % facts
    return {"label": label, "note": note % asked, "state": state}


_FIELDS = {
    "quantity": gettext_lazy("Quantity"),
    "unit_price_fen": gettext_lazy("Price each"),
    "discount_fen": gettext_lazy("Discount"),
    "total_fen": gettext_lazy("To pay in all"),
}


def told_changes(
    refusal: Refusal | None, titles: Mapping[str, str], *, total: bool = True
) -> list[str]:
    """What a changed quote changed, a sentence each; ``titles`` by the lines' names.

    Without ``total`` for a page whose own total is of other lines.
    """
    if not isinstance(refusal, QuoteChanged):
        return []
    untold = {"offer"} if total else {"offer", "total_fen"}
    changes = [change for change in refusal.extra["changes"] if change["field"] not in untold]
    return [_told(change, titles) for change in changes]


def _told(change: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    title = titles.get(change["line"], "")
    if change["field"] == "quantity" and not change["new"]:
        if not title:
            return _("An item of your order is not on sale any more.")
        return _("“%(title)s” is not on sale any more.") % {"title": isolate(title)}
    facts = {
        "title": isolate(title),
        "what": _FIELDS[change["field"]],
        "old": _amount(change["field"], change["old"]),
        "new": _amount(change["field"], change["new"]),
    }
    if not title:
        return _("%(what)s: it was %(old)s and is now %(new)s.") % facts
    return _("“%(title)s”, %(what)s: it was %(old)s and is now %(new)s.") % facts


def _amount(field: str, value: int) -> str:
    return fen(value) if field.endswith("_fen") else str(value)


def state_chips(chosen: str) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Filter chips of the order list, and the `OrderState`s that the chosen one stands for."""
    filters: dict[str, tuple[str, tuple[str, ...]]] = {
        "": (_("All"), ()),
        "open": (_("To pay"), (OrderState.PENDING, OrderState.DEPOSIT)),
        "paid": (_("Paid"), (OrderState.PAID,)),
        "completed": (_("Completed"), (OrderState.COMPLETED,)),
        "refunded": (pgettext("order", "Refunded"), (OrderState.REFUNDED,)),
        "closed": (_("Closed"), (OrderState.CANCELLED, OrderState.TIMED_OUT)),
    }
    chosen = chosen if chosen in filters else ""
    here = reverse("order_list")
    chips = [
        {
            "label": label,
            "url": f"{here}?state={key}" if key else here,
            "current": key == chosen,
        }
        for key, (label, _states) in filters.items()
    ]
    return chips, filters[chosen][1]


def own_path(address: str) -> str:
    """Return the path of an address of this site, "" for one elsewhere.

    People stay on the host name they came by, which need not be that of settings.BASE_URL.
    """
    full = urlsplit(urljoin(f"{settings.BASE_URL}/", address))
    home = urlsplit(settings.BASE_URL)
    if (full.scheme, full.netloc) != (home.scheme, home.netloc):
        return ""
    return full.path + (f"?{full.query}" if full.query else "")


def public_address(request: HttpRequest, address: str) -> str:
    """Return an absolute address for an API client, on the host it talks to when it is ours."""
    if not address:
        return ""
    return request.build_absolute_uri(own_path(address) or address)
