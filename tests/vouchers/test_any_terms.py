"""Whatever stands in the frozen terms of a voucher, its money goes back and the counter answers."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kernel import clock
from kernel.errors import Refusal
from tests.factories import make_staff, make_voucher
from vouchers.models import Voucher, VoucherTerms
from vouchers.outcome import with_outcome
from vouchers.services.expire import expire_voucher
from vouchers.services.redeem import preview_voucher
from vouchers.services.refund import refund_quote, refund_voucher
from vouchers.shapes import voucher_shape
from vouchers.terms import terms_of

pytestmark = pytest.mark.django_db

NUMBERS = st.integers(-(10**12), 10**12) | st.sampled_from(
    [0, 1, 32_767, 32_768, 2**31 - 1, 2**63, 10**30]
)
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
WORDS = st.sampled_from(
    ["voucher", "goods", "none", "days", "anytime", "2026-05-01", "9999-12-31", "24:00", ""]
)
LEAVES = st.none() | st.booleans() | NUMBERS | st.floats(-1e9, 1e9) | TEXTS | WORDS
KEYS = st.sampled_from(["weekdays", "from", "to", "start", "end", "en", "name_en", "value_fen"])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | TEXTS, inner, max_size=4),
    max_leaves=8,
)
PARTS = [
    "kind",
    "title_en",
    "title_zh",
    "included",
    "notes",
    "uses",
    "validity_days",
    "usable_after_hours",
    "blackout",
    "refund_rule",
    "refund_days",
    "refund_on_expiry",
    "store_ids",
    "list_price_fen",
    "price_fen",
]
MANY = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Undone(Exception):
    """Takes a trial back."""


@pytest.fixture
def bought() -> Voucher:
    return make_voucher()


def judge_terms(voucher: Voucher, body: Any) -> None:
    """Sell nothing, change nothing: show, preview, refund and expire under ``body``."""
    with pytest.raises(Undone), transaction.atomic():
        VoucherTerms.objects.filter(pk=voucher.terms_id).update(body=body)
        vouchers = with_outcome(Voucher.objects.select_related("terms", "merchant", "owner"))
        found = vouchers.get(pk=voucher.pk)
        voucher_shape(found)
        store = found.merchant.stores.get()
        with contextlib.suppress(Refusal):
            preview_voucher(staff=make_staff(store), store_id=store.pk, code=found.code)
        quote = refund_quote(found)
        with transaction.atomic():
            try:
                refund_voucher(owner=found.owner, voucher_id=found.pk)
            except Refusal:
                assert not quote.allowed
                assert terms_of(found).refund_rule != "anytime"
            else:
                assert quote.allowed
                transaction.set_rollback(True)
        with clock.at(found.valid_until):
            assert expire_voucher(voucher_id=found.pk)
        raise Undone


@given(changes=st.dictionaries(st.sampled_from(PARTS), ANYTHING, min_size=1, max_size=4))
@MANY
def test_terms_with_damaged_parts_stop_neither_refund_nor_expiry(bought, changes) -> None:
    judge_terms(bought, {**bought.terms.body, **changes})


@given(body=ANYTHING)
@MANY
def test_terms_that_are_none_stop_neither_refund_nor_expiry(bought, body) -> None:
    assume(body is not None)  # the column holds no NULL
    judge_terms(bought, body)


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        ({"store_ids": [["a"], {}, 5]}, {"store_ids": {5}}),
        ({"store_ids": [{"id": 3}]}, {"store_ids": None}),
        ({"store_ids": [True, -1, 2.0]}, {"store_ids": None}),
        ({"refund_rule": "days", "refund_days": 10**6}, {"refund_rule": "anytime"}),
        ({"refund_rule": "days", "refund_days": "7"}, {"refund_rule": "anytime"}),
        ({"refund_rule": "days", "refund_days": 32_767}, {"refund_days": 32_767}),
        ({"validity_days": 10**9}, {"validity_days": 90}),
        ({"refund_on_expiry": "no"}, {"refund_on_expiry": True}),
        ({"notes": 5, "list_price_fen": 88_800}, {"list_price_fen": 88_800}),
        ({"notes": 5, "list_price_fen": "free"}, {"list_price_fen": 0}),
    ],
)
def test_a_right_that_cannot_be_read_is_read_for_the_customer(bought, parts, read) -> None:
    bought.terms.body |= parts
    terms = terms_of(bought)
    assert {name: getattr(terms, name) for name in read} == read
