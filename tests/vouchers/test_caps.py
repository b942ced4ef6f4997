"""What one guest can use at one visit, on one day and in all, with whichever voucher."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from catalog.services.products import check_product, update_product
from kernel.clock import at, day_bounds, now
from kernel.errors import InvalidInput
from members.services.accounts import issue_token
from tests.factories import Cast, make_product, make_user
from tests.vouchers.counter import sell_one
from vouchers.caps import VISIT
from vouchers.errors import CapReached, NoUsesLeft
from vouchers.explain import explain
from vouchers.models import Voucher
from vouchers.services.grants import GrantAsked, grant_voucher
from vouchers.services.redeem import preview_voucher, redeem_voucher, undo_redemption
from vouchers.services.refund import return_redeemed
from vouchers.services.release import release_due
from vouchers.terms import NO_CAPS, Caps, terms_of

DAY = dt.timedelta(days=1)


def card(people: Cast, **caps: Any) -> Voucher:
    product = make_product(merchant=people.merchant, kind="times_card", uses=6, **caps)
    return sell_one(product, buyer=people.buyer)


def again(voucher: Voucher) -> Voucher:
    """Another voucher of the same product and guest."""
    return sell_one(voucher.product, buyer=voucher.owner)


def redeem(people: Cast, voucher: Voucher, uses: int = 1, **at_counter: Any) -> Any:
    facts = {"staff": people.owner, "store_id": people.store.pk, **at_counter}
    return redeem_voucher(code=voucher.code, uses=uses, **facts)


def noon(people: Cast, days: int = 1) -> dt.datetime:
    """Noon of a later day at the store."""
    morning, _end = day_bounds((now() + days * DAY).date(), people.store.zone)
    return morning + dt.timedelta(hours=12)


def refused(people: Cast, voucher: Voucher, uses: int = 1, **at_counter: Any) -> dict[str, Any]:
    with pytest.raises(CapReached) as found:
        redeem(people, voucher, uses, **at_counter)
    return found.value.extra


def test_a_visit_has_so_many_uses_whichever_vouchers_they_are_on(people: Cast) -> None:
    first = card(people, uses_per_visit=2)
    second = again(first)
    moment = noon(people)
    with at(moment):
        assert refused(people, first, 3)["left"] == 2
        redeem(people, first, 1)
        redeem(people, second, 1)
        facts = refused(people, second)
        assert facts["cap"] == "visit" and facts["left"] == 0
        assert facts["usable_from"] == (moment + VISIT).isoformat()
        redeem(people, second, 2, store_id=people.other_store.pk)
    with at(moment + VISIT):
        redeem(people, second, 2)


def test_a_day_is_the_stores_and_counts_every_store(people: Cast) -> None:
    first = card(people, uses_per_day=2)
    _morning, midnight = day_bounds(noon(people).date(), people.store.zone)
    with at(midnight - dt.timedelta(seconds=1)):
        redeem(people, first)
        redeem(people, first, store_id=people.other_store.pk)
        assert refused(people, first)["usable_from"] == midnight.isoformat()
    with at(midnight):
        redeem(people, first, 2)


def test_a_guest_has_so_many_in_all_and_others_have_their_own(people: Cast) -> None:
    product = make_product(merchant=people.merchant, uses_per_person=1)
    mine, more = (sell_one(product, buyer=people.buyer) for _number in range(2))
    theirs = sell_one(product, buyer=make_user())
    redeem(people, mine)
    with at(now() + 30 * DAY):
        facts = refused(people, more)
    assert (facts["cap"], facts["most"], facts["usable_from"]) == ("person", 1, None)
    assert redeem(people, theirs).pk


def test_what_is_undone_or_given_back_counts_nowhere(people: Cast) -> None:
    product = make_product(merchant=people.merchant, uses_per_person=1)
    first, second = (sell_one(product, buyer=people.buyer) for _number in range(2))
    undo_redemption(staff=people.owner, redemption_id=redeem(people, first).pk)
    served = redeem(people, second)
    refused(people, first)
    with at(served.undo_until):
        release_due()
        return_redeemed(redemption_id=served.pk, uses=1, requested_by=people.operator)
        assert redeem(people, first).pk


def test_what_is_told_later_counts_for_the_day_on_which_it_happened(people: Cast) -> None:
    voucher = card(people, uses_per_day=1)
    yesterday = noon(people)
    with at(yesterday + DAY):
        redeem(people, voucher)
        redeem(people, voucher, occurred_at=yesterday)
        assert refused(people, voucher, occurred_at=yesterday + VISIT)["cap"] == "day"


def test_other_deals_and_earlier_terms_are_not_bound(people: Cast) -> None:
    unbound = card(people)
    assert terms_of(unbound).caps == NO_CAPS and "caps" not in unbound.terms.body
    update_product(product=unbound.product, uses_per_day=1)
    bound = again(unbound)
    assert terms_of(bound).caps == Caps(day=1)
    redeem(people, unbound, 2)  # sold before, under its own terms
    refused(people, bound)  # the guest's day is counted whichever voucher was used
    assert redeem(people, card(people, uses_per_day=1)).pk


def test_a_gift_makes_good_a_voucher_that_was_used_and_spends_nothing_that_was_paid_for(
    people: Cast,
) -> None:
    product = make_product(merchant=people.merchant, uses_per_person=1)
    asked = GrantAsked(people.buyer.email, "apology", (now() + DAY).date(), product=product)
    early, late = (
        grant_voucher(merchant=people.merchant, issuer=people.owner, asked=asked) for _n in range(2)
    )
    bought = sell_one(product, buyer=people.buyer)
    for voucher in (early, bought, late):
        redeem(people, voucher)
        voucher.refresh_from_db()
        assert voucher.state == "used"
    assert refused(people, again(bought))["cap"] == "person"


def test_a_gift_of_the_product_counts_on_the_day(people: Cast) -> None:
    product = make_product(merchant=people.merchant, uses_per_day=1)
    gift = grant_voucher(
        merchant=people.merchant,
        issuer=people.owner,
        asked=GrantAsked(people.buyer.email, "thanks", (now() + DAY).date(), product=product),
    )
    redeem(people, gift)
    assert refused(people, sell_one(product, buyer=people.buyer))["cap"] == "day"


def test_the_preview_offers_what_can_be_redeemed_now(people: Cast) -> None:
    voucher = card(people, uses_per_visit=4, uses_per_day=2)

    def preview() -> Any:
        return preview_voucher(staff=people.owner, store_id=people.store.pk, code=voucher.code)

    assert (preview().voucher.uses_left, preview().uses_now) == (6, 2)
    redeem(people, voucher)
    assert (preview().voucher.uses_left, preview().uses_now) == (5, 1)
    redeem(people, voucher)
    with pytest.raises(CapReached):
        preview()
    with pytest.raises(NoUsesLeft):  # what the voucher has left comes before its caps
        redeem(people, voucher, 5)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everybody_is_told_before_and_at_the_counter(people: Cast, language: str) -> None:
    voucher = card(people, uses_per_visit=1, uses_per_day=2, uses_per_person=7)
    with translation.override(language):
        lines = [line.text for line in explain(terms_of(voucher)) if line.kind == "uses"]
        assert len(lines) == 4
        page = Client(headers={"accept-language": language}).get(f"/products/{voucher.product_id}/")
        assert all(line in page.content.decode() for line in lines)
        redeem(people, voucher)
        with pytest.raises(CapReached) as found:
            redeem(people, voucher)
        told = str(found.value)
        assert ("Nothing was redeemed" in told) == (language == "en")
    token = {"authorization": f"Bearer {issue_token(user=people.buyer)}"}
    terms = Client().get(f"/api/v1/vouchers/{voucher.pk}", headers=token).json()["terms"]
    assert (terms["uses_per_visit"], terms["uses_per_day"], terms["uses_per_person"]) == (1, 2, 7)
    shown = Client().get(f"/api/v1/products/{voucher.product_id}").json()["terms"]
    assert (shown["uses_per_visit"], shown["uses_per_day"], shown["uses_per_person"]) == (1, 2, 7)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"uses_per_visit": 0}, "uses_per_visit"),
        ({"kind": "goods", "uses_per_day": 1}, "uses_per_day"),
        ({"kind": "times_card", "uses": 6, "uses_per_person": 5}, "uses_per_person"),
        (
            {"kind": "times_card", "uses": 9, "uses_per_day": 1, "validity_days": 8},
            "uses_per_day",
        ),
        (
            {"uses_per_person": 1, "refund_rule": "none", "refund_on_expiry": False},
            "uses_per_person",
        ),
    ],
)
def test_a_limit_that_takes_what_was_paid_for_is_not_sold(
    people: Cast, fields: dict[str, Any], field: str
) -> None:
    product = make_product(merchant=people.merchant)
    for name, value in fields.items():
        setattr(product, name, value)
    with pytest.raises(InvalidInput) as found:
        check_product(product)
    assert set(found.value.extra["fields"]) == {field}


@pytest.mark.parametrize(
    ("caps", "read"),
    [
        ({"day": 2, "visit": "x"}, Caps(day=2)),
        ({"day": 0}, NO_CAPS),
        ([3], NO_CAPS),
        ({"month": 3}, NO_CAPS),
    ],
)
def test_a_damaged_limit_binds_nobody(people: Cast, caps: Any, read: Caps) -> None:
    voucher = card(people)
    voucher.terms.body["caps"] = caps
    terms = terms_of(voucher)
    assert (terms.caps, terms.whole) == (read, False)
