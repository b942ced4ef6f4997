"""API of the gallery: every template as it is proposed to a business, with what guests read and what it costs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api_shapes import CampaignTermsInput
from campaigns.gallery.estimate import Estimate, estimate_of, word_estimate
from campaigns.gallery.habits import Habits, habits_of
from campaigns.gallery.templates import TEMPLATES, Goal, Template
from campaigns.services.campaigns import CampaignAsked, refuse_editing, unsaved_campaign
from campaigns.wording import names_for, promise
from kernel.http.api_paging import read_params
from kernel.http.fields import MomentField, WholeField
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from stores.access import refuse_strangers
from stores.models import Merchant


class TemplateParams(serializers.Serializer[Any]):
    merchant = WholeField(min_value=1, max_value=MAX_ID)


class EstimateOutput(serializers.Serializer[Any]):
    orders_a_week = serializers.IntegerField(help_text="Of the last eight weeks.")
    fitting_a_week = serializers.IntegerField(help_text="Of these, those that it would lower.")
    uses = serializers.IntegerField(help_text="Until its end, if one in three of these uses it.")
    cost_fen = serializers.IntegerField()
    most_fen = serializers.IntegerField(allow_null=True, help_text="Whoever comes.")
    detail = serializers.ListField(
        child=serializers.CharField(), help_text="The same in sentences."
    )


class CampaignTemplateOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    goal = serializers.ChoiceField(choices=Goal.choices)
    title = serializers.CharField()
    pitch = serializers.CharField()
    promise = serializers.CharField(help_text="What a guest would read.")
    estimate = EstimateOutput()
    campaign = CampaignTermsInput(help_text="As it is proposed: draft it with its merchant.")


_WELCOME = {
    "code": "welcome",
    "goal": "new",
    "title": "A first visit",
    "pitch": "Something off the first order at your business, and only the first.",
    "promise": "¥15 off over ¥75. For your first order at this business. One coupon per person, until "
    "30 Jan 2027.",
    "estimate": {
        "orders_a_week": 12,
        "fitting_a_week": 3,
        "uses": 9,
        "cost_fen": 13500,
        "most_fen": 30000,
        "detail": ["At most it costs ¥300."],
    },
    "campaign": {
        "name_en": "Welcome",
        "name_zh": "初次见面",
        "begins_at": "2026-12-01T00:00:00Z",
        "ends_at": "2027-01-30T16:00:00Z",
        "benefit": {"kind": "amount", "amount_fen": 1500},
        "conditions": [{"kind": "first_order"}, {"kind": "minimum", "amount_fen": 7500}],
        "coupons": 20,
        "budget_fen": 30000,
    },
}
PROPOSED = OpenApiExample("A first visit", value=_WELCOME, response_only=True)


class CampaignTemplates(APIView):
    """The templates of the gallery."""

    scope = Scope.CAMPAIGNS_READ

    @extend_schema(
        tags=["campaigns"],
        operation_id="business_campaigns_templates",
        summary="Campaigns to begin from, by goal",
        description="Filled in from what the business has sold; nothing is written.",
        parameters=[TemplateParams],
        responses=CampaignTemplateOutput(many=True),
        examples=[PROPOSED],
    )
    def get(self, request: Request) -> Response:
        refuse_strangers(request.user)
        merchant_id = read_params(TemplateParams, request)["merchant"]
        refuse_editing(request.user, merchant_id)
        merchant = Merchant.objects.get(pk=merchant_id)
        habits = habits_of(merchant_id)
        return Response([_body(row, merchant, habits) for row in TEMPLATES.values()])


def _body(template: Template, merchant: Merchant, habits: Habits) -> dict[str, Any]:
    asked = template.ask(template.propose(habits))
    row = unsaved_campaign(merchant=merchant, asked=asked)
    return {
        "code": template.code,
        "goal": str(template.goal),
        "title": str(template.title),
        "pitch": str(template.pitch),
        "promise": promise(row, asked.terms, names_for([asked.terms])),
        "estimate": _estimate(estimate_of(merchant.pk, asked)),
        "campaign": _campaign(asked),
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    return {
        "orders_a_week": found.orders_a_week,
        "fitting_a_week": found.fitting_a_week,
        "uses": found.uses,
        "cost_fen": found.cost_fen,
        "most_fen": found.most_fen,
        "detail": word_estimate(found),
    }


def _campaign(asked: CampaignAsked) -> dict[str, Any]:
    """As the body of a draft has it; what is not said is left out."""
    gives = asked.gives._asdict()
    return {
        "name_en": asked.name_en,
        "name_zh": asked.name_zh,
        "begins_at": _moment(asked.begins_at),
        "ends_at": _moment(asked.ends_at),
        "benefit": {name: value for name, value in gives.items() if value not in (None, ())}
        | ({"tiers": [tier._asdict() for tier in asked.gives.tiers]} if asked.gives.tiers else {}),
        "conditions": [
            {name: value for name, value in said._asdict().items() if value not in (None, ())}
            for said in asked.conditions
        ],
        "way": str(asked.way),
        "coupons": asked.coupons,
        "per_person": asked.per_person,
        "uses_per_person": asked.uses_per_person,
        "budget_fen": asked.budget_fen,
        "budget_count": asked.budget_count,
    }


def _moment(moment: Any) -> str:
    return str(MomentField().to_representation(moment))
