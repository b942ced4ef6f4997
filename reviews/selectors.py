from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from kernel.db.prepared import Prepared
from kernel.plaintext import isolate
from reviews.models import Review
from vouchers.models import Voucher


class Bar(NamedTuple):
    """How many of the reviews gave ``stars``."""

    stars: int
    number: int


class Histogram(NamedTuple):
    """The published reviews of one thing; ``average`` is None without any."""

    average: Decimal | None
    total: int
    bars: list[Bar]


def published_reviews(**of: Any) -> QuerySet[Review]:
    """Published reviews of ``product_id=…`` or ``store_id=…``, newest first, ready to show."""
    return (
        Review.objects.filter(state=Review.State.PUBLISHED, **of)
        .select_related("author", "merchant", "store", "voucher__terms")
        .order_by("-id")
    )


LATEST = 3
_CARD = (
    "rating",
    "text",
    "reply",
    "created_at",
    *("author__display_name", "author__avatar", "store__name_en", "store__name_zh"),
    *("merchant__name_en", "merchant__name_zh"),
    *("voucher__terms__body", "voucher__grant"),
)


def _latest_of_product(product_id: int) -> QuerySet[Review]:
    return published_reviews(product_id=product_id).only(*_CARD)


def _latest_of_store(store_id: int) -> QuerySet[Review]:
    return published_reviews(store_id=store_id).only(*_CARD)


LATEST_OF_PRODUCT = Prepared(_latest_of_product, int, most=LATEST)
LATEST_OF_STORE = Prepared(_latest_of_store, int, most=LATEST)
"""The first reviews of a page, ready for `review_card`: ``.all(id)``."""


def rating_histogram(**of: Any) -> Histogram:
    """Count the stars of ``product_id=…`` or ``store_id=…``; one query on an index."""
    found = dict(
        Review.objects.filter(state=Review.State.PUBLISHED, **of)
        .order_by("rating")
        .values_list("rating")
        .annotate(number=Count("pk"))
    )
    bars = [Bar(stars, found.get(stars, 0)) for stars in range(5, 0, -1)]
    total = sum(bar.number for bar in bars)
    stars = sum(bar.stars * bar.number for bar in bars)
    average = (Decimal(stars) / total).quantize(Decimal("0.1")) if total else None
    return Histogram(average, total, bars)


def review_card(review: Review, *, about_store: bool = False) -> dict[str, Any]:
    """What templates/components/review.html shows; ``about_store`` names the product bought."""
    author = review.author
    visited = _("Visited %(store)s") % {"store": isolate(review.store.name)}
    what = review.voucher.terms.title if about_store else visited
    if review.voucher.is_gift:
        what = _("%(what)s · as a gift") % {"what": what}
    return {
        "author": author.display_name,
        "avatar": author.avatar.url if author.avatar else "",
        "rating": review.rating,
        "text": review.text,
        "created_at": review.created_at,
        "what": what,
        "reply": review.reply,
        "reply_by": review.merchant.name,
    }


def review_state(*, user: Any, voucher: Voucher) -> str:
    """What ``user`` can do about a voucher: "write", "written" or "wait"; at most two queries.

    A review is about a product: what was given in the giver's own words has none. Nobody is asked
    about a visit whose every use was taken back.
    """
    if Review.objects.filter(voucher=voucher, author_id=user.pk).exists():
        return "written"
    if voucher.product_id is None:  # a gift in the giver's own words is no deal of the shop
        return "wait"
    redeemed = voucher.redemptions.kept().exists()
    return "write" if redeemed and voucher.owner_id == user.pk else "wait"


def own_review(*, user: Any, voucher: Voucher) -> Review | None:
    """The review that ``user`` wrote for ``voucher``, hidden or not, ready to show."""
    return (
        Review.objects.filter(voucher=voucher, author_id=user.pk)
        .select_related("author", "merchant", "store", "voucher__terms")
        .first()
    )
