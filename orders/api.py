"""The REST API of orders and their payments."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.access import guessing
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField
from kernel.http.once import answer_once, answer_response, run_api_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from kernel.http.visits import trace_of
from kernel.idempotency.services import Answer
from members.models import User
from orders.access import orders_of
from orders.api_quotes import (
    QuoteAnswerOutput,
    QuoteInput,
    answer_body,
    read_ask,
    read_lines,
    read_stores,
    unknown_codes,
)
from orders.models import Fulfilment, Order, OrderLine
from orders.parts import Part, PartState, word_part
from orders.presentation import public_address
from orders.pricing.digest import MAX_LENGTH
from orders.pricing.quotes import amounts_of
from orders.selectors import OrderView, discounts_of, order_view, order_views, placed_view
from orders.services.cancel import cancel_order
from orders.services.pay import open_payment, prepare_payment
from orders.services.place import place_order
from orders.services.rules import SHOP
from orders.states import DepositOutcome, OrderState
from payments.access import find_payment_by_id
from payments.errors import PaymentClosed
from payments.models import Payment

_stamp = MomentField().to_representation


class OrderInput(QuoteInput):
    quote = serializers.CharField(
        max_length=MAX_LENGTH,
        required=False,
        allow_blank=True,
        help_text="The digest of the quote that the buyer agreed to; without it, today's price.",
    )


class OrderDiscountOutput(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    amount_fen = serializers.IntegerField()


class OrderLineOutput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=OrderLine.Kind.choices)
    offer = serializers.IntegerField(allow_null=True, help_text="Null for a fee.")
    product = serializers.IntegerField(allow_null=True, help_text="Null for a fee.")
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    list_price_fen = serializers.IntegerField()
    unit_price_fen = serializers.IntegerField()
    gross_fen = serializers.IntegerField(help_text="unit_price_fen × quantity.")
    discount_fen = serializers.IntegerField()
    discounts = OrderDiscountOutput(many=True, help_text="They add up to discount_fen.")
    payable_fen = serializers.IntegerField(help_text="gross_fen less discount_fen.")
    total_fen = serializers.IntegerField(help_text="The same as payable_fen; its older name.")
    received_fen = serializers.IntegerField(help_text="What has been paid of it, refunds aside.")
    refunded_fen = serializers.IntegerField(help_text="Sent back, or on its way back.")
    net_fen = serializers.IntegerField(help_text="received_fen less refunded_fen.")


class PartStoreOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    address = serializers.CharField()


class OrderPartOutput(serializers.Serializer[Any]):
    method = serializers.ChoiceField(choices=Fulfilment.Method.choices)
    merchant = serializers.IntegerField()
    store = PartStoreOutput(
        allow_null=True, help_text="Where it is collected; null: wherever its vouchers can be used."
    )
    ready_from = MomentField(allow_null=True)
    state = serializers.ChoiceField(choices=PartState.choices)
    detail = serializers.CharField(help_text="The state as a sentence.")
    pieces = serializers.IntegerField(help_text="Uses that its vouchers have in all.")
    done = serializers.IntegerField(help_text="Of these, used or collected.")
    offers = serializers.ListField(child=serializers.IntegerField())
    vouchers = serializers.ListField(child=serializers.IntegerField(), help_text="Voucher ids.")


class OrderOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=Order.State.choices)
    standing = serializers.ChoiceField(
        choices=OrderState.choices,
        help_text="The state as the buyer reads it: `refunded` once all vouchers of the order were "
        "sent back whole, of a paid one `completed` once none can be used any more and something "
        "was used or expired; `timed_out` from `expires_at` on.",
    )
    total_fen = serializers.IntegerField()
    received_fen = serializers.IntegerField(
        help_text="What has been paid, refunds aside: less than total_fen where a voucher was sent "
        "back, or got cheaper, before the balance."
    )
    refunded_fen = serializers.IntegerField(help_text="Sent back, or on its way back.")
    net_fen = serializers.IntegerField(help_text="received_fen less refunded_fen.")
    created_at = MomentField()
    expires_at = MomentField(
        help_text="Pay before this moment: the whole order, or its deposit where there is one."
    )
    deposit_fen = serializers.IntegerField(
        allow_null=True,
        help_text="What is paid first; null where all is paid at once. Start a payment again for "
        "the balance: it says how much is due.",
    )
    balance_until = MomentField(allow_null=True, help_text="Pay the balance before this moment.")
    deposit_outcome = serializers.ChoiceField(
        choices=DepositOutcome.choices,
        allow_null=True,
        help_text="What became of the deposit once the balance was not paid in time: `kept` by the "
        "merchant, `refunded`, or `part_refunded`, as the vouchers' terms say. Null otherwise.",
    )
    paid_at = MomentField(allow_null=True)
    lines = OrderLineOutput(many=True)
    vouchers = serializers.ListField(child=serializers.IntegerField(), help_text="Voucher ids.")
    parts = OrderPartOutput(many=True, help_text="What each store hands over.")


class PlacedOrderOutput(OrderOutput):
    answers = QuoteAnswerOutput(
        many=True,
        help_text="What became of every rule, coupon and code: applied, or why not. One that is "
        "unknown is told here and takes nothing off; send `quote` to be refused instead.",
    )


class PaymentInput(serializers.Serializer[Any]):
    gateway = serializers.CharField(max_length=16)


class PaymentOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    order = serializers.CharField()
    gateway = serializers.CharField()
    amount_fen = serializers.IntegerField()
    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=Payment.State.choices)
    expires_at = MomentField()
    pay_url = serializers.URLField(help_text="Send the customer here.")


def person(request: Request) -> User:
    """Who sent the request; the permission classes let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def order_body(view: OrderView) -> dict[str, Any]:
    """The JSON of one order. A plain function: nested serializers cost as much as the order."""
    order = view.order
    return {
        "number": order.number,
        "state": order.state,
        "standing": view.standing.value,
        "total_fen": order.total_fen,
        "received_fen": view.received_fen,
        "refunded_fen": view.refunded_fen,
        "net_fen": view.net_fen,
        "created_at": _stamp(order.created_at),
        "expires_at": _stamp(order.expires_at),
        "deposit_fen": order.deposit_fen,
        "balance_until": _stamp(order.balance_until) if order.balance_until else None,
        "deposit_outcome": view.deposit_outcome,
        "paid_at": _stamp(order.paid_at) if order.paid_at else None,
        "lines": [
            {
                "kind": line.kind,
                "offer": line.offer_id,
                "product": line.product_id,
                "title": line.title,
                **amounts_of(line),
                "discounts": [
                    {"label": part.label, "amount_fen": part.amount_fen}
                    for part in discounts_of(line)
                ],
                "total_fen": line.payable_fen,
                "received_fen": line.received_fen,
                "refunded_fen": line.refunded_fen,
                "net_fen": line.net_fen,
            }
            for line in view.lines
        ],
        "vouchers": view.voucher_ids,
        "parts": [_part_body(part) for part in view.parts],
    }


