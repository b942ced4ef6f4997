"""Rounding never makes or loses a fen (kernel/money.py, docs/money.md)."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import (
    MAX_AMOUNT_FEN,
    MAX_YUAN,
    apply_rate,
    cumulative_share,
    fen_to_yuan,
    share,
    spread,
    yuan_to_fen,
)

fen = st.integers(min_value=0, max_value=MAX_AMOUNT_FEN)
parts = st.integers(min_value=1, max_value=500)
rates = st.decimals(min_value=0, max_value=1, places=4)


@given(total_fen=fen, parts=parts)
def test_all_shares_together_are_exactly_the_total(total_fen: int, parts: int) -> None:
    assert sum(share(total_fen, use, 1, parts) for use in range(parts)) == total_fen


@given(total_fen=fen, parts=parts, data=st.data())
def test_any_cut_of_the_uses_gives_the_same_total(
    total_fen: int, parts: int, data: st.DataObject
) -> None:
    """Redeem 3, then 1, then the rest: it never matters how the uses are grouped."""
    cuts = sorted(data.draw(st.sets(st.integers(0, parts), max_size=8)) | {0, parts})
    values = [
        share(total_fen, start, end - start, parts) for start, end in itertools.pairwise(cuts)
    ]
    assert sum(values) == total_fen
    assert all(value >= 0 for value in values)


@given(total_fen=fen, parts=parts, data=st.data())
def test_one_use_is_worth_its_equal_part_within_a_fen(
    total_fen: int, parts: int, data: st.DataObject
) -> None:
    use = data.draw(st.integers(0, parts - 1))
    assert abs(share(total_fen, use, 1, parts) - Decimal(total_fen) / parts) < 1


@given(value_fen=fen, uses=parts, data=st.data())
def test_value_returned_and_value_kept_are_the_value_redeemed(
    value_fen: int, uses: int, data: st.DataObject
) -> None:
    """A redemption is taken back in parts by the same rule, over its own value."""
    returned = data.draw(st.integers(0, uses))
    back = cumulative_share(value_fen, returned, uses)
    assert back + share(value_fen, returned, uses - returned, uses) == value_fen


@pytest.mark.parametrize(("used", "of"), [(-1, 3), (4, 3), (0, 0)])
def test_shares_that_do_not_exist_are_refused(used: int, of: int) -> None:
    with pytest.raises(ValueError, match="cannot take"):
        cumulative_share(100, used, of)


@given(amount_fen=fen, rate=rates)
def test_a_rate_is_within_half_a_fen_and_never_more_than_the_amount(
    amount_fen: int, rate: Decimal
) -> None:
    commission_fen = apply_rate(amount_fen, rate)
    assert abs(commission_fen - amount_fen * rate) <= Decimal("0.5")
    assert 0 <= commission_fen <= amount_fen


@pytest.mark.parametrize(
    ("amount_fen", "rate", "commission_fen"),
    [(50, "0.01", 1), (49, "0.01", 0), (150, "0.01", 2), (10_000, "0.0500", 500), (1, "1", 1)],
)
def test_half_a_fen_goes_up(amount_fen: int, rate: str, commission_fen: int) -> None:
    assert apply_rate(amount_fen, Decimal(rate)) == commission_fen


@given(amount_fen=st.integers(-MAX_AMOUNT_FEN, MAX_AMOUNT_FEN))
def test_yuan_and_back(amount_fen: int) -> None:
    assert yuan_to_fen(str(fen_to_yuan(amount_fen))) == amount_fen


@pytest.mark.parametrize("text", ["2.555", "0.001", "1e-3"])
def test_a_third_decimal_is_refused_not_rounded(text: str) -> None:
    with pytest.raises(ValueError, match="more than two decimals"):
        yuan_to_fen(text)


def test_yuan_as_people_and_gateways_write_it() -> None:
    assert [yuan_to_fen(text) for text in ("2.55", " 2.5 ", "0", "-0.06", "1000000")] == [
        255,
        250,
        0,
        -6,
        100_000_000,
    ]


@pytest.mark.parametrize(
    "text",
    ["6" * 41, "3" * 5000, "1e20", "-1e400", f"1.{'0' * 60}1", "1e-1000", str(2**63 // 100 + 1)],
)
def test_an_amount_that_nothing_holds_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        yuan_to_fen(text)


def test_no_digit_of_an_amount_is_rounded_away_unseen() -> None:
    with pytest.raises(ValueError, match="more than two decimals"):
        yuan_to_fen(f"12345678901234.{'0' * 20}1")
    assert yuan_to_fen(str(MAX_YUAN)) == MAX_YUAN * 100


some_weights = st.lists(st.integers(0, 10**10), min_size=1, max_size=40).filter(any)


@given(total_fen=fen, weights=some_weights)
def test_what_is_spread_adds_up_and_each_part_is_within_a_fen_of_its_exact_share(
    total_fen: int, weights: list[int]
) -> None:
    found = spread(total_fen, weights)
    assert sum(found) == total_fen
    assert min(found) >= 0
    for part, weight in zip(found, weights, strict=True):
        assert abs(part - Fraction(total_fen * weight, sum(weights))) < 1


@given(weights=some_weights, data=st.data())
def test_no_part_is_above_its_weight_while_the_total_is_not_above_them_all(
    weights: list[int], data: st.DataObject
) -> None:
    found = spread(data.draw(st.integers(0, sum(weights))), weights)
    assert all(part <= weight for part, weight in zip(found, weights, strict=True))


def test_a_sum_is_spread_by_the_largest_remainder() -> None:
    assert spread(10, [1, 1, 1]) == [4, 3, 3]
    assert spread(100, [97, 2, 1]) == [97, 2, 1]
    assert spread(5, [3, 0, 3]) == [3, 0, 2]
    assert spread(2, [0, 0]) == [1, 1]
    assert spread(0, [5]) == [0]


@pytest.mark.parametrize(("fen", "weights"), [(-1, [1]), (1, []), (1, [2, -1])])
def test_what_cannot_be_spread_is_refused(fen: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot spread"):
        spread(fen, weights)
