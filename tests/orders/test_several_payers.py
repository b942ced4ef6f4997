"""List 100, merchant −10, platform −20, partner −6, points −4, cash 60, three uses: who pays what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from kernel.clock import at, now
from orders.models import OrderLine
from payments.models import LedgerEntry, Refund, SettlementLine, Statement
from payments.services.collection import collect_statement
from payments.services.payouts import send_payout
from payments.services.settlement import settle_all
from stores.models import Merchant
from tests.factories import Cast, cast, make_merchant, make_product, offer_of, redeem
from tests.orders.payers import accounts, broken, buy
from tests.payments.books import earn
from vouchers.models import Redemption, Voucher
from vouchers.services.expire import expire_due
from vouchers.services.redeem import undo_redemption
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.services.release import release_due

pytestmark = pytest.mark.django_db


class Story(NamedTuple):
    """One card of three uses, and whose money it is."""

    people: Cast
    partner: Merchant
    card: Voucher

    @property
    def own(self) -> str:
        return f"merchant:{self.people.merchant.pk}"

    @property
    def partners(self) -> str:
        return f"merchant:{self.partner.pk}"

    def redeem(self, uses: int = 1) -> Redemption:
        self.card.refresh_from_db()
        return redeem(self.card, store=self.people.store, staff=self.people.clerk, uses=uses)


@pytest.fixture
def story() -> Story:
    people = cast()
    Merchant.objects.filter(pk=people.merchant.pk).update(commission_rate=Decimal("0.1"))
    partner = make_merchant()
    product = make_product(
        merchant=Merchant.objects.get(pk=people.merchant.pk),
        kind="times_card",
        uses=3,
        price_fen=10_000,
        stock=5,
        validity_days=30,
        refund_on_expiry=True,
    )
    (card,) = buy(
        (f"merchant:{people.merchant.pk}", 1_000),
        ("platform", 2_000),
        (f"merchant:{partner.pk}", 600),
        ("points", 400),
        buyer=people.buyer,
        offer=offer_of(product),
    )
    return Story(people, partner, card)


def days_later(days: int) -> Any:
    return at(now() + dt.timedelta(days=days))


def test_only_what_is_paid_and_funded_is_worth_something(story: Story) -> None:
    card = story.card
    assert (card.paid_fen, card.value_fen, card.received_fen) == (6_000, 9_000, 6_000)
    assert accounts(card) == {f"escrow {story.own}": -6_000}
    assert broken() == []


def test_a_use_takes_from_every_payer_its_own_share(story: Story) -> None:
    redemption = story.redeem()
    assert redemption.value_fen == 2_000 + 666 + 200 + 133
    assert accounts(story.card) == {
        f"escrow {story.own}": -4_000,
        "promotions": 666,
        f"receivable {story.partners}": 200,
        "points_liability": 133,
        f"pending {story.own}": -2_999,
    }
    assert [story.redeem().value_fen, story.redeem().value_fen] == [3_000, 3_001]
    assert broken() == []


def test_an_undo_is_the_mirror(story: Story) -> None:
    before = accounts(story.card)
    redemption = story.redeem(uses=2)
    undo_redemption(staff=story.people.clerk, redemption_id=redemption.pk)
    assert accounts(story.card) == before
    assert broken() == []


def test_a_release_takes_commission_on_all_of_it_and_calls_the_partners_dues_in(
    story: Story,
) -> None:
    story.redeem()
    with days_later(1):
        assert release_due() == 1
    assert accounts(story.card) == {
        f"escrow {story.own}": -4_000,
        "promotions": 666,
        "points_liability": 133,
        f"payable {story.partners}": 200,
        f"payable {story.own}": -2_999 + 300,
        "commission": -300,
    }
    assert broken() == []


def test_the_statements_of_merchant_and_partner_say_what_each_gets_and_owes(story: Story) -> None:
    story.redeem()
    with days_later(1):
        release_due()
    with days_later(3):
        assert settle_all() == 2
        own = Statement.objects.get(merchant=story.people.merchant)
        partners = Statement.objects.get(merchant=story.partner)
        assert (own.gross_fen, own.commission_fen, own.dues_fen, own.net_fen) == (
            *(2_999, 300, 0),
            2_699,
        )
        assert (partners.gross_fen, partners.dues_fen, partners.net_fen) == (0, 200, -200)
        lines = SettlementLine.objects.values_list("statement__merchant", "entry__purpose")
        assert sorted(set(lines)) == sorted(
            {(own.merchant_id, "value"), (own.merchant_id, "commission")}
            | {(partners.merchant_id, "dues")}
        )
        assert broken() == []
        send_payout(statement_id=own.pk, sent_by=None, bank_reference="out 1")
        collect_statement(statement_id=partners.pk, bank_reference="in 1", collected_by=None)
    bank = LedgerEntry.objects.filter(account="bank").order_by("pk")
    assert list(bank.values_list("amount_fen", flat=True)) == [-2_699, 200]
    assert broken() == []


def test_what_is_owed_for_others_discounts_waits_for_a_person(story: Story) -> None:
    story.redeem()
    with days_later(1):
        release_due()
    with days_later(3):
        settle_all()
    owed = Statement.objects.get(merchant=story.partner)
    assert (owed.dues_fen, owed.net_fen) == (200, -200)
    with days_later(3):
        earn(story.partner, 10_000)
    with days_later(4):
        settle_all()
    owed.refresh_from_db()
    following = Statement.objects.exclude(pk=owed.pk).get(merchant=story.partner)
    assert (owed.state, following.carried_fen, following.net_fen) == ("issued", 0, 9_000)


def test_a_partial_refund_gives_the_buyer_the_unused_part_of_what_was_paid(
    story: Story, drain: Callable[..., int]
) -> None:
    story.redeem()
    refund_voucher(owner=story.people.buyer, voucher_id=story.card.pk)
    assert Refund.objects.get().amount_fen == 4_000
    assert accounts(story.card) == {
        "refund_due": -4_000,
        "promotions": 666,
        f"receivable {story.partners}": 200,
        "points_liability": 133,
        f"pending {story.own}": -2_999,
    }
    assert broken() == []
    drain()
    story.card.refresh_from_db()
    assert story.card.state == "refunded"
    assert broken() == []


def test_a_return_gives_every_payer_its_part_back(story: Story, drain: Callable[..., int]) -> None:
    redemption = story.redeem(uses=3)
    taken = return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=None)
    assert taken.value_fen == 2_000 + 666 + 200 + 133
    assert Refund.objects.get().amount_fen == 2_000
    assert accounts(story.card) == {
        "refund_due": -2_000,
        "promotions": 2_000 - 666,
        "points_liability": 400 - 133,
        f"payable {story.partners}": 600 - 200,
        f"payable {story.own}": -(9_000 - 2_999) + 600,
        "commission": -600,
    }
    assert broken() == []
    return_redeemed(redemption_id=redemption.pk, uses=2, requested_by=None)
    assert accounts(story.card) == {"refund_due": -6_000}
    drain()
    assert broken() == []


def test_a_statement_after_a_return_is_what_merchant_and_partner_are_left_with(
    story: Story,
) -> None:
    redemption = story.redeem(uses=3)
    with days_later(1):
        release_due()
        return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=None)
    with days_later(3):
        assert settle_all() == 2
    nets = dict(Statement.objects.values_list("merchant_id", "net_fen"))
    assert nets == {
        story.people.merchant.pk: (9_000 - 2_999) - (900 - 300),
        story.partner.pk: -(600 - 200),
    }
    assert broken() == []


def test_on_expiry_the_buyer_gets_what_was_paid_and_funders_pay_nothing(story: Story) -> None:
    story.redeem()
    with days_later(40):
        release_due()
        assert expire_due() == 1
        assert Refund.objects.get().amount_fen == 4_000
        assert accounts(story.card)["promotions"] == 666
    with days_later(42):
        settle_all()
    nets = dict(Statement.objects.values_list("merchant_id", "net_fen"))
    assert nets == {story.people.merchant.pk: 2_999 - 300, story.partner.pk: -200}
    assert broken() == []


def test_a_forfeit_owes_commission_on_received_money_alone(story: Story) -> None:
    body = story.card.terms.body | {"refund_on_expiry": False, "refund_rule": "none"}
    type(story.card.terms).objects.filter(pk=story.card.terms_id).update(body=body)
    with days_later(40):
        assert expire_due() == 1
    assert accounts(story.card) == {f"payable {story.own}": -6_000 + 600, "commission": -600}
    assert broken() == []


def with_fixed_part(story: Story, fen: int) -> None:
    """As if it had been agreed before the card was bought."""
    OrderLine.objects.filter(pk=story.card.order_line_ref).update(commission_fixed_fen=fen)
    Voucher.objects.filter(pk=story.card.pk).update(commission_fixed_fen=fen)


def test_the_fixed_part_per_use_and_a_referral_fee_follow_the_uses(story: Story) -> None:
    referrer = make_merchant()
    with_fixed_part(story, 50)
    Voucher.objects.filter(pk=story.card.pk).update(referrer=referrer, referral_fen=100)
    redemption = story.redeem(uses=3)
    with days_later(1):
        release_due()
    whole = accounts(story.card)
    assert whole["commission"] == -(900 + 150)
    assert whole[f"payable merchant:{referrer.pk}"] == -100
    assert whole[f"payable {story.own}"] == -9_000 + 1_050 + 100
    return_redeemed(redemption_id=redemption.pk, uses=2, requested_by=None)
    assert accounts(story.card)[f"payable merchant:{referrer.pk}"] == -(100 - 66)
    assert broken() == []


def test_the_fixed_part_may_be_more_than_the_value(story: Story) -> None:
    with_fixed_part(story, 5_000)
    story.redeem()
    with days_later(1):
        release_due()
    assert accounts(story.card)[f"payable {story.own}"] == 5_300 - 2_999
    assert broken() == []


def test_what_is_not_in_the_base_bears_no_commission(story: Story) -> None:
    story.card.components.filter(kind="funder").update(in_base=False)
    story.redeem()
    with days_later(1):
        release_due()
    assert accounts(story.card)["commission"] == -200
    assert broken() == []