def _part_body(part: Part) -> dict[str, Any]:
    store = part.store
    return {
        "method": part.method,
        "merchant": part.merchant_id,
        "store": {"id": store.pk, "name": store.name, "address": store.address} if store else None,
        "ready_from": _stamp(part.ready_from) if part.ready_from else None,
        "state": part.state.value,
        "detail": word_part(part),
        "pieces": part.pieces,
        "done": part.done,
        "offers": part.offer_ids,
        "vouchers": part.voucher_ids,
    }


def payment_body(payment: Payment) -> dict[str, Any]:
    """The JSON of one payment; ``pay_url`` is filled in when it is open at its gateway."""
    return {
        "number": payment.number,
        "order": payment.reference,
        "gateway": payment.gateway,
        "amount_fen": payment.amount_fen,
        "currency": payment.currency,
        "state": payment.state,
        "expires_at": _stamp(payment.expires_at),
        "pay_url": "",
    }


class OrderCollection(GenericAPIView[Order]):
    """Orders of the signed-in person."""

    scope = {"GET": Scope.ORDERS_READ, "POST": Scope.ORDERS_WRITE}
    queryset = Order.objects.none()
    serializer_class = OrderOutput

    @extend_schema(operation_id="orders_list", responses=OrderOutput(many=True))
    def get(self, request: Request) -> Response:
        """List your orders, newest first."""
        orders = self.paginate_queryset(orders_of(person(request)))
        return self.get_paginated_response([order_body(view) for view in order_views(orders or [])])

    @extend_schema(
        operation_id="orders_create",
        parameters=[IDEMPOTENCY_KEY],
        request=OrderInput,
        responses={201: PlacedOrderOutput},
    )
    def post(self, request: Request) -> HttpResponse:
        """Place an order: prices are frozen, stock is taken until `expires_at`.

        An order that comes to 0 is paid at once. With `quote`, an order whose price is not that of
        the quote any more is refused: `quote_changed`, whose `changes` say line, field, old and
        new. Goods that are counted by store are set aside at the `store` of their line, of the
        order, or the only one that has them. Other refusals: `offer_not_running`, `sold_out`,
        `store_needed` (its `stores` have the pieces), `quota_gone`, `person_limit_reached`,
        `quantity_out_of_range`, `too_many_lines`, `amount_too_large`.
        """
        values = read_body(OrderInput, request.data)

        def place() -> tuple[int, Any]:
            order = place_order(
                buyer=person(request),
                lines=read_lines(values),
                limits=SHOP,
                ask=read_ask(values),
                seen=values.get("quote", ""),
                stores=read_stores(values),
                trace=trace_of(request._request, channel="api", person=person(request)),
            )
            unknown.extend(unknown_codes(order.answers))
            answers = [answer_body(answer) for answer in order.answers]
            return 201, order_body(placed_view(order)) | {"answers": answers}

        with guessing(request, values.get("coupon_codes", ())) as unknown:
            return answer_once(request, place)


