"""Pages of the basket, the checkout and a person's orders. One service each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import Refusal
from kernel.facts.services import About, Kind, record
from kernel.http.once import page_once
from kernel.http.reading import next_path
from kernel.http.refused import refused_page
from kernel.http.visits import trace_of
from kernel.numerals import read_number
from kernel.plaintext import isolate
from members.models import User
from orders.access import (
    access_order_for_buyer,
    count_of,
    open_basket,
    read_basket,
    remember_count,
)
from orders.basket_view import (
    basket_view,
    checkout_groups,
    count_pieces,
    coupon_choices,
    read_chosen,
    read_coupons,
    read_places,
    write_coupons,
    write_places,
)
from orders.forms import AddForm, CheckoutForm, GatewayForm, QuantityForm, require_valid
from orders.presentation import (
    due_now,
    may_cancel,
    own_path,
    refund_steps,
    state_chips,
    steps_of,
    told_changes,
    told_parts,
    view_badge,
    word_deposit,
    word_pay,
)
from orders.pricing.rules import Ask
from orders.selectors import (
    OrderView,
    last_payment,
    order_page,
    order_view,
    refunds_of_order,
    returned_late,
)
from orders.services.basket import add_line, choose_stores, renew_line, set_quantity
from orders.services.cancel import cancel_order
from orders.services.checkout import check_out
from orders.services.pay import open_payment, prepare_payment
from payments.access import find_payment_by_id
from payments.errors import PaymentClosed
from payments.models import Payment
from payments.wording import word_gateway


@never_cache
@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    """What is in the basket, at this moment's prices."""
    view = basket_view(read_basket(request), trace=trace_of(request))
    remember_count(request, view.pieces)
    return render(request, "orders/basket.html", {"basket": view})


