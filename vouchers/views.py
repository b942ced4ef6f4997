"""The customer's wallet."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kernel.clock import now
from kernel.errors import Refusal
from kernel.http.once import page_once
from kernel.http.refused import refused_page
from stores.cards import store_cards
from vouchers.access import access_voucher_for_owner
from vouchers.api import qr_response
from vouchers.explain import beside_places, explain
from vouchers.handover import collected_at, word_progress
from vouchers.models import Voucher
from vouchers.offline import keep, keep_list
from vouchers.presentation import (
    gift_line,
    held_note,
    money_is_back,
    outcome_badge,
    refund_steps,
    stamp,
    state_badge,
    tickets,
    wallet_tabs,
)
from vouchers.refund_words import kept_uses, refund_sentence
from vouchers.selectors import (
    SEARCH_LENGTH,
    STORES_SHOWN,
    WALLET_TABS,
    gateways_of,
    redemptions_of,
    refunds_of,
    stores_of,
    wallet_counts,
    wallet_page,
)
from vouchers.services.refund import quote_refund, refund_voucher
from vouchers.terms import terms_of


@login_required
@require_safe
@never_cache
def voucher_list(request: HttpRequest) -> HttpResponse:
    """The wallet, tab by tab; ``q`` searches, first under all tabs together."""
    words = " ".join(request.GET.get("q", "")[:SEARCH_LENGTH].split())
    tab = request.GET.get("tab", "all" if words else "")
    if tab not in WALLET_TABS and not (words and tab == "all"):
        tab = "usable"
    page = wallet_page(request.user, tab, words, request.GET)
    counts = wallet_counts(request.user, words)
    context = {
        "tab": tab,
        "tabs": wallet_tabs(tab, counts, words),
        "tickets": tickets(page.items),
        "page": page,
        "words": words,
        "found": counts["all"],
        "any": bool(words) or counts["all"] > 0,
    }
    response = render(request, "vouchers/list.html", context)
    if tab == "usable" and not words and not page.previous_url:
        keep_list(response, request)
    return response


@login_required
@require_safe
@never_cache
def voucher_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The voucher to show at the counter: QR, code, rules, stores, what happened to it."""
    voucher = access_voucher_for_owner(user=request.user, voucher_id=pk)
    terms = terms_of(voucher)
    showable = not stamp(voucher)
    stores = stores_of(voucher, terms) if voucher.state in Voucher.OPEN else []
    lines = explain(terms, last_day=voucher.last_day, zone=voucher.zone)
    if voucher.state in Voucher.OPEN:
        lines = beside_places(lines, stores)
    refunds = [(row, money_is_back(row, voucher)) for row in _refunds(voucher)]
    context = {
        "voucher": voucher,
        "badge": state_badge(voucher),
        "stamp": stamp(voucher),
        "gift": gift_line(voucher),
        "held_note": held_note(voucher),
        "lines": [
            line
            for line in lines
            if line.kind != "validity" or voucher.state != Voucher.State.REVOKED
        ],
        "store_cards": list(store_cards(stores[:STORES_SHOWN], moment=now()).values()),
        "more_stores": len(stores) > STORES_SHOWN,
        "redemptions": [(row, outcome_badge(row)) for row in redemptions_of(voucher)],
        "refunds": [(row, refund_steps(row, voucher), is_back) for row, is_back in refunds],
        "all_back": all(is_back for _row, is_back in refunds),
        "quote": quote_refund(voucher),
        "seen": _seen(voucher),
        "how_far": _how_far(voucher),
    }
    response = render(request, "vouchers/detail.html", context)
    return keep(response, request, voucher.valid_until) if showable else response


@login_required
@require_safe
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
@require_safe
def voucher_qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR as SVG, for the voucher's page."""
    voucher = access_voucher_for_owner(user=request.user, voucher_id=pk)
    response = qr_response(voucher, "svg")
    return response if stamp(voucher) else keep(response, request, voucher.valid_until)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
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
            voucher = access_voucher_for_owner(user=request.user, voucher_id=pk)
    if voucher.is_gift or voucher.state in (Voucher.State.REFUNDING, Voucher.State.REFUNDED):
        return redirect("voucher_detail", pk=pk)
    quote = quote_refund(voucher)
    context = {
        "voucher": voucher,
        "quote": quote,
        "sentence": refund_sentence(voucher, quote),
        "kept_uses": kept_uses(voucher),
        "refusal": refusal,
        "gateway": gateways_of(voucher),
        "title": _("Refund"),
    }
    return refused_page(request, "vouchers/refund.html", context, refusal)


def _refunds(voucher: Voucher) -> list:
    untouched = voucher.state == Voucher.State.ACTIVE and voucher.uses_used == 0
    return [] if untouched else refunds_of(voucher)


def _how_far(voucher: Voucher) -> str:
    """What is left of it and, of goods, where; of what is over the page says how it ended."""
    if not voucher.uses_open:
        return ""
    return word_progress(voucher, place=collected_at([voucher]).get(voucher.pk))


def _seen(voucher: Voucher) -> str:
    return f"{voucher.state}-{voucher.uses_used}"
