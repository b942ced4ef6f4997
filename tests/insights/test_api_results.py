"""The API tells what reports tell, lists the orders behind it, and takes costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from insights.models import CampaignCode, ChannelPlan
from insights.report import Scope, report_of
from members.services.accounts import issue_token
from stores.codes.models import Code
from tests.campaigns.made import make_campaign
from tests.factories import owner_of
from tests.insights.test_report import plan_of, sold  # noqa: F401
from tests.orders.test_sources import Shop, people  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(people: Shop) -> Any:  # noqa: F811
    headers = {"Authorization": f"Bearer {issue_token(user=owner_of(people.merchant))}"}
    client = Client()

    def send(method: str, path: str, body: Any = None) -> Any:
        return client.generic(
            method,
            f"/api/v1/{path}",
            data=b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers=headers,
        )

    return send


def test_a_report_and_its_orders(sold: tuple[Shop, Code, Code], ask: Any) -> None:  # noqa: F811
    people, tower, _wechat = sold  # noqa: F811
    plan_of(people, "building", cost_fen=1000, code=tower)
    mine = f"merchant={people.merchant.pk}"
    body = ask("GET", f"results?{mine}&by=channel").json()
    report = report_of(Scope([people.merchant.pk]), by="channel")
    assert body["total"]["orders"] == report.total.sums["orders"] == 4
    rows = {row["key"]: row for row in body["rows"]}
    assert set(rows) == {"building", "wechat", None}
    assert rows["building"]["cost_per_came_fen"] == 1000
    assert rows["building"]["net_fen"] == report.rows[0].net_fen
    first = ask("GET", f"results/orders?{mine}&channel=building&page_size=1").json()
    assert len(first["results"]) == 1 and first["next"]
    assert first["results"][0]["channel"] == "building"
    strangers = ask("GET", f"results/orders?{mine}&channel=none").json()["results"]
    assert [row["code"] for row in strangers] == [None]


def test_costs_are_entered_changed_and_taken_away(people: Shop, ask: Any) -> None:  # noqa: F811
    asked = {"channel": "weibo", "begins_on": "2026-05-01", "ends_on": "2026-05-31"}
    made = ask("POST", "channel-plans", asked | {"merchant": people.merchant.pk, "cost_fen": 9})
    assert made.status_code == 201 and made.json()["cost_fen"] == 9
    where = f"channel-plans/{made.json()['id']}"
    assert ask("PUT", where, asked | {"print_fen": 5}).json()["print_fen"] == 5
    assert ask("GET", where).json()["cost_fen"] == 0, "entered anew"
    assert [row["id"] for row in ask("GET", "channel-plans").json()["results"]] == [
        made.json()["id"]
    ]
    assert ask("PUT", where, asked | {"ends_on": "2026-04-30"}).status_code == 400
    assert ask("PUT", where, asked | {"campaign": 10**9}).status_code == 404
    assert ask("DELETE", where).status_code == 204
    assert not ChannelPlan.objects.exists()


def test_a_code_is_made_for_a_campaign(people: Shop, ask: Any) -> None:  # noqa: F811
    campaign = make_campaign(people.merchant)
    made = ask("POST", f"campaigns/{campaign.pk}/codes", {"name": "Paper", "channel": "article"})
    assert made.status_code == 201
    body = made.json()
    assert (body["channel"], body["target"]) == ("article", f"/campaigns/{campaign.pk}/")
    assert CampaignCode.objects.get(code=body["id"]).campaign == campaign
