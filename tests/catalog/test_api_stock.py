"""The API of stock: what there is, what came and went, counts, transfers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.errors import NotHandedOver
from catalog.models import Stock, StockDiscrepancy, StockLevel, StockMovement
from catalog.services.by_store import keep_by_store
from catalog.services.products import update_product
from catalog.services.shelves import count_level, receive_pieces
from catalog.services.stock import set_low_stock, set_stock
from kernel.clock import now
from members.services.accounts import issue_token
from members.services.keys import make_key
from tests.factories import Cast, cast, make_product, make_store, variant_of
from tests.orders.payers import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def variant(people: Cast) -> Any:
    product = make_product(merchant=people.merchant, kind="goods", stock=8, external_code="EGG")
    variant = variant_of(product)
    keep_by_store(variant_id=variant.pk, by=people.owner, store_id=people.store.pk)
    return variant


@pytest.fixture
def call(client: Client) -> Callable[..., Any]:
    def send(user: Any, method: str, path: str, body: Any = None, key: str = "") -> Any:
        token = issue_token(user=user)
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        return getattr(client, method)(
            f"/api/v1/stock{path}", body, "application/json", headers=headers
        )

    return send


def test_a_variant_says_what_each_store_has(people: Cast, variant: Any, call: Any) -> None:
    (row,) = call(people.owner, "get", "").json()["results"]
    assert (row["variant"], row["code"], row["by_store"], row["available"]) == (
        variant.pk,
        "EGG",
        True,
        8,
    )
    assert [(level["store"], level["on_hand"]) for level in row["levels"]] == [
        (people.store.pk, 8),
        (people.other_store.pk, 0),
    ]


def test_a_clerk_sees_the_own_store_alone(people: Cast, variant: Any, call: Any) -> None:
    make_product(merchant=people.merchant, stock=3)
    (row,) = call(people.clerk, "get", "").json()["results"]
    assert [level["store"] for level in row["levels"]] == [people.store.pk]


def test_low_and_products_narrow_the_list(people: Cast, variant: Any, call: Any) -> None:
    other = make_product(merchant=people.merchant, stock=3)
    assert call(people.owner, "get", "?low=true").json()["results"] == []
    set_low_stock(variant_id=variant.pk, low_stock_at=8)
    assert [row["variant"] for row in call(people.owner, "get", "?low=true").json()["results"]] == [
        variant.pk
    ]
    found = call(people.owner, "get", f"?product={other.pk}").json()["results"]
    assert [row["available"] for row in found] == [3]
    found = call(people.owner, "get", f"?store={people.other_store.pk}").json()["results"]
    assert [row["variant"] for row in found] == [variant.pk]


def test_a_list_of_any_length_takes_the_same_statements(
    people: Cast, variant: Any, call: Any, django_assert_max_num_queries: Any
) -> None:
    for _turn in range(3):
        product = make_product(merchant=people.merchant, kind="goods", stock=1)
        keep_by_store(variant_id=variant_of(product).pk, by=people.owner)
    with django_assert_max_num_queries(10):
        assert len(call(people.owner, "get", "").json()["results"]) == 4


def movement(people: Cast, variant: Any, **facts: Any) -> dict[str, Any]:
    usual = {"key": "t1", "variant": variant.pk, "store": people.store.pk}
    return {"lines": [usual | {"reason": "sold", "delta": -2} | facts]}


def test_a_clerks_till_tells_a_sale_once(people: Cast, variant: Any, call: Any) -> None:
    for outcome in ("recorded", "known"):
        answer = call(people.clerk, "post", "/movements", movement(people, variant))
        assert answer.status_code == 200
        (line,) = answer.json()["lines"]
        assert (line["outcome"], line["on_hand"]) == (outcome, 6)
    assert StockMovement.objects.get(key="t1").author == people.clerk


def test_a_clerk_corrects_no_books_and_reaches_no_other_store(
    people: Cast, variant: Any, call: Any
) -> None:
    body = movement(people, variant, reason="correction")
    refused = call(people.clerk, "post", "/movements", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
    body = movement(people, variant, store=people.other_store.pk)
    (line,) = call(people.clerk, "post", "/movements", body).json()["lines"]
    assert (line["outcome"], line["code"]) == ("refused", "not_found")
    assert StockLevel.objects.get(store=people.store).on_hand == 8


def test_the_name_of_the_key_is_kept(people: Cast, variant: Any, client: Client) -> None:
    _row, token = make_key(user=people.owner, name="Till 1", scopes=["stock:write"])
    client.post(
        "/api/v1/stock/movements",
        movement(people, variant),
        "application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert StockMovement.objects.get(key="t1").via == "Till 1"


def test_a_time_on_the_tills_clock_decides(people: Cast, variant: Any, call: Any) -> None:
    count = {
        "store": people.store.pk,
        "occurred_at": "2026-05-12T18:00:00+08:00",
        "lines": [{"key": "may", "variant": variant.pk, "counted": 4}],
    }
    (line,) = call(people.clerk, "post", "/counts", count).json()["lines"]
    assert line["on_hand"] == 12  # the opening came later
    before = movement(people, variant, occurred_at="2026-05-12T17:59:00+08:00")
    (line,) = call(people.clerk, "post", "/movements", before).json()["lines"]
    assert (line["outcome"], line["on_hand"]) == ("recorded", 12)


def test_a_count_settles_what_a_till_sold_beyond(people: Cast, variant: Any, call: Any) -> None:
    call(people.clerk, "post", "/movements", movement(people, variant, delta=-9))
    assert StockDiscrepancy.objects.get().settled_at is None
    lines = [{"key": "c", "variant": variant.pk, "counted": 0}]
    call(people.clerk, "post", "/counts", {"store": people.store.pk, "lines": lines})
    assert StockDiscrepancy.objects.get().settled_by == people.clerk


def test_a_count_may_begin_counting_by_store(people: Cast, call: Any) -> None:
    product = make_product(merchant=people.merchant, stock=5)
    lines = [{"key": "c", "variant": variant_of(product).pk, "counted": 7}]
    body = {"store": people.store.pk, "lines": lines}
    (line,) = call(people.owner, "post", "/counts", body).json()["lines"]
    assert line["code"] == "not_by_store"
    (line,) = call(people.owner, "post", "/counts", body | {"start": True}).json()["lines"]
    assert (line["outcome"], line["on_hand"]) == ("recorded", 7)
    assert call(people.clerk, "post", "/counts", body | {"start": True}).status_code == 403


def test_what_the_web_had_may_go_to_another_store_in_the_same_step(people: Cast, call: Any) -> None:
    variant = variant_of(make_product(merchant=people.merchant, stock=5))
    lines = [{"key": "c", "variant": variant.pk, "counted": 7}]
    body = {"store": people.store.pk, "start": True, "lines": lines}
    (line,) = call(
        people.owner, "post", "/counts", body | {"web_pieces_to": people.store.pk}
    ).json()["lines"]
    assert line["code"] == "not_handed_over", "what that store has is counted"
    theirs = make_store(merchant=people.other_merchant)
    foreign = body | {"web_pieces_to": theirs.pk}
    assert call(people.owner, "post", "/counts", foreign).status_code == 404
    assert not Stock.objects.get(variant=variant).by_store
    there = body | {"web_pieces_to": people.other_store.pk}
    (line,) = call(people.owner, "post", "/counts", there).json()["lines"]
    assert (line["outcome"], line["on_hand"]) == ("recorded", 7)
    assert StockLevel.objects.get(variant=variant, store=people.other_store).on_hand == 5
    assert Stock.objects.get(variant=variant).available == 12
    moved = StockMovement.objects.filter(reason="by_store").values_list("delta", flat=True)
    assert sorted(moved) == [-5, 5]


def test_a_refused_count_begins_nothing(people: Cast, elsewhere: Any, call: Any) -> None:
    product = make_product(merchant=people.merchant, stock=5)
    lines = [{"key": "c", "variant": variant_of(product).pk, "counted": 7}]
    body = {"store": people.store.pk, "start": True, "lines": lines}
    ahead = body | {"occurred_at": (now() + dt.timedelta(hours=2)).isoformat()}
    (line,) = call(people.owner, "post", "/counts", ahead).json()["lines"]
    stock = Stock.objects.get(variant=variant_of(product))
    assert (line["code"], stock.by_store, stock.available) == ("invalid", False, 5)
    lines[0]["variant"] = elsewhere.pk
    (line,) = call(people.owner, "post", "/counts", body).json()["lines"]
    assert line["code"] == "not_handed_over"
    assert not Stock.objects.get(variant=elsewhere).by_store


def test_the_webs_own_number_is_counted_by_who_runs_the_business(people: Cast, call: Any) -> None:
    product = make_product(merchant=people.merchant, stock=5)
    set_stock(variant_id=variant_of(product).pk, available=6, by=people.owner)
    lines = [{"key": "w", "variant": variant_of(product).pk, "counted": 9}]
    (line,) = call(people.clerk, "post", "/counts", {"lines": lines}).json()["lines"]
    assert line["code"] == "not_found"
    (line,) = call(people.owner, "post", "/counts", {"lines": lines}).json()["lines"]
    assert line["on_hand"] == 9


def test_a_transfer_is_sent_once_per_key(people: Cast, variant: Any, call: Any) -> None:
    body = {
        "variant": variant.pk,
        "from_store": people.store.pk,
        "to_store": people.other_store.pk,
        "quantity": 3,
    }
    for _turn in range(2):
        answer = call(people.teammate, "post", "/transfers", body, key="transfer-van-0007")
        assert answer.status_code == 201
        assert [level["on_hand"] for level in answer.json()["levels"]] == [5, 3]
    assert (
        call(people.clerk, "post", "/transfers", body, key="transfer-van-0008").status_code == 403
    )
    far = call(people.owner, "post", "/transfers", body | {"quantity": 50}, key="transfer-van-0009")
    assert (far.status_code, far.json()["code"]) == (409, "not_enough_to_send")


def test_more_than_a_hundred_lines_are_refused(people: Cast, variant: Any, call: Any) -> None:
    lines = movement(people, variant)["lines"] * 101
    assert call(people.owner, "post", "/movements", {"lines": lines}).status_code == 400


@pytest.fixture
def elsewhere(people: Cast) -> Any:
    """Goods that the other store alone hands over, with one number for the web."""
    product = make_product(
        merchant=people.merchant, stores=[people.other_store], kind="goods", stock=0
    )
    return variant_of(product)


def test_no_piece_comes_to_a_store_that_does_not_hand_it_over(
    people: Cast, elsewhere: Any, call: Any
) -> None:
    line = {"key": "a", "variant": elsewhere.pk, "counted": 40}
    body = {"store": people.store.pk, "start": True, "lines": [line]}
    (answer,) = call(people.owner, "post", "/counts", body).json()["lines"]
    assert answer["outcome"] == "refused" and not StockMovement.objects.filter(key="a").exists()
    there = {**body, "store": people.other_store.pk, "lines": [{**line, "key": "b", "counted": 3}]}
    (answer,) = call(people.owner, "post", "/counts", there).json()["lines"]
    assert (answer["outcome"], answer["on_hand"]) == ("recorded", 3)
    (answer,) = call(people.owner, "post", "/counts", body).json()["lines"]
    assert (answer["outcome"], answer["code"]) == ("refused", "not_handed_over")
    assert "product's stores" in answer["detail"]
    moved = [
        {"key": f"m{delta}", "variant": elsewhere.pk, "store": people.store.pk, "reason": reason}
        | {"delta": delta}
        for reason, delta in (("received", 5), ("sold", -1), ("given_back", 1))
    ]
    answers = call(people.owner, "post", "/movements", {"lines": moved}).json()["lines"]
    assert {row["code"] for row in answers} == {"not_handed_over"}
    sent = {"variant": elsewhere.pk, "quantity": 1}
    sent |= {"from_store": people.other_store.pk, "to_store": people.store.pk}
    refused = call(people.owner, "post", "/transfers", sent, "key-of-transfer")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_handed_over")
    assert [row.store_id for row in StockLevel.objects.all()] == [people.other_store.pk]


def test_the_web_follows_the_stores_of_a_product(people: Cast, variant: Any, call: Any) -> None:
    product, here, there = variant.product, people.store, people.other_store
    received = {"key": "r", "variant": variant.pk, "store": there.pk, "reason": "received"}
    call(people.owner, "post", "/movements", {"lines": [received | {"delta": 2}]})

    def web() -> int | None:
        return Stock.objects.get(variant=variant).available

    assert web() == 10
    update_product(product=product, stores=[there])
    assert (web(), broken()) == (2, [])
    sold = {"key": "s", "variant": variant.pk, "store": here.pk, "reason": "sold", "delta": -1}
    count = {"key": "c", "variant": variant.pk, "counted": 9}
    (answer,) = call(people.owner, "post", "/movements", {"lines": [sold]}).json()["lines"]
    assert (answer["outcome"], answer["on_hand"]) == ("recorded", 7)
    body = {"store": here.pk, "lines": [count]}
    (answer,) = call(people.owner, "post", "/counts", body).json()["lines"]
    assert answer["code"] == "not_handed_over"
    level = StockLevel.objects.get(store=here)
    for refused in (
        lambda: count_level(level=level, counted=3, by=people.owner),
        lambda: receive_pieces(level=level, quantity=3, by=people.owner),
    ):
        with pytest.raises(NotHandedOver):
            refused()
    sent = {"variant": variant.pk, "quantity": 7, "from_store": here.pk, "to_store": there.pk}
    assert call(people.owner, "post", "/transfers", sent, "key-of-transfer").status_code == 201
    assert (web(), broken()) == (9, [])
    third = make_store(merchant=people.merchant)
    update_product(product=product, stores=[third])
    assert (web(), StockLevel.objects.get(store=third).on_hand, broken()) == (0, 0, [])
    update_product(product=product, stores=[])
    assert (web(), broken()) == (9, [])


def test_a_line_that_no_number_could_hold_is_refused_by_itself(
    people: Cast, variant: Any, call: Any
) -> None:
    most, here = 2_147_483_647, people.store.pk

    def moved(**deltas: int) -> list[tuple[str, str]]:
        lines = [
            {"key": key, "variant": variant.pk, "store": here, "delta": delta}
            | {"reason": "received" if delta > 0 else "sold"}
            for key, delta in deltas.items()
        ]
        answer = call(people.owner, "post", "/movements", {"lines": lines})
        assert answer.status_code == 200, answer.content
        return [(row["outcome"], row["code"]) for row in answer.json()["lines"]]

    def counted(key: str, number: int, **said: Any) -> tuple[str, str]:
        line = {"key": key, "variant": variant.pk, "counted": number}
        answer = call(people.owner, "post", "/counts", {"store": here, "lines": [line], **said})
        assert answer.status_code == 200, answer.content
        (row,) = answer.json()["lines"]
        return row["outcome"], row["code"]

    recorded, refused = ("recorded", ""), ("refused", "too_many_pieces")
    assert counted("early", most, occurred_at="2026-01-01T00:00:00Z") == refused  # and 8 since
    assert moved(one=most, two=4, three=-most, four=-most) == [
        *(refused, recorded),
        *(recorded, refused),
    ]
    assert StockLevel.objects.get(store=here).on_hand == 12 - most
    assert counted("five", most) == recorded
    assert moved(six=1, seven=-1) == [refused, recorded]
    assert StockLevel.objects.get(store=here).on_hand == most - 1
    assert broken() == []


def test_a_key_or_note_that_cannot_be_read_is_refused_by_its_line(
    people: Cast, variant: Any, call: Any
) -> None:
    line = {"variant": variant.pk, "store": people.store.pk, "reason": "received", "delta": 1}
    lines = [
        {**line, "key": "till\u202e-1"},
        {**line, "key": "till-\x1f2"},
        {**line, "key": "till-3"},
    ]
    answers = call(people.owner, "post", "/movements", {"lines": lines}).json()["lines"]
    assert [(row["outcome"], row["code"]) for row in answers] == [
        ("refused", "invalid"),
        ("refused", "invalid"),
        ("recorded", ""),
    ]
    noted = {"lines": [{**line, "key": "till-4", "note": "a\0b"}]}
    assert call(people.owner, "post", "/movements", noted).status_code == 400
