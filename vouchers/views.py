"""The customer's wallet."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from o2o.clock import now
from o2o.errors import Refusal
from o2o.web.once import page_once
from o2o.web.pages import id_page
from stores.cards import store_card
from vouchers.access import access_voucher_for_owner
from vouchers.api import qr_response
from vouchers.models import Voucher
from vouchers.presentation import (
    outcome_badge,
    refund_steps,
    stamp,
    state_badge,
    ticket,
    wallet_tabs,
)
from vouchers.selectors import (
    STORES_SHOWN,
    WALLET_TABS,
    redemptions_of,
    refunds_of,
    stores_of,
    wallet,
    wallet_counts,
)
from vouchers.services.refund import refund_quote, refund_voucher
from vouchers.terms import Terms


@login_required
@require_GET
def voucher_list(request: HttpRequest) -> HttpResponse:
    """The wallet, tab by tab."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in WALLET_TABS else "usable"
    page = id_page(wallet(request.user).filter(state__in=WALLET_TABS[tab]), request.GET)
    context = {
        "tab": tab,
        "tabs": wallet_tabs(tab, wallet_counts(request.user)),
        "tickets": [ticket(voucher) for voucher in page.items],
        "page": page,
    }
    return render(request, "vouchers/list.html", context)


@login_required
@require_GET
@never_cache
def voucher_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The voucher to show at the counter: QR, code, rules, stores, what happened to it."""
    voucher = access_voucher_for_owner(user=request.user, voucher_id=pk)
    terms = Terms.from_body(voucher.terms.body)
    showable = not stamp(voucher)
    stores = stores_of(voucher, terms) if showable else []
    context = {
        "voucher": voucher,
        "badge": state_badge(voucher),
        "stamp": stamp(voucher),
        "lines": terms.explain(last_day=voucher.last_day),
        "store_cards": [
            store_card(store, moment=now(), actions=True) for store in stores[:STORES_SHOWN]
        ],
        "more_stores": len(stores) > STORES_SHOWN,
        "redemptions": [(row, outcome_badge(row)) for row in redemptions_of(voucher)],
        "refunds": [(refund, refund_steps(refund, voucher)) for refund in _refunds(voucher)],
        "quote": refund_quote(voucher),
        "seen": _seen(voucher),
    }
    return render(request, "vouchers/detail.html", context)


@login_required
@require_GET
@never_cache
def voucher_pulse(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked by the open voucher page every few seconds: has something happened to it?"""
    voucher = access_voucher_for_owner(user=request.user, voucher_id=pk)
    response = HttpResponse(status=204)
    if request.GET.get("seen") != _seen(voucher):
        response = HttpResponse()
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_GET
def voucher_qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR as SVG, for the voucher's page."""
    return qr_response(access_voucher_for_owner(user=request.user, voucher_id=pk), "svg")


@login_required
@require_http_methods(["GET", "POST"])
def voucher_refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a refund gives and when, then do it."""
    voucher = access_voucher_for_owner(user=request.user, voucher_id=pk)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            page_once(request, lambda: refund_voucher(owner=request.user, voucher_id=pk).pk)
            return redirect("voucher_detail", pk=pk)
        except Refusal as refused:
            refusal = refused
            voucher.refresh_from_db()
    if voucher.state in (Voucher.State.REFUNDING, Voucher.State.REFUNDED):
        return redirect("voucher_detail", pk=pk)
    context = {
        "voucher": voucher,
        "quote": refund_quote(voucher),
        "refusal": refusal,
        "title": _("Refund"),
    }
    return render(
        request, "vouchers/refund.html", context, status=refusal.status if refusal else 200
    )


def _refunds(voucher: Voucher) -> list:
    untouched = voucher.state == Voucher.State.ACTIVE and voucher.uses_used == 0
    return [] if untouched else refunds_of(voucher)


def _seen(voucher: Voucher) -> str:
    return f"{voucher.state}-{voucher.uses_used}"