@require_POST
def basket_add(request: HttpRequest) -> HttpResponse:
    """Put an offer into the basket; "buy now" goes on to the checkout with this offer alone."""
    values = require_valid(AddForm(request.POST))
    held = open_basket(request)
    now = values["buy"] == "now"
    try:
        added = add_line(
            basket=held,
            offer_id=values["offer"],
            quantity=values["quantity"] or 1,
            replace=now,
            store_id=values["store"],
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(next_path(request, values["next"]) or "basket")
    remember_count(request, count_of(held))
    record(
        Kind.BASKET_ADD,
        [
            About(
                merchant_id=added.line.offer.merchant_id,
                product_id=added.line.offer.product_id,
                number=values["quantity"] or 1,
            )
        ],
        trace=trace_of(request),
    )
    if now:
        return redirect(f"{reverse('checkout')}?offer={values['offer']}")
    if added.is_too_many:
        said = _(
            "This price is limited per person: you can buy %(left)d, and your basket holds %(count)d."
        )
        counted = {"left": added.allowed, "count": added.line.quantity}
        messages.warning(request, said % counted)
    elif added.moved:
        said = _(
            "Added. One order collects an item at one store: all %(count)d pieces are now collected "
            "at %(store)s. You can choose another in the basket."
        )
        told = {"count": added.line.quantity, "store": isolate(str(added.line.store))}
        messages.warning(request, said % told)
    else:
        messages.success(request, _("Added to your basket."))
    return redirect(next_path(request, values["next"]) or "basket")


@require_POST
def basket_line(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Change how many of an offer the basket holds; 0 takes it out."""
    values = require_valid(QuantityForm(request.POST))
    held = read_basket(request)
    if held is not None:
        try:
            set_quantity(basket=held, offer_id=offer_id, quantity=values["quantity"])
        except Refusal as refusal:
            messages.error(request, str(refusal))
        remember_count(request, count_of(held))
    return redirect("basket")


@require_POST
def basket_stores(request: HttpRequest) -> HttpResponse:
    """Choose the stores where lines' goods are collected; with ``next`` = "checkout" go on there."""
    held = read_basket(request)
    if held is not None:
        try:
            choose_stores(basket=held, stores=read_chosen(request.POST))
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("basket")
    return redirect("checkout" if request.POST.get("next") == "checkout" else "basket")


@require_POST
def basket_renew(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Take a line whose price has changed at its new price."""
    held = read_basket(request)
    if held is not None:
        try:
            renew_line(basket=held, offer_id=offer_id)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        remember_count(request, count_of(held))
    return redirect("basket")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Who buys, where it can be used, what it costs; the button orders and goes to pay."""
    if request.method != "POST":
        only = read_number(request.GET.get("offer"))
        return _checkout_page(request, only=only, coupons=_chosen_coupons(request))
    values = require_valid(CheckoutForm(request.POST))
    buyer: User = request.user  # type: ignore[assignment]
    coupons = read_coupons(values["coupons"])

    def order() -> dict[str, Any]:
        order, payment = check_out(
            buyer=buyer,
            basket=open_basket(request),
            seen=values["seen"],
            stores=read_places(values["stores"]),
            coupons=coupons,
            gateway=values["gateway"],
            trace=trace_of(request),
        )
        return {"number": order.number, "payment": payment.pk if payment else None}

    try:
        placed = page_once(request, order).value
    except Refusal as refusal:
        return _checkout_page(request, only=values["offer"], coupons=coupons, refusal=refusal)
    remember_count(request, count_pieces(user_id=buyer.pk))
    if placed["payment"] is None:  # nothing to pay: the vouchers are there
        return redirect("order_detail", number=placed["number"])
    return _to_cashier(request, number=placed["number"], payment_id=placed["payment"])


def _chosen_coupons(request: HttpRequest) -> tuple[int, ...] | None:
    """The boxes that were ticked; None until somebody has chosen."""
    if "choose" not in request.GET:
        return None
    return read_coupons(
        write_coupons(filter(None, map(read_number, request.GET.getlist("coupon"))))
    )


def _checkout_page(
    request: HttpRequest,
    *,
    only: int | None,
    coupons: tuple[int, ...] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    view = basket_view(
        read_basket(request),
        only=only,
        pictures=False,
        ask=Ask(coupons=coupons),
        trace=trace_of(request),
    )
    titles = {row.key: row.title for row in view.rows}
    changes = told_changes(refusal, titles, total=view.ready)
    if not view.ready:
        if refusal:
            messages.error(request, " ".join([str(refusal), *changes]))
        return redirect("basket")
    context = {
        "basket": view,
        "groups": checkout_groups(view),
        "form": CheckoutForm(
            initial={
                "seen": view.quote.digest,
                "offer": only,
                "stores": write_places(view.buyable),
                "coupons": write_coupons(coupons),
            }
        ),
        "only": only,
        "choices": coupon_choices(view.quote, coupons),
        "refusal": refusal,
        "changes": changes,
        "refused_offer": refusal.extra.get("offer") if refusal else None,
    }
    return refused_page(request, "orders/checkout.html", context, refusal)


def _to_cashier(request: HttpRequest, *, number: str, payment_id: int) -> HttpResponse:
    """Open the payment and send the buyer to pay; what goes wrong is told on the order's page.

    A gateway elsewhere is reached by a link of our page: our content policy lets no form
    lead off this site.
    """
    try:
        payment = open_payment(
            payment=find_payment_by_id(payment_id=payment_id), language=get_language() or ""
        )
    except PaymentClosed:
        return redirect("order_detail", number=number)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("order_pay", number=number)
    path = own_path(payment.pay_url)
    return HttpResponseRedirect(path) if path else redirect("order_pay", number=number)


@never_cache
@login_required
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """The person's orders, newest first."""
    chips, states = state_chips(request.GET.get("state", ""))
    page = order_page(
        user=request.user,  # type: ignore[arg-type]
        params=request.GET,
        states=states,
    )
    cards = [(view, view_badge(view), word_pay(view)) for view in page.items]
    return render(request, "orders/list.html", {"cards": cards, "chips": chips, "page": page})


@never_cache
@login_required
@require_safe
def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One order: its steps, lines, vouchers, and what can be done with it."""
    view = order_view(user=request.user, number=number, pictures=True)  # type: ignore[arg-type]
    return render(request, "orders/detail.html", _order_context(view))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_pay(request: HttpRequest, number: str) -> HttpResponse:
    """Start paying (POST), or see how the payment is doing (GET; gateways lead back here)."""
    buyer: User = request.user  # type: ignore[assignment]
    if request.method != "POST":
        view = order_view(user=buyer, number=number)
        return render(request, "orders/pay.html", _order_context(view))
    gateway = require_valid(GatewayForm(request.POST))["gateway"]
    try:
        payment_id = page_once(
            request,
            lambda: prepare_payment(buyer=buyer, number=number, gateway=gateway).pk,
        ).value
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        access_order_for_buyer(user=buyer, number=number)  # a page that is there is led to
        messages.error(request, str(refusal))
        return redirect("order_detail", number=number)
    return _to_cashier(request, number=number, payment_id=payment_id)


@login_required
@require_POST
def order_cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Cancel an unpaid order."""
    try:
        cancel_order(buyer=request.user, number=number)  # type: ignore[arg-type]
        messages.success(request, _("The order is cancelled. Nothing was charged."))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, str(refusal))
    return redirect("order_detail", number=number)


def _order_context(view: OrderView) -> dict[str, Any]:
    order = view.order
    payment = last_payment(order)
    due = due_now(order)
    refunds = refunds_of_order(view)
    opened = payment is not None and payment.state == Payment.State.CREATED and payment.pay_url
    return {
        "view": view,
        "order": order,
        "payment": payment,
        "gateway": word_gateway(payment.gateway) if payment else "",
        "due": due,
        "may_cancel": may_cancel(order),
        "waiting": bool(due and opened),
        "cashier_url": own_path(payment.pay_url) or payment.pay_url if payment else "",
        "badge": view_badge(view),
        "steps": [*steps_of(view), *refund_steps(refunds)],
        "parts": told_parts(view),
        "late": returned_late(order),
        "deposit": word_deposit(view),
        "refunds": refunds,
        "form": GatewayForm(),
    }
