"""API: occasions, festivals with their next day."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.occasion_pages import occasion_cards, today_in
from kernel.http.fields import DayField
from kernel.http.scopes import Scope

_MID_AUTUMN = {
    "code": "mid-autumn",
    "name": "Mid-Autumn Festival",
    "day": "2026-09-25",
    "in_days": 12,
}


class OccasionSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="As `occasion` of products names it.")
    name = serializers.CharField()
    day = DayField(allow_null=True, help_text="The next one; null for any day.")
    in_days = serializers.IntegerField(allow_null=True)


class OccasionList(APIView):
    """Occasions that products and sales name."""

    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["products"],
        operation_id="occasions_list",
        summary="Occasions and the next festivals",
        description="Those of any day, then festivals, the next one first; days by the shop's own zone.",
        responses=OccasionSerializer(many=True),
        examples=[OpenApiExample("A festival", value=_MID_AUTUMN, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        rows = [card._asdict() for card in occasion_cards(today_in(None))]
        return Response(OccasionSerializer(rows, many=True).data)
