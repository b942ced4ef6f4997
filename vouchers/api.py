"""The REST API of the wallet, below /api/v1/."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.http.api_paging import read_params
from kernel.http.negotiation import AlwaysJson
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from vouchers import qr
from vouchers.access import access_voucher_for_owner
from vouchers.api_refunds import REFUND_QUOTE_EXAMPLE, RefundQuoteSerializer, refund_quote_shape
from vouchers.models import Voucher
from vouchers.outcome import with_outcome
from vouchers.services.refund import refund_voucher
from vouchers.shapes import (
    VoucherParams,
    VoucherSerializer,
    voucher_shape,
)


class VoucherList(GenericAPIView[Voucher]):
    """The signed-in person's vouchers, newest first."""

    scope = Scope.VOUCHERS_READ
    queryset = Voucher.objects.none()
    serializer_class = VoucherSerializer

    @extend_schema(
        operation_id="vouchers_list",
        parameters=[VoucherParams],
        responses=VoucherSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        vouchers = with_outcome(Voucher.objects.filter(owner_id=request.user.pk))
        vouchers = vouchers.select_related("terms")
        values = read_params(VoucherParams, request)
        if state := values.get("state"):
            vouchers = vouchers.filter(state=state)
        if order := values.get("order"):
            vouchers = vouchers.filter(order_number=order)
        page = self.paginate_queryset(vouchers) or []
        return self.get_paginated_response([voucher_shape(voucher) for voucher in page])


class VoucherDetail(APIView):
    """One of the signed-in person's vouchers."""

    scope = Scope.VOUCHERS_READ

    @extend_schema(operation_id="vouchers_retrieve", responses=VoucherSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(voucher_shape(access_voucher_for_owner(user=request.user, voucher_id=pk)))


class VoucherQr(APIView):
    """The voucher's QR code as a picture."""

    scope = Scope.VOUCHERS_READ
    content_negotiation_class = AlwaysJson

    @extend_schema(
        operation_id="vouchers_qr",
        parameters=[OpenApiParameter("form", str, OpenApiParameter.PATH, enum=["png", "svg"])],
        responses={
            (200, "image/png"): OpenApiTypes.BINARY,
            (200, "image/svg+xml"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, pk: int, form: str) -> HttpResponse:
        return qr_response(access_voucher_for_owner(user=request.user, voucher_id=pk), form)


class VoucherRefund(APIView):
    """What a refund of the unused part would give, and the refund itself, as the terms allow."""

    scope = {"GET": Scope.VOUCHERS_READ, "POST": Scope.VOUCHERS_REFUND}

    @extend_schema(
        operation_id="vouchers_refund_retrieve",
        responses=RefundQuoteSerializer,
        examples=[REFUND_QUOTE_EXAMPLE],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Say what a refund would give now, what stays with the store, and why; nothing is done."""
        voucher = access_voucher_for_owner(user=request.user, voucher_id=pk)
        return Response(refund_quote_shape(voucher))

    @extend_schema(
        operation_id="vouchers_refund",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=VoucherSerializer,
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        def refund() -> tuple[int, Any]:
            refund_voucher(owner=request.user, voucher_id=pk)
            return 200, voucher_shape(access_voucher_for_owner(user=request.user, voucher_id=pk))

        return answer_once(request, refund)


def qr_response(voucher: Voucher, form: str) -> HttpResponse:
    """The QR code as a picture that no cache keeps: whoever holds it can redeem the voucher."""
    if form == "svg":
        response = HttpResponse(qr.svg(voucher), content_type="image/svg+xml")
    else:
        response = HttpResponse(qr.png(voucher), content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response
