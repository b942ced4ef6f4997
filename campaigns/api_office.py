"""API of a business's own campaigns: drafted, planned, started, paused, ended, copied; how each stands."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.benefits import MOST_GIFTS, MOST_PIECES
from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign, Condition, Plan, PlanChannel
from campaigns.progress import progress_of
from campaigns.selectors import with_terms
from campaigns.services.campaigns import (
    MOST_COUPONS,
    CampaignAsked,
    create_campaign,
    end_campaign,
    pause_campaign,
    start_campaign,
)
from campaigns.services.plans import PlanAsked, answer_risks, copy_campaign, write_plan
from campaigns.services.readiness import open_risks
from campaigns.terms import Gives, Tier, terms_of
from campaigns.wording import names_for, promise
from kernel.errors import NotFound
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField, WholeField
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from kernel.money import MAX_AMOUNT_FEN
from kernel.numerals import MAX_ID
from stores.access import access_row, lacking, merchants_for, refuse_strangers
from stores.models import Merchant
from stores.rights import Right, platform_rights

TAG = ["campaigns"]


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
        help_text="Numbers of products, categories or stores.",
    )
    amount_fen = _fen_or_none(help_text="Of a minimum.")


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
    uses_per_person = WholeField(min_value=1, max_value=50, required=False, allow_null=True)
    group = serializers.SlugField(max_length=40, required=False, default="", allow_blank=True)
    priority = WholeField(min_value=0, max_value=32767, required=False, default=100)
    per_person = WholeField(min_value=1, max_value=50, required=False, default=1)
    budget_fen = _fen_or_none()
    budget_count = WholeField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)


class NewCampaignInput(CampaignTermsInput):
    merchant = WholeField(min_value=1, max_value=MAX_ID)


class PlanInput(serializers.Serializer[Any]):
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


class StartInput(serializers.Serializer[Any]):
    answers = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=dict,
        help_text="An answer to each open risk, by its code.",
    )


class RiskOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    mend = serializers.CharField(help_text="How it goes away without an answer.")


class PlanOutput(PlanInput):
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
    plan = PlanOutput()
    risks = RiskOutput(many=True, help_text="Of a draft: those without an answer.")


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


def office_campaigns(user: Any) -> QuerySet[Campaign]:
    """The campaigns that ``user`` may see for a business, with their terms, the newest first."""
    rows = with_terms(
        Campaign.objects.filter(merchant__in=merchants_for(user, Right.SEE_CAMPAIGNS))
    )
    return rows.order_by("-pk")


def find_campaign(user: Any, pk: int) -> Campaign:
    """The campaign when the caller may see it; raises `stores.access.lacking_row`."""
    rows = office_campaigns(user)
    return access_row(rows, user=user, right=Right.SEE_CAMPAIGNS, pk=pk)


def find_merchant(user: Any, pk: int) -> Merchant:
    """The business that ``user`` makes campaigns for. Raises NotFound."""
    refuse_strangers(user)
    row = Merchant.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def read_terms(values: dict[str, Any]) -> CampaignAsked:
    """What a checked body promises."""
    benefit = dict(values["benefit"])
    tiers = tuple(Tier(**tier) for tier in benefit.pop("tiers"))
    gifts = tuple(benefit.pop("products"))
    said = [
        Said(row["kind"], tuple(row["keys"]), row.get("amount_fen")) for row in values["conditions"]
    ]
    kept = {name: values[name] for name in CampaignAsked._fields if name in values}
    return CampaignAsked(
        **(kept | {"conditions": said}), gives=Gives(**benefit, tiers=tiers, products=gifts)
    )


class OfficeCampaigns(GenericAPIView[Campaign]):
    """A business's campaigns."""

    scope = {"GET": Scope.CAMPAIGNS_READ, "POST": Scope.CAMPAIGNS_WRITE}
    queryset = Campaign.objects.none()
    serializer_class = OfficeCampaignOutput

    @extend_schema(
        tags=TAG,
        operation_id="business_campaigns_list",
        summary="List campaigns",
        description="Of the businesses you run, in any state, the newest first.",
        responses=OfficeCampaignOutput(many=True),
        examples=[ROW],
    )
    def get(self, request: Request) -> Response:
        right = Right.SEE_CAMPAIGNS
        mine = merchants_for(request.user, right)
        if right not in platform_rights(request.user) and not mine.exists():
            raise lacking(request.user, right)
        page = self.paginate_queryset(office_campaigns(request.user)) or []
        names = names_for([terms_of(row) for row in page])
        return self.get_paginated_response([_row_body(row, names) for row in page])

    @extend_schema(
        tags=TAG,
        operation_id="business_campaigns_create",
        summary="Draft a campaign",
        description="Guests see nothing of it before it starts. Refusals: `not_trading`.",
        parameters=[IDEMPOTENCY_KEY],
        request=NewCampaignInput,
        responses={201: OfficeCampaignDetail},
        examples=[NEW, MADE],
    )
    def post(self, request: Request) -> HttpResponse:
        refuse_strangers(request.user)
        values = read_body(NewCampaignInput, request.data)

        def create() -> tuple[int, Any]:
            merchant = find_merchant(request.user, values["merchant"])
            made = create_campaign(merchant=merchant, asked=read_terms(values), by=request.user)
            return 201, detail_body(find_campaign(request.user, made.pk))

        return answer_once(request, create)


