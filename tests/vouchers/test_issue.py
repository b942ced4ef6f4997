"""What a paid line becomes."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kernel.clock import at
from tests.factories import Cast, make_product, make_store, make_user
from tests.vouchers.counter import credit, sell
from vouchers.models import Voucher
from vouchers.services import issue

MOMENT = dt.datetime(2026, 5, 9, 15, 30, tzinfo=dt.UTC)  # 23:30 in Shanghai, 08:30 in Seattle


def test_services_become_one_voucher_each(people: Cast) -> None:
    vouchers = sell(make_product(merchant=people.merchant, price_fen=900), quantity=3)
    assert len({voucher.code for voucher in vouchers}) == 3
    assert {(v.units, v.uses_total, v.paid_fen) for v in vouchers} == {(1, 1, 900)}
    assert [credit(voucher) for voucher in vouchers] == [{"escrow": 900}] * 3


def test_goods_become_one_pickup_voucher_for_all_pieces(people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="goods", price_fen=333)
    (voucher,) = sell(product, quantity=7)
    assert (voucher.units, voucher.uses_total, voucher.paid_fen) == (7, 7, 2_331)


def test_a_times_card_has_its_uses(people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="times_card", uses=10)
    assert [v.uses_total for v in sell(product, quantity=2)] == [10, 10]


def test_codes_are_twelve_digits(people: Cast) -> None:
    (voucher,) = sell(make_product(merchant=people.merchant))
    assert len(voucher.code) == 12 and voucher.code.isdigit()
    assert str(voucher) == f"•••• {voucher.code[8:]}"


def test_a_code_in_use_is_never_given_twice(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    product = make_product(merchant=people.merchant)
    taken = sell(product)[0].code
    dice = iter([taken, taken, "111122223333", "111122223333", "444455556666"])
    monkeypatch.setattr(issue, "new_voucher_code", lambda: next(dice))
    assert {v.code for v in sell(product, quantity=2)} == {"111122223333", "444455556666"}


def test_valid_until_the_end_of_the_stores_day(people: Cast) -> None:
    product = make_product(merchant=people.merchant, validity_days=30)
    with at(MOMENT):
        (voucher,) = sell(product)
    end = dt.datetime(2026, 6, 8, 23, 59, 59, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert voucher.valid_until == end
    assert voucher.last_day == dt.date(2026, 6, 8)
    assert voucher.valid_from == MOMENT


def test_with_stores_in_several_zones_the_last_day_to_end_counts(people: Cast) -> None:
    seattle = make_store(merchant=people.merchant, time_zone="America/Los_Angeles")
    zone = ZoneInfo("America/Los_Angeles")
    with at(MOMENT):
        (everywhere,) = sell(make_product(merchant=people.merchant, validity_days=30))
        (at_home,) = sell(
            make_product(merchant=people.merchant, validity_days=30, stores=[people.store])
        )
        (abroad,) = sell(make_product(merchant=people.merchant, validity_days=30, stores=[seattle]))
    assert everywhere.valid_until == dt.datetime(2026, 6, 8, 23, 59, 59, tzinfo=zone)
    assert abroad.valid_until == everywhere.valid_until
    assert everywhere.time_zone == "America/Los_Angeles"
    assert everywhere.last_day == dt.date(2026, 6, 8)
    assert at_home.valid_until == dt.datetime(2026, 6, 8, 23, 59, 59, tzinfo=people.store.zone)


def test_preparation_time_moves_the_first_moment_only(people: Cast) -> None:
    product = make_product(merchant=people.merchant, usable_after_hours=48)
    with at(MOMENT):
        (voucher,) = sell(product)
    assert voucher.valid_from == MOMENT + dt.timedelta(hours=48)
    assert voucher.created_at == MOMENT


def test_a_later_edit_touches_no_sold_voucher(people: Cast) -> None:
    product = make_product(merchant=people.merchant, title_en="Old title")
    (voucher,) = sell(product)
    product.title_en = "New title"
    product.save()
    assert Voucher.objects.get(pk=voucher.pk).title == "Old title"


def test_the_voucher_belongs_to_the_buyer(people: Cast) -> None:
    buyer: Any = make_user()
    assert {v.owner_id for v in sell(make_product(), buyer=buyer, quantity=2)} == {buyer.pk}
