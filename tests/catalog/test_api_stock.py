"""The API of stock: what there is, what came and went, counts, transfers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import StockDiscrepancy, StockLevel, StockMovement
from catalog.services.levels import change_level, keep_by_store
from catalog.services.stock import set_stock
from members.services.accounts import issue_token
from members.services.keys import make_key
from tests.factories import Cast, cast, make_product, variant_of

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
    level = StockLevel.objects.get(store=people.store)
    change_level(level=level, safety=0, sells_online=True, low_stock_at=8)
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
    assert call(people.clerk, "post", "/movements", body).status_code == 404
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
    assert call(people.clerk, "post", "/counts", body | {"start": True}).status_code == 404


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
        call(people.clerk, "post", "/transfers", body, key="transfer-van-0008").status_code == 404
    )
    far = call(people.owner, "post", "/transfers", body | {"quantity": 50}, key="transfer-van-0009")
    assert (far.status_code, far.json()["code"]) == (409, "not_enough_to_send")


def test_more_than_a_hundred_lines_are_refused(people: Cast, variant: Any, call: Any) -> None:
    lines = movement(people, variant)["lines"] * 101
    assert call(people.owner, "post", "/movements", {"lines": lines}).status_code == 400
