"""Some of the uses of a redemption are taken back: by API, and on the page of the back office."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from members.models import User
from members.services.accounts import issue_token
from tests.factories import Cast, make_product
from tests.vouchers.counter import sell_one
from vouchers.models import Redemption
from vouchers.services.redeem import redeem_voucher

_keys = itertools.count(1)


@pytest.fixture
def redemption(people: Cast) -> Redemption:
    card = make_product(merchant=people.merchant, kind="times_card", uses=5, price_fen=5000)
    voucher = sell_one(card, buyer=people.buyer)
    return redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code, uses=3)


def ask(user: User, redemption: Redemption, uses: Any, key: str = "") -> Any:
    client = APIClient()
    client.credentials(
        HTTP_AUTHORIZATION=f"Bearer {issue_token(user=user)}",
        HTTP_IDEMPOTENCY_KEY=key or f"return-key-{next(_keys):08d}",
    )
    path = f"/api/v1/redemptions/{redemption.pk}/returns"
    return client.post(path, {"uses": uses}, format="json")


def test_as_many_uses_as_were_named_go_back_once(people: Cast, redemption: Redemption) -> None:
    answer = ask(people.operator, redemption, 2, key="return-key-once")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["uses"], body["value_fen"], body["uses_standing"]) == (2, 2000, 1)
    assert ask(people.operator, redemption, 2, key="return-key-once").json() == body
    redemption.refresh_from_db()
    assert redemption.returned_uses == 2
    too_many = ask(people.operator, redemption, 2)
    assert (too_many.status_code, too_many.json()["code"]) == (409, "nothing_to_return")
    for uses in (0, -1, "x", 10**30, None, True):
        assert ask(people.operator, redemption, uses).status_code == 400
    for nobody, status in ((people.clerk, 403), (people.buyer, 404), (people.stranger, 404)):
        assert ask(nobody, redemption, 1).status_code == status
    redemption.refresh_from_db()
    assert redemption.returned_uses == 2


def test_the_page_asks_how_many(people: Cast, redemption: Redemption) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(people.operator)
    url = reverse("admin:vouchers_redemption_changelist")
    form = {"action": "take_back", "_selected_action": [redemption.pk]}
    question = client.post(url, form).content.decode()
    assert "How many of its uses" in question
    assert " required" not in question.split('<input class="desk__note"')[1].split(">")[0]
    assert "¥30.00 for 3 uses goes back to" in question
    sent = form | {"confirmed": "yes"}
    refused = client.post(url, sent | {f"note_{redemption.pk}": "two"}, follow=True)
    assert "in digits" in refused.content.decode()
    client.post(url, sent | {f"note_{redemption.pk}": "1"})
    redemption.refresh_from_db()
    assert redemption.returned_uses == 1
    client.post(url, sent)
    redemption.refresh_from_db()
    assert redemption.returned_uses == 3
