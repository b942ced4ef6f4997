"""The REST API of the wallet and of the counter, below /api/v1/."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.once import answer_once
from kernel.http.pagination import CursorPages
from kernel.http.reading import MAX_ID, read_number
from stores.access import access_store_for_staff
from stores.api import read_params
from vouchers import qr
from vouchers.access import access_voucher_for_owner
from vouchers.models import Redemption, Voucher
from vouchers.selectors import redemptions_of_day
from vouchers.services.redeem import preview_voucher, redeem_voucher, undo_redemption
from vouchers.services.refund import refund_voucher
from vouchers.shapes import (
    PreviewRequestSerializer,
    PreviewSerializer,
    RedemptionRequestSerializer,
    RedemptionSerializer,
    VoucherParams,
    VoucherSerializer,
    preview_shape,
    redemption_shape,
    voucher_shape,
)
from vouchers.states import fresh_state

MAX_USES = 1_000_000
MAX_CODE_LENGTH = 200
FIRST_YEAR, LAST_YEAR = 2000, 2200
KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    description="8 to 200 characters, new per action; the same key replays the first answer.",
)


class _AlwaysJson(BaseContentNegotiation):
    """JSON in, JSON out, whatever the Accept header lists: a picture's problem is JSON too."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return JSONRenderer(), JSONRenderer.media_type


class RedemptionPages(CursorPages):
    ordering = ("-redeemed_at", "-id")


class VoucherList(GenericAPIView[Voucher]):
    """The signed-in person's vouchers, newest first."""

    queryset = Voucher.objects.none()
    serializer_class = VoucherSerializer

    @extend_schema(
        operation_id="vouchers_list",
        parameters=[VoucherParams],
        responses=VoucherSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        vouchers = Voucher.objects.filter(owner_id=request.user.pk).select_related("terms")
        values = read_params(VoucherParams, request)
        if state := values.get("state"):
            vouchers = vouchers.filter(state=state)
        if order := values.get("order"):
            vouchers = vouchers.filter(order_number=order)
        page = self.paginate_queryset(vouchers) or []
        return self.get_paginated_response([voucher_shape(voucher) for voucher in page])


class VoucherDetail(APIView):
    """One of the signed-in person's vouchers."""

    @extend_schema(operation_id="vouchers_retrieve", responses=VoucherSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(voucher_shape(access_voucher_for_owner(user=request.user, voucher_id=pk)))


class VoucherQr(APIView):
    """The voucher's QR code as a picture."""

    content_negotiation_class = _AlwaysJson

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
    """Refund what is unused, as the terms allow."""

    @extend_schema(
        operation_id="vouchers_refund",
        parameters=[KEY_PARAMETER],
        request=None,
        responses=VoucherSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        def refund() -> tuple[int, Any]:
            return 200, voucher_shape(refund_voucher(owner=request.user, voucher_id=pk))

        return answer_once(request, refund)


class PreviewView(APIView):
    """What a code is worth at a store now; changes nothing."""

    @extend_schema(
        operation_id="console_preview",
        request=PreviewRequestSerializer,
        responses=PreviewSerializer,
    )
    def post(self, request: Request) -> Response:
        store_id, code, _uses = _scan(request.data)
        preview = preview_voucher(staff=request.user, store_id=store_id, code=code)
        return Response(preview_shape(preview))


class RedemptionView(GenericAPIView[Redemption]):
    """Redeem a code at a store; list the redemptions of a store's day."""

    queryset = Redemption.objects.none()
    serializer_class = RedemptionSerializer
    pagination_class = RedemptionPages
    content_negotiation_class = _AlwaysJson

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
        store_id = _whole(request.query_params.get("store"), "store", MAX_ID)
        store = access_store_for_staff(user=request.user, store_id=store_id)
        day = _day(request.query_params.get("date")) or store.local_day(now())
        page = self.paginate_queryset(redemptions_of_day(store, day)) or []
        return self.get_paginated_response([redemption_shape(row, row.standing) for row in page])

    @extend_schema(
        operation_id="console_redeem",
        parameters=[KEY_PARAMETER],
        request=RedemptionRequestSerializer,
        responses={201: RedemptionSerializer},
    )
    def post(self, request: Request) -> Response:
        store_id, code, uses = _scan(request.data)

        def redeem() -> tuple[int, Any]:
            redemption = redeem_voucher(staff=request.user, store_id=store_id, code=code, uses=uses)
            return 201, redemption_shape(redemption, fresh_state(redemption))

        return answer_once(request, redeem)


class UndoView(APIView):
    """Take a redemption back inside its undo window."""

    @extend_schema(
        operation_id="console_undo",
        parameters=[KEY_PARAMETER],
        request=None,
        responses=RedemptionSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        def undo() -> tuple[int, Any]:
            redemption = undo_redemption(staff=request.user, redemption_id=pk)
            return 200, redemption_shape(redemption, fresh_state(redemption))

        return answer_once(request, undo)


def qr_response(voucher: Voucher, form: str) -> HttpResponse:
    """The QR code as a picture that no cache keeps: whoever holds it can redeem the voucher."""
    if form == "svg":
        response = HttpResponse(qr.svg(voucher), content_type="image/svg+xml")
    else:
        response = HttpResponse(qr.png(voucher), content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response


def _scan(data: Any) -> tuple[int, str, int]:
    """Store, code and uses of a request. Written by hand: this is the busiest path."""
    if not isinstance(data, dict):
        raise InvalidInput(fields={"non_field_errors": [_("Send a JSON object.")]})
    store_id = _whole(data.get("store"), "store", MAX_ID)
    code = data.get("code")
    if not isinstance(code, str) or not code.strip() or len(code) > MAX_CODE_LENGTH:
        raise InvalidInput(fields={"code": [_("Send the typed digits or the scanned text.")]})
    return store_id, code, _whole(data.get("uses", 1), "uses", MAX_USES)


def _whole(value: Any, field: str, largest: int) -> int:
    if isinstance(value, str):
        value = read_number(value, most=largest)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise InvalidInput(fields={field: [_("Send a whole number, 1 or more.")]})
    return value


def _day(text: str | None) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError
        return day
    except ValueError:
        raise InvalidInput(fields={"date": [_("Enter the date as YYYY-MM-DD.")]}) from None
