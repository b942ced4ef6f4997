"""Who may write a review, of what, and how often."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kernel.errors import InvalidInput, NotFound
from reviews.errors import AlreadyReviewed, NotRedeemedYet
from reviews.models import Review
from reviews.services.reviews import write_review
from tests.factories import cast, make_product, make_user, make_voucher, redeem
from vouchers.services.redeem import undo_redemption

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def visited(people):
    """A voucher of the buyer, redeemed by the clerk at the cast's store."""
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    redeem(voucher, store=people.store, staff=people.clerk)
    voucher.refresh_from_db()
    return voucher


def test_the_owner_reviews_product_and_store_of_the_visit(people, visited):
    review = write_review(author=people.buyer, voucher_id=visited.pk, rating=4, text=" Good. ")
    assert (review.product_id, review.store, review.merchant) == (
        visited.product_id,
        people.store,
        people.merchant,
    )
    assert (review.rating, review.text, review.state) == (4, "Good.", "published")


def test_stars_of_product_and_store_follow(people, visited):
    write_review(author=people.buyer, voucher_id=visited.pk, rating=4)
    visited.product.refresh_from_db()
    people.store.refresh_from_db()
    assert (visited.product.rating_sum, visited.product.rating_count) == (4, 1)
    assert visited.product.rating_score == 400
    assert (people.store.rating_sum, people.store.rating_count) == (4, 1)


def test_one_review_per_voucher(people, visited):
    first = write_review(author=people.buyer, voucher_id=visited.pk, rating=4)
    with pytest.raises(AlreadyReviewed) as refused:
        write_review(author=people.buyer, voucher_id=visited.pk, rating=1)
    assert refused.value.extra == {"review": first.pk}
    visited.product.refresh_from_db()
    assert (visited.product.rating_sum, visited.product.rating_count) == (4, 1)


def test_a_voucher_that_was_not_redeemed_cannot_be_reviewed(people):
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    with pytest.raises(NotRedeemedYet):
        write_review(author=people.buyer, voucher_id=voucher.pk, rating=5)
    assert not Review.objects.exists()


def test_a_visit_that_was_taken_back_is_no_visit(people):
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    redemption = redeem(voucher, store=people.store, staff=people.clerk)
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    with pytest.raises(NotRedeemedYet):
        write_review(author=people.buyer, voucher_id=voucher.pk, rating=5)


def test_only_the_owner_finds_the_voucher(people, visited):
    for somebody in (people.stranger, people.owner, people.clerk, people.operator):
        with pytest.raises(NotFound):
            write_review(author=somebody, voucher_id=visited.pk, rating=1)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("rating", "text", "field"), [(0, "", "rating"), (6, "", "rating"), (5, "x" * 2001, "text")]
)
def test_stars_and_length_have_limits(people, visited, rating, text, field):
    with pytest.raises(InvalidInput) as refused:
        write_review(author=people.buyer, voucher_id=visited.pk, rating=rating, text=text)
    assert list(refused.value.extra["fields"]) == [field]


def test_undoing_the_only_visit_withdraws_the_review(people, drain):
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    redemption = redeem(voucher, store=people.store, staff=people.clerk)
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=5)
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    drain()
    assert not Review.objects.exists()
    people.store.refresh_from_db()
    assert (people.store.rating_sum, people.store.rating_count) == (0, 0)


def test_undoing_one_of_two_visits_keeps_the_review(people, drain):
    product = make_product(merchant=people.merchant, kind="times_card", uses=3)
    voucher = make_voucher(owner=people.buyer, product=product)
    redeem(voucher, store=people.store, staff=people.clerk)
    second = redeem(voucher, store=people.store, staff=people.clerk)
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=5)
    undo_redemption(staff=people.clerk, redemption_id=second.pk)
    drain()
    assert Review.objects.count() == 1


def test_the_page_publishes_and_leads_back_to_the_voucher(client, people, visited):
    client.force_login(people.buyer)
    address = reverse("review_write", args=[visited.pk])
    assert "Publish my review" in client.get(address).content.decode()
    answer = client.post(address, {"rating": "5", "text": "Lovely <b>soup</b>"})
    assert answer.url == reverse("voucher_detail", args=[visited.pk])
    assert Review.objects.get().rating == 5
    page = client.get(address).content.decode()
    assert "You have reviewed this visit" in page and "Lovely &lt;b&gt;soup" in page
    assert "Publish my review" not in page


def test_the_page_asks_for_stars(client, people, visited):
    client.force_login(people.buyer)
    page = client.post(reverse("review_write", args=[visited.pk]), {"text": "Hm"})
    assert page.status_code == 200
    assert not Review.objects.exists()


def test_the_page_says_when_it_is_too_early(client, people):
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    client.force_login(people.buyer)
    page = client.get(reverse("review_write", args=[voucher.pk])).content.decode()
    assert "Come back after your visit" in page
    assert "Publish my review" not in page


def test_the_page_of_somebody_elses_voucher_is_not_found(client, people, visited):
    client.force_login(people.stranger)
    address = reverse("review_write", args=[visited.pk])
    assert client.get(address).status_code == 404
    assert client.post(address, {"rating": "1"}).status_code == 404
    assert not Review.objects.exists()


def test_a_guest_is_led_to_the_login(client, visited):
    address = reverse("review_write", args=[visited.pk])
    assert client.get(address).url.startswith(reverse("login"))
    assert make_user()


def test_a_review_counts_line_ends_as_the_browser_does(client, people, visited):
    client.force_login(people.buyer)
    lines = "\r\n".join(["x" * 39] * 50)  # 1,999 characters in the browser, 2,048 on the way
    facts = {"rating": "5", "text": lines}
    page = client.post(reverse("review_write", args=[visited.pk]), facts)
    assert page.status_code == 302
    assert Review.objects.get().text == lines.replace("\r\n", "\n")


def test_a_review_keeps_what_is_seen_and_nothing_else(people, visited):
    text = (
        "\ufeffGood\u200b soup\u202e.\x00 \u3164\u2028\u2028\u2028\u2028Slow\u00ad service 👨‍👩‍👧."
    )
    review = write_review(author=people.buyer, voucher_id=visited.pk, rating=4, text=text)
    assert review.text == "Good soup.\n\nSlow service 👨‍👩‍👧."
