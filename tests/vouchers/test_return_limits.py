"""After-sales: what a merchant's own people take back, and what only the platform does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kernel.clock import at, now
from payments.services import moves, postings
from stores.errors import NotTrading
from stores.models import Merchant
from tests.factories import Cast, make_product
from tests.vouchers.counter import sell_one
from vouchers.errors import ReturnBeyondLimits
from vouchers.models import Redemption
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import return_redeemed


def visit(people: Cast, pieces: int = 1, **fields: Any) -> Redemption:
    voucher = sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)
    return redeem_voucher(
        staff=people.clerk, store_id=people.store.pk, code=voucher.code, uses=pieces
    )


def take_back(redemption: Redemption, by: Any, uses: int = 1) -> Any:
    return return_redeemed(redemption_id=redemption.pk, uses=uses, requested_by=by)


def paid_out(people: Cast, amount_fen: int) -> None:
    """What was owed has left the payable account, as a statement takes it."""
    postings.settle(
        statement_number=f"T{amount_fen}",
        merchant_id=people.merchant.pk,
        net_fen=amount_fen,
        owed=[moves.Owed("sandbox", amount_fen)],
    )


def test_a_visit_of_thirty_days_ago_still_comes_back_an_older_one_only_by_the_platform(
    people: Cast,
) -> None:
    redemption, later = visit(people), visit(people)
    with at(redemption.redeemed_at + dt.timedelta(days=30)):
        take_back(redemption, people.owner)
    with at(later.redeemed_at + dt.timedelta(days=30, seconds=1)):
        for person in (people.owner, people.teammate):
            with pytest.raises(ReturnBeyondLimits) as refused:
                take_back(later, person)
            assert refused.value.extra == {"limit": "age"}
            assert "write to us" in str(refused.value)
        later.refresh_from_db()
        assert (later.returned_uses, later.released_at) == (0, None)
        assert take_back(later, people.operator).value_fen == later.value_fen


def test_the_amount_of_a_case_counts_all_its_returns(people: Cast) -> None:
    """Five uses of ¥1,250 each: four are ¥5,000, the fifth is more."""
    redemption = visit(people, pieces=5, kind="times_card", uses=5, price_fen=625_000)
    take_back(redemption, people.owner, uses=4)
    with pytest.raises(ReturnBeyondLimits) as refused:
        take_back(redemption, people.owner)
    assert refused.value.extra == {"limit": "amount"}
    take_back(redemption, people.operator)


def test_never_more_than_the_merchant_is_owed(people: Cast) -> None:
    """10,000 less 600 commission were paid out; a second visit of 5,000 covers no 10,000."""
    old = visit(people, price_fen=10_000)
    visit(people, price_fen=5_000)
    paid_out(people, 9_400)
    with pytest.raises(ReturnBeyondLimits) as refused:
        take_back(old, people.owner)
    assert refused.value.extra == {"limit": "balance"}
    assert "of yours that is on no statement yet" in str(refused.value)
    visit(people, price_fen=5_000)
    take_back(old, people.owner)


def test_the_platform_goes_beyond_the_balance(people: Cast) -> None:
    old = visit(people, price_fen=10_000)
    paid_out(people, 9_400)
    with pytest.raises(ReturnBeyondLimits):
        take_back(old, people.teammate)
    assert take_back(old, people.operator).value_fen == 10_000


def test_the_settings_move_the_limits(people: Cast, settings: Any) -> None:
    settings.RETURN_DAYS, settings.RETURN_MAX_FEN = 1, 1_000
    redemption = visit(people, price_fen=1_001)
    with pytest.raises(ReturnBeyondLimits):
        take_back(redemption, people.owner)
    cheap = visit(people, price_fen=900)
    with at(now() + dt.timedelta(days=2)), pytest.raises(ReturnBeyondLimits):
        take_back(cheap, people.owner)


def test_a_suspended_business_takes_nothing_back_the_platform_does(people: Cast) -> None:
    redemption = visit(people)
    Merchant.objects.filter(pk=people.merchant.pk).update(state="suspended")
    with pytest.raises(NotTrading):
        take_back(redemption, people.owner)
    assert take_back(redemption, people.operator).uses == 1
