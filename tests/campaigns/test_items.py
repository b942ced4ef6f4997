"""Coupons for an item that the store hands over without a purchase: claimed, redeemed, undone, ended, taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import Count, Q
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.conditions.base import Said
from campaigns.errors import CouponKept
from campaigns.models import Benefit, Campaign, Coupon, CouponUse
from campaigns.services.coupons import claim_coupon, end_coupons_due
from campaigns.services.grants import CouponAsked, grant_coupon, revoke_coupon
from campaigns.services.remind import remind_of_coupons
from campaigns.terms import Gives
from kernel.clock import at, now
from kernel.errors import InvalidInput
from orders.pricing.rules import Ask
from orders.services.quotes import make_quote
from tests.campaigns.books import broken
from tests.campaigns.made import make_campaign
from tests.factories import Cast, cast, make_product, make_user, offer_of
from vouchers.errors import AlreadyRedeemed, CounterRefusal
from vouchers.models import Grant, Voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.grants import grants_of
from vouchers.services.redeem import redeem_voucher, undo_redemption

pytestmark = pytest.mark.django_db
NOTHING = Gives(Benefit.Kind.ITEM)


@pytest.fixture
def people() -> Cast:
    return cast()


def item_campaign(people: Cast, *conditions: Any, **more: Any) -> Campaign:
    product = more.pop("product", None) or make_product(
        merchant=people.merchant, title_en="Espresso"
    )
    gives = NOTHING._replace(products=(product.pk,))
    return make_campaign(people.merchant, *conditions, gives=gives, **more)


def claimed(people: Cast, **more: Any) -> Coupon:
    row = item_campaign(people, **more)
    return claim_coupon(owner=people.buyer, campaign_id=row.pk)


def hand_over(people: Cast, coupon: Coupon, **more: Any) -> Any:
    assert coupon.voucher is not None
    return redeem_voucher(
        staff=people.clerk, store_id=people.store.pk, code=coupon.voucher.code, **more
    )


def stands(coupon: Coupon) -> tuple[str, str, int]:
    """Coupon, voucher, uses of the campaign; the books agree with themselves."""
    coupon.refresh_from_db()
    assert coupon.voucher is not None
    coupon.voucher.refresh_from_db()
    coupon.campaign.refresh_from_db()
    assert broken() == []
    return coupon.state, coupon.voucher.state, coupon.campaign.spent_count


# The coupon's life ---------------------------------------------------------------------


def test_a_claimed_coupon_has_a_voucher_that_costs_nothing(people: Cast) -> None:
    coupon = claimed(people)
    voucher = coupon.voucher
    assert voucher is not None
    assert voucher.title == "Espresso"
    assert (voucher.value_fen, voucher.order_number, voucher.owner) == (0, "", people.buyer)
    assert voucher.valid_until == coupon.ends_at
    assert stands(coupon) == ("claimed", "active", 0)


def test_the_counter_hands_it_over_once_and_the_coupon_is_used(people: Cast) -> None:
    coupon = claimed(people)
    hand_over(people, coupon)
    assert stands(coupon) == ("used", "used", 1)
    with pytest.raises(AlreadyRedeemed):
        hand_over(people, coupon)
    assert stands(coupon) == ("used", "used", 1)


def test_undone_it_can_be_used_again_and_is_counted_once(people: Cast) -> None:
    coupon = claimed(people)
    first = hand_over(people, coupon)
    undo_redemption(staff=people.clerk, redemption_id=first.pk)
    assert stands(coupon) == ("returned", "active", 0)
    second = hand_over(people, coupon)
    assert stands(coupon) == ("used", "used", 1)
    use = CouponUse.objects.get(coupon=coupon)
    assert (use.redemption_id, use.amount_fen, use.state) == (second.pk, 0, "used")


def test_sent_again_with_its_nonce_it_is_the_same_redemption(people: Cast) -> None:
    coupon = claimed(people)
    with at(now() + dt.timedelta(hours=2)):
        told = {"nonce": "till-1", "occurred_at": now() - dt.timedelta(hours=1)}
        first = hand_over(people, coupon, **told)
        assert hand_over(people, coupon, **told).pk == first.pk
        assert stands(coupon) == ("used", "used", 1)


def test_what_was_in_time_offline_counts_also_after_the_sweep_has_ended_the_coupon(
    people: Cast,
) -> None:
    coupon = claimed(people)
    with at(coupon.ends_at + dt.timedelta(hours=1)):
        assert end_coupons_due() == 1
        hand_over(
            people, coupon, nonce="till-2", occurred_at=coupon.ends_at - dt.timedelta(hours=1)
        )
        assert stands(coupon)[:2] == ("used", "used")


def test_not_used_in_time_coupon_and_voucher_end_and_nothing_is_owed(people: Cast) -> None:
    coupon = claimed(people)
    with at(coupon.ends_at + dt.timedelta(minutes=1)):
        with pytest.raises(CounterRefusal) as told:
            hand_over(people, coupon)
        assert told.value.code == "expired"
        assert end_coupons_due() == 1
        assert expire_voucher(voucher_id=coupon.voucher_id or 0) == 1
        assert stands(coupon) == ("ended", "expired", 0)


def test_taken_back_by_the_business_the_counter_refuses_it(people: Cast) -> None:
    coupon = claimed(people)
    revoke_coupon(coupon_id=coupon.pk, reason="Printed twice.", by=people.owner)
    with pytest.raises(CounterRefusal) as told:
        hand_over(people, coupon)
    assert told.value.code == "revoked"
    assert stands(coupon) == ("revoked", "revoked", 0)


def test_what_was_handed_over_is_not_taken_back(people: Cast) -> None:
    coupon = claimed(people)
    hand_over(people, coupon)
    with pytest.raises(CouponKept):
        revoke_coupon(coupon_id=coupon.pk, reason="Too late.", by=people.owner)
    assert stands(coupon) == ("used", "used", 1)


def test_only_the_named_stores_hand_it_over(people: Cast) -> None:
    other = people.other_store
    row = item_campaign(people, Said("stores", (other.pk,)))
    coupon = claim_coupon(owner=people.buyer, campaign_id=row.pk)
    with pytest.raises(CounterRefusal) as told:
        hand_over(people, coupon)
    assert told.value.code == "wrong_store"
    assert stands(coupon) == ("claimed", "active", 0)


def test_a_clerk_gives_one_to_an_account(people: Cast) -> None:
    row, guest = item_campaign(people, claiming="granted"), make_user(email="mei@example.com")
    asked = CouponAsked(reason="thanks", person="mei@example.com", store=people.store)
    made = grant_coupon(campaign_id=row.pk, asked=asked, issuer=people.clerk)
    assert made.coupon is not None and made.coupon.voucher is not None
    assert made.coupon.voucher.owner == guest


def test_claims_are_no_gifts_of_people_and_count_against_none_of_their_limits(
    people: Cast,
) -> None:
    coupon = claimed(people)
    grant = Grant.objects.get(vouchers=coupon.voucher_id)
    assert (grant.issuer, grant.reason) == (None, "campaign")
    assert not grants_of(people.owner).exists()


def test_its_owner_is_reminded_by_the_voucher_alone(people: Cast) -> None:
    coupon = claimed(people)
    with at(coupon.ends_at - dt.timedelta(days=1)):
        assert remind_of_coupons() == 0


# What may be promised ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"way": "automatic", "coupons": 0}, "way"),
        ({"budget_fen": 10000}, "budget_fen"),
        ({"budget_count": 5}, "budget_count"),
        ({"per_payer": 1}, "per_payer"),
    ],
)
def test_what_only_orders_have_is_refused(people: Cast, more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as told:
        item_campaign(people, **more)
    assert field in told.value.by_field


def test_the_item_is_one_product_of_the_business(people: Cast) -> None:
    with pytest.raises(InvalidInput) as told:
        item_campaign(people, product=make_product())
    assert "products" in told.value.by_field
    with pytest.raises(InvalidInput):
        make_campaign(people.merchant, gives=NOTHING)


# Where people meet it ------------------------------------------------------------------


def test_it_lowers_no_order_and_says_why_where_it_is_named(people: Cast) -> None:
    coupon = claimed(people)
    lines = [(offer_of(make_product(merchant=people.merchant)).pk, 1)]
    assert make_quote(buyer_id=people.buyer.pk, lines=lines).answers == ()
    named = make_quote(buyer_id=people.buyer.pk, lines=lines, ask=Ask(coupons=(coupon.pk,)))
    assert [(row.applied, row.code) for row in named.answers] == [(False, "at_counter")]


def test_the_guest_claims_it_on_its_page_and_shows_its_code(people: Cast) -> None:
    row, client = item_campaign(people), Client()
    client.force_login(people.buyer)
    page = client.get(reverse("campaign_claim", args=[row.pk])).content.decode()
    assert "free in the store, without a purchase" in page and "You get: Espresso." in page
    answer = client.post(
        reverse("campaign_claim", args=[row.pk]),
        {"form_key": page.split('name="form_key" value="')[1][:36]},
        follow=True,
    )
    voucher = Voucher.objects.get(coupon__campaign=row)
    told = answer.content.decode()
    assert reverse("voucher_qr", args=[voucher.pk]) in told
    assert "Show its code in the store" in told


def test_the_api_names_the_voucher(people: Cast) -> None:
    client = APIClient()
    client.force_authenticate(people.buyer)
    row = item_campaign(people)
    made = client.post(
        reverse("api_campaign_coupons", args=[row.pk]), HTTP_IDEMPOTENCY_KEY="espresso-1"
    ).json()
    voucher = Voucher.objects.get(coupon__campaign=row)
    assert (made["voucher"], made["usable"]) == (voucher.pk, True)
    assert "You get: Espresso." in made["detail"]


# The invariant fails when the rule is broken -------------------------------------------


def test_the_audit_names_a_coupon_that_was_handed_over_and_not_used(people: Cast) -> None:
    coupon = claimed(people)
    redemption = hand_over(people, coupon)
    CouponUse.objects.filter(redemption=redemption).update(state="returned")
    assert "coupon_handed_over" in broken()


def test_used_coupons_are_redemptions_that_stand(people: Cast) -> None:
    row = item_campaign(people, per_person=3)
    three = [claim_coupon(owner=people.buyer, campaign_id=row.pk) for _ in range(3)]
    made = [hand_over(people, coupon) for coupon in three]
    undo_redemption(staff=people.clerk, redemption_id=made[1].pk)
    row.refresh_from_db()
    counted = Voucher.objects.filter(coupon__campaign=row).aggregate(
        stand=Count("redemptions", filter=Q(redemptions__undone_at__isnull=True))
    )
    assert row.spent_count == counted["stand"] == 2
