"""The API of a business's campaigns: drafted, tried, planned, answered, started, paused, copied, ended."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from rest_framework.test import APIClient

from campaigns.models import Campaign
from tests.factories import Cast, cast, make_product, offer_of

pytestmark = pytest.mark.django_db
_keys = itertools.count(1)
ALL = "/api/v1/business/campaigns"


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def api(people: Cast) -> APIClient:
    client = APIClient()
    client.force_authenticate(people.owner)
    return client


def send(api: APIClient, path: str, body: Any = None) -> Any:
    key = f"business-key-{next(_keys):08d}"
    return api.post(f"{ALL}{path}", body, format="json", headers={"Idempotency-Key": key})


def promised(**more: Any) -> dict[str, Any]:
    return {
        "name_en": "Quiet week",
        "begins_at": "2026-01-01T00:00:00Z",
        "ends_at": "2199-01-01T00:00:00Z",
        "benefit": {"kind": "amount", "amount_fen": 2000},
        "conditions": [{"kind": "minimum", "amount_fen": 10000}],
        "coupons": 10,
    } | more


def test_a_program_runs_a_campaign_from_its_draft_to_its_end(api: APIClient, people: Cast) -> None:
    made = send(api, "", promised(merchant=people.merchant.pk, budget_fen=9000))
    assert made.status_code == 201, made.json()
    body, pk = made.json(), made.json()["id"]
    assert body["promise"].startswith("¥20 off over ¥100.")
    assert [risk["code"] for risk in body["risks"]] == ["more_promised", "long"]
    refused = send(api, f"/{pk}/start", {"answers": {"long": "It is for good."}})
    assert (refused.status_code, refused.json()["code"]) == (409, "risks_unanswered")
    plan = {"goal_unit": "orders", "goal": 40, "stop_cost_fen": 2500}
    planned = api.put(f"{ALL}/{pk}/plan", plan, format="json").json()
    assert (planned["plan"]["goal"], planned["plan"]["reached"]) == (40, 0)
    answers = {"long": "It is for good.", "more_promised": "We say so."}
    started = send(api, f"/{pk}/start", {"answers": answers}).json()
    assert (started["state"], started["risks"]) == ("running", [])
    other = api.put(f"{ALL}/{pk}/plan", plan | {"goal": 4}, format="json")
    assert (other.status_code, other.json()["code"]) == (409, "goal_fixed")
    assert send(api, f"/{pk}/pause").json()["state"] == "paused"
    assert send(api, f"/{pk}/start", {}).json()["state"] == "running"
    copied = send(api, f"/{pk}/copy").json()
    assert (copied["state"], copied["plan"]["goal"]) == ("draft", 40)
    assert send(api, f"/{pk}/end").json()["state"] == "ended"
    listed = api.get(ALL).json()["results"]
    assert [row["id"] for row in listed] == [copied["id"], pk]
    assert api.get(f"{ALL}/{pk}").json()["state"] == "ended"


def test_a_basket_is_tried_with_a_saved_campaign_and_with_one_that_is_not(
    api: APIClient, people: Cast
) -> None:
    offer = offer_of(make_product(merchant=people.merchant, price_fen=6000))
    lines = [{"offer": offer.pk, "quantity": 1}]
    body = {"merchant": people.merchant.pk, "lines": lines, "campaign": promised()}
    few = send(api, "/trials", body).json()
    assert (few["answer"]["code"], few["answer"]["missing_fen"]) == ("below_minimum", 4000)
    assert not Campaign.objects.exists()
    lines[0]["quantity"] = 2
    made = send(api, "", promised(merchant=people.merchant.pk)).json()
    found = send(api, f"/{made['id']}/trials", {"lines": lines}).json()
    assert found["answer"]["detail"] == "It takes off ¥20."
    assert found["quote"]["total_fen"] == 10000
    visitor = send(api, f"/{made['id']}/trials", {"lines": lines, "guest": "visitor"}).json()
    assert visitor["answer"]["code"] == "sign_in_first"
    early = {"lines": lines, "moment": "2199-06-01T00:00:00Z"}
    assert send(api, f"/{made['id']}/trials", early).json()["answer"]["code"] == "ended"


def test_what_cannot_be_promised_is_refused_with_its_field(api: APIClient, people: Cast) -> None:
    wrong = promised(merchant=people.merchant.pk, ends_at="2025-01-01T00:00:00Z")
    said = send(api, "", wrong)
    assert (said.status_code, list(said.json()["fields"])) == (400, ["ends_at"])
    strange = promised(merchant=cast().merchant.pk)
    assert send(api, "", strange).status_code == 404


def test_a_template_is_drafted_as_it_is_proposed(api: APIClient, people: Cast) -> None:
    make_product(merchant=people.merchant, stock=500)
    found = api.get(f"{ALL}/templates", {"merchant": people.merchant.pk}).json()
    assert len({row["goal"] for row in found}) == 5
    for row in found:
        made = send(api, "", row["campaign"] | {"merchant": people.merchant.pk})
        assert made.status_code == 201, made.json()
        assert made.json()["promise"] == row["promise"]
    assert api.get(f"{ALL}/templates", {"merchant": cast().merchant.pk}).status_code == 404
    assert api.get(f"{ALL}/templates").status_code == 400
