"""What a voucher is: its kind, its source, its states and the moves between them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from kernel.clock import at
from tests.factories import Cast, make_product
from tests.vouchers.counter import credit, moved, sell_one
from vouchers import errors
from vouchers.models import Voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import refund_voucher


def voucher_of(people: Cast, **fields: object) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


@pytest.mark.parametrize(
    ("sold", "kind"), [("voucher", "single"), ("times_card", "times_card"), ("goods", "pickup")]
)
def test_a_voucher_knows_its_kind(people: Cast, sold: str, kind: str) -> None:
    uses = 3 if sold == "times_card" else 1
    assert voucher_of(people, kind=sold, uses=uses).kind == kind


@pytest.mark.parametrize(
    "fields", [{"order_line_ref": None}, {"product": None}, {"variant": None}, {"offer_ref": None}]
)
def test_what_was_sold_has_a_line_and_a_product(people: Cast, fields: dict[str, None]) -> None:
    voucher = voucher_of(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        moved(voucher, **fields)


@pytest.mark.parametrize("fields", [{"held_for": ""}, {"held_for": "group", "uses_used": 1}])
def test_what_is_held_waits_for_something_and_is_unused(
    people: Cast, fields: dict[str, object]
) -> None:
    voucher = voucher_of(people, kind="times_card", uses=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        moved(voucher, state="held", **fields)


def test_what_is_held_is_refused_at_the_counter(people: Cast) -> None:
    voucher = moved(voucher_of(people), state="held", held_for="group")
    with pytest.raises(errors.Held):
        redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    assert not voucher.redemptions.exists()


def test_what_is_held_is_refunded_as_its_terms_say(people: Cast) -> None:
    voucher = moved(voucher_of(people, price_fen=900), state="held", held_for="booking")
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    assert credit(voucher) == {"refund_due": 900}
    strict = moved(voucher_of(people, refund_rule="none"), state="held", held_for="booking")
    with pytest.raises(errors.NotRefundable):
        refund_voucher(owner=people.buyer, voucher_id=strict.pk)


@pytest.mark.parametrize("held_for", ["group", "booking"])
def test_what_others_held_to_the_end_pays_back_whatever_the_terms_say(
    people: Cast, held_for: str
) -> None:
    """A balance is the buyer's to pay: there the terms decide (tests/orders/test_deposits.py)."""
    voucher = voucher_of(people, price_fen=900, refund_rule="none", refund_on_expiry=False)
    moved(voucher, state="held", held_for=held_for)
    with at(voucher.valid_until):
        assert expire_voucher(voucher_id=voucher.pk)
        assert not expire_voucher(voucher_id=voucher.pk)
    voucher.refresh_from_db()
    assert voucher.state == "refunding"
    assert credit(voucher) == {"refund_due": 900}
