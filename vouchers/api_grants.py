"""API: give a voucher away, and take one back. For who runs the business, and the operator."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Product
from kernel.errors import InvalidInput
from kernel.http.bodies import read_body
from kernel.http.fields import DayField, MomentField, PlainTextField, WholeField
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from stores.access import access_row, lacking, merchants_for, refuse_strangers
from stores.api_places import one_merchant
from stores.models import Merchant, Store
from stores.rights import Right
from vouchers.models import BY_HAND, Grant, Voucher
from vouchers.outcome import VoucherState, state_of
from vouchers.services.grants import (
    MAX_NOTE,
    MAX_TITLE,
    MOST_USES,
    GrantAsked,
    grant_voucher,
    grants_of,
    revoke_grant,
    uses_of,
    with_uses,
)

MOST_STORES = 200


class GrantInputSerializer(serializers.Serializer[Any]):
    merchant = serializers.SlugField(
        required=False, max_length=80, help_text="Slug; may be left out by who runs one business."
    )
    person = PlainTextField(max_length=254, help_text="E-mail or phone number of an account.")
    product = WholeField(
        required=False,
        min_value=1,
        max_value=MAX_ID,
        help_text="A product of the business; or say what you give in title_en, title_zh.",
    )
    title_en = PlainTextField(required=False, default="", max_length=MAX_TITLE, allow_blank=True)
    title_zh = PlainTextField(required=False, default="", max_length=MAX_TITLE, allow_blank=True)
    stores = serializers.ListField(
        child=WholeField(min_value=1, max_value=MAX_ID),
        required=False,
        default=list,
        max_length=MOST_STORES,
        help_text="Where it can be used, without a product; none: at every store.",
    )
    uses = WholeField(required=False, default=1, min_value=1, max_value=MOST_USES)
    valid_until = DayField(help_text="The last day, in the time of the stores.")
    reason = serializers.ChoiceField(choices=BY_HAND)
    note = PlainTextField(
        required=False,
        default="",
        max_length=MAX_NOTE,
        allow_blank=True,
        help_text="Read by your business and the platform, never by the guest.",
    )


class GrantUseSerializer(serializers.Serializer[Any]):
    redemption = serializers.IntegerField()
    store = serializers.CharField()
    uses = serializers.IntegerField()
    occurred_at = MomentField()
    undone = serializers.BooleanField()


class GrantSerializer(serializers.Serializer[Any]):
    """What the business and the operator see of a gift: never the code, it is the guest's."""

    id = serializers.IntegerField()
    merchant = serializers.CharField(help_text="Slug.")
    guest = serializers.CharField()
    issued_by = serializers.CharField()
    reason = serializers.ChoiceField(choices=BY_HAND)
    note = serializers.CharField()
    voucher = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=Voucher.State.choices)
    standing = serializers.ChoiceField(
        choices=VoucherState.choices,
        help_text="The state as people read it: `expired` from `valid_until` on.",
    )
    uses_total = serializers.IntegerField()
    uses_used = serializers.IntegerField(help_text="Redeemed and not undone.")
    uses_left = serializers.IntegerField(
        help_text="Uses still owed: 0 once it was used up or taken back, or has expired."
    )
    valid_until = MomentField()
    created_at = MomentField()
    revoked_at = MomentField(allow_null=True)
    revoked_by = serializers.CharField(allow_null=True, help_text="Who took it back.")
    redemptions = GrantUseSerializer(many=True, help_text="When and where it was used.")


GRANT_EXAMPLES = [
    OpenApiExample(
        "A product of yours",
        value={
            "person": "mei@example.com",
            "product": 12,
            "valid_until": "2026-12-31",
            "reason": "apology",
            "note": "Waited an hour on Sunday.",
        },
        request_only=True,
    ),
    OpenApiExample(
        "In your own words",
        value={
            "person": "+86 138 0013 8000",
            "title_en": "A dessert of your choice",
            "title_zh": "任选甜品一份",
            "uses": 2,
            "valid_until": "2026-12-31",
            "reason": "thanks",
        },
        request_only=True,
    ),
]


GRANT_ANSWERED = OpenApiExample(
    "A gift that was used once",
    value={
        "id": 31,
        "merchant": "harbour-coffee",
        "guest": "Mei",
        "issued_by": "Li",
        "reason": "apology",
        "note": "Waited an hour on Sunday.",
        "voucher": 5120,
        "title": "Flat White",
        "state": "active",
        "standing": "active",
        "uses_total": 2,
        "uses_used": 1,
        "uses_left": 1,
        "valid_until": "2026-12-31T16:00:00Z",
        "created_at": "2026-11-02T04:10:00Z",
        "revoked_at": None,
        "revoked_by": None,
        "redemptions": [
            {
                "redemption": 9120,
                "store": "Harbour Coffee, Quay Street",
                "uses": 1,
                "occurred_at": "2026-11-09T02:31:00Z",
                "undone": False,
            }
        ],
    },
    response_only=True,
)


