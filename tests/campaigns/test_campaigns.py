"""A campaign's life: drafted, started, paused, ended; what can be promised, and by whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils.translation import override

from campaigns.conditions.base import Said
from campaigns.errors import CampaignFixed, CampaignMoved, CampaignOver
from campaigns.models import Campaign, Condition
from campaigns.selectors import with_terms
from campaigns.services.campaigns import (
    change_campaign,
    create_campaign,
    end_campaign,
    end_campaigns_due,
    pause_campaign,
    start_campaign,
)
from campaigns.terms import Gives, terms_of
from campaigns.wording import headline, names_for, promise
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound, Refusal
from tests.campaigns.made import TENTH, answer_open_risks, asking, make_campaign, over
from tests.factories import cast, make_merchant, make_product

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def read(campaign: Campaign) -> Campaign:
    return with_terms(Campaign.objects.filter(pk=campaign.pk)).get()


def test_its_people_draft_start_pause_and_end_it() -> None:
    people = cast()
    row = create_campaign(merchant=people.merchant, asked=asking(over(10000)), by=people.teammate)
    assert row.state == "draft"
    people.merchant.refresh_from_db()
    assert not people.merchant.has_campaigns
    start_campaign(campaign_id=row.pk, by=people.owner)
    people.merchant.refresh_from_db()
    assert people.merchant.has_campaigns
    with pytest.raises(CampaignMoved):
        start_campaign(campaign_id=row.pk, by=people.owner)
    pause_campaign(campaign_id=row.pk, by=people.owner)
    start_campaign(campaign_id=row.pk, by=people.owner)
    end_campaign(campaign_id=row.pk, by=people.owner)
    for move in (start_campaign, pause_campaign, end_campaign):
        with pytest.raises(CampaignMoved):
            move(campaign_id=row.pk, by=people.owner)
    people.merchant.refresh_from_db()
    assert people.merchant.has_campaigns, "a claimed coupon can be used until the day that was said"


def test_nobody_else_may_and_a_stranger_finds_nothing() -> None:
    people = cast()
    row = make_campaign(people.merchant, start=False)
    for move in (start_campaign, pause_campaign, end_campaign):
        with pytest.raises(NotFound):
            move(campaign_id=row.pk, by=people.stranger)
        with pytest.raises(Refusal) as refused:
            move(campaign_id=row.pk, by=people.clerk)
        assert refused.value.code == "right_missing"
    with pytest.raises(NotFound):
        create_campaign(merchant=people.merchant, asked=asking(), by=people.stranger)
    with pytest.raises(NotFound):
        start_campaign(campaign_id=row.pk + 999, by=None)


def test_a_business_that_does_not_trade_starts_nothing() -> None:
    merchant = make_merchant(state="suspended")
    owner = merchant.staff.get().user
    with pytest.raises(Refusal) as refused:
        create_campaign(merchant=merchant, asked=asking(), by=owner)
    assert refused.value.code == "not_trading"


def test_what_it_gives_is_fixed_when_it_starts() -> None:
    merchant = make_merchant()
    row = make_campaign(merchant, over(10000), start=False)
    changed = change_campaign(
        campaign_id=row.pk, asked=asking(over(5000), gives=TENTH, coupons=7), by=None
    )
    found = read(changed)
    assert (terms_of(found).minimum_fen, found.benefit.permille, found.batch.count) == (
        5000,
        100,
        7,
    )
    answer_open_risks(changed)
    start_campaign(campaign_id=row.pk, by=None)
    with pytest.raises(CampaignFixed):
        change_campaign(campaign_id=row.pk, asked=asking(), by=None)
    assert terms_of(read(row)).minimum_fen == 5000


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name_en", {"name_en": "", "name_zh": ""}),
        ("ends_at", {"ends_at": now() - DAY}),
        ("ends_at", {"begins_at": now() + 9 * DAY}),
        ("per_person", {"per_person": 0}),
        ("coupons", {"coupons": 0}),
        ("amount_fen", {"gives": Gives("amount", amount_fen=0)}),
        ("kind", {"gives": Gives("share", amount_fen=5, permille=5)}),
        ("kind", {"gives": Gives("present", permille=5)}),
        ("permille", {"gives": Gives("share", permille=1001)}),
        ("at_most_fen", {"gives": Gives("share", permille=100, at_most_fen=0)}),
        ("budget_fen", {"budget_fen": -1}),
    ],
)
def test_what_cannot_be_promised_is_refused_beside_its_field(
    field: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_campaign(make_merchant(), **wrong)
    assert set(refused.value.by_field) == {field}
    assert not Campaign.objects.exists()


def test_conditions_are_of_the_business_and_in_one_order() -> None:
    merchant, product = make_merchant(), make_product()
    strange = [
        Said("products", (product.pk,)),
        Said("categories", (product.category_id,)),
        Said("stores", (product.merchant.stores.get().pk,)),
        over(0),
    ]
    for said in strange:
        with pytest.raises(InvalidInput) as refused:
            make_campaign(merchant, said)
        assert set(refused.value.by_field) == {said.kind}
    with pytest.raises(InvalidInput):
        make_campaign(merchant, over(1999))
    row = make_campaign(
        product.merchant, over(5000), Said("products", (product.pk,)), Said("first_order")
    )
    kinds = Condition.objects.filter(campaign=row).values_list("kind", flat=True)
    assert list(kinds) == ["first_order", "products", "minimum"]


def test_it_reads_as_a_guest_will_in_both_languages() -> None:
    product = make_product(title_en="Noodle soup", title_zh="汤面")
    row = read(
        make_campaign(
            product.merchant,
            over(10000),
            Said("first_order"),
            Said("products", (product.pk,)),
            gives=Gives("share", permille=125, at_most_fen=3000),
            ends_at=dt.datetime(2199, 5, 1, 4, tzinfo=dt.UTC),
        )
    )
    terms = terms_of(row)
    assert headline(terms) == "12.5% off over ¥100"
    assert promise(row, terms, names_for([terms])) == (
        "12.5% off over ¥100. At most ¥30. For your first order at this business. For: Noodle soup. "
        "One coupon per person, until 1 May 2199."
    )
    with override("zh-hans"):
        text = promise(row, terms, names_for([terms]))
    assert "汤面" in text
    assert "满 ¥100 减 12.5%" in text


def test_what_is_over_is_ended_and_its_business_no_longer_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    merchant = make_merchant()
    row = make_campaign(merchant, ends_at=now() + dt.timedelta(minutes=1))
    draft = make_campaign(merchant, start=False)
    assert end_campaigns_due() == 0
    later = now() + dt.timedelta(minutes=2)
    monkeypatch.setattr("campaigns.services.campaigns.now", lambda: later)
    assert end_campaigns_due() == 1
    assert end_campaigns_due() == 0
    merchant.refresh_from_db()
    assert not merchant.has_campaigns
    row.refresh_from_db()
    draft.refresh_from_db()
    assert (row.state, draft.state) == ("ended", "draft")
    with pytest.raises(CampaignOver):
        monkeypatch.setattr("campaigns.services.campaigns.now", lambda: later + 30 * DAY)
        start_campaign(campaign_id=draft.pk, by=None)


def test_a_stranger_sees_no_draft() -> None:
    row = make_campaign(make_merchant(), start=False)
    assert not Campaign.objects.claimable().filter(pk=row.pk).exists()
