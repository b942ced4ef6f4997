"""Pages: the coupon centre, one campaign with its button to claim, typed codes, and the coupons of a person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.access import guessing
from campaigns.centre import CentreQuery, centre_campaigns, claimable_cards
from campaigns.codes import LONGEST
from campaigns.presentation import coupon_cards
from campaigns.selectors import find_offered, own_coupons, refuse_unseen
from campaigns.services.codes import claim_code
from campaigns.services.coupons import claim_coupon
from catalog.selectors import find_category, shelves
from kernel.errors import Refusal
from kernel.http.once import page_once
from kernel.http.paging import newest_page
from kernel.http.reading import next_path
from kernel.http.seo.public import public_page
from kernel.http.visits import trace_of
from stores.places import asked_city, featured_cities, remember_near, unknown_places, where_is


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """What a campaign promises, for everybody, and the button; who signs in on the way comes back here."""
    if request.method != "POST":
        offered = find_offered(campaign_id=pk, person_id=request.user.pk)
        context = {"offer": offered.card, "refused": offered.refused, "way": offered.way}
        return render(request, "campaigns/claim.html", context)
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    refuse_unseen(campaign_id=pk)
    try:
        trace = trace_of(request)

        def claim() -> int | None:
            return claim_coupon(owner=request.user, campaign_id=pk, trace=trace).voucher_id

        messages.success(request, _claimed(page_once(request, claim).value))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(next_path(request, request.POST.get("next")) or "coupon_list")


@public_page("category", blank=("city",))
@require_safe
def coupon_centre(request: HttpRequest) -> HttpResponse:
    """What can be claimed now; city, trade and "near me" are GET parameters."""
    here = where_is(request)
    city = asked_city(request, None if here.near else here.city)
    slug = request.GET.get("category", "")
    category = next((row.category for row in shelves() if row.category.slug == slug), None)
    query = CentreQuery(city, find_category(slug)[1] if category else (), here.near)
    page = newest_page(centre_campaigns(query), request.GET)
    context = {
        "offers": claimable_cards(page.items, person_id=request.user.pk),
        "page": page,
        "here": here,
        "listed_city": city,
        "cities": featured_cities(),
        "category": category,
        "categories": [row.category for row in shelves()],
        "left_out": unknown_places(request),
    }
    return remember_near(request, render(request, "campaigns/centre.html", context), here)


@never_cache
@login_required
@require_safe
def coupon_list(request: HttpRequest) -> HttpResponse:
    """The person's coupons, newest first."""
    page = newest_page(own_coupons(owner=request.user), request.GET)
    context = {
        "cards": coupon_cards(page.items),
        "page": page,
        "typed": request.GET.get("code", "")[:LONGEST],
        "next": next_path(request, request.GET.get("next")),
    }
    return render(request, "campaigns/coupons.html", context)


@never_cache
@require_POST
def coupon_code(request: HttpRequest) -> HttpResponse:
    """Turn a typed code into a coupon, and go back; who signs in first finds the code in the field."""
    text, back = (
        request.POST.get("code", "")[:LONGEST],
        next_path(request, request.POST.get("next")),
    )
    mine = reverse("coupon_list")
    if not request.user.is_authenticated:
        return redirect_to_login(f"{mine}?{urlencode({'code': text, 'next': back})}")
    try:
        with guessing(request, [text]):
            claimed = claim_code(owner=request.user, text=text, trace=trace_of(request)).coupon
        messages.success(request, _claimed(claimed.voucher_id))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        if not back or back.startswith(mine):
            return redirect(f"{mine}?{urlencode({'code': text})}")
    return redirect(back or mine)


def _claimed(voucher_id: int | None) -> str:
    """What the guest reads who has a coupon now; ``voucher_id`` is that of one for an item in the store."""
    if voucher_id is None:
        return _("The coupon is yours. Your next order that fits costs less by itself.")
    return _("The coupon is yours. Show its code in the store; it is under “My coupons”.")
