"""API: settlement statements, for who may see the money of a business."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.errors import NotFound
from kernel.http.api_paging import read_params
from kernel.http.fields import DayField, MomentField
from kernel.http.scopes import Scope
from payments.models import Payout, Statement
from payments.selectors import statements_of
from stores.access import merchants_for
from stores.rights import Right


class StatementParams(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=Statement.State.choices, required=False, help_text="Only those in this state."
    )


class StatementSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    merchant = serializers.CharField(source="merchant.slug", help_text="Slug.")
    day = DayField()
    cutoff_at = MomentField(help_text="What became payable up to this moment.")
    gross_fen = serializers.IntegerField(help_text="Redeemed.")
    commission_fen = serializers.IntegerField()
    returns_fen = serializers.IntegerField(help_text="Returned to customers.")
    dues_fen = serializers.IntegerField(help_text="Part of others' discounts.")
    referral_fen = serializers.IntegerField(help_text="Referral fees received.")
    carried_fen = serializers.IntegerField(help_text="Owed by statements before.")
    net_fen = serializers.IntegerField(
        help_text="gross − commission − returns − dues + referral − carried. Below 0 it is "
        "collected, carried into the next one or written off."
    )
    state = serializers.ChoiceField(choices=Statement.State.choices)
    issued_at = MomentField()
    collected_reference = serializers.CharField(
        help_text="The bank's, of the transfer that paid what was owed; empty without one."
    )
    closed_at = MomentField(
        allow_null=True, help_text="When what was owed was collected, carried or written off."
    )


class StatementPayoutSerializer(serializers.Serializer[Any]):
    number = serializers.CharField()
    amount_fen = serializers.IntegerField()
    bank_reference = serializers.CharField()
    state = serializers.ChoiceField(choices=Payout.State.choices)
    sent_at = MomentField()


class StatementDetailSerializer(StatementSerializer):
    payouts = StatementPayoutSerializer(
        many=True, help_text="One, and another after each that the bank returned."
    )


_ISSUED = {
    "id": 15,
    "number": "S202611300015",
    "merchant": "harbour-coffee",
    "day": "2026-11-29",
    "cutoff_at": "2026-11-29T16:00:00Z",
    "gross_fen": 22890,
    "commission_fen": 1373,
    "returns_fen": 0,
    "dues_fen": 0,
    "referral_fen": 0,
    "carried_fen": 0,
    "net_fen": 21517,
    "state": "paid",
    "issued_at": "2026-11-29T18:00:00Z",
    "collected_reference": "",
    "closed_at": None,
}
_PAYOUT = {
    "number": "P202611300003",
    "amount_fen": 21517,
    "bank_reference": "BOC-20261130-77",
    "state": "sent",
    "sent_at": "2026-11-30T02:00:00Z",
}


class StatementList(GenericAPIView[Statement]):
    scope = Scope.STATEMENTS_READ
    queryset = Statement.objects.none()
    serializer_class = StatementSerializer

    @extend_schema(
        tags=["statements"],
        operation_id="statements_list",
        summary="List settlement statements",
        description="Of the businesses whose money you may see, the newest first.",
        parameters=[StatementParams],
        responses=StatementSerializer(many=True),
        examples=[OpenApiExample("Paid out", value=_ISSUED, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        if not merchants_for(request.user, Right.SEE_MONEY).exists():
            raise NotFound
        rows = statements_of(request.user)
        if state := read_params(StatementParams, request).get("state"):
            rows = rows.filter(state=state)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(StatementSerializer(page, many=True).data)


class StatementDetail(APIView):
    scope = Scope.STATEMENTS_READ

    @extend_schema(
        tags=["statements"],
        operation_id="statements_retrieve",
        summary="Read one settlement statement",
        responses=StatementDetailSerializer,
        examples=[
            OpenApiExample("Paid out", value=_ISSUED | {"payouts": [_PAYOUT]}, response_only=True)
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        statement = statements_of(request.user).filter(pk=pk).first()
        if statement is None:
            raise NotFound
        return Response(StatementDetailSerializer(statement).data)
