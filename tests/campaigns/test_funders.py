"""Campaigns that several pay: who agrees, who bears how much of each line, and what the books say."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.errors import FunderAgreed, FundersMissing
from campaigns.models import Campaign, Funder
from campaigns.services.campaigns import create_campaign, start_campaign
from campaigns.services.coupons import claim_coupon
from campaigns.services.funders import Share, agree_to_fund
from campaigns.terms import Gives
from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound, Refusal
from orders.models import OrderDiscount
from orders.pricing.benefits import AmountOff
from orders.pricing.quotes import quote
from orders.pricing.rules import PLATFORM_COUPON, Ask, Asked, BuyerFacts, Item, Rule
from orders.services.place import place_order
from payments.models import LedgerEntry, Refund, SettlementLine, Statement
from payments.services.settlement import settle_all
from stores.models import Merchant
from tests.campaigns.made import answer_open_risks, asking, make_campaign
from tests.campaigns.test_admin import typed
from tests.factories import (
    cast,
    make_merchant,
    make_product,
    make_user,
    offer_of,
    owner_of,
    pay_order,
    redeem,
)
from tests.forms import LONG
from tests.orders.payers import accounts, broken
from vouchers.models import Voucher
from vouchers.services.expire import expire_due
from vouchers.services.redeem import undo_redemption
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.services.release import release_due

ROUNDS = 10_000 if LONG else 800
TEN = Gives("amount", amount_fen=1001)


def key(merchant: Merchant) -> str:
    return f"merchant:{merchant.pk}"


class Story:
    """A card of three uses for ¥100, ¥10.01 of it borne by platform (50 %), partner (30 %), merchant (20 %)."""

    def __init__(self, **more: Any) -> None:
        self.people = cast()
        Merchant.objects.filter(pk=self.people.merchant.pk).update(commission_rate=Decimal("0.1"))
        self.partner = make_merchant()
        self.own = key(self.people.merchant)
        product = make_product(
            merchant=Merchant.objects.get(pk=self.people.merchant.pk),
            kind="times_card",
            uses=3,
            price_fen=10_000,
            stock=5,
            validity_days=30,
            refund_on_expiry=True,
        )
        facts: dict[str, Any] = {
            "way": "automatic",
            "coupons": 0,
            "owner": "platform",
            "funders": self.shares,
            "gives": TEN,
        }
        self.campaign = make_campaign(self.people.merchant, **facts | more)
        self.order = place_order(buyer=self.people.buyer, lines=[(offer_of(product).pk, 1)])
        pay_order(self.order)
        self.card = Voucher.objects.get(order_number=self.order.number)

    @property
    def shares(self) -> list[Share]:
        return [Share("platform", 500), Share(key(self.partner), 300), Share(self.own, 200)]

    def redeem(self, uses: int = 1) -> Any:
        self.card.refresh_from_db()
        return redeem(self.card, store=self.people.store, staff=self.people.clerk, uses=uses)


@pytest.mark.django_db
def test_each_bears_its_share_to_the_fen_and_only_others_are_in_the_books() -> None:
    story = Story()
    rows = OrderDiscount.objects.filter(line__order=story.order)
    assert dict(rows.values_list("funder", "amount_fen")) == {
        key(story.partner): 300,
        story.own: 200,
        "platform": 501,
    }
    assert set(rows.values_list("layer", flat=True)) == {"platform_coupon"}
    assert (story.card.paid_fen, story.card.value_fen) == (8_999, 9_800)
    assert accounts(story.card) == {f"escrow {story.own}": -8_999}
    redemption = story.redeem()
    assert redemption.value_fen == 2_999 + 167 + 100
    assert accounts(story.card)["promotions"] == 167
    assert accounts(story.card)[f"receivable {key(story.partner)}"] == 100
    assert broken() == []


@pytest.mark.django_db
def test_what_is_undone_refunded_or_ends_costs_nobody_anything(
    drain: Callable[..., int],
) -> None:
    story = Story()
    before = accounts(story.card)
    redemption = story.redeem(uses=2)
    undo_redemption(staff=story.people.clerk, redemption_id=redemption.pk)
    assert accounts(story.card) == before
    refund_voucher(owner=story.people.buyer, voucher_id=story.card.pk)
    assert Refund.objects.get().amount_fen == 8_999
    drain()
    assert accounts(story.card) == {"refund_due": -8_999}
    story.campaign.refresh_from_db()
    assert (story.campaign.spent_fen, story.campaign.spent_count) == (0, 0)
    assert broken() == []


@pytest.mark.django_db
def test_on_expiry_the_funders_pay_nothing() -> None:
    story = Story()
    with at(now() + dt.timedelta(days=40)):
        assert expire_due() == 1
        assert Refund.objects.get().amount_fen == 8_999
    assert not {"promotions"} & set(accounts(story.card))
    assert broken() == []


@pytest.mark.django_db
def test_a_return_gives_each_its_part_back_and_the_statements_say_so() -> None:
    story = Story()
    redemption = story.redeem(uses=3)
    with at(now() + dt.timedelta(days=1)):
        release_due()
        return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=None)
    with at(now() + dt.timedelta(days=3)):
        assert settle_all() == 2
    partner = Statement.objects.get(merchant=story.partner)
    assert partner.net_fen == -200
    purposes = SettlementLine.objects.filter(statement=partner).values_list("entry__purpose")
    assert set(purposes) == {("dues",)}
    promotions = LedgerEntry.objects.filter(account="promotions").values_list(
        "amount_fen", flat=True
    )
    assert sum(promotions) == 501 - 167
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("base", "in_base"), [("contract", True), ("funded", True), ("paid", False)]
)
def test_commission_is_taken_on_what_the_campaign_says(base: str, in_base: bool) -> None:
    story = Story(commission_base=base)
    rows = OrderDiscount.objects.filter(line__order=story.order)
    assert set(rows.values_list("in_base", flat=True)) == {in_base}
    story.redeem(uses=3)
    with at(now() + dt.timedelta(days=1)):
        release_due()
    assert accounts(story.card)["commission"] == (-980 if in_base else -900)
    assert broken() == []


@pytest.mark.django_db
def test_a_coupon_of_the_platform_comes_after_the_merchants_own() -> None:
    product, buyer = make_product(price_fen=6000), make_user()
    for more in ({}, {"owner": "platform"}):
        row = make_campaign(product.merchant, **more)
        claim_coupon(owner=buyer, campaign_id=row.pk)
    order = place_order(buyer=buyer, lines=[(offer_of(product).pk, 1)])
    assert order.total_fen == 2000
    rows = OrderDiscount.objects.filter(line__order=order).order_by("pk")
    assert list(rows.values_list("layer", "funder")) == [
        ("merchant_coupon", key(product.merchant)),
        ("platform_coupon", "platform"),
    ]


# Who may, and who agrees ----------------------------------------------------------------


@pytest.mark.django_db
def test_it_starts_when_everybody_has_agreed() -> None:
    people, partner, operator = cast(), make_merchant(), make_user("operator")
    own = key(people.merchant)
    shares = [Share(own, 400), Share(key(partner), 300), Share("platform", 300)]
    row = create_campaign(merchant=people.merchant, asked=asking(funders=shares), by=people.owner)
    answer_open_risks(row)
    waits = Funder.objects.filter(campaign=row, agreed_at__isnull=True)
    assert set(waits.values_list("party", flat=True)) == {key(partner), "platform"}
    with pytest.raises(FundersMissing) as refused:
        start_campaign(campaign_id=row.pk, by=people.owner)
    assert refused.value.extra["parties"] == [key(partner), "platform"]
    of_partner, of_platform = waits.get(party=key(partner)), waits.get(party="platform")
    for stranger in (people.owner, people.stranger):
        with pytest.raises(Refusal):
            agree_to_fund(funder_id=of_partner.pk, by=stranger)
        with pytest.raises(Refusal):
            agree_to_fund(funder_id=of_platform.pk, by=stranger)
    agree_to_fund(funder_id=of_partner.pk, by=owner_of(partner))
    with pytest.raises(FunderAgreed):
        agree_to_fund(funder_id=of_partner.pk, by=owner_of(partner))
    agree_to_fund(funder_id=of_platform.pk, by=operator)
    assert start_campaign(campaign_id=row.pk, by=people.owner).state == "running"
    with pytest.raises(NotFound):
        agree_to_fund(funder_id=of_partner.pk + 999, by=operator)


@pytest.mark.django_db
def test_the_operator_spends_no_merchants_money() -> None:
    merchant, operator = make_merchant(), make_user("operator")
    shares = [Share("platform", 500), Share(key(merchant), 500)]
    row = create_campaign(
        merchant=merchant, asked=asking(owner="platform", funders=shares), by=operator
    )
    waits = Funder.objects.filter(campaign=row, agreed_at__isnull=True)
    assert list(waits.values_list("party", flat=True)) == [key(merchant)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("owner", {"owner": "platform"}),
        ("funders", {"funders": [Share("platform", 999)]}),
        ("funders", {"funders": [Share("platform", 500), Share("platform", 500)]}),
        ("funders", {"funders": [Share("platform", 0), Share("points", 1000)]}),
        ("funders", {"funders": [Share("person:1", 1000)]}),
        ("funders", {"funders": [Share("merchant:999999", 1000)]}),
        ("funders", {"funders": [Share("nobody", 1000)]}),
    ],
)
def test_shares_that_cannot_be_are_refused(field: str, wrong: dict[str, Any]) -> None:
    people = cast()
    with pytest.raises(InvalidInput) as refused:
        create_campaign(merchant=people.merchant, asked=asking(**wrong), by=people.owner)
    assert set(refused.value.by_field) == {field}
    assert not Campaign.objects.exists()


def test_any_shares_of_any_lines_add_up_both_ways() -> None:
    dice = random.Random(4)
    parties = ("merchant:1", "merchant:2", "merchant:3", "platform")
    moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    for _round in range(ROUNDS):
        chosen = dice.sample(parties, dice.randint(1, 4))
        cuts = sorted(dice.sample(range(1, 1000), len(chosen) - 1))
        permille = [after - before for before, after in zip([0, *cuts], [*cuts, 1000], strict=True)]
        items = [
            Item(n, n, 1, 1, dice.randint(1, 3), 0, dice.choice((0, 1, 33, 999, 5000)))
            for n in range(1, dice.randint(2, 6))
        ]
        off = dice.choice((1, 7, 500, 3333, 10**6))
        rule = Rule(
            source="automatic:1",
            layer=PLATFORM_COUPON,
            funder="merchant:1",
            funders=tuple(zip(chosen, permille, strict=True)),
            benefit=AmountOff(off),
            id=1,
        )

        def rows(order: list[Item], rule: Rule = rule) -> Counter[tuple[str, str]]:
            asked = Asked(BuyerFacts(), tuple(order), Ask(), moment)
            found: Counter[tuple[str, str]] = Counter()
            for row in quote(asked, rules=[rule]).discounts:
                found[row.line, row.funder] += row.amount_fen
            return found

        found = rows(items)
        whole = min(off, sum(item.price_fen * item.quantity for item in items))
        assert sum(found.values()) == whole
        for party, share in zip(chosen, permille, strict=True):
            of_party = sum(fen for (_line, funder), fen in found.items() if funder == party)
            assert abs(of_party - whole * share / 1000) < 1
        for item in items:
            of_line = sum(fen for (line, _party), fen in found.items() if line == item.key)
            assert 0 <= of_line <= item.price_fen * item.quantity
        assert rows(dice.sample(items, len(items))) == found


# In the back office ----------------------------------------------------------------------


@pytest.mark.django_db
def test_a_partner_agrees_in_the_back_office(client: Client) -> None:
    people, partner = cast(), make_merchant(slug="tea-house")
    client.force_login(people.owner)
    form = typed(partner="tea-house", partner_share="25", platform_share="")
    said = client.post(reverse("admin:campaigns_campaign_add"), form)
    assert said.status_code == 302, said.context["adminform"].form.errors
    row = Campaign.objects.get()
    assert dict(row.funders.values_list("party", "permille")) == {
        key(partner): 250,
        key(people.merchant): 750,
    }
    page = client.get(reverse("admin:campaigns_campaign_change", args=[row.pk])).content.decode()
    assert 'value="tea-house"' in page
    assert 'value="25"' in page
    shares = reverse("admin:campaigns_funder_changelist")
    client.force_login(owner_of(partner))
    assert "¥20 off over ¥100" in client.get(shares).content.decode()
    waiting = row.funders.get(agreed_at__isnull=True)
    data = {"action": "agree", "_selected_action": [waiting.pk], "confirmed": "yes"}
    client.post(shares, data, follow=True)
    waiting.refresh_from_db()
    assert waiting.agreed_by == owner_of(partner)
    answer_open_risks(row)
    assert start_campaign(campaign_id=row.pk, by=people.owner).state == "running"
