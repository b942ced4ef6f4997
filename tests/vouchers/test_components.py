"""A voucher's money is a list of components, each shared out by itself."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from tests.factories import Cast, make_product
from tests.vouchers.counter import sell
from vouchers.components import components_of, portions_of_uses, total_of
from vouchers.models import Component, Voucher, VoucherComponent
from vouchers.services.split import Discount, Tender, split_line

UPGRADE = import_module("vouchers.migrations.0005_components")
PARTS = import_module("vouchers.migrations.0006_parts_back")
WHOLE = Tender("whole", 6_000, 1, "sandbox")


def components() -> list[tuple[Any, ...]]:
    return list(
        VoucherComponent.objects.order_by("voucher", "position").values_list(
            "voucher", "position", "purpose", *Component._fields[1:]
        )
    )


def test_a_plain_sale_is_one_tender_of_each_voucher(people: Cast) -> None:
    first, second = sell(make_product(merchant=people.merchant, price_fen=900), quantity=2)
    for voucher in (first, second):
        (part,) = components_of(voucher)
        assert part.is_tender and part.is_received and part.in_base
        assert (part.custodian, part.amount_fen) == ("sandbox", 900)
        assert voucher.paid_fen == voucher.value_fen == voucher.received_fen == 900


def test_an_old_voucher_gets_the_component_that_a_new_one_has(people: Cast) -> None:
    sell(make_product(merchant=people.merchant, price_fen=900), quantity=3)
    sell(make_product(merchant=people.merchant, kind="goods", price_fen=7), quantity=5)
    wanted = components()
    older = (
        "SET CONSTRAINTS ALL IMMEDIATE",
        "ALTER TABLE vouchers_voucher ADD COLUMN payment_id bigint",
        PARTS.OLD_VOUCHERS,
        "DELETE FROM vouchers_vouchercomponent",
    )
    with connection.cursor() as cursor:
        for statement in older:
            cursor.execute(statement)
        assert len(wanted) == 4 and not components()
        cursor.execute(UPGRADE.COMPONENTS)
        assert components() == wanted
        cursor.execute("ALTER TABLE vouchers_voucher DROP COLUMN payment_id")


def test_components_come_along_with_the_voucher(
    people: Cast, django_assert_num_queries: Any
) -> None:
    sold = sell(make_product(merchant=people.merchant, price_fen=900))[0]
    with django_assert_num_queries(1):
        voucher = Voucher.objects.with_components().get(pk=sold.pk)
        assert components_of(voucher) == components_of(sold)
    with django_assert_num_queries(2):
        assert components_of(Voucher.objects.get(pk=sold.pk)) == components_of(sold)


def test_components_older_than_the_row_are_read_again(people: Cast) -> None:
    """What a statement reads beside the row that it waits for is as old as its beginning."""
    voucher = sell(make_product(merchant=people.merchant, price_fen=900))[0]
    voucher = Voucher.objects.with_components().get(pk=voucher.pk)
    VoucherComponent.objects.filter(voucher=voucher).update(amount_fen=800)
    Voucher.objects.filter(pk=voucher.pk).update(paid_fen=800, value_fen=800, received_fen=800)
    voucher.paid_fen = voucher.value_fen = voucher.received_fen = 800
    assert [part.amount_fen for part in components_of(voucher)] == [800]
    Voucher.objects.filter(pk=voucher.pk).update(paid_fen=900, value_fen=900, received_fen=900)
    VoucherComponent.objects.filter(voucher=voucher).update(amount_fen=900)


def test_the_value_of_uses_is_the_sum_of_shares_and_no_share_of_the_sum(people: Cast) -> None:
    voucher = sell(
        make_product(merchant=people.merchant, kind="times_card", uses=3, price_fen=9_000)
    )[0]
    parts = [
        Component(at, "funder", None, "books", "p", fen, True)
        for at, fen in enumerate((6_000, 2_000, 600, 400))
    ]
    voucher.component_rows, voucher.received_fen = parts, 0
    assert [total_of(portions_of_uses(voucher, at, 1)) for at in range(3)] == [2_999, 3_000, 3_001]


def test_a_line_is_split_by_largest_remainder_and_no_voucher_gets_more_than_its_price() -> None:
    money = split_line(
        gross_fen=[1, 1, 1],
        tenders=[Tender("whole", 1)],
        discounts=[Discount("platform", 1), Discount("points", 1)],
    )
    assert [part.value_fen for part in money] == [1, 1, 1]
    assert sum(part.paid_fen for part in money) == 1


def test_what_the_merchant_itself_gives_up_is_no_component() -> None:
    (money,) = split_line(
        gross_fen=[10_000],
        tenders=[WHOLE],
        discounts=[
            Discount("merchant:7", 1_000),
            Discount("platform", 2_000),
            Discount("merchant:3", 600),
            Discount("points", 400),
        ],
        own="merchant:7",
    )
    assert (money.paid_fen, money.value_fen, money.received_fen) == (6_000, 9_000, 6_000)
    assert [share.amount_fen for share in money.shares] == [6_000, 2_000, 600, 400]


def test_a_plan_that_is_not_the_price_is_refused() -> None:
    with pytest.raises(ValueError, match="do not make 6001"):
        split_line(gross_fen=[6_001], tenders=[WHOLE])


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "funder", "purpose": ""},
        {"kind": "funder", "purpose": "", "party": "platform", "custodian": "sandbox"},
        {"party": "platform"},
        {"custodian": ""},
        {"payment": None},
        {"purpose": ""},
    ],
)
def test_a_component_is_a_tender_somewhere_or_a_funder_in_the_books(
    people: Cast, fields: dict[str, Any]
) -> None:
    voucher = sell(make_product(merchant=people.merchant))[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        VoucherComponent.objects.filter(voucher=voucher).update(**fields)
