"""API: what can be claimed, claim it, and the coupons of a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.access import guessing
from campaigns.centre import CentreQuery, centre_campaigns, claimable_cards
from campaigns.codes import LONGEST
from campaigns.errors import CodeUnknown
from campaigns.models import Campaign, Coupon
from campaigns.presentation import CouponCard, coupon_cards
from campaigns.selectors import Claimable, campaigns_of_product, campaigns_of_store, own_coupons
from campaigns.services.codes import claim_code
from campaigns.services.coupons import claim_coupon
from catalog.models import Product
from catalog.selectors import find_category
from kernel.errors import NotFound
from kernel.http.api_paging import read_params
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from kernel.http.visits import trace_of
from stores.api import CityField, NearField
from stores.models import Store


class CampaignSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    merchant = serializers.IntegerField()
    headline = serializers.CharField(help_text="What it takes off, and from how much on.")
    detail = serializers.CharField(help_text="The whole promise, with each condition.")
    ends_at = MomentField()
    automatic = serializers.BooleanField(
        help_text="Whether it lowers an order by itself; otherwise its coupons can be claimed."
    )
    claimed = serializers.BooleanField(
        help_text="Whether the signed-in person has all that one person gets."
    )


class CouponSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="As `coupons` of quotes and orders names it.")
    number = serializers.CharField()
    campaign = serializers.IntegerField()
    name = serializers.CharField()
    merchant = serializers.IntegerField()
    merchant_name = serializers.CharField()
    headline = serializers.CharField()
    detail = serializers.CharField()
    state = serializers.ChoiceField(choices=Coupon.State.choices)
    usable = serializers.BooleanField(
        help_text="Whether it can lower an order now, or an item is handed over for it."
    )
    ends_at = MomentField()
    voucher = serializers.IntegerField(
        allow_null=True,
        help_text="Of a coupon for an item in the store: the voucher whose code the store redeems "
        "(`/vouchers/ID`); it lowers no order.",
    )


_CAMPAIGN = {
    "id": 7,
    "name": "Quiet Tuesday",
    "merchant": 3,
    "headline": "¥20 off over ¥100",
    "detail": "¥20 off over ¥100. For your first order at this business.",
    "ends_at": "2026-12-31T14:00:00Z",
    "automatic": False,
    "claimed": False,
}
_COUPON = {
    "id": 17,
    "number": "7K2M9QX4B0TCW8RD",
    "campaign": 7,
    "name": "Quiet Tuesday",
    "merchant": 3,
    "merchant_name": "Lantern Noodles",
    "headline": "¥20 off over ¥100",
    "detail": "¥20 off over ¥100. For your first order at this business.",
    "state": "claimed",
    "usable": True,
    "ends_at": "2026-12-31T14:00:00Z",
    "voucher": None,
}
_ITEM = _COUPON | {
    "id": 18,
    "number": "2D5FW8ZC1KRN6VTA",
    "campaign": 9,
    "name": "An espresso on us",
    "headline": "free in the store, without a purchase",
    "detail": "free in the store, without a purchase. You get: Espresso. Show its code in the store; "
    "nothing has to be bought.",
    "voucher": 412,
}
_OFFERED = OpenApiExample("What can be claimed", value=_CAMPAIGN, response_only=True)
_TYPED = OpenApiExample("A code", value={"code": "7K2M-9QX4-B0TCW"}, request_only=True)
_OWN = OpenApiExample("A coupon that can be used", value=_COUPON, response_only=True)
_OWN_ITEM = OpenApiExample("A coupon for an item in the store", value=_ITEM, response_only=True)


class CentreParams(serializers.Serializer[Any]):
    city = CityField(required=False, help_text="Slug: businesses with an open store there.")
    category = serializers.SlugField(
        required=False, max_length=80, help_text="Slug: businesses that sell something of it."
    )
    near = NearField(
        required=False, help_text="LATITUDE,LONGITUDE: businesses with an open store within 5 km."
    )


class CampaignList(GenericAPIView[Campaign]):
    """The coupon centre: what can be claimed now."""

    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)
    queryset = Campaign.objects.none()
    serializer_class = CampaignSerializer

    @extend_schema(
        tags=["coupons"],
        operation_id="campaigns_list",
        summary="Coupons to claim",
        description="Newest first, of all businesses, or in a city, of a category, near by.",
        parameters=[CentreParams],
        responses=CampaignSerializer(many=True),
        examples=[_OFFERED],
    )
    def get(self, request: Request) -> Response:
        asked = read_params(CentreParams, request)
        slug = asked.get("category", "")
        query = CentreQuery(
            asked.get("city"), find_category(slug)[1] if slug else (), asked.get("near")
        )
        page = self.paginate_queryset(centre_campaigns(query)) or []
        cards = claimable_cards(page, person_id=request.user.pk)
        return self.get_paginated_response([_campaign_body(card) for card in cards])


class ProductCampaigns(APIView):
    """What lowers an order of a product on sale now: by itself, or with a coupon to claim."""

    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["coupons"],
        operation_id="product_campaigns_list",
        summary="Campaigns for a product",
        description="Those of its merchant that are good for this product, five at most, the one "
        "that ends first comes first.",
        responses=CampaignSerializer(many=True),
        examples=[_OFFERED],
    )
    def get(self, request: Request, pk: int) -> Response:
        product = Product.objects.on_sale().select_related("merchant").filter(pk=pk).first()
        if product is None:
            raise NotFound
        found = campaigns_of_product(product=product, person_id=request.user.pk)
        return Response([_campaign_body(row) for row in found])


class StoreCampaigns(APIView):
    """What lowers an order at a store now: by itself, or with a coupon to claim."""

    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["coupons"],
        operation_id="store_campaigns_list",
        summary="Campaigns at a store",
        description="Those of its merchant but for other stores, five at most, the one that ends "
        "first comes first.",
        responses=CampaignSerializer(many=True),
        examples=[_OFFERED],
    )
    def get(self, request: Request, pk: int) -> Response:
        store = Store.objects.open_for_business().select_related("merchant").filter(pk=pk).first()
        if store is None:
            raise NotFound
        found = campaigns_of_store(store=store, person_id=request.user.pk)
        return Response([_campaign_body(row) for row in found])


class CouponClaim(APIView):
    """Claim a coupon of a campaign."""

    scope = Scope.COUPONS_WRITE

    @extend_schema(
        tags=["coupons"],
        operation_id="coupons_claim",
        summary="Claim a coupon",
        description="It lowers the next order that fits by itself; one for an item in the store has a "
        "voucher. Refusals: `campaign_not_begun`, "
        "`campaign_paused`, `campaign_over`, `coupons_gone`, `coupon_limit_reached`.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={201: CouponSerializer},
        examples=[_OWN, _OWN_ITEM],
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        def claim() -> tuple[int, Any]:
            trace = trace_of(request, channel="api", person=request.user)
            made = claim_coupon(owner=request.user, campaign_id=pk, trace=trace)
            rows = own_coupons(owner=request.user).filter(pk=made.pk)
            return 201, _coupon_body(coupon_cards(list(rows))[0])

        return answer_once(request, claim)


class CodeInputSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(
        max_length=LONGEST, help_text="As it was typed: small letters and dashes are welcome."
    )


class CouponList(GenericAPIView[Coupon]):
    """The signed-in person's coupons; a typed code adds one."""

    scope = {"GET": Scope.COUPONS_READ, "POST": Scope.COUPONS_WRITE}
    queryset = Coupon.objects.none()
    serializer_class = CouponSerializer

    @extend_schema(
        tags=["coupons"],
        operation_id="coupons_list",
        summary="Your coupons",
        description="Newest first, those that were used or ended among them.",
        responses=CouponSerializer(many=True),
        examples=[_OWN, _OWN_ITEM],
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(own_coupons(owner=request.user)) or []
        return self.get_paginated_response([_coupon_body(card) for card in coupon_cards(page)])

    @extend_schema(
        tags=["coupons"],
        operation_id="coupons_create",
        summary="Turn a code into a coupon",
        description="The code becomes the person's coupon; sent again, the answer is the same coupon. "
        "Refusals: `code_mistyped` (its last letter checks the others), `unknown_code`, `code_taken`, "
        "`code_spent`, `code_revoked`, `code_ended`, `campaign_not_begun`, `campaign_paused`, "
        "`campaign_over`, `coupons_gone`, `coupon_limit_reached`; `try_later` after too many guesses.",
        parameters=[IDEMPOTENCY_KEY],
        request=CodeInputSerializer,
        responses={201: CouponSerializer},
        examples=[_TYPED, _OWN],
    )
    def post(self, request: Request) -> HttpResponse:
        text = read_body(CodeInputSerializer, request.data)["code"]

        def claim() -> tuple[int, Any]:
            trace = trace_of(request._request, channel="api", person=request.user)
            coupon = claim_code(owner=request.user, text=text, trace=trace).coupon
            rows = own_coupons(owner=request.user).filter(pk=coupon.pk)
            return 201, _coupon_body(coupon_cards(list(rows))[0])

        with guessing(request, [text]) as unknown:
            answer = answer_once(request, claim)
            if answer.status_code == CodeUnknown.status:
                unknown.append(text)
        return answer


def _campaign_body(row: Claimable) -> dict[str, Any]:
    return {
        "id": row.campaign.pk,
        "name": row.campaign.name,
        "merchant": row.campaign.merchant_id,
        "headline": row.headline,
        "detail": row.sentence,
        "ends_at": _moment(row.campaign.ends_at),
        "automatic": row.campaign.is_automatic,
        "claimed": row.has_all,
    }


def _coupon_body(card: CouponCard) -> dict[str, Any]:
    campaign = card.coupon.campaign
    return {
        "id": card.coupon.pk,
        "number": card.coupon.number,
        "campaign": campaign.pk,
        "name": campaign.name,
        "merchant": campaign.merchant_id,
        "merchant_name": campaign.merchant.name,
        "headline": card.headline,
        "detail": card.sentence,
        "state": str(card.state),
        "usable": card.usable,
        "ends_at": _moment(card.coupon.ends_at),
        "voucher": card.coupon.voucher_id,
    }


def _moment(moment: dt.datetime) -> str:
    return str(MomentField().to_representation(moment))
