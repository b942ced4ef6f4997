"""Reviews on pages of other rooms: product, store and voucher pages load ``reviews``.

{% product_reviews product %}      stars, histogram, the latest three, link to all
{% store_reviews store %}          the same about a store
{% voucher_review voucher %}       "write a review", or the one that was written
"""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from catalog.models import Product
from reviews.models import Review
from reviews.selectors import (
    LATEST_OF_PRODUCT,
    LATEST_OF_STORE,
    own_review,
    rating_histogram,
    review_card,
    review_state,
)
from stores.models import Store
from vouchers.models import Voucher

register = template.Library()


@register.inclusion_tag("reviews/panel.html")
def product_reviews(product: Product) -> dict[str, Any]:
    """The reviews of a product: two queries, none when there is no review."""
    if not product.rating_count:
        return {"histogram": None}
    return {
        "histogram": rating_histogram(product_id=product.pk),
        "cards": [review_card(row) for row in LATEST_OF_PRODUCT.all(product.pk)],
        "all_url": reverse("product_review_list", args=[product.pk]),
    }


@register.inclusion_tag("reviews/panel.html")
def store_reviews(store: Store) -> dict[str, Any]:
    """The reviews of a store: two queries, none when there is no review."""
    if not store.rating_count:
        return {"histogram": None}
    rows = LATEST_OF_STORE.all(store.pk)
    return {
        "histogram": rating_histogram(store_id=store.pk),
        "cards": [review_card(row, about_store=True) for row in rows],
        "all_url": reverse("store_review_list", args=[store.pk]),
    }


@register.inclusion_tag("reviews/voucher.html", takes_context=True)
def voucher_review(context: dict[str, Any], voucher: Voucher) -> dict[str, Any]:
    """On the owner's voucher page: invite to a review after the visit, or show it."""
    user = context["request"].user
    state = review_state(user=user, voucher=voucher)
    review = own_review(user=user, voucher=voucher) if state == "written" else None
    return {
        "state": state,
        "voucher": voucher,
        "card": review_card(review, about_store=True) if review else None,
        "hidden": review is not None and review.state == Review.State.HIDDEN,
    }