class OfficeCampaign(APIView):
    """One campaign of a business."""

    scope = Scope.CAMPAIGNS_READ

    @extend_schema(
        tags=TAG,
        operation_id="business_campaigns_retrieve",
        summary="One campaign: its promise, plan, open risks, how it stands",
        responses=OfficeCampaignDetail,
        examples=[DETAIL],
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(detail_body(find_campaign(request.user, pk)))


class OfficeCampaignPlan(APIView):
    """The plan of a campaign."""

    scope = Scope.CAMPAIGNS_WRITE

    @extend_schema(
        tags=TAG,
        operation_id="business_campaigns_plan",
        summary="Set goal, stop rule and channels",
        description="Refused as `goal_fixed` for another goal once it has started.",
        request=PlanInput,
        responses=OfficeCampaignDetail,
        examples=[PLANNED, DETAIL],
    )
    def put(self, request: Request, pk: int) -> Response:
        find_campaign(request.user, pk)
        values = read_body(PlanInput, request.data)
        asked = PlanAsked(**values)
        write_plan(campaign_id=pk, asked=asked, by=request.user)
        return Response(detail_body(find_campaign(request.user, pk)))


class OfficeCampaignStart(APIView):
    """Start a campaign."""

    scope = Scope.CAMPAIGNS_WRITE

    @extend_schema(
        tags=TAG,
        operation_id="business_campaigns_start",
        summary="Start a draft, or one that was paused",
        description="Nothing starts while a risk has no answer. Refusals: `risks_unanswered`, "
        "`stop_rule_met`, `campaign_moved`, `campaign_over`, `not_trading`.",
        request=StartInput,
        responses=OfficeCampaignDetail,
        examples=[ANSWERED, DETAIL],
    )
    def post(self, request: Request, pk: int) -> Response:
        find_campaign(request.user, pk)
        answers = read_body(StartInput, request.data)["answers"]
        if answers:
            answer_risks(campaign_id=pk, answers=answers, by=request.user)
        start_campaign(campaign_id=pk, by=request.user)
        return Response(detail_body(find_campaign(request.user, pk)))


class OfficeCampaignPause(APIView):
    """Pause a campaign."""

    scope = Scope.CAMPAIGNS_WRITE

    @extend_schema(
        tags=TAG,
        operation_id="business_campaigns_pause",
        summary="Give no more coupons for the moment",
        description="Those that were claimed stay valid. Refused as `campaign_moved`.",
        request=None,
        responses=OfficeCampaignDetail,
        examples=[DETAIL],
    )
    def post(self, request: Request, pk: int) -> Response:
        find_campaign(request.user, pk)
        pause_campaign(campaign_id=pk, by=request.user)
        return Response(detail_body(find_campaign(request.user, pk)))


class OfficeCampaignEnd(APIView):
    """End a campaign."""

    scope = Scope.CAMPAIGNS_WRITE

    @extend_schema(
        tags=TAG,
        operation_id="business_campaigns_end",
        summary="Give no more coupons for good",
        description="Those that were claimed stay valid until their end. Refused as `campaign_moved`.",
        request=None,
        responses=OfficeCampaignDetail,
        examples=[DETAIL],
    )
    def post(self, request: Request, pk: int) -> Response:
        find_campaign(request.user, pk)
        end_campaign(campaign_id=pk, by=request.user)
        return Response(detail_body(find_campaign(request.user, pk)))


class OfficeCampaignCopy(APIView):
    """Copy a campaign."""

    scope = Scope.CAMPAIGNS_WRITE

    @extend_schema(
        tags=TAG,
        operation_id="business_campaigns_copy",
        summary="Draft another one that promises the same",
        description="From tomorrow on, for as long. Its risks are asked anew.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={201: OfficeCampaignDetail},
        examples=[MADE],
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        find_campaign(request.user, pk)

        def copy() -> tuple[int, Any]:
            made = copy_campaign(campaign_id=pk, by=request.user)
            return 201, detail_body(find_campaign(request.user, made.pk))

        return answer_once(request, copy)


def detail_body(row: Campaign) -> dict[str, Any]:
    """One campaign as JSON; ten statements at most."""
    plan = Plan.objects.filter(campaign=row).first() or Plan(campaign=row)
    channels = PlanChannel.objects.filter(campaign=row).values_list("code_id", flat=True)
    found = open_risks(row) if row.state == Campaign.State.DRAFT else []
    names = names_for([terms_of(row)])
    return _row_body(row, names) | {
        "plan": {
            "goal_unit": plan.unit,
            "goal": plan.goal,
            "stop_fen": plan.stop_fen,
            "stop_uses": plan.stop_uses,
            "stop_cost_fen": plan.stop_cost_fen,
            "codes": sorted(channels),
            "reached": progress_of(row, plan).reached,
            "stopped_at": _moment(plan.stopped_at),
            "stopped_by": plan.stopped_by,
            "lesson": plan.lesson,
        },
        "risks": [{"code": r.code, "detail": r.text, "mend": r.mend} for r in found],
    }


def _row_body(row: Campaign, names: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "merchant": row.merchant_id,
        "name": row.name,
        "state": str(row.state),
        "promise": promise(row, terms_of(row), names),
        "begins_at": _moment(row.begins_at),
        "ends_at": _moment(row.ends_at),
        "budget_fen": row.budget_fen,
        "spent_fen": row.spent_fen,
        "uses": row.spent_count,
    }


def _moment(moment: Any) -> Any:
    return serializers.DateTimeField().to_representation(moment) if moment else None
