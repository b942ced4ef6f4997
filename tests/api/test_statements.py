"""API: the statements of a business, for who may see its money."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from members.models import User
from members.services.keys import make_key
from payments.models import Statement
from payments.services.payouts import send_payout
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
