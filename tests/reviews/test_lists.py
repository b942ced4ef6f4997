"""Reviews as others read them: pages, template tags, API."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.urls import reverse

from members.services.accounts import issue_token
from reviews.models import Review
from reviews.selectors import rating_histogram
from reviews.services.reviews import hide_review, reply_to_review, write_review
from tests.factories import cast, make_product, make_user, make_voucher, redeem

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def product(people):
    return make_product(merchant=people.merchant, title_en="Noodle lunch", title_zh="面条午餐")


def review_by(name, people, product, rating=5, text=""):
    voucher = make_voucher(owner=make_user(display_name=name), product=product)
    redeem(voucher, store=people.store, staff=people.clerk)
    return write_review(
        author=voucher.owner, voucher_id=voucher.pk, rating=rating, text=text or f"By {name}"
    )


def panel(tag, thing):
    template = Template("{% load reviews %}{% " + tag + " thing %}")
    return template.render(Context({"thing": thing}))


def test_average_and_histogram_count_published_reviews(people, product):
    for name, rating in (("Ann", 5), ("Bob", 5), ("Cid", 2), ("Dot", 1)):
        review = review_by(name, people, product, rating)
    hide_review(review_id=review.pk, by=people.operator)
    histogram = rating_histogram(product_id=product.pk)
    assert (str(histogram.average), histogram.total) == ("4.0", 3)
    assert [tuple(bar) for bar in histogram.bars] == [(5, 2), (4, 0), (3, 0), (2, 1), (1, 0)]


def test_the_product_panel_shows_the_latest_three_and_leads_to_all(people, product):
    for name in ("Ann", "Bob", "Cid", "Dot"):
        review = review_by(name, people, product)
    reply_to_review(review_id=review.pk, by=people.owner, text="Come again.")
    product.refresh_from_db()
    html = panel("product_reviews", product)
    assert "By Ann" not in html
    assert all(f"By {name}" in html for name in ("Bob", "Cid", "Dot"))
    assert "Come again." in html
    assert reverse("product_review_list", args=[product.pk]) in html


def test_panels_cost_two_queries_and_none_without_reviews(
    people, product, django_assert_num_queries
):
    with django_assert_num_queries(0):
        assert "No reviews yet" in panel("product_reviews", product)
        assert "No reviews yet" in panel("store_reviews", people.store)
    for name in ("Ann", "Bob"):
        review_by(name, people, product)
    product.refresh_from_db()
    people.store.refresh_from_db()
    with django_assert_num_queries(2):
        panel("product_reviews", product)
    with django_assert_num_queries(2):
        assert "Noodle lunch" in panel("store_reviews", people.store)


def test_the_page_of_all_reviews(client, people, product, django_assert_max_num_queries):
    for name in ("Ann", "Bob"):
        review_by(name, people, product, text="<script>alert(1)</script>")
    for address in (
        reverse("product_review_list", args=[product.pk]),
        reverse("store_review_list", args=[people.store.pk]),
    ):
        with django_assert_max_num_queries(8):
            page = client.get(address).content.decode()
        assert "Ann" in page
        assert "<script>alert" not in page


def test_reviews_of_what_is_not_shown_are_not_found(client, people, product):
    review_by("Ann", people, product)
    type(people.merchant).objects.filter(pk=people.merchant.pk).update(state="suspended")
    for address in (
        reverse("product_review_list", args=[product.pk]),
        reverse("store_review_list", args=[people.store.pk]),
        f"/api/v1/products/{product.pk}/reviews",
        f"/api/v1/stores/{people.store.pk}/reviews",
    ):
        assert client.get(address).status_code == 404, address


def test_the_api_lists_in_cursor_pages(client, people, product):
    for name in ("Ann", "Bob", "Cid"):
        review_by(name, people, product)
    for address in (
        f"/api/v1/products/{product.pk}/reviews?page_size=2",
        f"/api/v1/stores/{people.store.pk}/reviews?page_size=2",
    ):
        first = client.get(address).json()
        assert [row["author"] for row in first["results"]] == ["Cid", "Bob"]
        second = client.get(first["next"]).json()
        assert [row["author"] for row in second["results"]] == ["Ann"]
        assert second["next"] is None


def post(client, user, **facts):
    return client.post(
        "/api/v1/reviews",
        facts,
        content_type="application/json",
        headers={"Authorization": f"Bearer {issue_token(user=user)}"},
    )


def test_the_api_writes_one_review(client, people, product):
    voucher = make_voucher(owner=people.buyer, product=product)
    too_early = post(client, people.buyer, voucher=voucher.pk, rating=5)
    assert (too_early.status_code, too_early.json()["code"]) == (409, "not_redeemed")
    redeem(voucher, store=people.store, staff=people.clerk)
    answer = post(client, people.buyer, voucher=voucher.pk, rating=5, text="Good.")
    assert answer.status_code == 201
    expected = {"author": "Buyer", "rating": 5, "text": "Good.", "store": people.store.pk}
    assert expected.items() <= answer.json().items()
    again = post(client, people.buyer, voucher=voucher.pk, rating=1)
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")
    assert again.json()["review"] == answer.json()["id"]
    assert Review.objects.get().rating == 5


def test_the_api_knows_no_voucher_of_others(client, people, product):
    voucher = make_voucher(owner=people.buyer, product=product)
    redeem(voucher, store=people.store, staff=people.clerk)
    assert post(client, people.stranger, voucher=voucher.pk, rating=1).status_code == 404
    bad = post(client, people.buyer, voucher=voucher.pk, rating=6)
    assert (bad.status_code, list(bad.json()["fields"])) == (400, ["rating"])
    assert client.post("/api/v1/reviews", {}).status_code == 401


def on_voucher_page(rf, user, voucher):
    request = rf.get("/")
    request.user = user
    template = Template("{% load reviews %}{% voucher_review voucher %}")
    return template.render(Context({"request": request, "voucher": voucher}))


def test_the_voucher_page_invites_after_the_visit_and_shows_what_was_written(rf, people, product):
    voucher = make_voucher(owner=people.buyer, product=product)
    assert not on_voucher_page(rf, people.buyer, voucher).strip()
    redeem(voucher, store=people.store, staff=people.clerk)
    invitation = on_voucher_page(rf, people.buyer, voucher)
    assert reverse("review_write", args=[voucher.pk]) in invitation
    review = write_review(author=people.buyer, voucher_id=voucher.pk, rating=1, text="Rude.")
    assert "Rude." in on_voucher_page(rf, people.buyer, voucher)
    hide_review(review_id=review.pk, by=people.operator)
    assert "the platform has hidden it" in on_voucher_page(rf, people.buyer, voucher)
