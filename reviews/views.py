"""Pages: write a review, all reviews of a product or store."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from catalog.models import Product
from kernel.errors import NotFound, Refusal
from kernel.http.paging import newest_page
from kernel.http.seo.public import public_page
from members.models import User
from reviews.access import access_voucher_for_review
from reviews.forms import ReviewForm
from reviews.selectors import published_reviews, rating_histogram, review_card, review_state
from reviews.services.reviews import write_review
from stores.models import Store


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the one review of my redeemed voucher."""
    assert isinstance(request.user, User)
    voucher = access_voucher_for_review(user=request.user, voucher_id=pk)
    state = review_state(user=request.user, voucher=voucher)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            write_review(author=request.user, voucher_id=pk, **form.cleaned_data)
            messages.success(request, gettext("Thank you. Your review is published."))
            return redirect("voucher_detail", pk)
        except Refusal as refusal:
            form.refuse(refusal)
    context = {"form": form, "voucher": voucher, "state": state}
    return render(request, "reviews/write.html", context)


@public_page()
@require_safe
def product_review_list(request: HttpRequest, pk: int) -> HttpResponse:
    """All reviews of a product that is on sale."""
    product = Product.objects.on_sale().filter(pk=pk).first()
    if product is None:
        raise NotFound
    back = {"label": product.title, "url": reverse("product_detail", args=[pk])}
    return _list(request, back=back, about_store=False, product_id=pk)


@public_page()
@require_safe
def store_review_list(request: HttpRequest, pk: int) -> HttpResponse:
    """All reviews of a store."""
    store = Store.objects.open_for_business().filter(pk=pk).first()
    if store is None:
        raise NotFound
    back = {"label": store.name, "url": reverse("store_detail", args=[pk])}
    return _list(request, back=back, about_store=True, store_id=pk)


def _list(
    request: HttpRequest, *, back: dict[str, str], about_store: bool, **of: Any
) -> HttpResponse:
    page = newest_page(published_reviews(**of), request.GET)
    context = {
        "back": back,
        "page": page,
        "histogram": rating_histogram(**of),
        "cards": [review_card(row, about_store=about_store) for row in page.items],
    }
    return render(request, "reviews/list.html", context)
