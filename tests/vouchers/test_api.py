"""The REST API of the wallet and of the counter."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from kernel.clock import at
from kernel.outbox.models import OutboxEvent
from members.models import User
from members.services.accounts import issue_token
from payments.models import Refund
from tests.factories import Cast, make_product, make_store
from tests.vouchers.counter import decode, sell, sell_one
from vouchers import qr
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher

_keys = itertools.count(1)


class Caller:
    """A signed-in API client of one person."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.token = issue_token(user=user)

    def get(self, path: str, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.get(f"/api/v1/{path}", query, headers=headers)

    def post(self, path: str, body: Any = None, key: str = "") -> Any:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key or f"test-key-{next(_keys)}",
        }
        return self.client.post(
            f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers
        )


@pytest.fixture
def clerk(people: Cast) -> Caller:
    return Caller(people.clerk)


@pytest.fixture
def buyer(people: Cast) -> Caller:
    return Caller(people.buyer)


def voucher_of(people: Cast, **fields: Any) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def scan(people: Cast, voucher: Voucher, **more: Any) -> dict[str, Any]:
    return {"store": people.store.pk, "code": voucher.code, **more}


# The counter ---------------------------------------------------------------------------


def test_redeem_answers_with_the_named_result(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5)
    answer = clerk.post("console/redemptions", scan(people, voucher, uses=2))
    assert answer.status_code == 201
    body = answer.json()
    redemption = Redemption.objects.get()
    assert body["id"] == redemption.pk
    assert body["code"] == "ok"
    assert body["voucher"] == voucher.pk
    assert (body["uses"], body["uses_left"]) == (2, 3)
    assert parse_datetime(body["redeemed_at"]) < parse_datetime(body["undo_until"])


def test_a_redemption_costs_eight_statements(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people)
    with CaptureQueriesContext(connection) as queries:
        answer = clerk.post("console/redemptions", scan(people, voucher))
    assert answer.status_code == 201
    said = [query["sql"] for query in queries]
    asked = [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE"))]
    # Token; key; store; voucher; uses and redemption; ledger; outbox; stored answer.
    assert len(asked) == 8, "\n".join(asked)
    # One savepoint stands for the transaction itself, for a test runs inside another one.
    assert len(said) - len(asked) == 2


def test_the_scanned_text_works_as_the_code(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people)
    body = {"store": people.store.pk, "code": qr.payload(voucher)}
    assert clerk.post("console/redemptions", body).status_code == 201


def test_the_same_key_replays_the_first_answer(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5)
    first = clerk.post("console/redemptions", scan(people, voucher), key="till-7-0001")
    again = clerk.post("console/redemptions", scan(people, voucher), key="till-7-0001")
    assert again.status_code == first.status_code == 201
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    voucher.refresh_from_db()
    assert voucher.uses_used == 1
    assert OutboxEvent.objects.filter(topic="voucher.redeemed").count() == 1


def test_the_same_key_for_something_else_is_refused(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5)
    clerk.post("console/redemptions", scan(people, voucher), key="till-7-0001")
    other = clerk.post("console/redemptions", scan(people, voucher, uses=2), key="till-7-0001")
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


def test_a_nonce_and_the_moment_come_along(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5)
    earlier = voucher.valid_from.isoformat()
    body = {**scan(people, voucher), "nonce": "till-1-482", "occurred_at": earlier}
    first = clerk.post("console/redemptions", body, key="till-7-0001").json()
    again = clerk.post("console/redemptions", body, key="till-7-0002").json()
    assert again["id"] == first["id"] and first["nonce"] == "till-1-482"
    assert Redemption.objects.get().occurred_at == voucher.valid_from


@pytest.mark.parametrize(
    "bad",
    [
        {"nonce": 7},
        {"nonce": "a b"},
        {"occurred_at": "2026-05-12T18:00:00"},
        {"occurred_at": 5},
    ],
)
def test_a_nonce_or_moment_that_is_none_is_named(
    people: Cast, clerk: Caller, bad: dict[str, object]
) -> None:
    answer = clerk.post("console/redemptions", {**scan(people, voucher_of(people)), **bad})
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(bad)


def test_a_refusal_is_replayed_too(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people)
    clerk.post("console/redemptions", scan(people, voucher))
    refused = [
        clerk.post("console/redemptions", scan(people, voucher), key="till-7-0002")
        for _try in range(2)
    ]
    assert refused[0].json() == refused[1].json()
    body = refused[0].json()
    assert refused[0].status_code == 409
    assert refused[0]["Content-Type"] == "application/problem+json"
    assert body["code"] == "already_redeemed"
    assert body["store"]["id"] == people.store.pk
    assert body["redeemed_by"] == "Clerk"
    assert parse_datetime(body["redeemed_at"])


def test_without_a_key_nothing_is_redeemed(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people)
    answer = clerk.client.post(
        "/api/v1/console/redemptions",
        scan(people, voucher),
        content_type="application/json",
        headers={"Authorization": f"Bearer {clerk.token}"},
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency_key_missing"
    assert not Redemption.objects.exists()


def test_unknown_is_404_and_not_your_store_is_404(people: Cast, clerk: Caller) -> None:
    foreign = sell_one(make_product(merchant=people.other_merchant))
    unknown = clerk.post("console/redemptions", scan(people, foreign))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown")
    own = voucher_of(people)
    for store in (people.other_store, make_store(merchant=people.other_merchant)):
        answer = clerk.post("console/redemptions", {"store": store.pk, "code": own.code})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_try_later_says_when_to_come_back(people: Cast, clerk: Caller, settings: Any) -> None:
    settings.RATE_LIMITS = True
    for guess in range(20):
        clerk.post("console/previews", {"store": people.store.pk, "code": f"{guess:012d}"})
    answer = clerk.post("console/redemptions", scan(people, voucher_of(people)))
    assert (answer.status_code, answer.json()["code"]) == (429, "try_later")
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"store": None}, "store"),
        ({"store": "x"}, "store"),
        ({"store": 2**70}, "store"),
        ({"store": True}, "store"),
        ({"code": ""}, "code"),
        ({"code": 5}, "code"),
        ({"code": "1" * 300}, "code"),
        ({"uses": 0}, "uses"),
        ({"uses": -1}, "uses"),
        ({"uses": 1.5}, "uses"),
        ({"uses": []}, "uses"),
    ],
)
def test_bad_input_names_its_field(
    people: Cast, clerk: Caller, change: dict[str, Any], field: str
) -> None:
    answer = clerk.post("console/redemptions", {**scan(people, voucher_of(people)), **change})
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_a_body_that_is_no_object_is_invalid(clerk: Caller) -> None:
    answer = clerk.post("console/previews", [1, 2])
    assert answer.status_code == 400


