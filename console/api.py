"""The REST API of the counter, below /api/v1/console/."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from console.devices import DEVICE_TOKEN, device_of_api, refuse_revoked_for_undo
from kernel.bounds import MAX_COUNT, read_day
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.negotiation import AlwaysJson
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.numerals import MAX_ID, read_number
from stores.access import access_store_for_staff
from vouchers.models import Redemption
from vouchers.selectors import redemptions_of_day
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

MAX_CODE_LENGTH = 200


class PreviewView(APIView):
    """What a code is worth at a store now; changes nothing."""

    @extend_schema(
        operation_id="console_preview",
        parameters=[DEVICE_TOKEN],
        request=PreviewRequestSerializer,
        responses=PreviewSerializer,
    )
    def post(self, request: Request) -> Response:
        store_id, code, _uses = _scan(request.data)
        device_of_api(request, store_id)
        preview = preview_voucher(staff=request.user, store_id=store_id, code=code)
        return Response(preview_shape(preview))


class RedemptionView(GenericAPIView[Redemption]):
    """Redeem a code at a store; list the redemptions of a store's day."""

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
        store_id = _whole(request.query_params.get("store"), "store", MAX_ID)
        store = access_store_for_staff(user=request.user, store_id=store_id)
        day = _day(request.query_params.get("date")) or store.local_day(now())
        page = self.paginate_queryset(redemptions_of_day(store, day)) or []
        return self.get_paginated_response([redemption_shape(row, row.standing) for row in page])

    @extend_schema(
        operation_id="console_redeem",
        parameters=[IDEMPOTENCY_KEY, DEVICE_TOKEN],
        request=RedemptionRequestSerializer,
        responses={201: RedemptionSerializer},
    )
    def post(self, request: Request) -> Response:
        store_id, code, uses = _scan(request.data)

        def redeem() -> tuple[int, Any]:
            redemption = redeem_voucher(
                staff=request.user,
                store_id=store_id,
                code=code,
                uses=uses,
                device=device_of_api(request, store_id),
            )
            return 201, redemption_shape(redemption, fresh_state(redemption))

        return answer_once(request, redeem)


class UndoView(APIView):
    """Take a redemption back inside its undo window."""

    @extend_schema(
        operation_id="console_undo",
        parameters=[IDEMPOTENCY_KEY, DEVICE_TOKEN],
        request=None,
        responses=RedemptionSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        def undo() -> tuple[int, Any]:
            refuse_revoked_for_undo(request, pk)
            redemption = undo_redemption(staff=request.user, redemption_id=pk)
            return 200, redemption_shape(redemption, fresh_state(redemption))

        return answer_once(request, undo)


def _scan(data: Any) -> tuple[int, str, int]:
    """Store, code and uses of a request. Written by hand: this is the busiest path."""
    if not isinstance(data, dict):
        raise InvalidInput(fields={"non_field_errors": [_("Send a JSON object.")]})
    store_id = _whole(data.get("store"), "store", MAX_ID)
    code = data.get("code")
    if not isinstance(code, str) or not code.strip() or len(code) > MAX_CODE_LENGTH:
        raise InvalidInput(fields={"code": [_("Send the typed digits or the scanned text.")]})
    return store_id, code, _whole(data.get("uses", 1), "uses", MAX_COUNT)


def _whole(value: Any, field: str, largest: int) -> int:
    if isinstance(value, str):
        value = read_number(value, most=largest)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise InvalidInput(fields={field: [_("Send a whole number, 1 or more.")]})
    return value


def _day(text: str | None) -> dt.date | None:
    if text and read_day(text) is None:
        raise InvalidInput(fields={"date": [_("Enter the date as YYYY-MM-DD.")]})
    return read_day(text)
