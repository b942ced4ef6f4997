"""The REST API of the counter, below /api/v1/console/."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from console.devices import DEVICE_TOKEN, device_for_undo, device_of_api
from console.guest_coupons import guest_coupon_body, guest_coupons
from console.reading import read_date, read_scan, read_whole
from kernel.clock import now
from kernel.http.fields import MomentField
from kernel.http.negotiation import AlwaysJson
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from stores.access import access_store_for_staff
from vouchers.day import redemptions_of_day
from vouchers.models import Redemption
from vouchers.services.redeem import preview_voucher, redeem_voucher, undo_redemption
from vouchers.shapes import (
    PreviewRequestSerializer,
    PreviewSerializer,
    RedemptionRequestSerializer,
    RedemptionSerializer,
    preview_shape,
    redemption_shape,
)
from vouchers.states import fresh_state

REDEMPTION_EXAMPLES = [
    OpenApiExample(
        "At the counter",
        value={"store": 3, "code": "0000 0000 0000", "uses": 1},
        request_only=True,
    ),
    OpenApiExample(
        "Told later, by a device that was without a network",
        value={
            "store": 3,
            "code": "000000000000",
            "uses": 2,
            "nonce": "till-1-000482",
            "occurred_at": "2026-05-12T18:00:00+08:00",
        },
        request_only=True,
    ),
]


class GuestCouponSerializer(serializers.Serializer[Any]):
    campaign = serializers.IntegerField()
    name = serializers.CharField()
    headline = serializers.CharField(help_text="What it takes off, and from how much on.")
    usable = serializers.BooleanField(help_text="Whether it could be used at this store now.")
    detail = serializers.CharField(help_text="Why not, or what it still asks for.")
    item = serializers.BooleanField(help_text="Whether the store hands an item over for its code.")
    ends_at = MomentField()


class CounterPreviewSerializer(PreviewSerializer):
    coupons = GuestCouponSerializer(
        many=True, help_text="What the guest holds of this business, ten at most."
    )


class PreviewView(APIView):
    """What a code is worth at a store now, and what else the guest could use; changes nothing."""

    scope = Scope.VOUCHERS_REDEEM

    @extend_schema(
        operation_id="console_preview",
        parameters=[DEVICE_TOKEN],
        request=PreviewRequestSerializer,
        responses=CounterPreviewSerializer,
    )
    def post(self, request: Request) -> Response:
        scan = read_scan(request.data)
        preview = preview_voucher(
            staff=request.user,
            store_id=scan.store_id,
            code=scan.code,
            device=device_of_api(request, scan.store_id),
        )
        held = guest_coupons(store=preview.store, owner_id=preview.voucher.owner_id)
        return Response(preview_shape(preview) | {"coupons": [guest_coupon_body(r) for r in held]})


class RedemptionView(GenericAPIView[Redemption]):
    """Redeem a code at a store; list the redemptions of a store's day."""

    scope = Scope.VOUCHERS_REDEEM
    queryset = Redemption.objects.none()
    serializer_class = RedemptionSerializer
    content_negotiation_class = AlwaysJson

    @extend_schema(
        operation_id="console_redemptions_list",
        parameters=[
            OpenApiParameter("store", int, required=True),
            OpenApiParameter(
                "date", OpenApiTypes.DATE, description="The store's day; default: today there."
            ),
        ],
        responses=RedemptionSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        store_id = read_whole(request.query_params.get("store"), "store", most=MAX_ID)
        store = access_store_for_staff(user=request.user, store_id=store_id)
        day = read_date(request.query_params.get("date")) or store.local_day(now())
        page = self.paginate_queryset(redemptions_of_day(store, day)) or []
        return self.get_paginated_response([redemption_shape(row, row.standing) for row in page])

    @extend_schema(
        operation_id="console_redeem",
        parameters=[IDEMPOTENCY_KEY, DEVICE_TOKEN],
        request=RedemptionRequestSerializer,
        responses={201: RedemptionSerializer},
        examples=REDEMPTION_EXAMPLES,
    )
    def post(self, request: Request) -> HttpResponse:
        scan = read_scan(request.data)

        def redeem() -> tuple[int, Any]:
            redemption = redeem_voucher(
                staff=request.user,
                store_id=scan.store_id,
                code=scan.code,
                uses=scan.uses,
                device=device_of_api(request, scan.store_id),
                nonce=scan.nonce,
                occurred_at=scan.occurred_at,
            )
            return 201, redemption_shape(redemption, fresh_state(redemption))

        return answer_once(request, redeem)


class UndoView(APIView):
    """Take a redemption back inside its undo window."""

    scope = Scope.VOUCHERS_REDEEM

    @extend_schema(
        operation_id="console_undo",
        parameters=[IDEMPOTENCY_KEY, DEVICE_TOKEN],
        request=None,
        responses=RedemptionSerializer,
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        def undo() -> tuple[int, Any]:
            device = device_for_undo(request, pk)
            redemption = undo_redemption(staff=request.user, redemption_id=pk, device=device)
            return 200, redemption_shape(redemption, fresh_state(redemption))

        return answer_once(request, undo)