class OrderDetail(APIView):
    scope = Scope.ORDERS_READ

    @extend_schema(operation_id="orders_retrieve", responses=OrderOutput)
    def get(self, request: Request, number: str) -> Response:
        """Read one of your orders."""
        return Response(order_body(order_view(user=person(request), number=number)))


class OrderCancel(APIView):
    scope = Scope.ORDERS_WRITE

    @extend_schema(operation_id="orders_cancel", request=None, responses=OrderOutput)
    def post(self, request: Request, number: str) -> Response:
        """Cancel an unpaid order and give its stock back; repeating it is harmless.

        Refusals: `order_paid`, `deposit_paid` (send its vouchers back instead), `order_closed` (it
        was not paid in time).
        """
        cancel_order(buyer=person(request), number=number)
        return Response(order_body(order_view(user=person(request), number=number)))


class OrderPayments(APIView):
    scope = Scope.ORDERS_WRITE

    @extend_schema(
        operation_id="orders_pay",
        parameters=[IDEMPOTENCY_KEY],
        request=PaymentInput,
        responses={201: PaymentOutput},
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Start paying an order; send the customer to `pay_url`.

        The payment is written once per key; it is opened at the gateway after that, so a
        gateway that cannot be reached (503) is tried again under the same key. Refusals:
        `unknown_gateway`, `order_paid`, `order_closed`, `gateway_unavailable`.
        """
        values = read_body(PaymentInput, request.data)

        prepared: list[Payment] = []

        def prepare() -> tuple[int, Any]:
            payment = prepare_payment(
                buyer=person(request), number=number, gateway=values["gateway"]
            )
            prepared.append(payment)
            return 201, {"id": payment.pk, "payment": payment_body(payment)}

        answer = run_api_once(request, prepare)
        if answer.status == 201:
            answer = _opened(request, answer, None if answer.replayed else prepared[-1])
        return answer_response(answer)


def _opened(request: Request, answer: Answer, payment: Payment | None) -> Answer:
    """Fill in where to pay. A copy of an answer keeps its address when the payment is over.

    ``payment`` is what has just been prepared; None for a copy, whose payment is read.
    """
    if payment is None:
        payment = find_payment_by_id(payment_id=answer.body["id"])
    try:
        payment = open_payment(payment=payment)
    except PaymentClosed:
        if not answer.replayed:
            raise
    pay_url = public_address(request, payment.pay_url)
    return answer.saying(answer.body["payment"] | {"pay_url": pay_url})
