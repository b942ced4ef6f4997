from __future__ import annotations

import datetime as dt

import pytest

from kernel import clock
from payments.errors import BadBill, BillNotReady
from payments.gateways.base import get_gateway
from payments.models import SandboxTrade
from payments.services.refunds import send_refund
from tests.payments.books import ask_refund, make_paid_payment, shanghai

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 5, 1)
NEXT = dt.date(2026, 5, 2)


def _bill(day: dt.date = DAY) -> bytes:
    with clock.at(shanghai(dt.date(2026, 5, 3), 10)):
        return get_gateway("sandbox").download_bill(day=day)


def _rows(content: bytes) -> list:
    return list(get_gateway("sandbox").parse_bill(content=content))


def _pay_at(hour: int, minute: int = 0, *, amount_fen: int = 10_000, day: dt.date = DAY):
    with clock.at(shanghai(day, hour, minute)):
        return make_paid_payment(amount_fen=amount_fen)


def test_a_day_is_a_day_in_shanghai() -> None:
    inside = [_pay_at(0), _pay_at(23, 59)]
    _pay_at(0, day=NEXT)
    assert [row.our_number for row in _rows(_bill())] == [payment.number for payment in inside]


def test_lines_tell_numbers_amount_fee_and_time() -> None:
    payment = _pay_at(12, amount_fen=12_345)
    row = _rows(_bill())[0]
    assert (row.kind, row.our_number, row.amount_fen) == ("payment", payment.number, 12_345)
    assert row.gateway_number == payment.gateway_trade_no
    assert row.fee_fen == 74  # 0.6 % of 123.45 yuan is 74.07 fen
    assert row.occurred_at == payment.succeeded_at


@pytest.mark.parametrize(
    ("amount_fen", "fee_fen"), [(1, 0), (83, 0), (84, 1), (250, 2), (10_000, 60)]
)
def test_the_fee_is_six_per_mille_half_a_fen_up(amount_fen: int, fee_fen: int) -> None:
    _pay_at(12, amount_fen=amount_fen)
    assert _rows(_bill())[0].fee_fen == fee_fen


def test_a_refund_stands_on_the_day_it_was_done_and_gives_its_fee_back() -> None:
    payment = _pay_at(12)
    with clock.at(shanghai(NEXT, 9)):
        refund = ask_refund(payment, amount_fen=5_000)
        send_refund(refund_id=refund.pk)
    assert [row.kind for row in _rows(_bill())] == ["payment"]
    row = _rows(_bill(NEXT))[0]
    assert (row.kind, row.our_number) == ("refund", refund.number)
    assert (row.amount_fen, row.fee_fen) == (5_000, -30)


def test_what_was_not_paid_is_not_on_the_bill() -> None:
    _pay_at(12)
    SandboxTrade.objects.update(state="closed")
    assert _rows(_bill()) == []


def test_there_is_no_bill_before_the_day_is_over() -> None:
    with clock.at(shanghai(DAY, 23, 59)), pytest.raises(BillNotReady):
        get_gateway("sandbox").download_bill(day=DAY)


def test_the_same_day_gives_the_same_file() -> None:
    _pay_at(12)
    assert _bill() == _bill()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"100.00", b"99.00"),
        (b"0.60", b"0.61"),
        (b"payment,", b"present,"),
        (b"Kind,", b"Sort,"),
        (b"100.00", b"100.001"),
        (b"2026-05-01 12", b"yesterday 12"),
        (b"Total lines", b""),
    ],
)
def test_a_damaged_bill_is_refused_whole(old: bytes, new: bytes) -> None:
    _pay_at(12)
    content = _bill()
    assert old in content
    with pytest.raises(BadBill):
        _rows(content.replace(old, new, 1))


def test_a_bill_cut_short_is_refused() -> None:
    _pay_at(12)
    _pay_at(13)
    lines = _bill().splitlines(keepends=True)
    for broken in (b"", lines[0], b"".join(lines[:-1]), b"".join([lines[0], *lines[2:]])):
        with pytest.raises(BadBill):
            _rows(broken)


def test_a_number_that_stands_there_twice_is_refused() -> None:
    _pay_at(12)
    head, line, summary, totals = _bill().splitlines(keepends=True)
    totals = totals.replace(b"1,", b"2,").replace(b"100.00", b"200.00").replace(b"0.60", b"1.20")
    with pytest.raises(BadBill) as refused:
        _rows(b"".join([head, line, line, summary, totals]))
    assert "twice" in refused.value.extra["reason"]
