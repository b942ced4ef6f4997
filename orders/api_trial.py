"""The REST API of trials: what a basket would cost with a campaign, and why. Nothing is written."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api_office import find_campaign, find_merchant, read_terms
from campaigns.api_shapes import CampaignTermsInput
from campaigns.models import Campaign
from campaigns.services.campaigns import check_campaign, unsaved_campaign
from campaigns.terms import Terms, terms_of
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField, WholeField
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from orders.api_quotes import (
    OrderLineInput,
    QuoteAnswerOutput,
    QuoteOutput,
    answer_body,
    quote_body,
    read_lines,
)
from orders.services.rules import SHOP
from orders.trial import Guest, TrialAsked, try_campaign
from stores.access import refuse_strangers


class TrialInput(serializers.Serializer[Any]):
    lines = OrderLineInput(many=True, allow_empty=False, max_length=SHOP.lines)  # type: ignore[call-arg]
    guest = serializers.ChoiceField(
        choices=Guest.choices,
        required=False,
        default=Guest.NEW,
        help_text="new: with an account and no order here; regular: who ordered here last; known: of "
        "`number`; visitor: not signed in.",
    )
    number = serializers.CharField(
        max_length=40,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of an order or a coupon of the business, for `known`.",
    )
    moment = MomentField(required=False, allow_null=True, help_text="Left out: now.")
    store = WholeField(min_value=1, max_value=MAX_ID, required=False, allow_null=True)
    method = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)
    tender = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)
    code = WholeField(
        min_value=1,
        max_value=MAX_ID,
        required=False,
        allow_null=True,
        help_text="Of the business, that the guest has followed.",
    )


class DraftTrialInput(TrialInput):
    merchant = WholeField(min_value=1, max_value=MAX_ID)
    campaign = CampaignTermsInput(help_text="As it would be drafted.")


class TrialOutput(serializers.Serializer[Any]):
    answer = QuoteAnswerOutput(help_text="What became of the tried campaign.")
    quote = QuoteOutput()


_LINES = [{"offer": 1042, "quantity": 2}]
_ANSWER = {
    "source": "trial:7",
    "label": "Quiet week",
    "applied": False,
    "code": "below_minimum",
    "detail": "Add items worth ¥10 to get it.",
    "missing_fen": 1000,
    "missing_pieces": 0,
    "further": None,
    "from_at": None,
}
_QUOTE = {
    "digest": "1~1042.2.4500.0",
    "lines": [
        {
            "line": "1042",
            "offer": 1042,
            "title": "Noodle soup · large",
            "quantity": 2,
            "list_price_fen": 6000,
            "unit_price_fen": 4500,
            "gross_fen": 9000,
            "discount_fen": 0,
            "payable_fen": 9000,
        }
    ],
    "discounts": [],
    "total_fen": 9000,
    "answers": [_ANSWER],
}
TRIED = OpenApiExample("¥10 short", value={"answer": _ANSWER, "quote": _QUOTE}, response_only=True)
ASKED = OpenApiExample(
    "Two of an offer, tomorrow evening",
    value={"lines": _LINES, "guest": "new", "moment": "2026-12-24T11:00:00Z"},
    request_only=True,
)
DRAFTED = OpenApiExample(
    "With a campaign that is not saved",
    value={
        "merchant": 3,
        "lines": _LINES,
        "campaign": {
            "name_en": "Quiet week",
            "begins_at": "2026-12-24T16:00:00Z",
            "ends_at": "2026-12-31T16:00:00Z",
            "benefit": {"kind": "amount", "amount_fen": 2000},
            "conditions": [{"kind": "minimum", "amount_fen": 10000}],
            "coupons": 100,
        },
    },
    request_only=True,
)
_REFUSED = "Refusals: `offer_not_running`, `quantity_out_of_range`, `too_many_lines`."


class CampaignTrial(APIView):
    """Try a campaign of a business."""

    scope = Scope.CAMPAIGNS_READ

    @extend_schema(
        tags=["campaigns"],
        operation_id="business_campaigns_try",
        summary="Try a campaign as a customer",
        description="In any state, at any moment, as a guest of any kind; nothing is written. "
        + _REFUSED,
        request=TrialInput,
        responses=TrialOutput,
        examples=[ASKED, TRIED],
    )
    def post(self, request: Request, pk: int) -> Response:
        row = find_campaign(request.user, pk)
        values = read_body(TrialInput, request.data)
        return _answer(request, row, terms_of(row), values)


class DraftTrial(APIView):
    """Try a campaign that is not saved."""

    scope = Scope.CAMPAIGNS_READ

    @extend_schema(
        tags=["campaigns"],
        operation_id="business_campaigns_try_draft",
        summary="Try a campaign before it is drafted",
        description="Refused as the draft would be; nothing is written. " + _REFUSED,
        request=DraftTrialInput,
        responses=TrialOutput,
        examples=[DRAFTED, TRIED],
    )
    def post(self, request: Request) -> Response:
        refuse_strangers(request.user)
        values = read_body(DraftTrialInput, request.data)
        merchant = find_merchant(request.user, values["merchant"])
        asked = read_terms(values["campaign"])
        check_campaign(merchant=merchant, asked=asked, by=request.user)
        row = unsaved_campaign(merchant=merchant, asked=asked)
        return _answer(request, row, asked.terms, values)


def _answer(request: Request, row: Campaign, terms: Terms, values: dict[str, Any]) -> Response:
    asked = TrialAsked(
        lines=read_lines(values),
        guest=values["guest"],
        number=values["number"],
        moment=values.get("moment"),
        store=values.get("store"),
        method=values["method"],
        tender=values["tender"],
        code=values.get("code"),
    )
    trial = try_campaign(campaign=row, terms=terms, asked=asked, by=request.user)
    return Response({"answer": answer_body(trial.answer), "quote": quote_body(trial.quote)})
