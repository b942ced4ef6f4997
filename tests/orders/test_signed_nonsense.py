"""A signature proves who wrote a message, not that it makes sense."""

from __future__ import annotations

import json
from typing import Any

import pytest

from payments.errors import BadNotification
from payments.models import GatewayEvent, ReconciliationException
from payments.sandbox.signing import sign
from tests.factories import make_order
from tests.races.books import begin_payment, deliver, press

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        {"amount_fen": 2**70},
        {"amount_fen": -1},
        {"amount_fen": True},
        {"amount_fen": "5000"},
        {"event_id": ""},
        {"event_id": "e" * 97},
        {"event_id": "a\x00b"},
        {"out_trade_no": None},
        {"out_trade_no": ["P1"]},
        {"currency": "YUAN"},
        {"kind": "present"},
        {"state": "richer"},
        {"occurred_at": "0001-01-01T00:00:00+00:00"},
        {"occurred_at": "9999-12-31T23:59:59+00:00"},
        {"occurred_at": "2026-05-01T00:00:00"},
    ],
    ids=repr,
)
def test_a_signed_message_without_sense_is_refused_before_anything_is_written(
    change: dict[str, Any],
) -> None:
    message = press(begin_payment(make_order()))
    body = json.dumps(json.loads(message[1]) | change).encode()
    with pytest.raises(BadNotification):
        deliver((sign(body), body))
    assert not GatewayEvent.objects.exists()
    assert deliver(message) == "paid"


def test_a_signed_message_nested_too_deeply_is_refused() -> None:
    body = b"[" * 100_000
    with pytest.raises(BadNotification):
        deliver((sign(body), body))


def test_one_trade_of_the_gateway_pays_one_order() -> None:
    first, second = press(begin_payment(make_order())), press(begin_payment(make_order()))
    assert deliver(first) == "paid"
    number = json.loads(first[1])["gateway_number"]
    body = json.dumps(json.loads(second[1]) | {"gateway_number": number}).encode()
    assert deliver((sign(body), body)) == "amount_mismatch"
    assert ReconciliationException.objects.filter(state="open").count() == 1
    body = json.dumps(json.loads(second[1]) | {"event_id": "the-right-one"}).encode()
    assert deliver((sign(body), body)) == "paid"
