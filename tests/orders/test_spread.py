"""Spreading by largest remainder: exact, the same every time, never below zero."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.pricing.spread import spread, spread_line

amounts = st.integers(0, 10**12)
some_weights = st.lists(st.integers(0, 10**10), min_size=1, max_size=40).filter(any)


@given(amount_fen=amounts, weights=some_weights)
def test_the_parts_add_up_and_each_is_within_a_fen_of_its_exact_share(
    amount_fen: int, weights: list[int]
) -> None:
    parts = spread(amount_fen, weights)
    assert sum(parts) == amount_fen
    assert min(parts) >= 0
    assert parts == spread(amount_fen, weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount_fen * weight, sum(weights))) < 1


@given(weights=some_weights, data=st.data())
def test_no_part_is_above_its_weight_while_the_amount_is_not_above_them_all(
    weights: list[int], data: st.DataObject
) -> None:
    amount_fen = data.draw(st.integers(0, sum(weights)))
    parts = spread(amount_fen, weights)
    assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


def test_the_fen_left_over_goes_to_the_largest_remainder_and_of_equal_ones_to_the_first() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(10, [55, 25, 20]) == [6, 2, 2]  # 5.5, 2.5, 2: the first of the equal halves
    assert spread(1, [1, 2, 2]) == [0, 1, 0]


@pytest.mark.parametrize(("amount_fen", "weights"), [(-1, [1]), (1, [2, -1]), (1, [0, 0]), (1, [])])
def test_what_cannot_be_spread_is_refused(amount_fen: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"never negative|nothing to spread"):
        spread(amount_fen, weights)


def test_nothing_is_spread_over_anything() -> None:
    assert spread(0, [0, 0]) == [0, 0]
    assert spread(0, []) == []


@given(
    unit_price_fen=st.integers(0, 10**7),
    pieces=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    data=st.data(),
)
def test_a_line_s_discounts_are_spread_exactly_and_no_voucher_costs_less_than_nothing(
    unit_price_fen: int, pieces: list[int], data: st.DataObject
) -> None:
    left, discounts = unit_price_fen * sum(pieces), []
    for _ in range(data.draw(st.integers(0, 5))):
        discounts.append(data.draw(st.integers(0, left)))
        left -= discounts[-1]
    vouchers = spread_line(unit_price_fen=unit_price_fen, pieces=pieces, discounts_fen=discounts)
    assert [voucher.gross_fen for voucher in vouchers] == [unit_price_fen * n for n in pieces]
    assert min(voucher.payable_fen for voucher in vouchers) >= 0
    for place, discount in enumerate(discounts):
        assert sum(voucher.discounts_fen[place] for voucher in vouchers) == discount
    assert sum(voucher.payable_fen for voucher in vouchers) == left


def test_two_discounts_of_a_fen_do_not_push_one_voucher_below_zero() -> None:
    first, second = spread_line(unit_price_fen=1, pieces=[1, 1], discounts_fen=[1, 1])
    assert (first.payable_fen, second.payable_fen) == (0, 0)


def test_more_discount_than_price_is_refused() -> None:
    with pytest.raises(ValueError, match="more than the line"):
        spread_line(unit_price_fen=100, pieces=[1, 1], discounts_fen=[150, 51])
