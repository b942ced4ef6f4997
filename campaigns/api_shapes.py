"""What the API of a business's campaigns is sent and answers, with examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from campaigns.benefits import MOST_GIFTS, MOST_PIECES
from campaigns.models import Batch, Benefit, Campaign, Condition, Plan
from campaigns.services.campaigns import MOST_COUPONS
from kernel.http.fields import MomentField, WholeField
from kernel.money import MAX_AMOUNT_FEN
from kernel.numerals import MAX_ID


def _fen(**more: Any) -> WholeField:
    return WholeField(min_value=1, max_value=MAX_AMOUNT_FEN, **more)


def _fen_or_none(**more: Any) -> WholeField:
    return _fen(required=False, allow_null=True, **more)


class TierInput(serializers.Serializer[Any]):
    minimum_fen = _fen()
    off = WholeField(
        min_value=1, max_value=MAX_AMOUNT_FEN, help_text="Fen, or ‰ where the benefit is a share."
    )


class BenefitInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Benefit.Kind.choices)
    amount_fen = _fen_or_none(help_text="Of an amount off.")
    permille = WholeField(
        min_value=1, max_value=1000, required=False, allow_null=True, help_text="Of a share off."
    )
    at_most_fen = _fen_or_none(help_text="The most that a share takes off.")
    tiers = TierInput(
        many=True, required=False, default=list, help_text="More over a higher minimum."
    )
    every = WholeField(
        min_value=1,
        max_value=MOST_PIECES,
        required=False,
        allow_null=True,
        help_text="Of how many pieces: 2 for every second.",
    )
    price_fen = WholeField(
        min_value=0,
        max_value=MAX_AMOUNT_FEN,
        required=False,
        allow_null=True,
        help_text="What these pieces, or each gift, cost.",
    )
    products = serializers.ListField(
        child=WholeField(min_value=1, max_value=MAX_ID),
        max_length=MOST_GIFTS,
        required=False,
        default=list,
        help_text="The gifts.",
    )


class ConditionInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Condition.Kind.choices)
    keys = serializers.ListField(
        child=WholeField(min_value=1, max_value=MAX_ID),
        max_length=200,
        required=False,
        default=list,
        help_text="Numbers of products, categories, stores, cities or codes; of hours the weekdays, 1 is "
        "Monday.",
    )
    amount_fen = _fen_or_none(help_text="Of a minimum.")
    count = WholeField(min_value=1, max_value=10**6, required=False, allow_null=True)
    from_minute = WholeField(min_value=0, max_value=1439, required=False, allow_null=True)
    to_minute = WholeField(min_value=0, max_value=1439, required=False, allow_null=True)
    from_at = MomentField(required=False, allow_null=True)
    to_at = MomentField(required=False, allow_null=True)


class CampaignTermsInput(serializers.Serializer[Any]):
    name_en = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    name_zh = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    begins_at = MomentField()
    ends_at = MomentField()
    benefit = BenefitInput()
    conditions = ConditionInput(many=True, required=False, default=list)
    way = serializers.ChoiceField(
        choices=Campaign.Way.choices, required=False, default=Campaign.Way.COUPON
    )
    coupons = WholeField(
        min_value=0,
        max_value=MOST_COUPONS,
        required=False,
        default=0,
        help_text="How many there are, of a campaign with coupons.",
    )
    claiming = serializers.ChoiceField(
        choices=Batch.Claiming.choices,
        required=False,
        default=Batch.Claiming.OPEN,
        help_text="How guests get a coupon.",
    )
    uses_per_person = WholeField(min_value=1, max_value=50, required=False, allow_null=True)
    group = serializers.SlugField(max_length=40, required=False, default="", allow_blank=True)
    priority = WholeField(min_value=0, max_value=32767, required=False, default=100)
    per_person = WholeField(min_value=1, max_value=50, required=False, default=1)
    budget_fen = _fen_or_none()
    budget_count = WholeField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)


class NewCampaignInput(CampaignTermsInput):
    merchant = WholeField(min_value=1, max_value=MAX_ID)


class CampaignPlanInput(serializers.Serializer[Any]):
    goal_unit = serializers.ChoiceField(
        choices=Plan.Unit.choices, required=False, default="", allow_blank=True, source="unit"
    )
    goal = WholeField(
        min_value=1,
        max_value=MAX_AMOUNT_FEN,
        required=False,
        allow_null=True,
        help_text="How many of the unit; of sales, in fen. Fixed once the campaign has started.",
    )
    stop_fen = _fen_or_none(help_text="It stops by itself when it has cost so much.")
    stop_uses = WholeField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)
    stop_cost_fen = _fen_or_none(help_text="It stops when an order costs more on average.")
    codes = serializers.ListField(
        child=WholeField(min_value=1, max_value=MAX_ID), max_length=50, required=False, default=list
    )


class CampaignStartInput(serializers.Serializer[Any]):
    answers = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=dict,
        help_text="An answer to each open risk, by its code.",
    )


class CampaignRiskOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    mend = serializers.CharField(help_text="How it goes away without an answer.")


class CampaignPlanOutput(CampaignPlanInput):
    reached = serializers.IntegerField(help_text="Of the goal's unit; without one, paid orders.")
    stopped_at = MomentField(allow_null=True)
    stopped_by = serializers.CharField(help_text="fen, uses or cost; empty where it did not stop.")
    lesson = serializers.CharField()


class OfficeCampaignOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    merchant = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=Campaign.State.choices)
    promise = serializers.CharField(help_text="What a guest reads.")
    begins_at = MomentField()
    ends_at = MomentField()
    budget_fen = serializers.IntegerField(allow_null=True)
    spent_fen = serializers.IntegerField(help_text="What live uses have taken off.")
    uses = serializers.IntegerField()


class OfficeCampaignDetail(OfficeCampaignOutput):
    plan = CampaignPlanOutput()
    risks = CampaignRiskOutput(many=True, help_text="Of a draft: those without an answer.")


_ROW = {
    "id": 7,
    "merchant": 3,
    "name": "Quiet week",
    "state": "draft",
    "promise": "¥20 off over ¥100. One coupon per person, until 2026-12-31.",
    "begins_at": "2026-12-24T16:00:00Z",
    "ends_at": "2026-12-31T16:00:00Z",
    "budget_fen": 100000,
    "spent_fen": 0,
    "uses": 0,
}
_PLAN = {
    "goal_unit": "orders",
    "goal": 40,
    "stop_fen": None,
    "stop_uses": None,
    "stop_cost_fen": 2500,
    "codes": [58],
}
_DETAIL = _ROW | {
    "plan": _PLAN | {"reached": 0, "stopped_at": None, "stopped_by": "", "lesson": ""},
    "risks": [
        {
            "code": "more_promised",
            "detail": "All uses together could take off ¥2,000, the budget pays for ¥1,000: who comes "
            "late is told that it is used up.",
            "mend": "Give out fewer, or raise the budget.",
        }
    ],
}
_NEW = {
    "merchant": 3,
    "name_en": "Quiet week",
    "name_zh": "闲周有礼",
    "begins_at": "2026-12-24T16:00:00Z",
    "ends_at": "2026-12-31T16:00:00Z",
    "benefit": {"kind": "amount", "amount_fen": 2000},
    "conditions": [{"kind": "minimum", "amount_fen": 10000}],
    "coupons": 100,
    "budget_fen": 100000,
}
ROW = OpenApiExample("A campaign", value=_ROW, response_only=True)
DETAIL = OpenApiExample("A draft with an open risk", value=_DETAIL, response_only=True)
MADE = OpenApiExample("A draft", value=_DETAIL, response_only=True, status_codes=["201"])
NEW = OpenApiExample("¥20 off over ¥100", value=_NEW, request_only=True)
PLANNED = OpenApiExample("Forty orders", value=_PLAN, request_only=True)
ANSWERED = OpenApiExample(
    "With an answer",
    value={"answers": {"more_promised": "We say so at the counter."}},
    request_only=True,
)
