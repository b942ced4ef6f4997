"""Pages: one campaign with its button to claim, and the coupons of a person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.presentation import coupon_cards
from campaigns.selectors import find_claimable, own_coupons, refuse_unseen
from campaigns.services.coupons import claim_coupon
from kernel.errors import Refusal
from kernel.http.once import page_once
from kernel.http.paging import newest_page
from kernel.http.reading import next_path
from kernel.http.visits import trace_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """What a campaign promises, and the button; who signs in on the way comes back here."""
    if request.method != "POST":
        offer = find_claimable(campaign_id=pk, person_id=request.user.pk)
        return render(request, "campaigns/claim.html", {"offer": offer})
    refuse_unseen(campaign_id=pk)
    try:
        trace = trace_of(request)
        page_once(request, lambda: claim_coupon(owner=request.user, campaign_id=pk, trace=trace).pk)
        messages.success(
            request, _("The coupon is yours. Your next order that fits costs less by itself.")
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(next_path(request, request.POST.get("next")) or "coupon_list")


@never_cache
@login_required
@require_safe
def coupon_list(request: HttpRequest) -> HttpResponse:
    """The person's coupons, newest first."""
    page = newest_page(own_coupons(owner=request.user), request.GET)
    context = {"cards": coupon_cards(page.items), "page": page}
    return render(request, "campaigns/coupons.html", context)
