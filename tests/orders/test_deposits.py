"""Deposit, then balance; vouchers that cost nothing; rebates; what ends together is one refund."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from kernel.clock import at, now
from kernel.watch.models import Incident
from orders.errors import DepositNotAPart, OrderClosed
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.deposits import Deposit
from orders.services.pay import prepare_payment
from orders.services.place import place_order
from orders.tasks import time_out_orders
from payments.models import Payment, Refund, SandboxRefund
from payments.sandbox.signing import sign
from payments.services.refunds import send_refund
from tests.factories import cast, make_order, make_product, offer_of, pay_order, redeem
from tests.orders.payers import accounts, broken, buy, delivery, discounted, vouchers_of
from tests.races.books import begin_payment, deliver, press
from vouchers.errors import NotRefundable, RebateTooLate
from vouchers.models import Rebate, Voucher
from vouchers.services.balance import rebate_voucher
from vouchers.services.expire import expire_due, expire_voucher
from vouchers.services.refund import finish_refund, refund_voucher, return_redeemed
from vouchers.services.sold import GivenBack, count_sold, take_off_sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Any:
    return cast()


def ordered(people: Any, *, quantity: int = 1, deposit: int = 1_000, **product: Any) -> Order:
    product.setdefault("price_fen", 5_000)
    goods = make_product(merchant=people.merchant, stores=[people.store], **product)
    return make_order(people.buyer, offer_of(goods), quantity, deposit_fen=deposit)


def refreshed(*vouchers: Voucher) -> list[Voucher]:
    for voucher in vouchers:
        voucher.refresh_from_db()
    return list(vouchers)


# Deposit and balance


@pytest.mark.parametrize("deposit_fen", [-1, 5_000, 5_600, 9_000])
def test_a_deposit_that_is_no_part_of_the_goods_is_refused(people: Any, deposit_fen: int) -> None:
    goods = make_product(merchant=people.merchant, stores=[people.store], price_fen=5_000)
    with pytest.raises(DepositNotAPart), transaction.atomic():
        make_order(
            people.buyer,
            offer_of(goods),
            deposit_fen=deposit_fen,
            fees=[delivery("platform", 600)],  # comes with the balance
        )
    assert not Order.objects.exists()


def test_the_balance_is_due_after_the_deposit(people: Any) -> None:
    offer = offer_of(make_product(merchant=people.merchant, stores=[people.store]))
    with pytest.raises(DepositNotAPart), transaction.atomic():
        place_order(
            buyer=people.buyer,
            lines=[(offer.pk, 1)],
            deposit=Deposit(1_000, now() + dt.timedelta(minutes=1)),
        )


def test_an_order_with_a_deposit_costs_no_statement_more(people: Any) -> None:
    offer = offer_of(make_product(merchant=people.merchant, stores=[people.store]))
    counts = []
    for deposit_fen in (0, 0, 1_000):  # the first prepares what is asked for
        with CaptureQueriesContext(connection) as asked:
            make_order(people.buyer, offer, deposit_fen=deposit_fen)
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_a_deposit_holds_the_vouchers_until_the_balance_is_paid(people: Any) -> None:
    order = pay_order(ordered(people, quantity=3, deposit=1_000))
    vouchers = vouchers_of(order)
    assert order.state == "deposit"
    assert {row.state for row in vouchers} == {"held"}
    assert [row.received_fen for row in vouchers] == [334, 333, 333]
    assert accounts(*vouchers) == {f"escrow merchant:{people.merchant.pk}": -1_000}
    assert broken() == []

    order = pay_order(order)
    vouchers = refreshed(*vouchers)
    assert order.state == "paid" and order.paid_at
    assert {(row.state, row.held_for, row.received_fen) for row in vouchers} == {
        ("active", "", 5_000)
    }
    payments = Payment.objects.filter(reference=order.number).order_by("pk")
    assert list(payments.values_list("purpose", "amount_fen")) == [
        ("deposit", 1_000),
        ("balance", 14_000),
    ]
    redeem(vouchers[0], store=people.store, staff=people.clerk)
    assert broken() == []


def test_a_voucher_becomes_valid_when_it_is_paid_and_not_before(people: Any) -> None:
    order = pay_order(ordered(people, validity_days=30))
    (voucher,) = vouchers_of(order)
    assert voucher.valid_until == order.balance_until
    with at(now() + dt.timedelta(days=5)):
        pay_order(order)
        (voucher,) = refreshed(voucher)
        assert (voucher.valid_until - now()).days >= 30


@pytest.mark.parametrize(("pays_back", "account"), [(True, "refund_due"), (False, "payable")])
def test_a_balance_that_is_not_paid_in_time_ends_the_order_by_its_frozen_terms(
    people: Any, pays_back: bool, account: str
) -> None:
    order = ordered(people, refund_on_expiry=pays_back, refund_rule="none")
    order = pay_order(order)
    (voucher,) = vouchers_of(order)
    with at(order.balance_until + dt.timedelta(seconds=1)):
        with pytest.raises(OrderClosed), transaction.atomic():
            prepare_payment(buyer=people.buyer, number=order.number, gateway="sandbox")
        assert time_out_orders() == 1
        assert broken() == []
        with pytest.raises(RebateTooLate):  # it would be usable again
            rebate_voucher(voucher_id=voucher.pk, amount_fen=4_000)
        assert expire_due() == 1
    order.refresh_from_db()
    assert order.state == "timed_out"
    moved = accounts(voucher)
    assert moved.pop("commission", 0) <= 0
    assert {name.partition(" ")[0] for name in moved} == {account}
    assert broken() == []


def test_a_balance_that_comes_too_late_goes_back(people: Any) -> None:
    order = pay_order(ordered(people))
    message = press(begin_payment(order))
    with at(order.balance_until + dt.timedelta(seconds=1)):
        time_out_orders()
        expire_due()
        body = message[1]
        assert deliver((sign(body), body)) == "late"
    assert Refund.objects.filter(reason="late_payment", amount_fen=4_000).exists()
    assert broken() == []


def test_a_balance_that_is_not_what_is_missing_any_more_goes_back_whole(people: Any) -> None:
    order = pay_order(ordered(people, quantity=2))
    first, second = vouchers_of(order)
    message = press(begin_payment(order))
    refund_voucher(owner=people.buyer, voucher_id=first.pk)
    assert Refund.objects.get().amount_fen == 500
    assert deliver(message) == "late"
    pay_order(order)
    first, second = refreshed(first, second)
    assert (first.state, second.state) == ("refunding", "active")
    balance = Payment.objects.filter(purpose="balance").latest("pk")
    assert balance.amount_fen == 4_500
    assert broken() == []


def test_a_voucher_that_is_sent_back_closes_the_payment_of_the_balance_it_was_part_of(
    people: Any,
) -> None:
    order = pay_order(ordered(people, quantity=2))
    first, second = vouchers_of(order)
    asked = begin_payment(order)
    assert asked.amount_fen == 9_000
    refund_voucher(owner=people.buyer, voucher_id=first.pk)
    asked.refresh_from_db()
    assert asked.state == "closed"
    assert begin_payment(order).amount_fen == 4_500
    first, second = refreshed(first, second)
    assert (first.missing_fen, second.missing_fen) == (0, 4_500), "nobody owes what was sent back"


def test_an_order_waits_with_one_payment_for_each_purpose(people: Any) -> None:
    order = ordered(people)
    older = begin_payment(order)
    assert begin_payment(order) == older
    discounted(order, ("platform", 500))
    assert begin_payment(order) == older  # the deposit is what it was
    Payment.objects.filter(pk=older.pk).update(amount_fen=2_000)
    newer = begin_payment(order)
    older.refresh_from_db()
    assert (older.state, newer.state, newer.amount_fen) == ("closed", "created", 1_000)
    assert begin_payment(order) == newer


def test_a_deposit_ends_an_order_s_way_out_by_cancelling(people: Any) -> None:
    order = pay_order(ordered(people))
    with pytest.raises(Exception, match="paid"):
        cancel_order(buyer=people.buyer, number=order.number)


def test_both_tenders_go_back_and_the_voucher_is_refunded_when_both_are(people: Any) -> None:
    order = pay_order(pay_order(ordered(people)))
    (voucher,) = vouchers_of(order)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    first, second = Refund.objects.order_by("pk")
    assert (first.amount_fen, second.amount_fen) == (1_000, 4_000)
    send_refund(refund_id=first.pk)
    assert finish_refund(refund_id=first.pk) == 0
    assert refreshed(voucher)[0].state == "refunding"
    send_refund(refund_id=second.pk)
    assert finish_refund(refund_id=second.pk) == 1
    assert refreshed(voucher)[0].state == "refunded"
    assert broken() == []


# Rebates


def test_a_rebate_goes_back_out_of_the_last_tender_first(people: Any) -> None:
    order = pay_order(pay_order(ordered(people)))
    (voucher,) = vouchers_of(order)
    rebate_voucher(voucher_id=voucher.pk, amount_fen=4_500)
    rebates = Rebate.objects.order_by("pk").values_list("component__purpose", "amount_fen")
    assert list(rebates) == [("balance", 4_000), ("deposit", 500)]
    (voucher,) = refreshed(voucher)
    assert (voucher.paid_fen, voucher.value_fen, voucher.received_fen) == (500, 500, 500)
    assert broken() == []
    redeem(voucher, store=people.store, staff=people.clerk)
    assert broken() == []


def test_a_rebate_lowers_an_open_balance_before_anything_goes_back(people: Any) -> None:
    order = pay_order(ordered(people))
    (voucher,) = vouchers_of(order)
    asked = begin_payment(order)
    rebate_voucher(voucher_id=voucher.pk, amount_fen=700)
    asked.refresh_from_db()
    assert asked.state == "closed" and not Refund.objects.exists()
    order = pay_order(order)
    assert order.state == "paid"
    assert Payment.objects.latest("pk").amount_fen == 3_300
    assert broken() == []


def test_a_rebate_of_a_whole_balance_makes_the_voucher_usable(people: Any) -> None:
    order = pay_order(ordered(people))
    (voucher,) = vouchers_of(order)
    rebate_voucher(voucher_id=voucher.pk, amount_fen=4_000)
    assert refreshed(voucher)[0].state == "active"
    assert broken() == []


def test_an_order_is_paid_where_only_some_of_its_vouchers_end_with_the_balance(
    people: Any,
) -> None:
    order = pay_order(ordered(people, quantity=2))
    first, second = vouchers_of(order)
    rebate_voucher(voucher_id=first.pk, amount_fen=4_500)
    with at(order.balance_until + dt.timedelta(seconds=1)):
        assert time_out_orders() == 1
        order.refresh_from_db()
        assert order.state == "paid"
        assert [row.state for row in refreshed(first, second)] == ["active", "held"]
        assert broken() == []
        Order.objects.filter(pk=order.pk).update(paid_at=now() - dt.timedelta(hours=1))
        assert [code for code, *_rest in broken()] == ["order_paid_exactly"]
        Order.objects.filter(pk=order.pk).update(paid_at=now())
        assert expire_due() == 1
    assert broken() == []


def test_a_voucher_in_use_gets_no_cheaper(people: Any) -> None:
    card = make_product(merchant=people.merchant, kind="times_card", uses=2, price_fen=200)
    (voucher,) = buy(buyer=people.buyer, offer=offer_of(card))
    with pytest.raises(RebateTooLate):
        rebate_voucher(voucher_id=voucher.pk, amount_fen=201)
    redeem(voucher, store=people.store, staff=people.clerk)
    with pytest.raises(RebateTooLate):
        rebate_voucher(voucher_id=voucher.pk, amount_fen=1)
    with pytest.raises(ValueError, match="takes nothing off"):
        rebate_voucher(voucher_id=voucher.pk, amount_fen=0)
    assert not Rebate.objects.exists()


# Nothing to pay


def test_an_order_that_costs_nothing_is_paid_at_once_and_used_like_any_other(
    people: Any,
) -> None:
    product = make_product(merchant=people.merchant, price_fen=5_000, stock=3)
    (voucher,) = buy(("platform", 5_000), buyer=people.buyer, offer=offer_of(product))
    order = Order.objects.get()
    assert (order.state, order.total_fen, order.payment) == ("paid", 0, None)
    assert (voucher.paid_fen, voucher.value_fen, voucher.state) == (0, 5_000, "active")
    assert broken() == []
    redemption = redeem(voucher, store=people.store, staff=people.clerk)
    assert accounts(voucher)["promotions"] == 5_000
    taken = return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=None)
    assert taken.value_fen == 5_000 and not Refund.objects.exists()
    assert accounts(voucher) == {}
    assert broken() == []


def test_a_refund_of_nothing_returns_the_stock_and_needs_no_gateway(people: Any) -> None:
    product = make_product(merchant=people.merchant, price_fen=5_000, stock=3)
    own = f"merchant:{people.merchant.pk}"
    (voucher,) = buy((own, 5_000), buyer=people.buyer, offer=offer_of(product))
    assert voucher.value_fen == 0 and product.variants.get().stock.available == 2
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    assert refreshed(voucher)[0].state == "refunded"
    assert product.variants.get().stock.available == 3
    assert not Refund.objects.exists()
    with pytest.raises(NotRefundable):
        refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    assert broken() == []


# Together


def test_vouchers_of_a_payment_that_expire_together_are_one_refund(
    people: Any, drain: Callable[..., int]
) -> None:
    product = make_product(merchant=people.merchant, price_fen=100, stock=200, validity_days=3)
    vouchers = buy(buyer=people.buyer, offer=offer_of(product), quantity=60)
    with at(now() + dt.timedelta(days=5)):
        assert expire_voucher(voucher_id=vouchers[7].pk) == 60
    drain()
    drain()
    refund = Refund.objects.get()
    assert (refund.amount_fen, refund.parts.count(), refund.state) == (6_000, 60, "succeeded")
    assert SandboxRefund.objects.count() == 1
    assert {row.state for row in refreshed(*vouchers)} == {"refunded"}
    assert product.variants.get().stock.available == 200
    assert broken() == []


def test_a_refund_that_is_refused_for_all_goes_back_for_those_it_can(people: Any) -> None:
    product = make_product(merchant=people.merchant, price_fen=100, validity_days=3)
    vouchers = buy(buyer=people.buyer, offer=offer_of(product), quantity=3)
    Payment.objects.update(refunded_fen=200)  # as a hand in the database has left it
    with at(now() + dt.timedelta(days=5)):
        assert expire_due() == 1
    assert sorted(row.state for row in refreshed(*vouchers)) == ["active", "active", "refunding"]
    assert Incident.objects.filter(kind="vouchers.expire").count() == 2


def test_the_sold_are_counted_and_taken_off_in_so_many_queries_whatever_their_number(
    people: Any,
) -> None:
    def queries(quantity: int) -> tuple[int, int]:
        product = make_product(merchant=people.merchant, price_fen=100, stock=200)
        buy(buyer=people.buyer, offer=offer_of(product), quantity=quantity)
        vouchers = list(Voucher.objects.filter(product=product))
        with CaptureQueriesContext(connection) as counted, transaction.atomic():
            assert count_sold(order_numbers=[vouchers[0].order_number])
        with CaptureQueriesContext(connection) as taken_off, transaction.atomic():
            take_off_sold([GivenBack(voucher, 1, 0) for voucher in vouchers])
        return len(counted), len(taken_off)

    assert queries(1) == queries(40)


def test_the_gateway_refuses_more_refunds_of_a_payment_than_it_takes(
    people: Any, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.sandbox.services.REFUNDS_PER_TRADE", 2)
    product = make_product(merchant=people.merchant, price_fen=100)
    for voucher in buy(buyer=people.buyer, offer=offer_of(product), quantity=3):
        refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    drain()
    states = Refund.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["succeeded", "succeeded", "failed"]
    assert broken() == []


# The buyer's pages


def test_the_order_s_page_asks_for_the_deposit_and_then_for_the_balance(
    people: Any, client: Client
) -> None:
    client.force_login(people.buyer)
    order = ordered(people, deposit=1_000)
    pages = [
        reverse("order_detail", args=[order.number]),
        reverse("order_pay", args=[order.number]),
    ]

    def asked() -> list[set[str]]:
        html = [client.get(page).content.decode() for page in pages]
        return [set(re.findall(r"Pay (¥[\d,.]+)", text)) for text in html]

    assert asked() == [{"¥10"}, {"¥10"}]
    order = pay_order(order)
    assert asked() == [{"¥40"}, {"¥40"}]
    assert reverse("order_cancel", args=[order.number]) not in client.get(pages[0]).content.decode()
    pay_order(order)
    assert asked() == [set(), set()]


def get(people: Any, path: str) -> Any:
    """The buyer's answer of the API."""
    api = APIClient()
    api.force_authenticate(people.buyer)
    return api.get(f"/api/v1/{path}").json()


