"""API: take redeemed uses back after sales. For who runs the business, and the operator."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from kernel.bounds import MAX_COUNT
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField, WholeField
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from vouchers.access import access_redemption_to_take_back
from vouchers.models import Voucher, VoucherReturn
from vouchers.services.refund import GOODS, LOST, SHELF, return_redeemed


class ReturnInput(serializers.Serializer[Any]):
    uses = WholeField(
        min_value=1, max_value=MAX_COUNT, help_text="How many of its uses; the others stand."
    )

    goods = serializers.ChoiceField(
        choices=GOODS,
        required=False,
        default=LOST,
        help_text="Of goods: `shelf`, they can be sold again at the store that handed them over; "
        "`lost` (the default), they cannot. Both are written to the stock's movements.",
    )


class ReturnOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    redemption = serializers.IntegerField()
    uses = serializers.IntegerField()
    value_fen = serializers.IntegerField(help_text="What goes back to who paid.")
    commission_fen = serializers.IntegerField(help_text="Commission given back to the business.")
    uses_standing = serializers.IntegerField(help_text="Uses of the redemption that still stand.")
    goods = serializers.ChoiceField(
        choices=GOODS, allow_null=True, help_text="What became of the pieces; null: no goods."
    )
    created_at = MomentField()


_EXAMPLES = [
    OpenApiExample("One of three uses", value={"uses": 1}, request_only=True),
    OpenApiExample(
        "A jar came back unopened", value={"uses": 1, "goods": "shelf"}, request_only=True
    ),
    OpenApiExample(
        "Taken back",
        value={
            "id": 12,
            "redemption": 474,
            "uses": 1,
            "value_fen": 1880,
            "commission_fen": 113,
            "uses_standing": 2,
            "goods": None,
            "created_at": "2026-11-30T06:53:00Z",
        },
        response_only=True,
    ),
]


class RedemptionReturns(APIView):
    """Take uses of a redemption back and refund them."""

    scope = Scope.RETURNS_WRITE

    @extend_schema(
        operation_id="redemptions_return",
        parameters=[IDEMPOTENCY_KEY],
        request=ReturnInput,
        responses={201: ReturnOutput},
        examples=_EXAMPLES,
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Send the money of some uses back, out of what the business is owed.

        Pieces of goods come back to the store that handed them over, in the same transaction.
        Refusals: `nothing_to_return`, `return_beyond_limits`, `not_trading`.
        """
        values = read_body(ReturnInput, request.data)

        def take_back() -> tuple[int, Any]:
            access_redemption_to_take_back(user=request.user, redemption_id=pk)
            taken = return_redeemed(
                redemption_id=pk,
                uses=values["uses"],
                requested_by=request.user,
                on_shelf=values["goods"] == SHELF,
            )
            return 201, _shape(taken, values["goods"])

        return answer_once(request, take_back)


def _shape(taken: VoucherReturn, goods: str) -> dict[str, Any]:
    return {
        "id": taken.pk,
        "redemption": taken.redemption_id,
        "uses": taken.uses,
        "value_fen": taken.value_fen,
        "commission_fen": taken.commission_fen,
        "uses_standing": taken.redemption.kept_uses,
        "goods": goods if taken.redemption.voucher.kind == Voucher.Kind.PICKUP else None,
        "created_at": taken.created_at,
    }
