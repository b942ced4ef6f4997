"""Try a campaign as a customer: the one quote with all its answers, for anybody, at any moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.conditions.base import Said
from campaigns.models import Campaign, Coupon
from campaigns.selectors import with_terms
from campaigns.services.campaigns import unsaved_campaign
from campaigns.services.coupons import claim_coupon
from campaigns.terms import terms_of
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from orders.models import Order
from orders.trial import Guest, Trial, TrialAsked, try_campaign
from tests.campaigns.made import asking, make_campaign, over
from tests.factories import Cast, cast, make_order, make_product, make_user, offer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def tried(people: Cast, row: Campaign, *lines: tuple[int, int], **more: Any) -> Trial:
    found = with_terms(Campaign.objects.all()).get(pk=row.pk)
    asked = TrialAsked(lines=lines, **more)
    return try_campaign(campaign=found, terms=terms_of(found), asked=asked, by=people.owner)


def test_a_basket_is_told_what_it_comes_to_or_what_is_missing(people: Cast) -> None:
    offer = offer_of(make_product(merchant=people.merchant, price_fen=6000))
    row = make_campaign(people.merchant, over(10000), start=False)
    few, enough = tried(people, row, (offer.pk, 1)), tried(people, row, (offer.pk, 2))
    assert (few.answer.code, few.answer.missing_fen, few.quote.total_fen) == (
        "below_minimum",
        4000,
        6000,
    )
    assert (enough.answer.code, enough.quote.total_fen) == ("applied", 10000)
    row.refresh_from_db()
    assert (row.state, row.spent_fen, Coupon.objects.count(), Order.objects.count()) == (
        "draft",
        0,
        0,
        0,
    )


def test_each_guest_has_an_answer_of_their_own(people: Cast) -> None:
    offer = offer_of(make_product(merchant=people.merchant))
    first = make_campaign(people.merchant, Said("first_order"), start=False)
    line = (offer.pk, 1)
    assert tried(people, first, line).answer.code == "applied"
    assert tried(people, first, line, guest=Guest.VISITOR).answer.code == "sign_in_first"
    with pytest.raises(InvalidInput):
        tried(people, first, line, guest=Guest.REGULAR)
    order = make_order(offer=offer)
    assert tried(people, first, line, guest=Guest.REGULAR).answer.code == "not_first_order"
    known = tried(people, first, line, guest=Guest.KNOWN, number=order.number)
    assert known.answer.code == "not_first_order"
    for number in ("", "no such", make_order().number):
        with pytest.raises(InvalidInput):
            tried(people, first, line, guest=Guest.KNOWN, number=number)


def test_a_held_coupon_is_the_one_that_is_tried(people: Cast) -> None:
    offer = offer_of(make_product(merchant=people.merchant))
    row = make_campaign(people.merchant)
    coupon = claim_coupon(owner=make_user(), campaign_id=row.pk)
    found = tried(people, row, (offer.pk, 1), guest=Guest.KNOWN, number=coupon.number)
    assert [answer.source for answer in found.quote.answers] == [f"coupon:{coupon.pk}"]
    assert found.answer.applied


def test_it_is_tried_at_any_moment(people: Cast) -> None:
    offer = offer_of(make_product(merchant=people.merchant))
    begins = now() + dt.timedelta(days=3)
    row = make_campaign(people.merchant, begins_at=begins, ends_at=begins + dt.timedelta(days=2))
    line = (offer.pk, 1)
    for days, code in ((0, "not_started"), (4, "applied"), (9, "ended")):
        moment = now() + dt.timedelta(days=days)
        assert tried(people, row, line, moment=moment).answer.code == code


def test_an_unsaved_campaign_is_tried_beside_those_that_run(people: Cast) -> None:
    product = make_product(merchant=people.merchant)
    buyer = make_user()
    running = make_campaign(people.merchant)
    coupon = claim_coupon(owner=buyer, campaign_id=running.pk)
    asked = asking(gives=asking().gives._replace(amount_fen=900))
    found = try_campaign(
        campaign=unsaved_campaign(merchant=people.merchant, asked=asked),
        terms=asked.terms,
        asked=TrialAsked([(offer_of(product).pk, 1)], Guest.KNOWN, coupon.number),
        by=people.owner,
    )
    assert found.answer.code == "better_one"
    assert {row.code for row in found.quote.answers} == {"applied", "better_one"}
    assert Campaign.objects.count() == 1


def test_only_who_sees_the_campaign_tries_it_and_only_with_its_own_goods(people: Cast) -> None:
    offer = offer_of(make_product(merchant=people.merchant))
    row = make_campaign(people.merchant)
    with pytest.raises(InvalidInput):
        tried(people, row, (offer_of(make_product()).pk, 1))
    with pytest.raises(InvalidInput):
        tried(people, row)
    with pytest.raises(NotFound):
        try_campaign(
            campaign=row,
            terms=terms_of(row),
            asked=TrialAsked([(offer.pk, 1)]),
            by=people.stranger,
        )


def test_the_page_answers_as_it_is_opened_and_as_it_is_filled_in(
    people: Cast, client: Client
) -> None:
    offer = offer_of(make_product(merchant=people.merchant, price_fen=6000))
    row = make_campaign(people.merchant, over(10000), start=False)
    client.force_login(people.owner)
    page = reverse("admin:campaigns_campaign_try_here", args=[row.pk])
    assert "Add items worth ¥40 to get it." in client.get(page).content.decode()
    sent = {"try-guest": "new", "try-offer_1": offer.pk, "try-quantity_1": "2"}
    assert "It takes off ¥20." in client.get(page, sent).content.decode()
    only = client.get(page, sent, headers={"X-Preview": "1"}).content.decode()
    assert "It takes off ¥20." in only and "<html" not in only
    wrong = client.get(page, sent | {"try-quantity_1": "many"}).content.decode()
    assert "Enter a whole number" in wrong
    client.force_login(people.stranger)
    assert client.get(page).status_code == 404