def test_preview_shows_without_redeeming(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people, included=[{"name_en": "Soup", "name_zh": "汤", "quantity": 2}])
    answer = clerk.post("console/previews", scan(people, voucher))
    assert answer.status_code == 200
    body = answer.json()
    assert body["code"] == "ok" and body["voucher"] == voucher.pk
    assert body["owner"] == "B****"[:4]
    assert body["uses_left"] == 1
    assert body["terms"]["included"] == [{"name": "Soup", "quantity": 2, "value_fen": None}]
    assert "Soup × 2" in body["terms"]["lines"]
    assert not Redemption.objects.exists()


def test_undo_within_the_window(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people)
    redeemed = clerk.post("console/redemptions", scan(people, voucher)).json()
    undone = clerk.post(f"console/redemptions/{redeemed['id']}/undo", key="undo-key-1")
    assert undone.status_code == 200
    assert undone.json()["code"] == "undone"
    assert undone.json()["uses_left"] == 1
    again = clerk.post(f"console/redemptions/{redeemed['id']}/undo", key="undo-key-1")
    assert again.json() == undone.json()
    other = clerk.post(f"console/redemptions/{redeemed['id']}/undo")
    assert (other.status_code, other.json()["code"]) == (409, "already_undone")


def test_undo_of_another_merchants_redemption_is_not_found(people: Cast, clerk: Caller) -> None:
    redemption = redeem_voucher(
        staff=people.clerk, store_id=people.store.pk, code=voucher_of(people).code
    )
    answer = Caller(people.stranger).post(f"console/redemptions/{redemption.pk}/undo")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_list_of_a_day_is_the_stores_day(people: Cast, clerk: Caller) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3)
    zone = people.store.zone
    morning = dt.datetime.now(zone).replace(hour=0, minute=30) + dt.timedelta(days=3)
    for moment in (morning - dt.timedelta(hours=1), morning, morning + dt.timedelta(hours=20)):
        with at(moment):
            redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    with at(morning):
        token = Caller(people.clerk)
        listed = token.get("console/redemptions", store=people.store.pk, date=f"{morning:%Y-%m-%d}")
        today = token.get("console/redemptions", store=people.store.pk)
    assert listed.status_code == 200
    assert set(listed.json()) == {"next", "previous", "results"}
    assert len(listed.json()["results"]) == 2
    assert today.json()["results"] == listed.json()["results"]


def test_the_list_is_for_staff_of_that_store(people: Cast, clerk: Caller) -> None:
    assert clerk.get("console/redemptions", store=people.other_store.pk).status_code == 404
    assert Caller(people.buyer).get("console/redemptions", store=people.store.pk).status_code == 404
    assert clerk.get("console/redemptions").status_code == 400
    assert clerk.get("console/redemptions", store=people.store.pk, date="x").status_code == 400
    assert (
        clerk.get("console/redemptions", store=people.store.pk, date="9999-12-31").status_code
        == 400
    )


