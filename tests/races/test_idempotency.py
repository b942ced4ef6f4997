"""50 parallel posts of one Idempotency-Key, through the API: one effect, one answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from catalog.models import Stock
from kernel.clock import now
from kernel.idempotency import services
from kernel.idempotency.models import IdempotencyKey
from members.models import User
from members.services.accounts import issue_token
from orders.models import Order
from payments.models import Payment, Refund
from tests.factories import make_order, make_product, make_user, offer_of
from tests.races.books import Counter, at_the_counter, balance, broken, times
from tests.races.together import PATIENCE_SECONDS, together
from tests.races.unguarded import without_constraint
from vouchers.models import Redemption

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

KEY = "one key for all of us"


def post(
    user: User, path: str, body: Mapping[str, Any] | None = None, key: str = KEY
) -> Callable[[], HttpResponse]:
    """A client of its own that posts ``body`` as ``user``."""
    token = issue_token(user=user)

    def job() -> HttpResponse:
        return Client().post(
            f"/api/v1/{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    return job


def redemption_of(counter: Counter, uses: int = 1) -> dict[str, Any]:
    return {"store": counter.store.pk, "code": counter.voucher.code, "uses": uses}


def one_answer(answers: list[HttpResponse], status: int) -> Any:
    """All answers are the same, and all but one say that they are a copy."""
    assert {answer.status_code for answer in answers} == {status}
    first, *others = [json.loads(answer.content) for answer in answers]
    assert all(other == first for other in others)
    copies = [answer for answer in answers if answer.headers.get("Idempotency-Replayed")]
    assert len(copies) == len(answers) - 1
    return first


def test_50_posts_of_one_key_place_one_order() -> None:
    buyer, offer = make_user(), offer_of(make_product(stock=100))
    body = {"lines": [{"offer": offer.pk, "quantity": 2}]}

    answers = together(times(50, post(buyer, "orders", body)))

    placed = one_answer(answers, 201)
    assert placed["number"] == Order.objects.get().number
    assert Stock.objects.get().available == 98


def test_50_posts_of_one_key_redeem_one_use() -> None:
    counter = at_the_counter(kind="times_card", uses=60, price_fen=60_000)

    answers = together(
        times(50, post(counter.clerk, "console/redemptions", redemption_of(counter)))
    )

    done = one_answer(answers, 201)
    assert (done["id"], done["uses_left"]) == (Redemption.objects.get().pk, 59)
    assert balance("pending") == 1000
    assert broken() == set()


def test_50_posts_of_one_key_refund_a_voucher_once() -> None:
    counter = at_the_counter(price_fen=6800)

    answers = together(times(50, post(counter.owner, f"vouchers/{counter.voucher.pk}/refund")))

    assert one_answer(answers, 200)["state"] == "refunding"
    assert Refund.objects.get().amount_fen == 6800
    assert broken() == set()


def test_50_posts_of_one_key_undo_once() -> None:
    counter = at_the_counter(price_fen=6800)
    redemption = counter.redeem()

    answers = together(times(50, post(counter.clerk, f"console/redemptions/{redemption.pk}/undo")))

    assert one_answer(answers, 200)["code"] == "undone"
    assert broken() == set()


def test_50_posts_of_one_key_start_one_payment() -> None:
    order = make_order()

    answers = together(
        times(50, post(order.buyer, f"orders/{order.number}/payments", {"gateway": "sandbox"}))
    )

    started = one_answer(answers, 201)
    assert started["number"] == Payment.objects.get().number
    assert started["pay_url"].startswith("http")


def test_a_refusal_is_one_answer_too() -> None:
    counter = at_the_counter(price_fen=6800)
    counter.redeem()

    answers = together(
        times(50, post(counter.clerk, "console/redemptions", redemption_of(counter)))
    )

    assert one_answer(answers, 409)["code"] == "already_redeemed"
    assert Redemption.objects.count() == 1


def test_another_body_under_the_same_key_is_refused_and_changes_nothing() -> None:
    counter = at_the_counter(kind="times_card", uses=10, price_fen=10_000)
    one, three = (
        post(counter.clerk, "console/redemptions", redemption_of(counter, uses=uses))
        for uses in (1, 3)
    )

    answers = together([one, three] * 10)

    done = one_answer([answer for answer in answers if answer.status_code == 201], 201)
    refused = [answer for answer in answers if answer.status_code == 422]
    assert len(refused) == 10
    assert {json.loads(answer.content)["code"] for answer in refused} == {"idempotency_key_reused"}
    assert (done["id"], done["uses"]) == Redemption.objects.values_list("pk", "uses").get()
    assert broken() == set()


def test_the_same_key_of_two_people_is_two_keys() -> None:
    offer = offer_of(make_product(stock=100))
    body = {"lines": [{"offer": offer.pk, "quantity": 1}]}
    buyers = [make_user(), make_user()]

    answers = together([job for buyer in buyers for job in times(10, post(buyer, "orders", body))])

    assert {answer.status_code for answer in answers} == {201}
    assert {order.buyer_id for order in Order.objects.all()} == {buyer.pk for buyer in buyers}
    assert Order.objects.count() == 2


# Controls: the key looked up first and written afterwards --------------------------------


def _look_then_write(threads: int) -> Callable[[str, str, str], int | None]:
    barrier = threading.Barrier(threads)

    def claim(scope: str, key: str, request_hash: str) -> int | None:
        known = IdempotencyKey.objects.filter(scope=scope, key=key).exists()
        barrier.wait(PATIENCE_SECONDS)
        if known:
            return None
        row = IdempotencyKey(scope=scope, key=key, fingerprint=request_hash, created_at=now())
        row.save()
        return row.pk

    return claim


def test_control_without_the_claim_one_key_places_five_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    buyer, offer = make_user(), offer_of(make_product(stock=100))
    job = post(buyer, "orders", {"lines": [{"offer": offer.pk, "quantity": 2}]})

    with without_constraint("idempotency_idempotencykey", "idempotency_scope_key"):
        monkeypatch.setattr(services, "_claim", _look_then_write(5))
        answers = together(times(5, job))

        assert {answer.status_code for answer in answers} == {201}
        assert Order.objects.count() == 5
        assert Stock.objects.get().available == 90


def test_control_without_the_claim_one_key_redeems_five_uses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counter = at_the_counter(kind="times_card", uses=60, price_fen=60_000)
    job = post(counter.clerk, "console/redemptions", redemption_of(counter))

    with without_constraint("idempotency_idempotencykey", "idempotency_scope_key"):
        monkeypatch.setattr(services, "_claim", _look_then_write(5))
        answers = together(times(5, job))

        assert {answer.status_code for answer in answers} == {201}
        assert Redemption.objects.count() == 5
        assert balance("pending") == 5000
