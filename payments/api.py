"""API: settlement statements, for who may see the money of a business."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.http.api_paging import read_params
from kernel.http.bodies import read_body
from kernel.http.context import site
from kernel.http.fields import DayField, MomentField
from kernel.http.negotiation import AlwaysJson
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from payments.models import Payout, Statement
from payments.paper.statement import statement_response
from payments.selectors import statements_of
from payments.services.payouts import MAX_REFERENCE, send_payout
from stores.access import access_row, lacking, merchants_for
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
            raise lacking(request.user, Right.SEE_MONEY)
        rows = statements_of(request.user)
        if state := read_params(StatementParams, request).get("state"):
            rows = rows.filter(state=state)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(StatementSerializer(page, many=True).data)


class ReferenceSerializer(serializers.Serializer[Any]):
    bank_reference = serializers.CharField(
        max_length=MAX_REFERENCE, help_text="What the bank calls the transfer."
    )


class StatementPayoutView(APIView):
    """For the operator's people who record payouts."""

    scope = Scope.PAYOUTS_WRITE

    @extend_schema(
        tags=["statements"],
        operation_id="statements_pay_out",
        summary="Enter the bank's reference of a transfer",
        description="Ask for the payout first (`POST /api/v1/approvals`, kind `payout`); once a second "
        "person has agreed, make the transfer and send its reference here. The same reference again "
        "is the same payout. Refusals: `payout_not_agreed`, `statement_already_paid`, "
        "`bank_reference_used`, `bank_reference_needed`.",
        parameters=[IDEMPOTENCY_KEY],
        request=ReferenceSerializer,
        responses={201: StatementPayoutSerializer},
        examples=[
            OpenApiExample(
                "The transfer", value={"bank_reference": "BOC-20261130-77"}, request_only=True
            ),
            OpenApiExample("Recorded", value=_PAYOUT, response_only=True),
        ],
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        reference = read_body(ReferenceSerializer, request.data)["bank_reference"]
        by: Any = request.user

        def send() -> tuple[int, Any]:
            made = send_payout(statement_id=pk, sent_by=by, bank_reference=reference)
            return 201, StatementPayoutSerializer(made).data

        return answer_once(request, send)


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
        statement = _statement(request.user, pk)
        return Response(StatementDetailSerializer(statement).data)


class StatementSheet(APIView):
    scope = Scope.STATEMENTS_READ
    content_negotiation_class = AlwaysJson

    @extend_schema(
        tags=["statements"],
        operation_id="statements_sheet",
        summary="Read one settlement statement as a PDF",
        description=(
            "With every entry, in the language of Accept-Language. When too many sheets are being "
            "drawn the answer is 503 `paper_busy` with Retry-After."
        ),
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        statement = _statement(request.user, pk)
        return statement_response(statement, site=site(request)["site"]["name"])


def _statement(user: Any, pk: int) -> Statement:
    return access_row(statements_of(user), user=user, right=Right.SEE_MONEY, pk=pk)
