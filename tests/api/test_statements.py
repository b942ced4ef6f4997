"""API: the statements of a business, for who may see its money."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from members.models import User
from members.services.accounts import issue_token
from members.services.keys import make_key
from payments.models import Payout, Statement
from payments.services.payouts import send_payout
from stores.services.platform import give_platform_role
from tests.factories import make_merchant, make_user, owner_of
from tests.stores.test_refused_forms import _statement

pytestmark = pytest.mark.django_db


def read(user: User, path: str, scopes: tuple[str, ...] = ("statements:read",)) -> Any:
    client = APIClient()
    _key, token = make_key(user=user, name="Books", scopes=scopes)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client.get(f"/api/v1/{path}")


@pytest.fixture
def statement() -> Statement:
    return _statement()


def test_a_business_reads_its_own_statements_with_their_payouts(statement: Statement) -> None:
    owner = owner_of(statement.merchant)
    send_payout(statement_id=statement.pk, sent_by=None, bank_reference="BOC-9")
    (listed,) = read(owner, "statements").json()["results"]
    one = read(owner, f"statements/{statement.pk}").json()
    assert listed == {key: value for key, value in one.items() if key != "payouts"}
    assert (one["number"], one["net_fen"], one["state"]) == (
        statement.number,
        statement.net_fen,
        "paid",
    )
    assert [payout["bank_reference"] for payout in one["payouts"]] == ["BOC-9"]
    assert read(owner, "statements?state=issued").json()["results"] == []
    assert read(owner, "statements?state=nonsense").status_code == 400


def test_nobody_reads_those_of_others(statement: Statement) -> None:
    other = owner_of(make_merchant())
    assert read(other, "statements").json()["results"] == []
    assert read(other, f"statements/{statement.pk}").status_code == 404
    assert read(make_user(), "statements").status_code == 404
    missing = read(owner_of(statement.merchant), "statements", ("orders:read",))
    assert (missing.status_code, missing.json()["code"]) == (403, "scope_missing")


def test_the_platforms_finance_asks_agrees_and_records_by_api(statement: Statement) -> None:
    finance, owner = make_user(), make_user("operator")
    give_platform_role(user=finance, role="finance")

    def send(user: User, path: str, **body: Any) -> Any:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=user)}")
        key = {"HTTP_IDEMPOTENCY_KEY": uuid4().hex}
        return client.post(f"/api/v1/{path}", body, format="json", **key)

    path = f"statements/{statement.pk}/payouts"
    early = send(finance, path, bank_reference="BOC-7")
    assert (early.status_code, early.json()["code"]) == (409, "payout_not_agreed")
    payload = {"statement": str(statement.pk)}
    asked = send(finance, "approvals", kind="payout", payload=payload).json()["approval"]
    agreed = send(owner, f"approvals/{asked['id']}/agree", digest=asked["digest"])
    assert agreed.json()["state"] == "done"
    for _again in range(2):
        made = send(finance, path, bank_reference="BOC-7")
        assert (made.status_code, made.json()["amount_fen"]) == (201, statement.net_fen)
    assert Payout.objects.get().approved_by == owner
    refused = send(owner_of(statement.merchant), path, bank_reference="BOC-7")
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
