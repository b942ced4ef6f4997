"""Goods come back after they were collected: on the shelf of the store, or lost."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from catalog.models import Stock, StockMovement
from kernel.errors import InvalidInput
from members.services.accounts import issue_token
from tests.catalog.stock_books import broken
from tests.factories import (
    make_paid_order,
    make_product,
    make_staff,
    make_user,
    offer_of,
    pay_order,
)
from tests.orders.test_parts import Farm, make_farm
from tests.vouchers.counter import sell_one
from vouchers.errors import NothingToReturn
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import return_redeemed

pytestmark = pytest.mark.django_db
_keys = itertools.count(1)
MARKS = {0x2068: None, 0x2069: None}


@pytest.fixture
def farm() -> Farm:
    return make_farm()


@pytest.fixture
def collected(farm: Farm) -> Redemption:
    order = pay_order(farm.order(3, farm.there))
    voucher = Voucher.objects.get(order_number=order.number)
    return redeem_voucher(
        staff=make_staff(farm.there), store_id=farm.there.pk, code=voucher.code, uses=3
    )


def moves() -> list[tuple[str, int, int | None]]:
    rows = StockMovement.objects.filter(reason__in=("return", "loss")).order_by("pk")
    return [(row.reason, row.delta, row.store_id) for row in rows]


def test_on_the_shelf_they_can_be_sold_again(farm: Farm, collected: Redemption) -> None:
    return_redeemed(redemption_id=collected.pk, uses=2, requested_by=None, on_shelf=True)
    assert moves() == [("return", 2, farm.there.pk)]
    assert farm.levels == (3, 4, 7)
    assert StockMovement.objects.get(reason="return").reference == collected.voucher.order_number
    assert broken() == set()


def test_by_default_they_are_lost_and_the_books_say_so(farm: Farm, collected: Redemption) -> None:
    return_redeemed(redemption_id=collected.pk, uses=2, requested_by=None)
    assert moves() == [("return", 2, farm.there.pk), ("loss", -2, farm.there.pk)]
    assert farm.levels == (3, 2, 5)
    assert broken() == set()


def test_what_is_refused_writes_nothing(farm: Farm, collected: Redemption) -> None:
    with pytest.raises(NothingToReturn):
        return_redeemed(redemption_id=collected.pk, uses=4, requested_by=None, on_shelf=True)
    assert moves() == []
    assert farm.levels == (3, 2, 5)


def test_of_one_number_for_all_it_is_the_webs(farm: Farm) -> None:
    goods = make_product(merchant=farm.here.merchant, kind="goods", stock=9, price_fen=1000)
    order = make_paid_order(farm.buyer, offer_of(goods), 2)
    voucher = Voucher.objects.get(order_number=order.number)
    done = redeem_voucher(
        staff=make_staff(farm.here), store_id=farm.here.pk, code=voucher.code, uses=2
    )
    return_redeemed(redemption_id=done.pk, uses=1, requested_by=None, on_shelf=True)
    assert moves() == [("return", 1, None)]
    assert Stock.objects.get(variant=voucher.variant_id).available == 8


def test_no_other_voucher_goes_on_a_shelf(farm: Farm) -> None:
    voucher = sell_one(make_product(merchant=farm.here.merchant), buyer=farm.buyer)
    done = redeem_voucher(staff=make_staff(farm.here), store_id=farm.here.pk, code=voucher.code)
    with pytest.raises(InvalidInput):
        return_redeemed(redemption_id=done.pk, uses=1, requested_by=None, on_shelf=True)
    return_redeemed(redemption_id=done.pk, uses=1, requested_by=None)
    assert moves() == []


def ask(redemption: Redemption, **body: Any) -> Any:
    client = APIClient()
    client.credentials(
        HTTP_AUTHORIZATION=f"Bearer {issue_token(user=make_user('operator'))}",
        HTTP_IDEMPOTENCY_KEY=f"goods-key-{next(_keys):08d}",
    )
    path = f"/api/v1/redemptions/{redemption.pk}/returns"
    return client.post(path, {"uses": 1} | body, format="json")


def test_the_api_says_where_they_are(farm: Farm, collected: Redemption) -> None:
    assert ask(collected, goods="shelf").json()["goods"] == "shelf"
    assert farm.levels == (3, 3, 6)
    assert ask(collected).json()["goods"] == "lost"
    assert farm.levels == (3, 3, 6)
    assert ask(collected, goods="garden").status_code == 400


def test_the_page_asks_and_lost_is_chosen_first(farm: Farm, collected: Redemption) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user("operator"))
    url = reverse("admin:vouchers_redemption_changelist")
    form = {"action": "take_back", "_selected_action": [collected.pk]}
    page = " ".join(client.post(url, form).content.decode().split())
    assert "Back on the shelf at South Gate" in page.translate(MARKS), page[
        page.index("desk__ask") :
    ]
    assert "<legend>Where are the pieces now?</legend>" in page
    assert 'value="lost" checked' in page
    sent = form | {"confirmed": "yes", f"note_{collected.pk}": "1"}
    client.post(url, sent | {f"choice_{collected.pk}": "shelf"})
    assert moves() == [("return", 1, farm.there.pk)]
