"""Coupons and budgets: of any number of guests at once, exactly as many as were promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from campaigns.models import (
    AutomaticUse,
    Batch,
    Benefit,
    Campaign,
    Coupon,
    CouponCode,
    CouponGrant,
    CouponRevocation,
    CouponUse,
)
from campaigns.services import automatic, grants
from campaigns.services.automatic import Taking, reserve_automatic, use_automatic
from campaigns.services.codes import claim_code, make_codes
from campaigns.services.coupons import Reserving, claim_coupon, reserve_coupons
from campaigns.services.grants import CouponAsked, grant_coupon, revoke_coupon
from campaigns.services.payers import admit_payer
from campaigns.terms import Gives
from orders.services.cancel import cancel_order
from orders.services.place import place_order
from tests.campaigns.made import make_campaign
from tests.factories import (
    make_merchant,
    make_product,
    make_staff,
    make_store,
    make_user,
    offer_of,
    owner_of,
    pay_order,
)
from tests.forms import LONG
from tests.races.books import broken
from tests.races.together import Job, refusals, together, won
from tests.races.unguarded import compare_and_set, meeting, without_constraint
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
LIMIT, GUESTS = 50, 200
ROUNDS = 20 if LONG else 1
BATCH = compare_and_set(Batch, "claimed")
COUPON = compare_and_set(Coupon, "state")
CODE = compare_and_set(CouponCode, "coupon")
BUDGET = compare_and_set(Campaign, "budget_fen", "budget_count", "spent_count", "spent_fen")


def claim(campaign: Campaign, owner: Any = None) -> Callable[[], Any]:
    person = owner or make_user()
    return lambda: claim_coupon(owner=person, campaign_id=campaign.pk)


def books(campaign: Campaign) -> tuple[int, int, int]:
    """Coupons claimed, live uses, and what these come to; the roll-ups say the same."""
    campaign.refresh_from_db()
    batch = Batch.objects.get(campaign=campaign)
    uses = CouponUse.objects.filter(coupon__campaign=campaign, state__in=CouponUse.LIVE)
    amounts = list(uses.values_list("amount_fen", flat=True))
    assert batch.claimed == Coupon.objects.filter(campaign=campaign).count()
    assert (campaign.spent_count, campaign.spent_fen) == (len(amounts), sum(amounts))
    return batch.claimed, len(amounts), sum(amounts)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_two_hundred_guests_fifty_get_the_fifty_coupons(round_number: int) -> None:
    row = make_campaign(make_merchant(), coupons=LIMIT)
    answers = together([claim(row) for _ in range(GUESTS)])
    assert refusals(answers) == {"coupons_gone": GUESTS - LIMIT}
    assert books(row)[0] == LIMIT


def test_one_person_claims_what_one_person_gets_however_often_at_once() -> None:
    row, person = make_campaign(make_merchant(), per_person=3), make_user()
    answers = together([claim(row, person) for _ in range(20)])
    assert refusals(answers) == {"coupon_limit_reached": 17}
    assert books(row)[0] == 3


@pytest.mark.parametrize("round_number", range(ROUNDS))
@pytest.mark.parametrize(
    "budget", [{"budget_count": LIMIT}, {"budget_fen": LIMIT * 2000 + 1999}], ids=["uses", "fen"]
)
def test_of_two_hundred_checkouts_fifty_get_the_discount(
    budget: dict[str, Any], round_number: int
) -> None:
    product = make_product(price_fen=6000, stock=GUESTS)
    row = make_campaign(product.merchant, coupons=GUESTS, **budget)
    buyers = [make_user() for _ in range(GUESTS)]
    for buyer in buyers:
        claim_coupon(owner=buyer, campaign_id=row.pk)
    offer = offer_of(product)

    def checkout(buyer: Any) -> Callable[[], Any]:
        return lambda: place_order(buyer=buyer, lines=[(offer.pk, 1)])

    answers = together([checkout(buyer) for buyer in buyers])
    totals = Counter(order.total_fen for order in won(answers))
    assert totals[4000] == LIMIT
    refused = refusals(answers)
    assert set(refused) <= {"budget_gone"}
    assert totals[6000] + sum(refused.values()) == GUESTS - LIMIT
    assert books(row)[1:] == (LIMIT, LIMIT * 2000)
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS * 3))
def test_a_coupon_in_parallel_tabs_lowers_one_order(round_number: int) -> None:
    product = make_product(price_fen=6000)
    row, buyer = make_campaign(product.merchant), make_user()
    claim_coupon(owner=buyer, campaign_id=row.pk)
    offer = offer_of(product)
    answers = together([lambda: place_order(buyer=buyer, lines=[(offer.pk, 1)])] * 10)
    assert Counter(order.total_fen for order in won(answers))[4000] == 1
    assert set(refusals(answers)) <= {"coupon_taken"}
    assert books(row)[1:] == (1, 2000)


@pytest.mark.parametrize("round_number", range(ROUNDS * 3))
def test_cancelled_and_ordered_again_at_once_a_coupon_counts_once(round_number: int) -> None:
    product = make_product(price_fen=6000)
    row, buyer = make_campaign(product.merchant, budget_count=1), make_user()
    coupon = claim_coupon(owner=buyer, campaign_id=row.pk)
    offer = offer_of(product)
    order = place_order(buyer=buyer, lines=[(offer.pk, 1)])
    jobs = [lambda: place_order(buyer=buyer, lines=[(offer.pk, 1)])] * 4
    cancel: Callable[[], Any] = lambda: cancel_order(buyer=buyer, number=order.number)  # noqa: E731
    together([*jobs, cancel, cancel, *jobs])
    assert books(row)[1] <= 1
    coupon.refresh_from_db()
    live = coupon.uses.filter(state__in=CouponUse.LIVE).count()
    assert (coupon.state in Coupon.IN_USE) == bool(live)
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_two_hundred_guests_with_one_code_one_gets_its_coupon(round_number: int) -> None:
    row = make_campaign(make_merchant(), coupons=LIMIT, claiming="code")
    make_codes(campaign_id=row.pk)
    codes = list(row.codes.values_list("code", flat=True)[:2])

    def type_in(person: Any, code: str) -> Callable[[], Any]:
        return lambda: claim_code(owner=person, text=code)

    jobs = [type_in(make_user(), codes[number % 2]) for number in range(GUESTS)]
    answers = together(jobs)
    assert refusals(answers) == {"code_taken": GUESTS - 2}
    assert books(row)[0] == 2
    assert broken() == set()


def test_codes_are_made_once_by_any_number_of_workers() -> None:
    row = make_campaign(make_merchant(), coupons=1000, claiming="code")
    made = together([lambda: make_codes(campaign_id=row.pk)] * 8)
    assert sum(made) == row.codes.count() == 1000
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS))
@pytest.mark.parametrize(
    "budget", [{"budget_count": LIMIT}, {"budget_fen": LIMIT * 2000 + 1999}], ids=["uses", "fen"]
)
def test_of_two_hundred_checkouts_fifty_get_what_comes_by_itself(
    budget: dict[str, Any], round_number: int
) -> None:
    product = make_product(price_fen=6000, stock=GUESTS)
    row = make_campaign(product.merchant, way="automatic", coupons=0, **budget)
    buyers = [make_user() for _ in range(GUESTS)]
    offer = offer_of(product)

    def checkout(buyer: Any) -> Callable[[], Any]:
        return lambda: place_order(buyer=buyer, lines=[(offer.pk, 1)])

    answers = together([checkout(buyer) for buyer in buyers])
    totals = Counter(order.total_fen for order in won(answers))
    assert totals[4000] == LIMIT
    refused = refusals(answers)
    assert set(refused) <= {"budget_gone"}
    assert totals[6000] + sum(refused.values()) == GUESTS - LIMIT
    assert automatic_books(row) == (LIMIT, LIMIT * 2000)
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS * 3))
def test_in_parallel_tabs_one_person_gets_it_in_as_many_orders_as_one_may(
    round_number: int,
) -> None:
    product = make_product(price_fen=6000)
    row = make_campaign(product.merchant, way="automatic", coupons=0, uses_per_person=2)
    buyer, offer = make_user(), offer_of(product)
    answers = together([lambda: place_order(buyer=buyer, lines=[(offer.pk, 1)])] * 10)
    assert Counter(order.total_fen for order in won(answers))[4000] == 2
    assert set(refusals(answers)) <= {"discount_limit_reached"}
    assert automatic_books(row) == (2, 4000)
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_orders_that_one_account_pays_at_once_as_many_are_paid_as_one_payer_may(
    round_number: int,
) -> None:
    product = make_product(price_fen=6000)
    row = make_campaign(product.merchant, way="automatic", coupons=0, per_payer=2)
    offer = offer_of(product)
    orders = [place_order(buyer=make_user(), lines=[(offer.pk, 1)]) for _ in range(8)]

    def pay(order: Any) -> Callable[[], Any]:
        return lambda: pay_order(order, payer="one-account")

    paid = won(together([pay(order) for order in orders]))
    assert Counter(order.state for order in paid) == {"paid": 2, "cancelled": 6}
    assert automatic_books(row) == (2, 4000)
    assert broken() == set()


def test_one_person_gives_as_many_a_day_as_one_may_however_many_campaigns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grants, "A_DAY", 2)
    answers = together(giving(8))
    assert refusals(answers) == {"grants_gone": 6}
    assert CouponCode.objects.count() == CouponGrant.objects.count() == 2
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS * 3))
def test_a_coupon_that_is_ordered_with_and_taken_back_at_once_is_one_of_both(
    round_number: int,
) -> None:
    product = make_product(price_fen=6000)
    row, buyer = make_campaign(product.merchant), make_user()
    owner = owner_of(product.merchant)
    coupon = claim_coupon(owner=buyer, campaign_id=row.pk)
    offer = offer_of(product)
    order = partial(place_order, buyer=buyer, lines=[(offer.pk, 1)])
    back = partial(revoke_coupon, coupon_id=coupon.pk, reason="By mistake.", by=owner)
    together([order, back, order, back])
    coupon.refresh_from_db()
    uses = CouponUse.objects.filter(coupon=coupon, state__in=CouponUse.LIVE).count()
    revoked = CouponRevocation.objects.filter(coupon=coupon).count()
    assert (uses, revoked) in {(1, 0), (0, 1)}
    assert (coupon.state == Coupon.State.REVOKED) == bool(revoked)
    assert broken() == set()


def giving(count: int) -> list[Callable[[], Any]]:
    """One owner gives a coupon of each of ``count`` campaigns, as a code that a guest scans."""
    merchant = make_merchant()
    issuer = owner_of(merchant)
    rows = [make_campaign(merchant, claiming="granted") for _ in range(count)]
    asked = CouponAsked(reason="apology", note="Cold soup.")
    return [partial(grant_coupon, campaign_id=row.pk, asked=asked, issuer=issuer) for row in rows]


def automatic_books(row: Campaign) -> tuple[int, int]:
    row.refresh_from_db()
    uses = AutomaticUse.objects.filter(campaign=row, state__in=AutomaticUse.LIVE)
    amounts = list(uses.values_list("amount_fen", flat=True))
    assert (row.spent_count, row.spent_fen) == (len(amounts), sum(amounts))
    return len(amounts), sum(amounts)


# Controls: the same without the guard ------------------------------------------------------


def test_without_compare_and_set_more_are_given_than_there_are() -> None:
    row = make_campaign(make_merchant(), coupons=1)
    with without_constraint("campaigns_batch", "batch_count_kept"):
        answers = meeting([claim(row) for _ in range(5)], BATCH)
        assert len(won(answers)) == 5
        assert Coupon.objects.count() == 5


def test_without_its_guards_a_code_brings_two_coupons() -> None:
    row = make_campaign(make_merchant(), coupons=9, claiming="code")
    make_codes(campaign_id=row.pk)
    code = row.codes.first().code  # type: ignore[union-attr]
    people = [make_user() for _ in range(3)]
    jobs = [partial(claim_code, owner=person, text=code) for person in people]
    assert len(won(meeting(jobs, BATCH, CODE))) == 3
    assert Coupon.objects.count() == 3


def test_without_compare_and_set_one_coupon_is_in_two_orders() -> None:
    row, buyer = make_campaign(make_merchant()), make_user()
    coupon = claim_coupon(owner=buyer, campaign_id=row.pk)

    def reserve(number: str) -> Callable[[], Any]:
        wanted = [Reserving(coupon.pk, 2000, coupon.campaign_id)]
        return lambda: reserve_coupons(owner_id=buyer.pk, order_number=number, wanted=wanted)

    with without_constraint("campaigns_couponuse", "coupon_used_once"):
        meeting([reserve(str(n)) for n in range(3)], COUPON)
        assert CouponUse.objects.count() == 3


def test_without_compare_and_set_the_budget_is_exceeded() -> None:
    row = make_campaign(make_merchant(), budget_fen=2000)
    held = [(make_user(), n) for n in range(3)]
    coupons = [claim_coupon(owner=person, campaign_id=row.pk) for person, _n in held]

    def reserve(place: int) -> Callable[[], Any]:
        (person, number), coupon = held[place], coupons[place]
        wanted = [Reserving(coupon.pk, 2000, coupon.campaign_id)]
        return lambda: reserve_coupons(owner_id=person.pk, order_number=str(number), wanted=wanted)

    with without_constraint("campaigns_campaign", "campaign_budget_kept"):
        meeting([reserve(n) for n in range(3)], BUDGET)
        row.refresh_from_db()
        assert row.spent_fen == 6000


def test_without_compare_and_set_what_comes_by_itself_exceeds_its_budget() -> None:
    row = make_campaign(make_merchant(), way="automatic", coupons=0, budget_fen=2000)
    buyers = [make_user() for _ in range(3)]

    def reserve(place: int) -> Callable[[], Any]:
        wanted = [Taking(row.pk, 2000)]
        return lambda: reserve_automatic(
            buyer_id=buyers[place].pk, order_number=str(place), wanted=wanted
        )

    with without_constraint("campaigns_campaign", "campaign_budget_kept"):
        meeting([reserve(n) for n in range(3)], BUDGET)
        row.refresh_from_db()
        assert row.spent_fen == 6000


def item_at_two_counters() -> tuple[Coupon, Callable[[], Any]]:
    """A coupon for an item, and a clerk who redeems its voucher."""
    product = make_product()
    store = product.merchant.stores.first() or make_store(merchant=product.merchant)
    row = make_campaign(product.merchant, gives=Gives(Benefit.Kind.ITEM, products=(product.pk,)))
    coupon = claim_coupon(owner=make_user(), campaign_id=row.pk)
    assert coupon.voucher is not None
    code, clerk = coupon.voucher.code, make_staff(store)
    return coupon, lambda: redeem_voucher(staff=clerk, store_id=store.pk, code=code)


def test_two_counters_hand_the_item_of_one_coupon_over_once() -> None:
    coupon, redeem = item_at_two_counters()
    answers = together([redeem] * 8)
    assert len(won(answers)) == 1
    assert refusals(answers) == {"already_redeemed": 7}
    assert books(coupon.campaign)[1] == 1
    assert broken() == set()


def test_control_without_guards_the_item_of_one_coupon_is_handed_over_twice() -> None:
    _coupon, redeem = item_at_two_counters()
    uses = compare_and_set(Voucher, "state", "uses_used")
    with without_constraint("vouchers_redemption", "redemption_use_taken_once"):
        answers = meeting([redeem] * 2, uses, COUPON)
        assert len(won(answers)) == 2
        assert Redemption.objects.count() == 2


def test_without_the_lock_on_the_name_one_person_gives_more_than_a_day_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grants, "A_DAY", 1)
    monkeypatch.setattr(grants, "lock_name", lambda name: None)
    jobs = giving(3)
    assert len(won(meeting(jobs, before='INSERT INTO "campaigns_couponcode"'))) == 3


def test_without_compare_and_set_a_coupon_is_in_an_order_and_taken_back() -> None:
    merchant = make_merchant()
    row, buyer, owner = make_campaign(merchant), make_user(), owner_of(merchant)
    coupon = claim_coupon(owner=buyer, campaign_id=row.pk)
    wanted = [Reserving(coupon.pk, 2000, coupon.campaign_id)]
    jobs: list[Job] = [
        partial(reserve_coupons, owner_id=buyer.pk, order_number="1", wanted=wanted),
        partial(revoke_coupon, coupon_id=coupon.pk, reason="By mistake.", by=owner),
    ]
    meeting(jobs, COUPON)
    assert CouponUse.objects.filter(coupon=coupon).count() == 1
    assert CouponRevocation.objects.filter(coupon=coupon).count() == 1


def test_without_the_campaign_s_row_one_person_has_it_more_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = make_campaign(make_merchant(), way="automatic", coupons=0, uses_per_person=1)
    buyer = make_user()
    monkeypatch.setattr(automatic, "take_running_budget", lambda **_wanted: True)

    def reserve(number: str) -> Callable[[], Any]:
        wanted = [Taking(row.pk, 2000)]
        return lambda: reserve_automatic(buyer_id=buyer.pk, order_number=number, wanted=wanted)

    meeting([reserve(str(n)) for n in range(3)], before='INSERT INTO "campaigns_automaticuse"')
    assert AutomaticUse.objects.filter(buyer=buyer).count() == 3


def admitting(count: int) -> list[Callable[[], Any]]:
    """So many orders, of a campaign for one order of a payer, that one account pays."""
    product = make_product(price_fen=6000)
    make_campaign(product.merchant, way="automatic", coupons=0, per_payer=1)
    offer = offer_of(product)
    orders = [place_order(buyer=make_user(), lines=[(offer.pk, 1)]) for _ in range(count)]

    def admit(number: str) -> bool:
        with transaction.atomic():
            admitted = admit_payer(order_number=number, payer="one-account")
            return admitted and bool(use_automatic(order_number=number))

    return [partial(admit, order.number) for order in orders]


def test_without_the_campaign_s_lock_one_payer_pays_more_often() -> None:
    jobs = admitting(3)
    assert meeting(jobs, before='UPDATE "campaigns_automaticuse"') == [True] * 3


def test_with_the_campaign_s_lock_one_payer_pays_once() -> None:
    assert sorted(together(admitting(3))) == [False, False, True]
