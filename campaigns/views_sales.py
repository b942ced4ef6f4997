"""Pages: one sale with its prices, and the place in its line."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.sale_page import find_sale, sale_page
from campaigns.services.line import leave_line, take_place
from kernel.errors import Refusal

AGAIN_SECONDS = 5
"""How often the page of somebody who waits asks anew."""


@never_cache
@require_safe
def sale_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a sale offers, until when, and where the guest stands in its line."""
    person = request.user if request.user.is_authenticated else None
    page = sale_page(sale_id=pk, person=person)
    waits = page.standing is not None and not page.standing.is_gone and not page.standing.is_in
    context = {"page": page, "sale": page.sale, "again": AGAIN_SECONDS if waits else 0}
    return render(request, "campaigns/sale.html", context)


@never_cache
@login_required
@require_POST
def sale_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a place in the line, or give it up."""
    find_sale(sale_id=pk)
    try:
        if "leave" in request.POST:
            leave_line(sale_id=pk, person=request.user)
        else:
            take_place(sale_id=pk, person=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("sale_detail", pk=pk)