def test_without_a_token_everything_is_401() -> None:
    client = Client()
    for path in ("vouchers", "vouchers/1", "vouchers/1/qr.png", "console/redemptions"):
        assert client.get(f"/api/v1/{path}").status_code == 401
    for path in ("vouchers/1/refund", "console/previews", "console/redemptions/1/undo"):
        assert client.post(f"/api/v1/{path}").status_code == 401


# The wallet ----------------------------------------------------------------------------


def test_the_shape_of_a_voucher(people: Cast, buyer: Caller) -> None:
    voucher = voucher_of(people, price_fen=6_800, refund_rule="days", refund_days=7)
    answer = buyer.get(f"vouchers/{voucher.pk}")
    assert answer.status_code == 200
    body = answer.json()
    assert body["id"] == voucher.pk
    assert body["code"] == voucher.code and len(body["code"]) == 12
    assert body["order"] == voucher.order_number
    assert (body["state"], body["uses_left"]) == ("active", 1)
    assert parse_datetime(body["valid_until"]) == voucher.valid_until
    assert body["terms"]["refund_rule"] == "days" and body["terms"]["refund_days"] == 7
    assert any("within 7 days" in line for line in body["terms"]["lines"])


def test_the_explanation_follows_the_language(people: Cast, buyer: Caller) -> None:
    voucher = voucher_of(people)
    answer = buyer.client.get(
        f"/api/v1/vouchers/{voucher.pk}",
        headers={"Authorization": f"Bearer {buyer.token}", "Accept-Language": "zh-hans"},
    )
    assert answer.json()["title"] == voucher.terms.body["title_zh"]


def test_the_wallet_lists_only_ones_own_in_pages(people: Cast, buyer: Caller) -> None:
    product = make_product(merchant=people.merchant)
    mine = sell(product, buyer=people.buyer, quantity=3)
    sell(product)
    page = buyer.get("vouchers", page_size=2).json()
    assert [row["id"] for row in page["results"]] == [mine[2].pk, mine[1].pk]
    assert page["next"] and page["previous"] is None
    assert len(buyer.get("vouchers", state="active").json()["results"]) == 3
    assert buyer.get("vouchers", state="used").json()["results"] == []
    assert buyer.get("vouchers", state="nonsense").status_code == 400


def test_the_list_costs_the_same_for_many(people: Cast, buyer: Caller) -> None:
    product = make_product(merchant=people.merchant)
    counts = []
    for quantity in (1, 15):
        sell(product, buyer=people.buyer, quantity=quantity)
        with CaptureQueriesContext(connection) as queries:
            buyer.get("vouchers")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize(("form", "kind"), [("png", "image/png"), ("svg", "image/svg+xml")])
def test_the_qr_as_a_picture(people: Cast, buyer: Caller, form: str, kind: str) -> None:
    voucher = voucher_of(people)
    answer = buyer.get(f"vouchers/{voucher.pk}/qr.{form}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == kind
    assert "no-store" in answer["Cache-Control"]
    if form == "png":
        assert decode(answer.content) == qr.payload(voucher)


def test_another_persons_voucher_is_not_found(people: Cast) -> None:
    voucher = voucher_of(people)
    for person in (people.stranger, people.owner, people.operator):
        caller = Caller(person)
        for answer in (
            caller.get(f"vouchers/{voucher.pk}"),
            caller.get(f"vouchers/{voucher.pk}/qr.png"),
            caller.post(f"vouchers/{voucher.pk}/refund"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_refund_once_per_key(people: Cast, buyer: Caller) -> None:
    voucher = voucher_of(people, price_fen=5_000)
    first = buyer.post(f"vouchers/{voucher.pk}/refund", key="refund-key-1")
    again = buyer.post(f"vouchers/{voucher.pk}/refund", key="refund-key-1")
    assert first.status_code == again.status_code == 200
    assert first.json()["state"] == "refunding" and again.json() == first.json()
    assert Refund.objects.get(parts__voucher=voucher).amount_fen == 5_000
    other = buyer.post(f"vouchers/{voucher.pk}/refund")
    assert (other.status_code, other.json()["code"]) == (409, "not_refundable")


def test_refund_that_the_terms_exclude(people: Cast, buyer: Caller) -> None:
    voucher = voucher_of(people, refund_rule="none")
    answer = buyer.post(f"vouchers/{voucher.pk}/refund")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_refundable")
    voucher.refresh_from_db()
    assert voucher.state == "active"
