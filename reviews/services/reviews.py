"""Write, answer, hide and withdraw reviews; every step keeps the stars of lists exact.

``rating_sum`` and ``rating_count`` of product and store always equal the sum and the number
of published reviews: they move in the transaction that moves a review.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.services.products import apply_product_rating
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.facts.services import About, Kind, record
from kernel.outbox.services import publish
from kernel.plaintext import clean_text
from members.models import User
from reviews.access import (
    access_review_for_merchant,
    access_review_for_operator,
    access_voucher_for_review,
)
from reviews.errors import AlreadyReviewed, NotRedeemedYet
from reviews.models import Review
from stores.access import refuse_unless_trading
from stores.services.stores import apply_store_rating
from vouchers.models import Redemption, Voucher

STARS = range(1, 6)
TEXT_MAX_LENGTH = 2000


@transaction.atomic
def write_review(*, author: User, voucher_id: int, rating: int, text: str = "") -> Review:
    """Publish one review of 1 to 5 stars for a voucher that ``author`` owns and has redeemed.

    Locks the voucher; writes the review, the roll-ups of product and store (that of the first
    redemption that stands) and the outbox row "review.written". Raises InvalidInput, NotFound,
    AlreadyReviewed (naming ``review``) and NotRedeemedYet, also where every use was taken back.
    """
    text = _clean(rating, text)
    voucher: Any = access_voucher_for_review(user=author, voucher_id=voucher_id, lock=True)
    written = Review.objects.filter(voucher=voucher).values_list("pk", flat=True).first()
    if written is not None:
        raise AlreadyReviewed(review=written)
    visit = first_visit(voucher)
    if visit is None or voucher.product_id is None:
        raise NotRedeemedYet
    review = Review.objects.create(
        voucher=voucher,
        author=author,
        merchant_id=voucher.merchant_id,
        product_id=voucher.product_id,
        store_id=visit.store_id,
        rating=rating,
        text=text,
    )
    _count(review, +1)
    line = voucher.order_line_ref
    about = About(
        key=str(review.pk),
        merchant_id=review.merchant_id,
        store_id=review.store_id,
        product_id=review.product_id,
        number=rating,
        follows=f"{Kind.CHECKOUT.value}:{line}" if line else "",
    )
    record(Kind.REVIEWED, [about])
    publish("review.written", review_id=review.pk)
    return review


def first_visit(voucher: Voucher) -> Redemption | None:
    """The first redemption of a voucher that stands: neither undone nor taken back whole."""
    return voucher.redemptions.kept().order_by("first_use").first()


@transaction.atomic
def reply_to_review(*, review_id: int, by: User | AnonymousUser, text: str) -> Review:
    """Put the merchant's answer under a review, or change it; an empty text takes it away.

    ``by`` runs the merchant or the platform. Locks the review; publishes "review.replied".
    Raises NotFound, NotTrading, InvalidInput for more than 2000 characters.
    """
    text = clean_text(text)
    if len(text) > TEXT_MAX_LENGTH:
        raise InvalidInput(fields={"text": [_too_long()]})
    review = access_review_for_merchant(user=by, review_id=review_id)
    refuse_unless_trading(merchant_id=review.merchant_id, by=by)
    if text == review.reply:
        return review
    review.reply = text
    review.replied_at, review.replied_by_id = (now(), by.pk) if text else (None, None)
    review.save(update_fields=["reply", "replied_at", "replied_by"])
    if text:
        publish("review.replied", review_id=review.pk)
    return review


def hide_review(*, review_id: int, by: User | AnonymousUser) -> Review:
    """Take a review off the pages and out of the stars. Operator only; safe to repeat."""
    return _move(review_id, by, old=Review.State.PUBLISHED, new=Review.State.HIDDEN, step=-1)


def unhide_review(*, review_id: int, by: User | AnonymousUser) -> Review:
    """Show a hidden review again and count it again. Operator only; safe to repeat."""
    return _move(review_id, by, old=Review.State.HIDDEN, new=Review.State.PUBLISHED, step=+1)


@transaction.atomic
def withdraw_unfounded_review(*, voucher_id: int) -> bool:
    """Delete the review of a voucher whose every redemption was undone; True when it did.

    Without this a store could redeem, have five stars written and undo. A visit that was taken
    back after sales did happen: what was written about it before stays.
    """
    Voucher.objects.select_for_update(of=("self",), no_key=True).get(pk=voucher_id)
    review = Review.objects.select_for_update(of=("self",)).filter(voucher_id=voucher_id).first()
    visits = Redemption.objects.filter(voucher=voucher_id, undone_at__isnull=True)
    if review is None or visits.exists():
        return False
    if review.state == Review.State.PUBLISHED:
        _count(review, -1)
    review.delete()
    return True


@transaction.atomic
def _move(review_id: int, by: User | AnonymousUser, *, old: str, new: str, step: int) -> Review:
    review = access_review_for_operator(user=by, review_id=review_id)
    if Review.objects.filter(pk=review.pk, state=old).update(state=new):
        _count(review, step)
    review.state = new
    return review


def _count(review: Review, step: int) -> None:
    """Add (+1) or take away (-1) a review in the roll-ups: store first, then product, always."""
    stars = step * review.rating
    apply_store_rating(store_id=review.store_id, stars_delta=stars, count_delta=step)
    apply_product_rating(product_id=review.product_id, stars_delta=stars, count_delta=step)


def _clean(rating: int, text: str) -> str:
    text = clean_text(text)
    fields: dict[str, list[str]] = {}
    if rating not in STARS:
        fields["rating"] = [_("Give one to five stars.")]
    if len(text) > TEXT_MAX_LENGTH:
        fields["text"] = [_too_long()]
    if fields:
        raise InvalidInput(fields=fields)
    return text


def _too_long() -> str:
    return _("Please keep it within %(count)s characters.") % {"count": TEXT_MAX_LENGTH}