class GrantsView(GenericAPIView[Grant]):
    """The gifts of the businesses you run, newest first; give one."""

    scope = {"GET": Scope.GRANTS_READ, "POST": Scope.GRANTS_WRITE}
    queryset = Grant.objects.none()
    serializer_class = GrantSerializer

    @extend_schema(operation_id="grants_list", responses=GrantSerializer(many=True))
    def get(self, request: Request) -> Response:
        if not merchants_for(request.user, Right.SEE_VOUCHERS).exists():
            raise lacking(request.user, Right.SEE_VOUCHERS)
        rows = with_uses(grants_of(request.user))
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([grant_shape(row) for row in page])

    @extend_schema(
        operation_id="grants_create",
        description="The voucher has no price and moves no money. The guest is told.",
        parameters=[IDEMPOTENCY_KEY],
        request=GrantInputSerializer,
        responses={201: GrantSerializer},
        examples=GRANT_EXAMPLES,
    )
    def post(self, request: Request) -> HttpResponse:
        refuse_strangers(request.user)
        facts = read_body(GrantInputSerializer, request.data)
        merchant = one_merchant(
            user=request.user, right=Right.GIVE_VOUCHERS, slug=facts.pop("merchant", "")
        )
        asked = _asked(merchant, facts)

        def give() -> tuple[int, Any]:
            voucher = grant_voucher(merchant=merchant, issuer=request.user, asked=asked)
            return 201, _found(request, voucher.grant_id or 0)

        return answer_once(request, give)


class GrantView(APIView):
    """One gift of the businesses you run."""

    scope = Scope.GRANTS_READ

    @extend_schema(
        operation_id="grants_retrieve", responses=GrantSerializer, examples=[GRANT_ANSWERED]
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(_found(request, pk))


class GrantRevokeView(APIView):
    """Take back a gift that nobody has used."""

    scope = Scope.GRANTS_WRITE

    @extend_schema(
        operation_id="grants_revoke",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=GrantSerializer,
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        def revoke() -> tuple[int, Any]:
            revoke_grant(grant_id=pk, by=request.user)
            return 200, _found(request, pk)

        return answer_once(request, revoke)


def _found(request: Request, pk: int) -> dict[str, Any]:
    """A gift of the businesses the person runs; raises `stores.access.lacking_row`."""
    rows = with_uses(grants_of(request.user))
    return grant_shape(access_row(rows, user=request.user, right=Right.SEE_VOUCHERS, pk=pk))


def grant_shape(grant: Grant) -> dict[str, Any]:
    """A gift (of `with_uses`, people joined) as the API shows it."""
    voucher = grant.vouchers.all()[0]
    return {
        "id": grant.pk,
        "merchant": grant.merchant.slug,
        "guest": grant.recipient.display_name,
        "issued_by": grant.issuer.display_name if grant.issuer else "",
        "reason": grant.reason,
        "note": grant.note,
        "voucher": voucher.pk,
        "title": voucher.title,
        "state": voucher.state,
        "standing": state_of(voucher).value,
        "uses_total": voucher.uses_total,
        "uses_used": voucher.uses_used,
        "uses_left": voucher.uses_open,
        "valid_until": voucher.valid_until,
        "created_at": grant.created_at,
        "revoked_at": grant.revoked_at,
        "revoked_by": grant.revoked_by.display_name if grant.revoked_by else None,
        "redemptions": [
            {
                "redemption": use.redemption,
                "store": use.store,
                "uses": use.uses,
                "occurred_at": use.occurred_at,
                "undone": use.undone,
            }
            for use in uses_of(voucher)
        ],
    }


def _asked(merchant: Merchant, facts: dict[str, Any]) -> GrantAsked:
    """What the body asks for, with rows of the business for its ids. Raises InvalidInput."""
    product, wanted = facts.pop("product", None), set(facts.pop("stores"))
    found = Product.objects.filter(pk=product, merchant=merchant).first() if product else None
    if product and found is None:
        raise InvalidInput(fields={"product": [gettext("Choose a product of this business.")]})
    stores = list(Store.objects.filter(merchant=merchant, pk__in=wanted))
    if len(stores) != len(wanted):
        raise InvalidInput(fields={"stores": [gettext("Choose stores of this business only.")]})
    return GrantAsked(product=found, stores=stores, **facts)
