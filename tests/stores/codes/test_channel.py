"""By which channel guests meet a code: said, or the usual one of its kind; it may be said later."""

from __future__ import annotations

import pytest
from django.test import Client

from kernel.errors import InvalidInput
from members.services.accounts import issue_token
from stores.codes.services import CodeAsked, change_code, make_code
from tests.factories import cast, make_store, owner_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "in_store", "channel"),
    [
        ("poster", True, "store"),
        ("tag", True, "store"),
        ("poster", False, "other"),
        ("link", True, "other"),
        ("partner", False, "partner"),
    ],
)
def test_a_code_has_the_usual_channel_of_its_kind(kind: str, in_store: bool, channel: str) -> None:
    people = cast()
    asked = CodeAsked(kind, "Some code", people.store if in_store else None)
    assert make_code(merchant=people.merchant, asked=asked, by=people.owner).channel == channel


def test_a_channel_is_said_and_changed() -> None:
    people = cast()
    asked = CodeAsked("poster", "Tower 7", channel="building")
    code = make_code(merchant=people.merchant, asked=asked, by=people.owner)
    assert code.channel == "building"
    same = {"code": code, "name": "Tower 7", "target": "", "campaign": "", "by": people.owner}
    assert change_code(**same).channel == "building"
    assert change_code(**same, channel="wechat").channel == "wechat"
    with pytest.raises(InvalidInput):
        change_code(**same, channel="pigeon")


def test_the_api_says_it_and_takes_it() -> None:
    people = cast()
    headers = {"Authorization": f"Bearer {issue_token(user=owner_of(people.merchant))}"}
    sent = {"merchant": people.merchant.pk, "kind": "link", "name": "Ad", "channel": "search"}
    client = Client()
    made = client.post("/api/v1/codes", sent, "application/json", headers=headers)
    assert (made.status_code, made.json()["channel"]) == (201, "search")
    where = f"/api/v1/codes/{made.json()['id']}"
    for change, after in (({}, "search"), ({"channel": "weibo"}, "weibo")):
        body = {"name": "Ad", **change}
        assert client.put(where, body, "application/json", headers=headers).json()["channel"] == (
            after
        )


def test_the_api_tells_no_store_of_another_business_from_none_at_all() -> None:
    people = cast()
    headers = {"Authorization": f"Bearer {issue_token(user=owner_of(people.merchant))}"}
    foreign = make_store()
    answers = []
    for store_id in (foreign.pk, foreign.pk + 1000):
        sent = {"merchant": people.merchant.pk, "kind": "poster", "name": "x", "store": store_id}
        made = Client().post("/api/v1/codes", sent, "application/json", headers=headers)
        answers.append((made.status_code, made.json()["code"]))
    assert answers == [(404, "not_found")] * 2
