"""API: figures of codes, and of the way from a look to a visit."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from insights.codes import code_days, code_figures
from insights.funnel import LONGEST, funnel_of
from kernel.http.api_paging import read_params
from kernel.http.fields import DayField, WholeField
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from stores.access import access_merchant
from stores.codes.api import find_own_code
from stores.rights import Right


class CodeDayOutput(serializers.Serializer[Any]):
    day = DayField()
    scans = serializers.IntegerField()
    orders = serializers.IntegerField()
    paid = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    came = serializers.IntegerField()
    came_fen = serializers.IntegerField()


class CodeFiguresOutput(serializers.Serializer[Any]):
    scans = serializers.IntegerField()
    visitors = serializers.IntegerField(help_text="Told apart as far as they agreed to be.")
    began = serializers.IntegerField(help_text="Orders that it was the first code of.")
    orders = serializers.IntegerField(help_text="Orders that it was the last code of.")
    paid = serializers.IntegerField()
    paid_fen = serializers.IntegerField(help_text="Less what was refunded.")
    came = serializers.IntegerField(
        help_text="Of the orders, those of which something was redeemed."
    )
    came_fen = serializers.IntegerField(help_text="Redeemed, less what was taken back.")
    days = CodeDayOutput(many=True, help_text="The last 30 days of the code's store.")


_FIGURES = OpenApiExample(
    "A poster",
    value={
        "scans": 214,
        "visitors": 163,
        "began": 21,
        "orders": 18,
        "paid": 16,
        "paid_fen": 281600,
        "came": 11,
        "came_fen": 193600,
        "days": [
            {
                "day": "2026-05-12",
                "scans": 14,
                "orders": 2,
                "paid": 2,
                "paid_fen": 35200,
                "came": 1,
                "came_fen": 17600,
            }
        ],
    },
    response_only=True,
)
_FUNNEL = OpenApiExample(
    "A month",
    value={
        "searched": 310,
        "viewed": 1240,
        "added": 205,
        "ordered": 142,
        "paid": 131,
        "redeemed": 97,
    },
    response_only=True,
)


class CodeFiguresView(APIView):
    scope = Scope.CODES_READ

    @extend_schema(
        tags=["codes"],
        operation_id="codes_figures",
        summary="What came of a code",
        responses=CodeFiguresOutput,
        examples=[_FIGURES],
    )
    def get(self, request: Request, pk: int) -> Response:
        code = find_own_code(request, pk)
        days = code_days(code)
        rows = [dict(zip(days._fields, row, strict=True)) for row in days.rows()]
        body = code_figures(code)._asdict() | {
            "days": [{"day": row.pop("days"), **row} for row in rows]
        }
        return Response(CodeFiguresOutput(body).data)


class FunnelParams(serializers.Serializer[Any]):
    merchant = WholeField(min_value=1, max_value=MAX_ID)
    days = WholeField(min_value=1, max_value=LONGEST, required=False, default=30)


class FunnelOutput(serializers.Serializer[Any]):
    searched = serializers.IntegerField(help_text="Visitors who searched and then looked.")
    viewed = serializers.IntegerField(help_text="Visitors who looked at a product.")
    added = serializers.IntegerField(help_text="Visitors who put something into the basket.")
    ordered = serializers.IntegerField(help_text="Order lines placed.")
    paid = serializers.IntegerField(help_text="Order lines paid.")
    redeemed = serializers.IntegerField(help_text="Order lines of which something was redeemed.")


class FunnelView(APIView):
    scope = Scope.CODES_READ

    @extend_schema(
        tags=["codes"],
        operation_id="funnel_retrieve",
        summary="From a look to a visit",
        description="How many took each step at one of your businesses, within the last `days`. "
        "Refused as `not_found` for a business whose codes you may not see.",
        parameters=[FunnelParams],
        responses=FunnelOutput,
        examples=[_FUNNEL],
    )
    def get(self, request: Request) -> Response:
        values = read_params(FunnelParams, request)
        access_merchant(user=request.user, right=Right.SEE_CODES, merchant_id=values["merchant"])
        found = funnel_of(merchants=[values["merchant"]], days=values["days"])
        return Response(FunnelOutput(found._asdict()).data)
