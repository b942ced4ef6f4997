"""API: give a coupon, the codes of a campaign, take a coupon or a code back. For who works for a business."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.access import access_campaign
from campaigns.code_list import address_of_coupon_code, state_of_code
from campaigns.codes import LONGEST, write_coupon_code
from campaigns.models import Coupon, CouponCode, CouponGrant
from campaigns.services.grants import (
    MAX_NOTE,
    MAX_REASON,
    CouponAsked,
    grant_coupon,
    revoke_number,
)
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField, PlainTextField, WholeField
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from stores.access import access_store_for_staff, refuse_strangers


class CouponGrantInput(serializers.Serializer[Any]):
    campaign = WholeField(min_value=1, max_value=MAX_ID)
    person = PlainTextField(
        required=False,
        default="",
        max_length=254,
        allow_blank=True,
        help_text="E-mail or phone number of an account; left out, a code that a guest scans.",
    )
    store = WholeField(
        required=False,
        min_value=1,
        max_value=MAX_ID,
        help_text="Where it is given: needed by who works at a counter only.",
    )
    reason = serializers.ChoiceField(choices=CouponGrant.Reason.choices)
    note = PlainTextField(required=False, default="", max_length=MAX_NOTE, allow_blank=True)


class CouponGrantOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    campaign = serializers.IntegerField()
    coupon = serializers.CharField(allow_null=True, help_text="Its number; the guest is told.")
    code = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True, help_text="What the QR code of the code says.")
    code_ends_at = MomentField(allow_null=True)


class CouponCodeOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    url = serializers.CharField(help_text="What its QR code says.")
    state = serializers.ChoiceField(choices=("free", "claimed", "revoked"))


class RevocationInput(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=LONGEST, help_text="Of a coupon, or a code.")
    reason = PlainTextField(max_length=MAX_REASON)


class RevocationOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    state = serializers.CharField()


_GIVEN = OpenApiExample(
    "Given to an account",
    value={
        "id": 5,
        "campaign": 7,
        "coupon": "7K2M9QX4B0TCW8RD",
        "code": None,
        "url": None,
        "code_ends_at": None,
    },
    response_only=True,
)
_ASKED = OpenApiExample(
    "To an account",
    value={"campaign": 7, "person": "mei@example.com", "reason": "apology", "note": "Cold soup."},
    request_only=True,
)
_SHOWN = OpenApiExample(
    "As a code to scan", value={"campaign": 7, "store": 3, "reason": "thanks"}, request_only=True
)
_CODE = OpenApiExample(
    "A code",
    value={
        "code": "7K2M-9QX4-B0TCW",
        "url": "https://shop.example/coupons/?code=7K2M9QX4B0TCW",
        "state": "free",
    },
    response_only=True,
)
_BACK = OpenApiExample(
    "A code that was lost",
    value={"number": "7K2M-9QX4-B0TCW", "reason": "The flyers were stolen."},
    request_only=True,
)
_TAKEN = OpenApiExample(
    "Taken back", value={"number": "7K2M9QX4B0TCW", "state": "revoked"}, response_only=True
)


class CouponGrants(APIView):
    """Give a guest a coupon."""

    scope = Scope.GRANTS_WRITE

    @extend_schema(
        tags=["coupons"],
        operation_id="coupon_grants_create",
        summary="Give a coupon",
        description="Of a campaign whose coupons the business gives. To an account, which is told; or as a "
        "code that a guest scans within 15 minutes. Refusals: `not_granted`, `grants_gone`, `coupons_gone`, "
        "`coupon_limit_reached`, `campaign_not_begun`, `campaign_paused`, `campaign_over`.",
        parameters=[IDEMPOTENCY_KEY],
        request=CouponGrantInput,
        responses={201: CouponGrantOutput},
        examples=[_ASKED, _SHOWN, _GIVEN],
    )
    def post(self, request: Request) -> HttpResponse:
        refuse_strangers(request.user)
        facts = read_body(CouponGrantInput, request.data)
        campaign_id, store_id = facts.pop("campaign"), facts.pop("store", None)
        store = None
        if store_id is not None:
            store = access_store_for_staff(user=request.user, store_id=store_id)

        def give() -> tuple[int, Any]:
            asked = CouponAsked(store=store, **facts)
            made = grant_coupon(campaign_id=campaign_id, asked=asked, issuer=request.user)
            return 201, _grant_body(made)

        return answer_once(request, give)


class CampaignCodes(GenericAPIView[CouponCode]):
    """The codes of a campaign, for who may edit campaigns of its business."""

    scope = Scope.CODES_READ
    queryset = CouponCode.objects.none()
    serializer_class = CouponCodeOutput

    @extend_schema(
        tags=["coupons"],
        operation_id="campaign_codes_list",
        summary="The codes of a campaign",
        description="Newest first; a worker makes them once the campaign has started.",
        responses=CouponCodeOutput(many=True),
        examples=[_CODE],
    )
    def get(self, request: Request, pk: int) -> Response:
        campaign = access_campaign(user=request.user, campaign_id=pk)
        page = self.paginate_queryset(campaign.codes.order_by("-pk")) or []
        return self.get_paginated_response([_code_body(row) for row in page])


class CouponRevocations(APIView):
    """Take a coupon, or a code, back."""

    scope = Scope.CODES_WRITE

    @extend_schema(
        tags=["coupons"],
        operation_id="coupon_revocations_create",
        summary="Take a coupon or a code back",
        description="A coupon that is in no order (its owner is told), or a code that nobody has typed. "
        "Refusal: `coupon_kept`.",
        parameters=[IDEMPOTENCY_KEY],
        request=RevocationInput,
        responses={201: RevocationOutput},
        examples=[_BACK, _TAKEN],
    )
    def post(self, request: Request) -> HttpResponse:
        refuse_strangers(request.user)
        facts = read_body(RevocationInput, request.data)

        def revoke() -> tuple[int, Any]:
            found = revoke_number(by=request.user, **facts)
            number = found.number if isinstance(found, Coupon) else found.code
            return 201, {"number": number, "state": "revoked"}

        return answer_once(request, revoke)


def _grant_body(grant: CouponGrant) -> dict[str, Any]:
    coupon, code = grant.coupon, grant.code
    return {
        "id": grant.pk,
        "campaign": grant.campaign_id,
        "coupon": coupon.number if coupon else None,
        "code": write_coupon_code(code.code) if code else None,
        "url": address_of_coupon_code(code.code) if code else None,
        "code_ends_at": MomentField().to_representation(code.ends_at) if code else None,
    }


def _code_body(row: CouponCode) -> dict[str, Any]:
    return {
        "code": write_coupon_code(row.code),
        "url": address_of_coupon_code(row.code),
        "state": state_of_code(row),
    }
