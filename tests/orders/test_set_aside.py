"""What waits at a store for guests is shown beside what is free: counter, back office, file, API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from members.services.accounts import issue_token
from orders.set_aside import pieces_set_aside
from stores.services.staff import add_staff
from tests.factories import make_staff, owner_of, pay_order
from tests.orders.test_parts import Farm, make_farm
from vouchers.models import Voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm() -> Farm:
    return make_farm(here=3, there=9)


def waiting(farm: Farm) -> dict[str, int]:
    found = pieces_set_aside([farm.variant.pk])
    return {
        name: found[farm.variant.pk, store.pk]
        for name, store in (("here", farm.here), ("there", farm.there))
    }


def test_unpaid_and_paid_pieces_wait_until_they_are_collected_or_refunded(farm: Farm) -> None:
    farm.order(1, farm.here)
    assert waiting(farm) == {"here": 1, "there": 0}
    voucher = Voucher.objects.get(order_number=pay_order(farm.order(4, farm.there)).number)
    assert waiting(farm) == {"here": 1, "there": 4}
    redeem_voucher(staff=make_staff(farm.there), store_id=farm.there.pk, code=voucher.code, uses=1)
    assert waiting(farm) == {"here": 1, "there": 3}
    refund_voucher(owner=farm.buyer, voucher_id=voucher.pk)
    assert waiting(farm) == {"here": 1, "there": 0}


def test_free_and_set_aside_stand_side_by_side(farm: Farm) -> None:
    pay_order(farm.order(4, farm.there))
    owner, clerk = owner_of(farm.here.merchant), make_staff(farm.there)
    add_staff(merchant=farm.here.merchant, user=clerk, role="clerk", stores=[farm.there])
    counter, office = Client(), Client(headers={"accept-language": "en"})
    counter.force_login(clerk)
    office.force_login(owner)
    page = counter.get(reverse("console_stock", args=[farm.there.pk])).content.decode()
    assert "5 free" in page and "4 more set aside for guests" in " ".join(page.split())
    listed = office.get(reverse("admin:catalog_stocklevel_changelist")).content.decode()
    assert "set aside for guests" in listed.lower()
    file = office.get(reverse("admin:catalog_stocklevel_download")).content.decode()
    assert any(",South Gate,4," in line for line in file.splitlines())
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=owner)}")
    (row,) = client.get("/api/v1/stock").json()["results"]
    assert {(level["on_hand"], level["set_aside"]) for level in row["levels"]} == {(3, 0), (5, 4)}


def test_the_same_queries_for_any_number(farm: Farm, django_assert_num_queries: Any) -> None:
    farms = [farm, make_farm(), make_farm()]
    for each in farms:
        pay_order(each.order(1, each.there))
        each.order(2, each.here)
    for some in (farms[:1], farms):
        with django_assert_num_queries(2):
            found = pieces_set_aside([each.variant.pk for each in some])
        wanted = {(each.variant.pk, each.there.pk): 1 for each in some}
        assert found == wanted | {(each.variant.pk, each.here.pk): 2 for each in some}
