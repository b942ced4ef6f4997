"""API: who works for a business, in which role and where, and the end of that."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.http.bodies import read_body
from kernel.http.fields import MomentField
from kernel.http.scopes import Scope
from stores.access import access_row, lacking, merchants_for
from stores.api_places import ids_field, named_groups, named_stores
from stores.models import StaffMembership
from stores.rights import Right
from stores.services.staff import change_staff, is_limited, remove_staff, staff_of


class StaffSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    merchant = serializers.CharField(source="merchant.slug", help_text="Slug.")
    person = serializers.CharField(source="user.display_name")
    role = serializers.ChoiceField(choices=StaffMembership.Role.choices)
    limited = serializers.SerializerMethodField(
        help_text="True: at these stores and groups only; false: at all stores."
    )
    stores = serializers.SerializerMethodField(help_text="Names.")
    groups = serializers.SerializerMethodField(help_text="Names.")
    store_ids = serializers.SerializerMethodField()
    group_ids = serializers.SerializerMethodField()
    created_at = MomentField(help_text="Since when.")

    def get_limited(self, membership: StaffMembership) -> bool:
        return is_limited(role=membership.role, limited=membership.limited)

    def get_stores(self, membership: StaffMembership) -> list[str]:
        return [store.name for store in membership.stores.all()]

    def get_groups(self, membership: StaffMembership) -> list[str]:
        return [group.name for group in membership.groups.all()]

    def get_store_ids(self, membership: StaffMembership) -> list[int]:
        return [store.pk for store in membership.stores.all()]

    def get_group_ids(self, membership: StaffMembership) -> list[int]:
        return [group.pk for group in membership.groups.all()]


class StaffChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    role = serializers.ChoiceField(choices=StaffMembership.Role.choices, required=False)
    limited = serializers.BooleanField(
        required=False, help_text="Keep a manager or a reader to these places; a clerk always is."
    )
    stores = ids_field(help_text="Ids: these and no others; [] for a role of the whole business.")
    groups = ids_field(help_text="Ids of groups: these and no others.")


_ANSWERED = OpenApiExample(
    "A clerk of one store",
    value={
        "id": 71,
        "merchant": "harbour-coffee",
        "person": "Ling",
        "role": "clerk",
        "limited": True,
        "stores": ["Harbour Coffee · North Gate"],
        "groups": [],
        "store_ids": [3],
        "group_ids": [],
        "created_at": "2026-11-02T04:10:00Z",
    },
    response_only=True,
)


class StaffView(GenericAPIView[StaffMembership]):
    scope = Scope.STAFF_READ
    queryset = StaffMembership.objects.none()
    serializer_class = StaffSerializer

    @extend_schema(
        tags=["staff"],
        operation_id="staff_list",
        summary="List staff",
        description="Who works for the businesses you run, the newest first.",
        responses=StaffSerializer(many=True),
        examples=[_ANSWERED],
    )
    def get(self, request: Request) -> Response:
        if not merchants_for(request.user, Right.SEE_STAFF).exists():
            raise lacking(request.user, Right.SEE_STAFF)
        rows = staff_of(request.user).prefetch_related("stores", "groups").order_by("-id")
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(StaffSerializer(page, many=True).data)


_CHANGED = OpenApiExample(
    "A clerk becomes the manager of a group of stores",
    value={"role": "manager", "limited": True, "stores": [], "groups": [4]},
    request_only=True,
)


class StaffMemberView(APIView):
    scope = Scope.STAFF_WRITE

    @extend_schema(
        tags=["staff"],
        operation_id="staff_change",
        summary="Change somebody's role, or where they work",
        description="From this moment. Refusals: `role_not_yours`, `last_owner`, `not_trading`.",
        request=StaffChangeSerializer,
        responses=StaffSerializer,
        examples=[_CHANGED, _ANSWERED],
    )
    def patch(self, request: Request, pk: int) -> Response:
        membership = _member(request, pk)
        values = read_body(StaffChangeSerializer, request.data)
        if "stores" in values:
            values["stores"] = named_stores(membership.merchant, values["stores"])
        if "groups" in values:
            values["groups"] = named_groups(membership.merchant, values["groups"])
        changed = change_staff(membership_id=membership.pk, by=request.user, **values)
        return Response(StaffSerializer(changed).data)

    @extend_schema(
        tags=["staff"],
        operation_id="staff_remove",
        summary="End somebody's work",
        description="From this moment they open nothing of the business; what they redeemed keeps "
        "their name. Refusals: `role_not_yours`, `last_owner`, `not_trading`.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        membership = _member(request, pk)
        remove_staff(merchant=membership.merchant, user=membership.user, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _member(request: Request, pk: int) -> StaffMembership:
    rows = staff_of(request.user)
    return access_row(rows, user=request.user, right=Right.MANAGE_STAFF, pk=pk)