@pytest.mark.parametrize(
    ("pays_back", "outcome", "words"),
    [
        (True, "refunded", "The deposit of ¥10 goes back the way you paid."),
        (False, "kept", "The deposit of ¥10 stays with the merchant, as the terms said."),
    ],
)
def test_an_order_that_was_not_paid_in_time_says_what_became_of_its_deposit(
    people: Any, client: Client, pays_back: bool, outcome: str, words: str
) -> None:
    client.force_login(people.buyer)
    order = pay_order(ordered(people, refund_on_expiry=pays_back, refund_rule="none"))
    page = reverse("order_detail", args=[order.number])
    assert get(people, f"orders/{order.number}")["deposit_outcome"] is None
    with at(order.balance_until + dt.timedelta(seconds=1)):
        time_out_orders()
        assert get(people, f"orders/{order.number}")["deposit_outcome"] is None, "not ended yet"
        expire_due()
        assert get(people, f"orders/{order.number}")["deposit_outcome"] == outcome
        assert words in client.get(page).content.decode()


def test_an_order_that_was_never_paid_has_no_deposit_to_speak_of(people: Any) -> None:
    order = ordered(people)
    with at(order.expires_at + dt.timedelta(seconds=1)):
        time_out_orders()
        body = get(people, f"orders/{order.number}")
    assert (body["standing"], body["deposit_outcome"]) == ("timed_out", None)


def test_a_held_voucher_tells_what_was_paid_of_it_and_what_is_missing(people: Any) -> None:
    order = pay_order(ordered(people, quantity=2, deposit=1_000))
    (voucher, _second) = vouchers_of(order)
    told = get(people, f"vouchers/{voucher.pk}")
    assert (told["state"], told["paid_fen"], told["missing_fen"]) == ("held", 500, 4_500)
    pay_order(order)
    told = get(people, f"vouchers/{voucher.pk}")
    assert (told["state"], told["paid_fen"], told["missing_fen"]) == ("active", 5_000, 0)
