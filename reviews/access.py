"""Look up a row and check the right to it in one step. Other people's rows answer 404."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from kernel.errors import NotFound
from members.models import User
from reviews.models import Review
from stores.access import access_row
from stores.rights import Right, platform_rights, stores_where
from vouchers.models import Voucher


def access_voucher_for_review(*, user: User, voucher_id: int, lock: bool = False) -> Voucher:
    """Return a voucher that ``user`` owns (terms joined), its row locked with ``lock``.

    Raises NotFound. The lock keeps an undo of its redemption out.
    """
    rows = Voucher.objects.select_related("terms", "merchant")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    voucher = rows.filter(pk=voucher_id, owner_id=user.pk).first()
    if voucher is None:
        raise NotFound
    return voucher


def access_review_for_merchant(*, user: User | AnonymousUser, review_id: int) -> Review:
    """Return a review of a merchant that ``user`` runs; the operator reaches all. Raises `lacking_row`.

    Its row is locked, without its joins.
    """
    rows = Review.objects.select_for_update(of=("self",), no_key=True)
    if Right.REPLY not in platform_rights(user):
        rows = rows.filter(store__in=stores_where(user, Right.REPLY))
    return access_row(rows, user=user, right=Right.REPLY, pk=review_id)


def access_review_for_operator(*, user: User | AnonymousUser, review_id: int) -> Review:
    """Return any review to who moderates for the platform; raises NotFound for everybody else."""
    moderates = Right.MODERATE in platform_rights(user)
    review = Review.objects.filter(pk=review_id).first() if moderates else None
    if review is None:
        raise NotFound
    return review
