"""Coupons at the counter: give one to an account, or show a code that the guest scans."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from campaigns.code_list import address_of_coupon_code
from campaigns.codes import write_coupon_code
from campaigns.models import CouponCode, CouponGrant
from campaigns.selectors import Claimable, with_terms, word_claimable
from campaigns.services.grants import CouponAsked, grant_coupon, grantable_campaigns
from kernel import qr
from kernel.errors import Refusal
from kernel.http.once import page_once
from kernel.http.refused import refused_page
from kernel.numerals import read_number
from stores.access import access_store_for_staff
from stores.models import Store

MOST_SHOWN = 20


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def console_coupons(request: HttpRequest, store_id: int) -> HttpResponse:
    """What may be given here now, and the form; a code to scan is shown on the page that gave it."""
    store = access_store_for_staff(user=request.user, store_id=store_id)
    if request.method != "POST":
        return _page(request, store)
    asked = CouponAsked(
        reason=request.POST.get("reason", ""),
        person=request.POST.get("person", "").strip()[:254],
        note=request.POST.get("note", ""),
        store=store,
    )
    campaign_id = read_number(request.POST.get("campaign", "")) or 0

    def give() -> dict[str, Any]:
        made = grant_coupon(campaign_id=campaign_id, asked=asked, issuer=request.user)
        return {"code": made.code_id}

    try:
        given = page_once(request, give).value
    except Refusal as refusal:
        told = [text for texts in refusal.by_field.values() for text in texts]
        messages.error(request, " ".join(told or [str(refusal)]))
        return _page(request, store, asked=asked, refusal=refusal)
    if given["code"] is None:
        messages.success(request, _("Given. The guest is told, and finds it under “My coupons”."))
        return redirect("console_coupons", store.pk)
    return _page(request, store, code=CouponCode.objects.get(pk=given["code"]))


def _page(
    request: HttpRequest,
    store: Store,
    *,
    asked: CouponAsked | None = None,
    code: CouponCode | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    rows = with_terms(grantable_campaigns(store.merchant_id).select_related("merchant"))
    offers: list[Claimable] = word_claimable(list(rows[:MOST_SHOWN]), person_id=None)
    context: dict[str, Any] = {
        "store": store,
        "console_tab": "coupons",
        "offers": offers,
        "reasons": CouponGrant.Reason.choices,
        "asked": asked,
    }
    if code is not None:
        address = address_of_coupon_code(code.code)
        drawing = mark_safe(qr.svg(address))  # noqa: S308 - our own drawing of an address
        context |= {"code": write_coupon_code(code.code), "drawing": drawing, "until": code.ends_at}
    return refused_page(request, "console/coupons.html", context, refusal)
