"""API of a business's own campaigns: drafted, planned, started, paused, ended, copied; how each stands."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api_shapes import (
    ANSWERED,
    DETAIL,
    MADE,
    NEW,
    PLANNED,
    ROW,
    CampaignPlanInput,
    CampaignStartInput,
    NewCampaignInput,
    OfficeCampaignDetail,
    OfficeCampaignOutput,
)
from campaigns.conditions.base import Said
from campaigns.models import Campaign, Plan, PlanChannel
from campaigns.progress import progress_of
from campaigns.selectors import with_terms
from campaigns.services.campaigns import (
    CampaignAsked,
    create_campaign,
    end_campaign,
    pause_campaign,
)
from campaigns.services.plans import PlanAsked, copy_campaign, start_answered, write_plan
from campaigns.services.readiness import open_risks
from campaigns.terms import Gives, Tier, terms_of
from campaigns.wording import names_for, promise
from kernel.errors import NotFound
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from stores.access import access_row, lacking, merchants_for, refuse_strangers
from stores.models import Merchant
from stores.rights import Right, platform_rights

TAG = ["campaigns"]


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
    said = [Said(**(row | {"keys": tuple(row["keys"])})) for row in values["conditions"]]
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
        request=CampaignPlanInput,
        responses=OfficeCampaignDetail,
        examples=[PLANNED, DETAIL],
    )
    def put(self, request: Request, pk: int) -> Response:
        find_campaign(request.user, pk)
        values = read_body(CampaignPlanInput, request.data)
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
        request=CampaignStartInput,
        responses=OfficeCampaignDetail,
        examples=[ANSWERED, DETAIL],
    )
    def post(self, request: Request, pk: int) -> Response:
        find_campaign(request.user, pk)
        answers = read_body(CampaignStartInput, request.data)["answers"]
        start_answered(campaign_id=pk, answers=answers, by=request.user)
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
    return MomentField().to_representation(moment) if moment else None
