"""The merchant answers, the operator hides: stars stay exact, strangers find nothing."""

from __future__ import annotations

import pytest

from kernel.errors import InvalidInput, NotFound
from reviews.services.reviews import hide_review, reply_to_review, unhide_review, write_review
from stores.errors import RightMissing
from tests.factories import cast, make_product, make_voucher, redeem

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def review(people):
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    redeem(voucher, store=people.store, staff=people.clerk)
    return write_review(author=people.buyer, voucher_id=voucher.pk, rating=2, text="Cold.")


def stars(review):
    review.product.refresh_from_db()
    review.store.refresh_from_db()
    product, store = review.product, review.store
    return (product.rating_sum, product.rating_count), (store.rating_sum, store.rating_count)


def test_owner_and_manager_may_answer(people, review):
    reply_to_review(review_id=review.pk, by=people.owner, text="Sorry.")
    answered = reply_to_review(review_id=review.pk, by=people.teammate, text=" We are sorry. ")
    assert (answered.reply, answered.replied_by) == ("We are sorry.", people.teammate)
    assert answered.replied_at is not None


def test_clerk_stranger_and_author_may_not_answer(people, review):
    for somebody in (people.stranger, people.buyer):
        with pytest.raises(NotFound):
            reply_to_review(review_id=review.pk, by=somebody, text="Ha.")
    with pytest.raises(RightMissing):
        reply_to_review(review_id=review.pk, by=people.clerk, text="Ha.")
    review.refresh_from_db()
    assert review.reply == ""


def test_an_empty_answer_takes_it_away(people, review):
    reply_to_review(review_id=review.pk, by=people.owner, text="Sorry.")
    empty = reply_to_review(review_id=review.pk, by=people.owner, text="  ")
    assert (empty.reply, empty.replied_at, empty.replied_by) == ("", None, None)


def test_an_answer_has_a_limit(people, review):
    with pytest.raises(InvalidInput):
        reply_to_review(review_id=review.pk, by=people.owner, text="x" * 2001)


def test_hiding_takes_the_stars_away_once_and_showing_brings_them_back(people, review):
    assert stars(review) == ((2, 1), (2, 1))
    for _ in range(2):
        hide_review(review_id=review.pk, by=people.operator)
        assert stars(review) == ((0, 0), (0, 0))
    for _ in range(2):
        unhide_review(review_id=review.pk, by=people.operator)
        assert stars(review) == ((2, 1), (2, 1))


def test_only_the_operator_may_hide(people, review):
    for somebody in (people.owner, people.teammate, people.stranger, people.buyer):
        with pytest.raises(NotFound):
            hide_review(review_id=review.pk, by=somebody)
    review.refresh_from_db()
    assert review.state == "published"


def test_the_business_hears_of_a_review_and_the_author_of_the_answer(people, review, drain):
    drain()
    told = {people.owner: 1, people.teammate: 1, people.clerk: 0, people.stranger: 0}
    for user, number in told.items():
        assert user.notifications.filter(kind="review_written").count() == number
    reply_to_review(review_id=review.pk, by=people.owner, text="Sorry.")
    reply_to_review(review_id=review.pk, by=people.owner, text="Very sorry.")
    drain()
    assert people.buyer.notifications.filter(kind="review_replied").count() == 1
