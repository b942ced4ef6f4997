"""The back office: a campaign is drafted, looked at, started, read, paused and ended."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.selectors import with_terms
from campaigns.services.coupons import claim_coupon
from campaigns.terms import terms_of
from orders.services.place import place_order
from tests.campaigns.made import make_campaign, over
from tests.factories import Cast, cast, make_product, make_user, offer_of

pytestmark = pytest.mark.django_db
LIST = "admin:campaigns_campaign_changelist"


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def owner(people: Cast, client: Client) -> Client:
    client.force_login(people.owner)
    return client


def typed(**more: Any) -> dict[str, Any]:
    return {
        "name_en": "Quiet Tuesday",
        "name_zh": "周二有礼",
        "kind": "amount",
        "amount_fen": "20",
        "percent": "",
        "at_most_fen": "",
        "minimum": "100",
        "begins_at_0": "2026-01-01",
        "begins_at_1": "10:00",
        "ends_at_0": "2199-05-01",
        "ends_at_1": "22:00",
        "coupons": "50",
        "way": "coupon",
        "priority": "100",
        "commission_base": "contract",
        "per_person": "1",
        "budget_fen": "",
        "budget_count": "",
    } | more


def page_of(row: Campaign) -> str:
    return reverse("admin:campaigns_campaign_change", args=[row.pk])


def act(client: Client, row: Campaign, name: str) -> Any:
    data = {"action": name, "_selected_action": [row.pk], "confirmed": "yes"}
    return client.post(reverse(LIST), data, follow=True)


def test_a_draft_is_written_by_the_service_and_shows_what_a_guest_will_read(
    owner: Client, people: Cast
) -> None:
    product = make_product(merchant=people.merchant, title_en="Noodle soup")
    form = typed(products=[product.pk], first_order="on", budget_fen="500")
    said = owner.post(reverse("admin:campaigns_campaign_add"), form)
    assert said.status_code == 302, said.context["adminform"].form.errors
    row = with_terms(Campaign.objects.all()).get()
    assert (row.merchant, row.state, row.budget_fen) == (people.merchant, "draft", 50000)
    assert [said.kind for said in terms_of(row).conditions] == [
        "first_order",
        "products",
        "minimum",
    ]
    shown = owner.get(page_of(row)).content.decode()
    assert "¥20 off over ¥100. For your first order at this business. For: Noodle soup." in shown
    form = typed(kind="share", amount_fen="", percent="12.5", minimum="")
    assert owner.post(page_of(row), form).status_code == 302
    row = with_terms(Campaign.objects.all()).get()
    assert (row.benefit.permille, terms_of(row).conditions) == (125, ())


def test_what_the_service_refuses_stands_beside_its_field(owner: Client, people: Cast) -> None:
    said = owner.post(reverse("admin:campaigns_campaign_add"), typed(minimum="10", percent="5"))
    assert set(said.context["adminform"].form.errors) == {"kind"}
    said = owner.post(
        reverse("admin:campaigns_campaign_add"), typed(kind="share", amount_fen="", percent="0")
    )
    assert set(said.context["adminform"].form.errors) == {"percent"}
    strange = make_product()
    said = owner.post(reverse("admin:campaigns_campaign_add"), typed(products=[strange.pk]))
    assert set(said.context["adminform"].form.errors) == {"products"}
    assert not Campaign.objects.exists()


def test_it_is_asked_about_started_read_paused_and_ended(owner: Client, people: Cast) -> None:
    row = make_campaign(people.merchant, over(10000), start=False)
    lead = owner.get(reverse("admin:campaigns_campaign_start_here", args=[row.pk])).content.decode()
    assert "What it gives can" in lead
    for name, state in (("start", "running"), ("pause", "paused"), ("start", "running")):
        act(owner, row, name)
        row.refresh_from_db()
        assert row.state == state
    shown = owner.get(page_of(row)).content.decode()
    assert 'name="coupons"' not in shown
    assert "¥20 off over ¥100." in shown
    assert owner.post(page_of(row), typed()).status_code == 403
    act(owner, row, "end")
    told = act(owner, row, "start").context["messages"]
    row.refresh_from_db()
    assert row.state == "ended"
    assert any("stands elsewhere" in str(message) for message in told)


def test_its_page_counts_what_became_of_its_coupons(owner: Client, people: Cast) -> None:
    product = make_product(merchant=people.merchant, price_fen=6000)
    row = make_campaign(people.merchant, coupons=9)
    buyer = make_user()
    claim_coupon(owner=buyer, campaign_id=row.pk)
    place_order(buyer=buyer, lines=[(offer_of(product).pk, 1)])
    shown = owner.get(page_of(row)).content.decode()
    assert "1 / 9" in shown
    assert "1 order, ¥20" in shown


def test_a_reader_sees_and_changes_nothing(people: Cast, client: Client) -> None:
    row = make_campaign(people.merchant, start=False)
    client.force_login(people.stranger)
    assert client.get(page_of(row)).status_code == 404
    client.force_login(people.clerk)
    assert client.get(reverse(LIST)).status_code in {302, 403}
    client.force_login(people.operator)
    assert client.get(page_of(row)).status_code == 200
    assert row.name_en in client.get(reverse(LIST)).content.decode()
