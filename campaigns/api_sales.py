"""API: a sale with its prices, and a place in its line."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.models import Sale
from campaigns.sale_page import OnSale, find_sale, sale_page
from campaigns.services.line import Standing, leave_line, standing_of, take_place
from kernel.http.fields import MomentField
from kernel.http.scopes import Scope


class SalePriceSerializer(serializers.Serializer[Any]):
    offer = serializers.IntegerField(help_text="What a basket, a quote or an order names.")
    product = serializers.IntegerField()
    variant = serializers.IntegerField()
    title = serializers.CharField()
    price_fen = serializers.IntegerField()
    was_fen = serializers.IntegerField(
        allow_null=True, help_text="The lowest price before; null: nothing is struck through."
    )
    remaining = serializers.IntegerField(allow_null=True, help_text="Null without a quota.")
    per_person_limit = serializers.IntegerField(allow_null=True)


class SaleSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    merchant = serializers.IntegerField()
    merchant_name = serializers.CharField()
    occasion = serializers.CharField(help_text='Code of the occasion, "" without one.')
    state = serializers.ChoiceField(choices=Sale.State.choices)
    begins_at = MomentField()
    ends_at = MomentField()
    has_line = serializers.BooleanField(help_text="Whether guests wait to be let in.")
    items = SalePriceSerializer(many=True)


class PlaceSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=[("waiting", "waiting"), ("in", "let in"), ("gone", "over")]
    )
    ahead = serializers.IntegerField(help_text="How many are before you.")
    until = MomentField(allow_null=True, help_text="End of your turn, while you are in.")
    at_latest = MomentField(
        allow_null=True,
        help_text="When you are let in if everybody before takes all of their time.",
    )
    sold_out = serializers.BooleanField(
        help_text="Nothing is left for who waits; it comes back where somebody does not buy."
    )


_SALE = {
    "id": 4,
    "name": "Rainy Monday",
    "merchant": 3,
    "merchant_name": "Lantern Noodles",
    "occasion": "family",
    "state": "running",
    "begins_at": "2026-12-01T02:00:00Z",
    "ends_at": "2026-12-02T02:00:00Z",
    "has_line": True,
    "items": [
        {
            "offer": 91,
            "product": 9,
            "variant": 12,
            "title": "Dinner for four",
            "price_fen": 19900,
            "was_fen": 25900,
            "remaining": 40,
            "per_person_limit": 1,
        }
    ],
}
_WAITING = {
    "state": "waiting",
    "ahead": 37,
    "until": None,
    "at_latest": "2026-12-01T02:05:00Z",
    "sold_out": False,
}
_IN = {
    "state": "in",
    "ahead": 0,
    "until": "2026-12-01T02:05:00Z",
    "at_latest": None,
    "sold_out": False,
}
_EXAMPLES = [
    OpenApiExample("Waiting", value=_WAITING, response_only=True),
    OpenApiExample("Let in", value=_IN, response_only=True),
]


class SaleView(APIView):
    """A sale that has started."""

    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["catalog"],
        operation_id="sales_retrieve",
        summary="A limited-time sale",
        description="Its prices with what is left of each. A draft is not found.",
        responses=SaleSerializer,
        examples=[OpenApiExample("A sale with a line", value=_SALE, response_only=True)],
    )
    def get(self, request: Request, pk: int) -> Response:
        page = sale_page(sale_id=pk)
        sale = page.sale
        body = {
            "id": sale.pk,
            "name": sale.name,
            "merchant": sale.merchant_id,
            "merchant_name": sale.merchant.name,
            "occasion": sale.occasion,
            "state": sale.state,
            "begins_at": sale.begins_at,
            "ends_at": sale.ends_at,
            "has_line": sale.has_line,
            "items": [_price(row) for row in page.items],
        }
        return Response(SaleSerializer(body).data)


class SalePlace(APIView):
    """The signed-in person's place in the line of a sale."""

    scope = Scope.ORDERS_WRITE

    @extend_schema(
        tags=["orders"],
        operation_id="sales_place_retrieve",
        summary="Where you stand in the line of a sale",
        description="Ask every five seconds; not found without a place.",
        responses=PlaceSerializer,
        examples=_EXAMPLES,
    )
    def get(self, request: Request, pk: int) -> Response:
        return _standing(standing_of(sale_id=pk, person=request.user))

    @extend_schema(
        tags=["orders"],
        operation_id="sales_place_take",
        summary="Take a place in the line of a sale",
        description="At its end, in the order of arrival; a second time it is the same place. Who is let in "
        "orders at the prices of the sale until `until`, once. Refusal: `sale_not_open`.",
        request=None,
        responses=PlaceSerializer,
        examples=_EXAMPLES,
    )
    def post(self, request: Request, pk: int) -> Response:
        return _standing(take_place(sale_id=pk, person=request.user))

    @extend_schema(
        tags=["orders"],
        operation_id="sales_place_leave",
        summary="Leave the line of a sale",
        description="Who comes back stands at its end.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        leave_line(sale_id=find_sale(sale_id=pk).pk, person=request.user)
        return Response(status=204)


def _price(row: OnSale) -> dict[str, Any]:
    return {
        "offer": row.offer_id,
        "product": row.product_id,
        "variant": row.variant_id,
        "title": row.title,
        "price_fen": row.price_fen,
        "was_fen": row.was_fen,
        "remaining": row.left,
        "per_person_limit": row.per_person_limit,
    }


def _standing(row: Standing) -> Response:
    state = "in" if row.is_in else "gone" if row.is_gone else "waiting"
    body = {
        "state": state,
        "ahead": row.ahead,
        "until": row.until,
        "at_latest": row.at_latest,
        "sold_out": row.sold_out,
    }
    return Response(PlaceSerializer(body).data)
