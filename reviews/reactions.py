"""What follows a visit and a review (o2o/reactions.py lists it)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from kernel.outbox.services import publish
from messages.services.notify import notify, tell_business
from reviews.models import Review
from reviews.services.reviews import withdraw_unfounded_review
from vouchers.models import Redemption
from vouchers.notices import store_of, title_of


def plan_invitation(*, redemption_id: int, **_: Any) -> None:
    """Handler of "voucher.redeemed": invite when the visit can no longer be undone.

    Called again it plans again; the invitation itself is sent once per voucher.
    """
    redemption = Redemption.objects.filter(pk=redemption_id, undone_at__isnull=True).first()
    if redemption is None:
        return
    with transaction.atomic():
        publish("review.invite", due_at=redemption.undo_until, redemption_id=redemption_id)


def invite_review(*, redemption_id: int, **_: Any) -> None:
    """Handler of "review.invite": ask the owner for a review, once per voucher, if none is there."""
    redemption = (
        Redemption.objects.kept()
        .select_related("store", "voucher__terms")
        .filter(
            pk=redemption_id,
            voucher__review__isnull=True,
            voucher__product__isnull=False,
        )
        .first()
    )
    if redemption is None:
        return
    voucher = redemption.voucher
    notify(
        user_id=voucher.owner_id,
        kind="review_invited",
        params={**title_of(voucher), **store_of(redemption)},
        link=reverse("review_write", args=[voucher.pk]),
        dedupe_key=f"review_invited:{voucher.pk}",
    )


def withdraw_review(*, redemption_id: int, **_: Any) -> None:
    """Handler of "redemption.undone": no visit, no review."""
    voucher_ids = Redemption.objects.filter(pk=redemption_id).values_list("voucher_id", flat=True)
    for voucher_id in voucher_ids:
        withdraw_unfounded_review(voucher_id=voucher_id)


def tell_business_of_review(*, review_id: int, **_: Any) -> None:
    """Handler of "review.written": those of the store who want to hear it."""
    review = _review(review_id)
    if review is None:
        return
    tell_business(
        kind="review_written",
        merchant_id=review.merchant_id,
        store_id=review.store_id,
        params={
            **title_of(review.voucher),
            "store_en": review.store.name_en,
            "store_zh": review.store.name_zh,
            "author": review.author.display_name,
            "rating": review.rating,
        },
        link=reverse("admin:reviews_review_change", args=[review.pk]),
        dedupe_key=f"review_written:{review.pk}",
    )


def tell_author_of_reply(*, review_id: int, **_: Any) -> None:
    """Handler of "review.replied": the author, once, also when the reply is changed later."""
    review = _review(review_id)
    if review is None or not review.reply:
        return
    notify(
        user_id=review.author_id,
        kind="review_replied",
        params={
            **title_of(review.voucher),
            "merchant_en": review.merchant.name_en,
            "merchant_zh": review.merchant.name_zh,
        },
        link=reverse("voucher_detail", args=[review.voucher_id]),
        dedupe_key=f"review_replied:{review.pk}",
    )


def _review(review_id: int) -> Review | None:
    return (
        Review.objects.select_related("author", "merchant", "store", "voucher__terms")
        .filter(pk=review_id)
        .first()
    )
