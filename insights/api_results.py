"""API: what campaigns and channels brought and cost, the orders behind it, and what is entered."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.models import Campaign
from insights.models import ChannelPlan, OrderPart
from insights.report import GROUPS, NONE, Report, Result, Scope, report_of
from insights.services.plans import (
    PlanAsked,
    add_plan,
    change_plan,
    make_campaign_code,
    plans_of,
    remove_plan,
)
from kernel.bounds import MAX_COUNT
from kernel.errors import NotFound
from kernel.http.api_paging import read_params
from kernel.http.bodies import read_body
from kernel.http.fields import DayField, MomentField, WholeField
from kernel.http.scopes import Scope as KeyScope
from kernel.money import MAX_AMOUNT_FEN
from kernel.numerals import MAX_ID
from stores.access import access_merchant, access_row, lacking
from stores.codes.api import MADE, CodeSerializer
from stores.codes.models import Code
from stores.models import Store
from stores.rights import Right, merchants_where, platform_rights

CHANNELS = [*Code.Channel.choices, (NONE, "without a code")]


def _id(**more: Any) -> WholeField:
    return WholeField(min_value=1, max_value=MAX_ID, **more)


class ScopeParams(serializers.Serializer[Any]):
    """Whose results, and which of them."""

    merchant = _id()
    campaign = _id(required=False)
    channel = serializers.ChoiceField(choices=CHANNELS, required=False)
    code = _id(required=False)
    store = _id(required=False)
    since = DayField(required=False)
    until = DayField(required=False)


class ReportParams(ScopeParams):
    by = serializers.ChoiceField(choices=[(name, name) for name in GROUPS], default="channel")


class ResultOutput(serializers.Serializer[Any]):
    key = serializers.CharField(
        allow_null=True,
        help_text="Of which channel, code, store, campaign or day; null: of none.",
    )
    label = serializers.CharField()  # type: ignore[assignment]
    reach = serializers.IntegerField(help_text="Scans and openings of codes.")
    visitors = serializers.IntegerField(help_text="Each counted once, at the code they met first.")
    signups = serializers.IntegerField()
    claims = serializers.IntegerField(help_text="Coupons claimed; of campaigns.")
    orders = serializers.IntegerField()
    paid = serializers.IntegerField()
    came = serializers.IntegerField(help_text="Orders of which something was redeemed.")
    refunded = serializers.IntegerField(help_text="Orders of which money went back.")
    new = serializers.IntegerField(help_text="Orders of guests who had not bought here before.")
    new_came = serializers.IntegerField()
    again = serializers.IntegerField(
        help_text="Orders whose guests came again within 90 days, with another order."
    )
    received_fen = serializers.IntegerField()
    refunded_fen = serializers.IntegerField()
    value_fen = serializers.IntegerField(
        help_text="Value of what was redeemed, before the business's own discount."
    )
    own_discount_fen = serializers.IntegerField()
    commission_fen = serializers.IntegerField(help_text="With its fixed part per use.")
    reward_fen = serializers.IntegerField()
    cost_fen = serializers.IntegerField()
    print_fen = serializers.IntegerField()
    net_fen = serializers.IntegerField(
        help_text="Value less own discount, commission, reward, cost and print cost."
    )
    cost_per_came_fen = serializers.IntegerField(allow_null=True)
    break_even = serializers.IntegerField(
        allow_null=True, help_text="How many orders have to come in to pay the cost."
    )
    target_came = serializers.IntegerField()
    reach_told = serializers.IntegerField(help_text="As the channels say.")


class ReportOutput(serializers.Serializer[Any]):
    total = ResultOutput()
    rows = ResultOutput(many=True)
    more = serializers.BooleanField(help_text="There are rows beyond these, which are the largest.")


class PartOutput(serializers.Serializer[Any]):
    order = serializers.CharField(source="order.number")
    day = DayField()
    code = serializers.IntegerField(source="code_id", allow_null=True)
    channel = serializers.SerializerMethodField()
    state = serializers.CharField()
    new = serializers.BooleanField(source="is_new")
    came_at = MomentField(allow_null=True)
    came_again = serializers.BooleanField()
    received_fen = serializers.IntegerField()
    refunded_fen = serializers.IntegerField()
    earned_fen = serializers.IntegerField()
    own_discount_fen = serializers.IntegerField(source="own_fen")
    commission_fen = serializers.IntegerField()
    reward_fen = serializers.IntegerField()

    def get_channel(self, part: OrderPart) -> str:
        return part.code.channel if part.code else NONE


class PlanFields(serializers.Serializer[Any]):
    campaign = _id(required=False, allow_null=True, default=None)
    channel = serializers.ChoiceField(choices=Code.Channel.choices)
    code = _id(required=False, allow_null=True, default=None)
    begins_on = DayField()
    ends_on = DayField(help_text="The last day of the period.")
    cost_fen = WholeField(min_value=0, max_value=MAX_AMOUNT_FEN, required=False, default=0)
    print_fen = WholeField(min_value=0, max_value=MAX_AMOUNT_FEN, required=False, default=0)
    reach_told = WholeField(
        min_value=0, max_value=MAX_COUNT, required=False, allow_null=True, default=None
    )
    target_came = WholeField(
        min_value=0, max_value=MAX_COUNT, required=False, allow_null=True, default=None
    )
    note = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class NewPlan(PlanFields):
    merchant = _id()


class PlanOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    merchant = serializers.IntegerField(source="merchant_id")
    campaign = serializers.IntegerField(source="campaign_id", allow_null=True)
    channel = serializers.ChoiceField(choices=Code.Channel.choices)
    code = serializers.IntegerField(source="code_id", allow_null=True)
    begins_on = DayField()
    ends_on = DayField()
    cost_fen = serializers.IntegerField()
    print_fen = serializers.IntegerField()
    reach_told = serializers.IntegerField(allow_null=True)
    target_came = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()


class NewCampaignCode(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    channel = serializers.ChoiceField(choices=Code.Channel.choices)
    store = _id(required=False)


_ROW = {
    "key": "building",
    "label": "building",
    "reach": 62670,
    "visitors": 32444,
    "signups": 338,
    "claims": 0,
    "orders": 150,
    "paid": 128,
    "came": 64,
    "refunded": 9,
    "new": 120,
    "new_came": 51,
    "again": 12,
    "received_fen": 1280000,
    "refunded_fen": 90000,
    "value_fen": 704000,
    "own_discount_fen": 64000,
    "commission_fen": 38400,
    "reward_fen": 0,
    "cost_fen": 300000,
    "print_fen": 20000,
    "net_fen": 281600,
    "cost_per_came_fen": 5000,
    "break_even": 35,
    "target_came": 80,
    "reach_told": 90000,
}
_REPORT = OpenApiExample(
    "Towers",
    value={"total": _ROW | {"key": None, "label": "All"}, "rows": [_ROW], "more": False},
    response_only=True,
)
_PART = OpenApiExample(
    "An order by a tower's poster",
    value={
        "order": "2605120007",
        "day": "2026-05-12",
        "code": 58,
        "channel": "building",
        "state": "paid",
        "new": True,
        "came_at": "2026-05-13T04:10:00Z",
        "came_again": False,
        "received_fen": 10000,
        "refunded_fen": 0,
        "earned_fen": 10000,
        "own_discount_fen": 1000,
        "commission_fen": 600,
        "reward_fen": 0,
    },
    response_only=True,
)
_PLAN = {
    "campaign": 7,
    "channel": "building",
    "code": 58,
    "begins_on": "2026-05-01",
    "ends_on": "2026-05-31",
    "cost_fen": 300000,
    "print_fen": 20000,
    "reach_told": 90000,
    "target_came": 80,
    "note": "Posters in the lifts",
}
_CHANGE = OpenApiExample("A tower in May", value=_PLAN, request_only=True)
_NEW = OpenApiExample("A tower in May", value=_PLAN | {"merchant": 3}, request_only=True)
_SHOWN = OpenApiExample(
    "A tower in May", value=_PLAN | {"id": 4, "merchant": 3}, response_only=True
)
_MADE = OpenApiExample(
    "A tower in May",
    value=_PLAN | {"id": 4, "merchant": 3},
    response_only=True,
    status_codes=["201"],
)
_ASKED = OpenApiExample(
    "An article", value={"name": "City paper, May", "channel": "article"}, request_only=True
)


class ResultsView(APIView):
    scope = KeyScope.RESULTS_READ

    @extend_schema(
        tags=["results"],
        operation_id="results_retrieve",
        summary="What campaigns and channels brought",
        description="Of one of your businesses, from its first day or `since` one, to the last or "
        "`until` one: the total, and its rows `by` channel, code, store, campaign or day. Kept by a "
        "worker, a minute behind at most. Money is that of the ledger.",
        parameters=[ReportParams],
        responses=ReportOutput,
        examples=[_REPORT],
    )
    def get(self, request: Request) -> Response:
        values = read_params(ReportParams, request)
        report = report_of(_scope(request, values), by=values["by"])
        return Response(ReportOutput(_report_body(report)).data)


class ResultOrdersView(GenericAPIView[OrderPart]):
    scope = KeyScope.RESULTS_READ
    queryset = OrderPart.objects.none()
    serializer_class = PartOutput

    @extend_schema(
        tags=["results"],
        operation_id="results_orders",
        summary="The orders behind the results",
        description="The newest first, each with the code that it came by and what came of it.",
        parameters=[ScopeParams],
        responses=PartOutput(many=True),
        examples=[_PART],
    )
    def get(self, request: Request) -> Response:
        scope = _scope(request, read_params(ScopeParams, request))
        page = self.paginate_queryset(_orders(scope)) or []
        return self.get_paginated_response(PartOutput(page, many=True).data)


class PlansView(GenericAPIView[ChannelPlan]):
    scope = {"GET": KeyScope.RESULTS_READ, "POST": KeyScope.RESULTS_WRITE}
    queryset = ChannelPlan.objects.none()
    serializer_class = PlanOutput

    @extend_schema(
        tags=["results"],
        operation_id="channel_plans_list",
        summary="Costs and targets of channels",
        description="Of the businesses whose results you may see, the newest first.",
        responses=PlanOutput(many=True),
        examples=[_SHOWN],
    )
    def get(self, request: Request) -> Response:
        _refuse_without_results(request.user)
        page = self.paginate_queryset(plans_of(request.user)) or []
        return self.get_paginated_response(PlanOutput(page, many=True).data)

    @extend_schema(
        tags=["results"],
        operation_id="channel_plans_create",
        summary="Enter what a channel costs",
        description="And what it is to bring, in a period; with a `code`, of that code alone. "
        "Refused as `not_trading` for a business that does not trade.",
        request=NewPlan,
        responses={201: PlanOutput},
        examples=[_NEW, _MADE],
    )
    def post(self, request: Request) -> Response:
        values = read_body(NewPlan, request.data)
        merchant = access_merchant(
            user=request.user, right=Right.EDIT_COSTS, merchant_id=values.pop("merchant")
        )
        made = add_plan(merchant=merchant, asked=_asked(values), by=request.user)
        return Response(PlanOutput(made).data, status=status.HTTP_201_CREATED)


class PlanView(APIView):
    scope = {
        "GET": KeyScope.RESULTS_READ,
        "PUT": KeyScope.RESULTS_WRITE,
        "DELETE": KeyScope.RESULTS_WRITE,
    }

    @extend_schema(
        tags=["results"],
        operation_id="channel_plans_retrieve",
        summary="One cost and target",
        responses=PlanOutput,
        examples=[_SHOWN],
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(PlanOutput(_plan(request, pk, Right.SEE_RESULTS)).data)

    @extend_schema(
        tags=["results"],
        operation_id="channel_plans_change",
        summary="Enter it anew",
        request=PlanFields,
        responses=PlanOutput,
        examples=[_CHANGE, _SHOWN],
    )
    def put(self, request: Request, pk: int) -> Response:
        plan = _plan(request, pk, Right.EDIT_COSTS)
        values = read_body(PlanFields, request.data)
        changed = change_plan(plan=plan, asked=_asked(values), by=request.user)
        return Response(PlanOutput(changed).data)

    @extend_schema(
        tags=["results"],
        operation_id="channel_plans_remove",
        summary="Take away what was entered by mistake",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        remove_plan(plan=_plan(request, pk, Right.EDIT_COSTS), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CampaignCodesView(APIView):
    scope = KeyScope.RESULTS_WRITE

    @extend_schema(
        tags=["results"],
        operation_id="campaign_codes_create",
        summary="Make a code for a campaign",
        description="It leads to the campaign's page; what it brings counts for the campaign.",
        request=NewCampaignCode,
        responses={201: CodeSerializer},
        examples=[_ASKED, MADE],
    )
    def post(self, request: Request, pk: int) -> Response:
        campaign = _campaign(request, pk)
        values = read_body(NewCampaignCode, request.data)
        made = make_campaign_code(
            campaign=campaign,
            name=values["name"],
            channel=values["channel"],
            store=_found(Store, values.get("store"), campaign.merchant_id),
            by=request.user,
        )
        return Response(CodeSerializer(made).data, status=status.HTTP_201_CREATED)


def _scope(request: Request, values: dict[str, Any]) -> Scope:
    """The scope that was asked for; raises as `access_merchant` for a business of others."""
    merchant_id = values["merchant"]
    access_merchant(user=request.user, right=Right.SEE_RESULTS, merchant_id=merchant_id)
    return Scope(
        [merchant_id],
        values.get("campaign"),
        values.get("channel", ""),
        values.get("code"),
        values.get("store"),
        values.get("since"),
        values.get("until"),
    )


def _orders(scope: Scope) -> Any:
    rows = OrderPart.objects.select_related("order", "code").filter(
        merchant__in=scope.merchants or []
    )
    if scope.channel == NONE:
        rows = rows.filter(code=None)
    asked = {
        "campaigns__campaign": scope.campaign,
        "code__channel": scope.channel if scope.channel != NONE else "",
        "code": scope.code,
        "code__store": scope.store,
        "day__gte": scope.since,
        "day__lte": scope.until,
    }
    return rows.filter(**{name: value for name, value in asked.items() if value})


def _report_body(report: Report) -> dict[str, Any]:
    return {
        "total": _row_body(report.total),
        "rows": [_row_body(row) for row in report.rows],
        "more": report.more,
    }


def _row_body(row: Result) -> dict[str, Any]:
    sums, spent = row.sums, row.spent
    key = row.key[1] if isinstance(row.key, tuple) else row.key
    return {
        **sums,
        "key": None if key in (None, "") else str(key),
        "label": row.label,
        "reach": sums["scans"],
        "refunded": sums["sent_back"],
        "value_fen": row.value_fen,
        "own_discount_fen": sums["own_fen"],
        "net_fen": row.net_fen,
        "cost_per_came_fen": row.cost_per_came_fen,
        "break_even": row.break_even,
        **spent._asdict(),
    }


def _refuse_without_results(user: Any) -> None:
    """Raise for who sees no results anywhere: colleagues read which right is missing (`lacking`)."""
    right = Right.SEE_RESULTS
    if right in platform_rights(user) or merchants_where(user, right).exists():
        return
    raise lacking(user, right)


def _plan(request: Request, pk: int, right: Right) -> ChannelPlan:
    return access_row(plans_of(request.user, right), user=request.user, right=right, pk=pk)


def _campaign(request: Request, pk: int) -> Campaign:
    """The campaign when the caller may change it; raises `stores.access.lacking_row`."""
    right, rows = Right.EDIT_CAMPAIGNS, Campaign.objects.select_related("merchant")
    if right not in platform_rights(request.user):
        rows = rows.filter(merchant__in=merchants_where(request.user, right))
    return access_row(rows, user=request.user, right=right, pk=pk)


def _asked(values: dict[str, Any]) -> PlanAsked:
    campaign = _found(Campaign, values.pop("campaign"))
    code = _found(Code, values.pop("code"))
    return PlanAsked(campaign=campaign, code=code, **values)


def _found(model: Any, pk: int | None, merchant_id: int | None = None) -> Any:
    """The row that a body names; raises NotFound. Whose it is, the service asks as well."""
    if pk is None:
        return None
    rows = model.objects.filter(pk=pk)
    row = (rows.filter(merchant=merchant_id) if merchant_id else rows).first()
    if row is None:
        raise NotFound
    return row
